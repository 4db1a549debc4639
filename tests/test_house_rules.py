"""The house rules hold over the whole project, and each of them can fail."""

from pathlib import Path, PurePosixPath

import pytest

from tests.house_rules import (
    FILE_LINES,
    PACKAGES,
    RULES,
    Rule,
    Source,
    import_cycles,
    purity,
    short_files,
    short_functions,
    telling_names,
)
from tests.house_rules import clock_seam as clock
from tests.house_rules import durable_writes as writes
from tests.house_rules import exact_money as money
from tests.house_rules import import_direction as direction
from tests.house_rules import named_errors as errors
from tests.house_rules import no_code_from_data as code
from tests.house_rules import seeded_randomness as seeds
from tests.house_rules import tests_promise as promise
from tests.house_rules import vendor_homes as homes

REPOSITORY = Path(__file__).resolve().parent.parent

LONG_FUNCTION = "def f():\n" + "    x = 1\n" * 69
SHORT_FUNCTION = "def f():\n" + "    x = 1\n" * 68

BROKEN: list[tuple[Rule, str, str, str]] = [
    (direction, "options/a.py", "import storage.ledger", "none of the other rooms"),
    (direction, "options/a.py", "def f():\n    from bot.clock import Clock", "options imports bot.clock"),
    (direction, "storage/a.py", "from strategies import base", "it may import options"),
    (direction, "strategies/a.py", "import bot", "strategies imports bot"),
    (direction, "strategies/a.py", "from storage.quotes import read", "strategies imports storage"),
    (direction, "bot/a.py", "from tests.house_rules import Source", "bot imports tests"),
    (direction, "storage/sub/a.py", "from ...bot import clock", "storage imports bot.clock"),
    (purity, "options/a.py", "import asyncio", "pure and imports asyncio"),
    (purity, "options/a.py", "from os import path", "pure and imports os.path"),
    (purity, "options/a.py", "import urllib.request", "pure and imports urllib.request"),
    (purity, "options/execution/a.py", "import threading", "pure and imports threading"),
    (purity, "options/a.py", "from datetime import datetime\nx = datetime.now()", "datetime.datetime.now"),
    (purity, "options/a.py", "import datetime as d\nx = d.date.today()", "datetime.date.today"),
    (purity, "options/a.py", "print('x')", "calls print"),
    (purity, "options/a.py", "open('x')", "calls open"),
    (homes, "bot/a.py", "import discord", "outside bot/discord/"),
    (
        homes,
        "options/execution/paper.py",
        "from ib_async import IB",
        "options/execution/ibkr*.py and bot/feeds/ibkr*.py",
    ),
    (homes, "bot/a.py", "import duckdb", "outside storage/"),
    (clock, "bot/a.py", "import time\nx = time.time()", "use the clock seam bot/clock.py"),
    (clock, "storage/a.py", "from time import time_ns as now\nx = now()", "time.time_ns"),
    (clock, "bot/a.py", "from datetime import UTC, datetime\nclock = datetime.now", "datetime.datetime.now"),
    (clock, "bot/a.py", "import time\ntime.sleep(1)", "time.sleep"),
    (writes, "storage/ledger.py", "import os\nos.fsync(3)", "storage.files"),
    (writes, "storage/ledger.py", "from os import fdatasync\nfdatasync(3)", "os.fdatasync"),
    (writes, "bot/a.py", "open('x', 'w')", "open writes a file"),
    (writes, "bot/a.py", "open('x', mode='ab')", "open writes a file"),
    (writes, "bot/a.py", "from pathlib import Path\nPath('x').open('a')", "open writes a file"),
    (writes, "bot/a.py", "def f(path):\n    path.write_text('x')", "write_text writes a file"),
    (seeds, "bot/a.py", "import random\nx = random.random()", "made from a seed"),
    (seeds, "tests/test_a.py", "from random import choice\nx = choice([1])", "random.choice"),
    (seeds, "bot/a.py", "from random import Random\nx = Random()", "without a seed"),
    (seeds, "bot/a.py", "import uuid\nx = uuid.uuid4()", "uuid.uuid4"),
    (seeds, "bot/a.py", "from uuid import uuid4\nmake = uuid4", "uuid.uuid4"),
    (code, "bot/a.py", "eval('1')", "eval runs what it is given"),
    (code, "tests/a.py", "exec('1')", "exec runs what it is given"),
    (code, "bot/a.py", "import yaml\nyaml.load('x')", "yaml.safe_load"),
    (code, "storage/a.py", "import pickle", "use msgspec or orjson"),
    (errors, "bot/a.py", "try:\n    x = 1\nexcept:\n    raise", "a bare except"),
    (errors, "bot/a.py", "try:\n    x = 1\nexcept Exception:\n    raise", "except Exception"),
    (
        errors,
        "tests/a.py",
        "try:\n    x = 1\nexcept (OSError, BaseException) as e:\n    raise",
        "except BaseException",
    ),
    (
        errors,
        "bot/a.py",
        "import contextlib\nwith contextlib.suppress(Exception):\n    x = 1",
        "except Exception",
    ),
    (short_functions, "bot/a.py", LONG_FUNCTION, "f has 70 lines"),
    (short_functions, "bot/a.py", f"async {LONG_FUNCTION}", "f has 70 lines"),
    (short_files, "tests/a.py", "x = 1\n" * (FILE_LINES + 1), "the file has 401 lines"),
    (telling_names, "bot/utils.py", "", "utils says nothing"),
    (telling_names, "bot/quote_helpers.py", "", "quote_helpers says nothing"),
    (telling_names, "options/common/a.py", "", "common says nothing"),
    (telling_names, "options/order_manager2.py", "", "order_manager2 says nothing"),
    (money, "options/order_events.py", "class A:\n    fill_price: float", "make it decimal.Decimal"),
    (
        money,
        "options/events.py",
        "class A:\n    realized_pnl: 'float | None' = None",
        "realized_pnl is booked money",
    ),
    (money, "options/fill.py", "def f(fee: float): ...", "fee is booked money"),
    (promise, "tests/test_a.py", "def test_x():\n    assert 1", "test_x has no docstring"),
    (
        promise,
        "tests/test_a.py",
        "import asyncio\nasync def f():\n    await asyncio.sleep(0.1)",
        "asyncio.sleep in a test",
    ),
]

SOUND: list[tuple[Rule, str, str]] = [
    (direction, "bot/a.py", "import options, storage.ledger\nfrom strategies.base import Strategy"),
    (direction, "storage/a.py", "from options.events import TradeEvent"),
    (direction, "tests/a.py", "import bot, tests.house_rules"),
    (purity, "options/a.py", "import math\nfrom datetime import date\nfrom options.signal import Signal"),
    (purity, "options/execution/a.py", "import asyncio"),
    (purity, "bot/a.py", "import os\nprint(open('x'))"),
    (homes, "bot/discord/cards.py", "import discord"),
    (homes, "options/execution/ibkr_codes.py", "import ib_async"),
    (homes, "bot/feeds/ibkr_quotes.py", "import ib_async"),
    (homes, "bot/a.py", "from bot.discord import cards"),
    (homes, "storage/quotes.py", "import duckdb"),
    (clock, "bot/clock.py", "import time\nx = time.time_ns()"),
    (clock, "tests/benchmarks/bench_a.py", "import time\nx = time.perf_counter()"),
    (clock, "bot/a.py", "def f(clock):\n    return clock.time()"),
    (writes, "storage/files.py", "import os\nos.fdatasync(3)\nopen('x', 'ab')"),
    (writes, "bot/a.py", "open('x')\nopen('w', 'rb')\ndef f(path):\n    path.open()"),
    (seeds, "bot/a.py", "import random\nx = random.Random(7).random()"),
    (seeds, "bot/a.py", "def f(random):\n    return random.random()"),
    (code, "bot/a.py", "import ast\nast.literal_eval('1')\ndef f(model):\n    model.eval()"),
    (
        errors,
        "bot/a.py",
        "try:\n    x = 1\nexcept (OSError, ValueError) as error:\n    raise RuntimeError from error",
    ),
    (short_functions, "bot/a.py", SHORT_FUNCTION),
    (short_files, "bot/a.py", "x = 1\n" * FILE_LINES),
    (telling_names, "options/commonality.py", ""),
    (money, "options/events.py", "class A:\n    price: Decimal\n    mark: float\n    priced_by: float"),
    (money, "options/quote.py", "class A:\n    price: float"),
    (promise, "tests/test_a.py", "async def test_x():\n    '''Holds.'''\n    await asyncio.sleep(0)"),
]


def sources() -> list[Source]:
    """Every Python file of the project, in order."""
    paths = sorted(path for room in (*PACKAGES, "tests") for path in (REPOSITORY / room).rglob("*.py"))
    return [
        Source(PurePosixPath(path.relative_to(REPOSITORY).as_posix()), path.read_text(encoding="utf-8"))
        for path in paths
    ]


ALL = sources()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds_everywhere(rule: Rule) -> None:
    """No file of the project breaks the rule."""
    broken = [f"{source.path}:{line}: {text}" for source in ALL for line, text in rule(source)]
    assert not broken, "\n".join(["", *broken])


def test_nothing_imports_itself_around_a_corner() -> None:
    """No modules import each other in a circle, neither among the rooms nor inside one."""
    assert not import_cycles(ALL)


def test_all_rooms_are_read() -> None:
    """The rules see every room, so that a silent pass is not an empty one."""
    assert {source.room for source in ALL} == {*PACKAGES, "tests"}


@pytest.mark.parametrize(("rule", "path", "text", "says"), BROKEN)
def test_rule_fires(rule: Rule, path: str, text: str, says: str) -> None:
    """A snippet that breaks the rule is found, and the message says what to do."""
    assert any(says in message for _, message in rule(Source(PurePosixPath(path), text)))


@pytest.mark.parametrize(("rule", "path", "text"), SOUND)
def test_rule_stays_silent(rule: Rule, path: str, text: str) -> None:
    """A snippet that keeps the rule is left alone."""
    assert not list(rule(Source(PurePosixPath(path), text)))


def test_every_rule_is_tried_both_ways() -> None:
    """No rule stands without a snippet that breaks it and one that keeps it."""
    assert {rule for rule, *_ in BROKEN} == {rule for rule, *_ in SOUND} == set(RULES)


def test_cycles_are_found() -> None:
    """A circle of imports is named, even through a function, a package or a relative import; a line of them is not."""
    files = {
        "options/a.py": "from options.b import x",
        "options/b.py": "def f():\n    from options import c",
        "options/c.py": "from .a import y",
        "options/d.py": "import options.a",
        "storage/__init__.py": "from storage.e import z",
        "storage/e.py": "from storage import name",
    }
    found = import_cycles([Source(PurePosixPath(path), text) for path, text in files.items()])
    assert found == [["options.a", "options.b", "options.c"], ["storage", "storage.e"]]
