"""What the proofs have tried, said at the end of a long run: from one process as from many.

A test records what it counts by ``record_property``; the examples of a property test are counted here. A test's counts
come home with its report, so nothing that a worker of xdist tried is lost.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable

import pytest

EXAMPLES = "examples"
# How Hypothesis says what it tried, once a phase.
_TRIED = re.compile(r"\b(\d+) passing, (\d+) failing")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the number of examples that a property test tried beside what it recorded itself."""
    report = yield
    statistics = getattr(item, "hypothesis_statistics", "")
    if call.when == "call" and statistics:
        tried = sum(int(passing) + int(failing) for passing, failing in _TRIED.findall(statistics))
        report.user_properties.append((EXAMPLES, tried))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say for each test what it tried and how often; the runs of a parametrized test are added up."""
    reports = [
        one
        for said in terminalreporter.stats.values()
        for one in said
        if isinstance(one, pytest.TestReport) and one.when == "call" and one.user_properties
    ]
    if reports:
        terminalreporter.section("what was tried")
        for line in summary_lines(reports):
            terminalreporter.write_line(line)


def summary_lines(reports: Iterable[pytest.TestReport]) -> list[str]:
    """A line for each test with its examples, plain properties first; under it what else it counted, one a line."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for report in reports:
        name = re.sub(r"(\[.*\])?(@\w+)?$", "", report.nodeid)
        counts[name].update({str(what): int(str(count)) for what, count in report.user_properties})
    lines = []
    for name, counted in sorted(counts.items(), key=lambda one: (len(one[1]) > 1, one[0])):
        tried = f"{counted.pop(EXAMPLES):>12,} {EXAMPLES}" if EXAMPLES in counted else ""
        lines.append(f"{tried:<21}  {name}")
        lines += [f"{count:>12,}   {what}" for what, count in counted.items()]
    return lines
