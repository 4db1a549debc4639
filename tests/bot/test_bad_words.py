"""Every word of every command on the command line, wrong in every way: an answer in words, and nothing has changed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import typer.main
from typer._click.core import Command, Parameter
from typer.core import TyperArgument, TyperGroup

from bot.cli import app
from options import commands as c
from options.events import CommandRefused, OrderUnknown, TradeEvent
from options.order import Order
from storage.ledger import LEDGER_PATH, Ledger
from storage.ledger_reader import read
from storage.verify import Verdict, verify
from tests.bot.command_room import CommandRoom, callboard

CONTRACT = "GOOG 2015-12-31 750 C"
PRICES = (
    "nan",
    "inf",
    "-1",
    "0",
    "1e999",
    "1e-9",
    "1e99999999999999999999",
    "much",
    "",
    "@",
    "1_0",
    "\uff11\uff12",
    "9" * 5000,
    "\x1b",
)
FRACTIONS = (*PRICES, "%", "half half", "12000%")
SPANS = ("nan", "inf", "-inf", "-1", "0", "1e400", "soon", "")
COUNTS = ("0", "-1", "1.5", "nan", "1e3", "9" * 400, "9" * 5000, "x", "")
TIMES = (
    "soon",
    "25:00",
    "15:50:99",
    "2015-13-01T10:00:00Z",
    "2015-12-24",
    "1969-01-01T00:00:00Z",
    "2150-03-30 10:00",
    "",
    "9" * 5000,
)
LEVELS = ("above", "above:", "above:nan", "above:-1", "over:9", "9", "", "below:1e999")
WAYS = (
    "",
    "hope",
    "limit@",
    "limit@nan",
    "limit@-1:by9",
    "walks",
    "walk:0x9",
    "walk:4x0",
    "walk:999x1",
    "twap:x",
    "twap:5x60:by-1",
)
TRADES = ("T99", "t1", "", "\x1b", "x" * 5000, "\udcff")
CONTRACTS = ("GOOG", "goog 2015-12-31", "GOOG 2015-13-31 750 C", "GOOG 2015-12-18 750 C", "GOOG 2015-12-31 -750 C",
             "GOOG 2015-12-31 nan C", "", "\x1b", "9" * 5000, "GOOG 2015-12-31 750 X")  # fmt: skip

# By the command and the name of its parameter, or by the name alone.
WRONG: dict[str, tuple[str, ...]] = {
    "trade": TRADES,
    "trade new contract": CONTRACTS[1:],
    "roll contract": CONTRACTS,
    "trade new qty": COUNTS,
    "trade modify qty": COUNTS,
    "trade assigned qty": (*COUNTS, "5"),
    "trade assigned contract": CONTRACTS,
    "price": PRICES,
    "roll qty": COUNTS,
    "trim qty": (*FRACTIONS, "200%", "4", "5", "1.5", "100%"),
    "order": ("O99", "t1", "", "\x1b", "x" * 5000, "\udcff"),
    "filled": (*COUNTS, "1e9"),
    "settle at": PRICES,
    "fee": PRICES,
    "limit": PRICES,
    "algo": ("cross", "hope", "", "limit"),
    "every": SPANS,
    "steps": COUNTS,
    "bound": PRICES,
    "give_up": SPANS,
    "then": ("hope", "", "markets"),
    "tif": ("week", ""),
    "when_option": LEVELS,
    "when_underlying": LEVELS,
    "when_spread": (*SPANS, "3"),
    "at": TIMES,
    "stop": (*FRACTIONS, "1", "@nan", "@-1", "0.3@", "0.3@me"),
    "target": (*FRACTIONS, "0.5:2", "0.5:", "0.5:x", "@nan:1", ":", "0.5:-1", "0.5:1", "0.5:1_0%"),
    "stop level": (*PRICES, "11", "evens"),
    "target level": (*PRICES, "9"),
    "trail distance": (*FRACTIONS, "$nan", "$-1", "$", "1"),
    "trail": (*FRACTIONS, "$nan", "$-1", "$", "1"),
    "trail_after": FRACTIONS,
    "break_even_after": ("0", "-1", "3", "x", "1.5", "9" * 5000),
    "hold_max": (*SPANS, "1e300"),
    "flat_at": TIMES,
    "scale_in": (*FRACTIONS, "0.2", "0.2:0", "0.2:-1", "0.2:x", "nan:1", "-0.2:1", "0.2:" + "9" * 39),
    "held": ("hope", "", "brokers", "me"),
    "basis": ("hope", "", "bid"),
    "stop_by": (*WAYS, "limit@9"),
    "target_by": WAYS,
    "time_by": (*WAYS, "limit@9"),
    "by": WAYS,
    "strategy": ("", " ", "\x1b", "x" * 41, "\udcff"),
    "trade new reason": (" ", "\x1b", "x" * 301, "two\nlines", "\udcff"),
    "halt reason": ("", " ", "\x1b", "x" * 301, "two\nlines", "\udcff"),
    "resume reason": ("", "no", "\x1b", "x" * 5000, "\udcff"),
    "expiry": ("soon", "", "2015-12-18", "2015-13-01", "9" * 5000),
    "strike": (*PRICES, "750"),
    "who": ("", " ", "\x1b", "x" * 65, "two\nlines", "\udcff"),
    "id_": ("", " ", "\x1b", "x" * 65, "two\nlines", "\udcff"),
    "settings": ("", " ", "no-such.toml", "x" * 300, "\udcff.toml"),
}
# What says where to, how to show it, or yes and no: nothing in it can be wrong for the trade.
ASIDE = {"data", "json", "preview", "short", "hold", "activate", "average_down", "help"}
GOOD: dict[str, list[str]] = {
    "trade new": [CONTRACT, "2", "--strategy", "third"],
    "trade activate": ["T2"],
    "trade modify": ["T2", "--qty", "3"],
    "trade cancel": ["T2"],
    "trade assigned": ["T1", "--price", "760"],
    "trim": ["T1", "1"],
    "close": ["T1"],
    "close-all": [],
    "roll": ["T1", "--strike", "760"],
    "stop": ["T1", "8"],
    "target": ["T1", "12"],
    "trail": ["T1", "25%"],
    "settle": ["O2", "0"],
    "halt": ["--reason", "look"],
    "resume": ["look"],
}
LOOKING = {"demo", "replay", "verify", "trades", "positions", "events", "explain", "chart",
           "trade show", "trade list"}  # fmt: skip


def commands_of(group: Command, above: str = "") -> Iterator[tuple[str, Command]]:
    """Every command of the program with its whole name."""
    if not isinstance(group, TyperGroup):
        yield above.strip(), group
        return
    for name, command in group.commands.items():
        yield from commands_of(command, f"{above} {name}")


EVERY = dict(commands_of(typer.main.get_command(app)))


def wrong_words(name: str, parameter: Parameter) -> tuple[str, ...]:
    """The wrong words for a parameter."""
    of_command = WRONG.get(f"{name} {parameter.name}")
    return WRONG[parameter.name or ""] if of_command is None else of_command


def with_word(name: str, parameter: Parameter, word: str) -> list[str]:
    """The good command with one word in place of what is there, or besides."""
    words = list(GOOD[name])
    if isinstance(parameter, TyperArgument):
        arguments = [one for one in EVERY[name].params if isinstance(one, TyperArgument)]
        place = arguments.index(parameter)
        given = [one for one in words[: len(arguments)] if not one.startswith("--")]
        words = [*words[:place], word, *words[place + 1 if place < len(given) else place :]]
        if name == "roll" and parameter.name == "contract":
            words = [words[0], word]
        return ["--", *words] if name not in ("trade new", "roll") else words
    option = parameter.opts[0]
    if option in words:
        at = words.index(option)
        del words[at : at + 2]
    return [*words, option, word]


def told(data: Path) -> list[TradeEvent]:
    """Every event of the ledger."""
    return [event for batch in read(data / LEDGER_PATH) for event in batch.events]


@pytest.fixture(params=[True, False], ids=["running", "ledger"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A data folder with T1 held, T2 a draft, trading halted; a day runs on it, or nobody does."""
    with ExitStack() as stack:
        room = stack.enter_context(CommandRoom(tmp_path))
        room.quote(9.80, 10.00)
        for words in (
            ["trade", "new", CONTRACT, "4", "--strategy", "first", "--activate"],
            ["trade", "new", CONTRACT, "4", "--strategy", "second"],
        ):
            assert callboard(tmp_path, *words).exit_code == 0
        if not request.param:
            stack.close()
        yield tmp_path
    assert verify(tmp_path / LEDGER_PATH).verdict is Verdict.SOUND


def test_every_command_is_looked_at() -> None:
    """A command or a parameter that nobody has thought through does not get in."""
    of_trades = {name for name in EVERY if not name.startswith("discord ")}  # those change no trade
    assert of_trades == set(GOOD) | LOOKING
    for name in GOOD:
        for parameter in EVERY[name].params:
            known = {parameter.name, f"{name} {parameter.name}"} & (set(WRONG) | ASIDE)
            assert known, f"callboard {name}: write down what can be wrong with {parameter.name}"


@pytest.mark.proof
@pytest.mark.parametrize("name", GOOD)
def test_a_wrong_word_is_answered_in_words(
    folder: Path, name: str, proof_is_long: bool, record_property: Callable[[str, object], None]
) -> None:
    """Each gives an exit code of 1 or 2 and says why; the ledger holds a refusal more, or nothing."""
    if name == "resume":
        assert callboard(folder, "halt", "--reason", "look").exit_code == 0
    before = told(folder)
    tried = [
        (parameter, word)
        for parameter in EVERY[name].params
        if parameter.name not in ASIDE
        for word in wrong_words(name, parameter)
    ]
    assert len(tried) >= 10
    step = 1 if proof_is_long or len(tried) < 40 else 5  # the plans' words are many, and of few kinds
    unclear = [
        (parameter.name, word[:40], fault)
        for parameter, word in tried[::step]
        for fault in unclear_answer(folder, name, with_word(name, parameter, word))
    ]
    assert unclear == []
    record_property("wrong words", len(tried[::step]))
    after = told(folder)
    assert after[: len(before)] == before
    assert [event for event in after[len(before) :] if not isinstance(event, CommandRefused)] == []


def unclear_answer(data: Path, name: str, words: list[str]) -> list[str]:
    """Why the answer to wrong words is not what it should be; empty if it is."""
    found = callboard(data, *name.split(), *words)
    answer = found.output.strip()
    faults = []
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        faults.append(f"raised {found.exception!r}"[:300])
    if found.exit_code not in (1, 2):
        faults.append(f"ended with {found.exit_code}: {answer[:300]}")
    if len(answer) < 20 or "Traceback" in answer or "<class" in answer:
        faults.append(f"said {answer[:300]!r}")
    if not all(one.isprintable() or one == "\n" for one in answer):
        faults.append(f"said what cannot be printed: {answer[:300]!r}")
    return faults


def test_everything_unreadable_is_said_at_once(folder: Path) -> None:
    """Several words that cannot be read: each has its sentence."""
    found = callboard(
        folder,
        "trade",
        "new",
        CONTRACT,
        "2",
        "--stop",
        "much",
        "--limit",
        "x",
        "--at",
        "soon",
        "--basis",
        "hope",
    )
    assert found.exit_code == 2
    assert all(f"{option}: " in found.output for option in ("--stop", "--limit", "--at", "--basis"))


def put_in_doubt(data: Path, order: Order) -> None:
    """Write down that an order's fate is not proven, while nobody runs."""
    ledger = Ledger.open(data / LEDGER_PATH, now_ts=order.submitted_ts)
    ref = order.child.client_ref
    ledger.write(
        [OrderUnknown(ts=ledger.last_ts, order_id=order.order_id, client_ref=ref, reason="no answer")]
    )
    ledger.sync()
    ledger.close()


def test_a_good_word_of_each_command_is_taken(tmp_path: Path) -> None:
    """What is refused above is refused for its one wrong word."""
    new = ("trade", "new", CONTRACT)
    for name, words in GOOD.items():
        data = tmp_path / name.replace(" ", "-")
        with ExitStack() as stack:
            room = stack.enter_context(CommandRoom(data))
            room.quote(9.80, 10.00)
            room.quote(6.80, 7.00, key="GOOG  151231C00760000")
            assert callboard(data, *new, "4", "--strategy", "first", "--activate").exit_code == 0
            assert callboard(data, *new, "4", "--strategy", "second").exit_code == 0
            if name == "resume":
                room.command(c.Halt(command_id="h", who="ann", reason="look"))
            if name == "settle":
                assert callboard(data, *new, "1", "--limit", "5", "--activate").exit_code == 0
                sent = room.book.orders["O2"]
                stack.close()
                put_in_doubt(data, sent)  # the broker of a day that runs would end it at once
            found = callboard(data, *name.split(), *words)
            assert found.exit_code == 0, (name, found.output)
