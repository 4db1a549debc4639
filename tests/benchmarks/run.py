"""Runs the benchmarks and shows their figures as a table and as JSON: ``python -m tests.benchmarks.run``.

A benchmark is a module ``bench_<name>.py`` in this folder with ``run(quick: bool) -> list[Result]``. One that cannot
run here, for want of the real recorded data, says so and returns no result.
"""

import argparse
import importlib
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.benchmarks.result import Result

FOLDER = Path(__file__).resolve().parent
PREFIX = "bench_"
DEFAULT_JSON = Path("var/bench.json")
PIPED_WIDTH = 140

Benchmark = Callable[[bool], list[Result]]


def benchmark_names(folder: Path = FOLDER) -> list[str]:
    """The benchmarks there are, by name, in order."""
    return sorted(path.stem.removeprefix(PREFIX) for path in folder.glob(f"{PREFIX}*.py"))


def load(name: str) -> Benchmark:
    """The ``run`` function of a benchmark.

    :raises TypeError: the module has no function ``run``.
    """
    module = importlib.import_module(f"tests.benchmarks.{PREFIX}{name}")
    run = getattr(module, "run", None)
    if not callable(run):
        raise TypeError(f"tests/benchmarks/{PREFIX}{name}.py has no function run(quick) -> list[Result]")
    benchmark: Benchmark = run
    return benchmark


def number(value: float | None) -> str:
    """A figure as a person reads it: thousands grouped, about four digits that mean something."""
    if value is None:
        return "–"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 100 or value == 0:
        return f"{value:.0f}"
    return f"{value:.2f}" if size >= 1 else f"{value:.3g}"


def floor_text(result: Result) -> str:
    """The floor with the direction it bounds: ``≥ 1,000,000`` or ``≤ 40.00``."""
    if result.floor is None:
        return "–"
    return f"{'≥' if result.higher_is_better else '≤'} {number(result.floor)}"


def verdict(result: Result) -> str:
    """Whether the floor is kept, in rich markup."""
    if result.met is None:
        return "–"
    return "[green]yes[/green]" if result.met else "[bold red]NO[/bold red]"


def table_of(results: Sequence[Result]) -> Table:
    """All results, one a row; notes and the names of bare limits stand under what they belong to."""
    table = Table(
        title="Callboard benchmarks", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    table.add_column("name", overflow="fold", ratio=3)
    table.add_column("figure", justify="right", overflow="fold")
    table.add_column("bare limit", overflow="fold", ratio=2)
    table.add_column("ratio", justify="right", no_wrap=True)
    table.add_column("floor", justify="right", no_wrap=True)
    table.add_column("met?", justify="center", no_wrap=True)
    for result in results:
        name = escape(result.name) + (f"\n[dim]{escape(result.note)}[/dim]" if result.note else "")
        bare = number(result.bare) + (f" [dim]{escape(result.bare_name)}[/dim]" if result.bare_name else "")
        table.add_row(
            name,
            f"{number(result.figure)} {escape(result.unit)}",
            bare,
            number(result.ratio),
            floor_text(result),
            verdict(result),
        )
    return table


def report_of(results: Sequence[Result], *, quick: bool) -> dict[str, Any]:
    """The results with the machine they are from, as plain values for JSON."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "quick": quick,
        "results": [asdict(result) | {"ratio": result.ratio, "met": result.met} for result in results],
    }


def chosen(names: Sequence[str], only: Sequence[str]) -> list[str]:
    """The benchmarks whose name holds one of the asked-for texts; all of them if none is asked for.

    :raises ValueError: a text fits no benchmark.
    """
    for text in only:
        if not any(text in name for name in names):
            raise ValueError(f"no benchmark is named like {text!r}; there are: {', '.join(names) or 'none'}")
    return [name for name in names if not only or any(text in name for text in only)]


def parser() -> argparse.ArgumentParser:
    """The command line."""
    arguments = argparse.ArgumentParser(prog="make bench", description="Run the benchmarks.")
    arguments.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="those named like this"
    )
    arguments.add_argument("--quick", action="store_true", help="smaller runs: the figures are rougher")
    arguments.add_argument("--json", action="store_true", help="print the JSON instead of the table")
    arguments.add_argument(
        "--output", type=Path, default=DEFAULT_JSON, metavar="FILE", help="where the JSON goes"
    )
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Run what was asked for; 0 if every floor is kept, 1 if one is not, 2 if the request makes no sense."""
    options = parser().parse_args(argv)
    progress = Console(stderr=True)
    try:
        names = chosen(benchmark_names(), options.only)
    except ValueError as error:
        progress.print(f"[red]{escape(str(error))}[/red]")
        return 2
    results: list[Result] = []
    for name in names:
        progress.print(f"[dim]running {name} ...[/dim]")
        found = load(name)(options.quick)
        if not found:
            progress.print(f"[yellow]{name}: no result here (see what it said above)[/yellow]")
        results += found
    text = json.dumps(report_of(results, quick=options.quick), indent=2)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text + "\n", encoding="utf-8")
    if options.json:
        sys.stdout.write(text + "\n")
    else:
        # Eighty columns, which rich takes for a pipe or a file, would fold every name to pieces.
        Console(width=None if sys.stdout.isatty() else PIPED_WIDTH).print(table_of(results))
    progress.print(f"JSON: {options.output}", soft_wrap=True)
    return 1 if any(result.met is False for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
