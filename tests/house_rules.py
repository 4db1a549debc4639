"""The rules of the house that no linter knows: each takes a parsed source and says what breaks it, and what to do.

A rule looks at the syntax tree alone; nothing of the project is imported. Files are named relative to the repository.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

PACKAGES = ("bot", "options", "storage", "strategies")
MAY_IMPORT: dict[str, set[str]] = {
    "bot": {"bot", "options", "storage", "strategies"},
    "strategies": {"options", "strategies"},
    "storage": {"options", "storage"},
    "options": {"options"},
    "tests": {"bot", "options", "storage", "strategies", "tests"},
}
FUNCTION_LINES = 70
FILE_LINES = 400

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the repository's root, and its text."""

    path: PurePosixPath
    text: str

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the syntax tree."""
        return list(ast.walk(ast.parse(self.text, filename=str(self.path))))

    @property
    def room(self) -> str:
        """The top folder, e.g. ``options``."""
        return self.path.parts[0]

    @property
    def is_package(self) -> bool:
        """True for code that ships, False for tests."""
        return self.room in PACKAGES

    @property
    def module(self) -> str:
        """The dotted name under which the file is imported."""
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def under(self, *patterns: str) -> bool:
        """True if the path matches one of the patterns, or lies in a folder that ends in ``/``."""
        text = str(self.path)
        return any(text.startswith(p) if p.endswith("/") else self.path.match(p) for p in patterns)

    @cached_property
    def imports(self) -> list[tuple[int, str]]:
        """Line and dotted name of all that is imported; ``from a import b`` counts as ``a.b``."""
        found: list[tuple[int, str]] = []
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node)
                found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
        return found

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.path.parts[: len(self.path.parts) - node.level]
        return ".".join([*parts, *([node.module] if node.module else [])])

    @cached_property
    def _aliases(self) -> dict[str, str]:
        """What each imported name stands for in full."""
        names: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.split(".")[0]
                    names[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    names[alias.asname or alias.name] = f"{self._base(node)}.{alias.name}"
        return names

    def full_name(self, node: ast.expr) -> str:
        """The dotted name of an expression with imports resolved (``t.time`` → ``time.time``), or an empty text."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self._aliases.get(node.id, node.id), *reversed(parts)])

    @cached_property
    def used_names(self) -> list[tuple[int, str]]:
        """Line and full dotted name of every name that comes from an import, called or handed on."""
        found = []
        for node in self.nodes:
            if isinstance(node, ast.Name | ast.Attribute):
                name = self.full_name(node)
                if name and name.split(".")[0] in {full.split(".")[0] for full in self._aliases.values()}:
                    found.append((node.lineno, name))
        return found

    @cached_property
    def calls(self) -> list[tuple[ast.Call, str]]:
        """Every call with the full name of what is called (empty where it has none)."""
        return [(node, self.full_name(node.func)) for node in self.nodes if isinstance(node, ast.Call)]

    @property
    def functions(self) -> Iterator[FunctionNode]:
        """Every function and method."""
        return (node for node in self.nodes if isinstance(node, FunctionNode))


Finding = tuple[int, str]
Rule = Callable[[Source], Iterator[Finding]]

IMPURE = {
    "asyncio", "concurrent", "fcntl", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random",
    "secrets", "select", "selectors", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile",
    "threading", "time", "urllib", "uuid",
}  # fmt: skip
IMPURE_BUILTINS = {"input", "open", "print"}
CLOCK_NAMES = {
    *(f"time.{name}" for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")),
    "time.sleep", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today",
    "datetime.date.today",
}  # fmt: skip
RANDOM_NAMES = {"uuid.uuid1", "uuid.uuid4", "os.urandom", "random.SystemRandom", "numpy.random.seed"}
SYNC_NAMES = {"os.fsync", "os.fdatasync", "os.open", "fcntl.flock", "fcntl.lockf"}
CODE_NAMES = {"eval", "exec", "yaml.load", "os.system"}
CODE_MODULES = {"pickle", "marshal", "shelve", "dill"}
HOMES: dict[str, tuple[str, ...]] = {
    "discord": ("bot/discord/",),
    "ib_async": ("options/execution/ibkr*.py", "bot/feeds/ibkr*.py"),
    "duckdb": ("storage/",),
}
BANNED_NAME = re.compile(
    r"(.*_)?(utils?|helpers?|common|misc|stuff)|.*manager\d+|.*_(old|new|copy|final|v\d+)"
)
MONEY_NAME = re.compile(r"(^|_)(price|fee|fees|cash|pnl|cost|proceeds|premium)(_|$)")


def import_direction(source: Source) -> Iterator[Finding]:
    """bot → strategies → options and bot → storage → options; nothing that ships imports tests."""
    for line, name in source.imports:
        room = name.split(".")[0]
        if room in MAY_IMPORT and room not in MAY_IMPORT[source.room]:
            allowed = ", ".join(sorted(MAY_IMPORT[source.room] - {source.room})) or "none of the other rooms"
            yield line, f"{source.room} imports {name}; it may import {allowed}"


def purity(source: Source) -> Iterator[Finding]:
    """options/ has no clock, file, socket, randomness or concurrency; options/execution may be asynchronous."""
    if source.room != "options":
        return
    banned = IMPURE - {"asyncio"} if source.under("options/execution/") else IMPURE
    for line, name in source.imports:
        if name.split(".")[0] in banned:
            yield (
                line,
                f"options/ is pure and imports {name}; take what it gives as an argument, or move this to bot/",
            )
    for line, name in source.used_names:
        if name in CLOCK_NAMES:
            yield (
                line,
                f"options/ is pure and reads the clock by {name}; take the time as an argument (Micros)",
            )
    for call, name in source.calls:
        if name in IMPURE_BUILTINS:
            yield (
                call.lineno,
                f"options/ is pure and calls {name}; return what is to be written, and let bot/ or storage/ do it",
            )


def vendor_homes(source: Source) -> Iterator[Finding]:
    """A library that speaks to the outside is imported in one place, so that it can be replaced there."""
    for line, name in source.imports:
        homes = HOMES.get(name.split(".")[0], ())
        if homes and source.is_package and not source.under(*homes):
            yield line, f"{name} is imported outside {' and '.join(homes)}; ask what lives there instead"


def clock_seam(source: Source) -> Iterator[Finding]:
    """Time comes from one place, so that a replay and a test can hold it."""
    if source.under("bot/clock.py") or not source.is_package:
        return
    for line, name in source.used_names:
        if name in CLOCK_NAMES:
            yield (
                line,
                f"{name} outside the clock seam; use the clock seam bot/clock.py, or take the time as an argument",
            )


def durable_writes(source: Source) -> Iterator[Finding]:
    """Files are written, synced and locked in one place, which gets it right."""
    if source.under("storage/files.py") or not source.is_package:
        return
    for line, name in source.used_names:
        if name in SYNC_NAMES:
            yield line, f"{name} outside storage/files.py; use what storage.files offers"
    for call, name in source.calls:
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if method in {"write_text", "write_bytes"} or _opens_for_writing(call, name, method):
            yield (
                call.lineno,
                f"{method or name} writes a file outside storage/files.py; use what storage.files offers",
            )


def _opens_for_writing(call: ast.Call, name: str, method: str) -> bool:
    if name not in {"open", "io.open"} and method != "open":
        return False
    position = 1 if name in {"open", "io.open"} else 0
    modes = [keyword.value for keyword in call.keywords if keyword.arg == "mode"] or call.args[
        position : position + 1
    ]
    texts = [mode.value for mode in modes if isinstance(mode, ast.Constant) and isinstance(mode.value, str)]
    return any(set("wax+") & set(text) for text in texts if len(text) <= 3)


def seeded_randomness(source: Source) -> Iterator[Finding]:
    """The same seed gives the same run: generators are made from a seed and passed in."""
    for line, name in source.used_names:
        parts = name.split(".")
        unseeded = parts[0] == "random" and len(parts) == 2 and parts[1][:1].islower()
        if (
            unseeded
            or name in RANDOM_NAMES
            or (parts[0] == "secrets" and len(parts) > 1 and source.is_package)
        ):
            yield (
                line,
                f"{name} cannot be repeated; pass in a random.Random made from a seed, or derive the id from its input",
            )
    for call, name in source.calls:
        if name == "random.Random" and not (call.args or call.keywords):
            yield (
                call.lineno,
                "random.Random() without a seed cannot be repeated; give it the seed of the run",
            )


def no_code_from_data(source: Source) -> Iterator[Finding]:
    """Data is never run as code."""
    for line, name in source.imports:
        if name.split(".")[0] in CODE_MODULES:
            yield line, f"{name} runs what it reads; use msgspec or orjson"
    for call, name in source.calls:
        if name in CODE_NAMES:
            yield (
                call.lineno,
                f"{name} runs what it is given; parse it (ast.literal_eval, yaml.safe_load) or call the function",
            )


def named_errors(source: Source) -> Iterator[Finding]:
    """Only errors that are expected are caught, by name."""
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            names = {source.full_name(kind) if kind else "" for kind in caught}
        elif isinstance(node, ast.Call) and source.full_name(node.func) == "contextlib.suppress":
            names = {source.full_name(kind) for kind in node.args}
        else:
            continue
        for name in names & {
            "",
            "Exception",
            "BaseException",
            "builtins.Exception",
            "builtins.BaseException",
        }:
            what = f"except {name}" if name else "a bare except"
            yield (
                node.lineno,
                f"{what} hides what nobody expected; name the errors, or clean up by finally or contextlib.ExitStack",
            )


def short_functions(source: Source) -> Iterator[Finding]:
    """A function is read in one look."""
    for node in source.functions:
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines >= FUNCTION_LINES:
            yield (
                node.lineno,
                f"{node.name} has {lines} lines; keep functions under {FUNCTION_LINES} by naming their steps",
            )


def short_files(source: Source) -> Iterator[Finding]:
    """A file has one subject."""
    lines = len(source.text.splitlines())
    if lines > FILE_LINES:
        yield (
            lines,
            f"the file has {lines} lines, {FILE_LINES} are the most; it has a second subject: give it a file",
        )


def telling_names(source: Source) -> Iterator[Finding]:
    """A file is found by its name."""
    for part in source.path.with_suffix("").parts:
        if BANNED_NAME.fullmatch(part):
            yield 1, f"{part} says nothing about its subject; name the file for what is in it"


def exact_money(source: Source) -> Iterator[Finding]:
    """Booked money is decimal."""
    if not source.under("options/*event*.py", "options/fill.py"):
        return
    for node in source.nodes:
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            name = node.arg if isinstance(node, ast.arg) else ast.unparse(node.target)
            if MONEY_NAME.search(name) and re.search(r"\bfloat\b", ast.unparse(node.annotation)):
                yield node.lineno, f"{name} is booked money and a float; make it decimal.Decimal"


def tests_promise(source: Source) -> Iterator[Finding]:
    """A test says in its docstring what it promises, and waits for what happens instead of sleeping."""
    if not source.path.name.startswith("test_"):
        return
    for node in source.functions:
        if node.name.startswith("test_") and not ast.get_docstring(node):
            yield node.lineno, f"{node.name} has no docstring; say its promise in one sentence"
    for call, name in source.calls:
        zero = bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0
        if name in {"time.sleep", "asyncio.sleep"} and not (name == "asyncio.sleep" and zero):
            yield call.lineno, f"{name} in a test; wait for the event itself, or move a clock by hand"


RULES: tuple[Rule, ...] = (
    import_direction, purity, vendor_homes, clock_seam, durable_writes, seeded_randomness, no_code_from_data,
    named_errors, short_functions, short_files, telling_names, exact_money, tests_promise,
)  # fmt: skip


def import_cycles(sources: list[Source]) -> list[list[str]]:
    """Groups of modules that import each other, wherever in the file the import stands; each group in order."""
    modules = {source.module for source in sources}
    graph = {
        source.module: {_target(name, modules) for _, name in source.imports} - {""} for source in sources
    }
    reach = {module: _reachable(module, graph) for module in graph}
    groups = {
        tuple(sorted(m for m in reach[module] if module in reach[m]))
        for module in graph
        if module in reach[module]
    }
    return [list(group) for group in sorted(groups)]


def _target(name: str, modules: set[str]) -> str:
    """The module that an import leads to: ``a.b.c`` itself, or ``a.b`` where ``c`` is a name in it."""
    return (
        name if name in modules else (name.rpartition(".")[0] if name.rpartition(".")[0] in modules else "")
    )


def _reachable(module: str, graph: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[module])
    while waiting:
        target = waiting.pop()
        if target not in seen:
            seen.add(target)
            waiting += graph[target]
    return seen
