"""The command line: what a person asks, in sentences; what went wrong, in one."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from importlib.metadata import version as installed_version
from pathlib import Path
from types import FrameType
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from bot import cli_chart, cli_discord, cli_steer, cli_trade
from bot.app import DayRun, run_day
from bot.cli_ask import NO_LEDGER_HINT, refuse, storage_words
from bot.clock import SystemClock
from bot.day_sums import summary_json
from bot.decision_fault import DecisionFailed
from bot.demo import demo_feed, demo_folder, demo_settings, demo_signals
from bot.event_text import numbered
from bot.feeds.market import MarketFeed
from bot.feeds.recorded import RecordedFeed
from bot.ledger_account import WrongAccount
from bot.ledger_tables import as_json, events_table, positions_table, trades_table
from bot.ledger_views import event_rows, positions, trades
from bot.next_steps import next_steps, program, step_lines
from bot.outlet import LOST, Outlet
from bot.sessions import SessionError
from bot.settings import SettingsError, load_settings
from bot.signals.file import SignalFileError, read_files
from bot.strategy_fault import StrategyFailed
from bot.summary import DaySummary, render_summary
from bot.trading_day import Ending, WrongOrder
from bot.typed_name import typed_name
from storage.files import StorageError
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import read
from storage.quote_sets import QuotesError
from storage.verify import Verdict, verify

REFUSED = 2
_LOOK_AGAIN_S = 0.1
_PIPE_WIDTH = 1000
_NAME_MAX = 60
DEMO_SPEED = 585.0  # a whole session of 6.5 hours in 40 seconds

app = typer.Typer(
    name="callboard",
    invoke_without_command=True,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.callback()
def whole(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", is_eager=True)
    ] = False,
) -> None:
    """Callboard trades options on signals and proves every number from its ledger."""
    if version:
        sys.stdout.write(f"callboard {installed_version('callboard')}\n")
        raise typer.Exit


class Fills(StrEnum):
    """How the paper broker fills."""

    QUOTE = "quote"
    REALISTIC = "realistic"


DataOption = Annotated[
    Path, typer.Option("--data", help="The data folder that holds the ledger.", metavar="DIR")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", help="A settings file; see callboard.example.toml.", metavar="FILE"),
]
FillsOption = Annotated[
    Fills,
    typer.Option(
        help="[b]quote[/b]: the whole order at the quote, no fee. [b]realistic[/b]: displayed size, slippage, fees."
    ),
]
DEFAULT_DATA = Path("var")


@contextmanager
def _in_one_sentence() -> Iterator[None]:
    """What the program refuses is said in one sentence, without a traceback."""
    refusals = (
        QuotesError,
        SettingsError,
        SignalFileError,
        WrongOrder,
        WrongAccount,
        SessionError,
        StrategyFailed,
        DecisionFailed,
    )
    try:
        yield
    except StorageError as error:
        said = storage_words(error)
    except refusals as error:
        said = str(error)
    except PermissionError as error:
        said = f"{error.filename} cannot be used: {error.strerror}"
    else:
        return
    Console(stderr=True, soft_wrap=True, highlight=False).print(
        f"callboard: {said}", style="red", markup=False
    )
    raise typer.Exit(REFUSED)


class _Stop:
    """Remembers that the process was asked to end, so that it can do so between two inputs."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True

    def __call__(self) -> bool:
        return self.asked


def _console() -> Console:
    """Where tables go: as wide as the terminal, and nothing is folded in a pipe or a file, which have no width."""
    return Console() if sys.stdout.isatty() or "COLUMNS" in os.environ else Console(width=_PIPE_WIDTH)


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise typer.BadParameter(
            f"{text!r} is neither 'max' nor a number above 0, e.g. 60 for a minute a second"
        )
    return speed


def _run(make: Callable[[], DayRun], as_json_: bool, hint: Sequence[str] = (), *, stay: bool = False) -> None:
    """Run a day and print what it came to; the exit code is that of the ledger's proof.

    How to look at it is said below, and ``hint``. With ``stay`` the page, if there is one, stays open after the day
    until the process is asked to end.
    """
    stopping, clock = _Stop(), SystemClock()
    console = Console(stderr=as_json_, quiet=as_json_)

    def at_end(ending: Ending, summary: DaySummary, page_url: str) -> None:
        if as_json_:
            sys.stdout.write(summary_json(summary, ending).decode())
        else:
            console.print(render_summary(summary))
            carries_on = " The same command carries on from here." if ending is Ending.STOPPED else ""
            console.print(f"{ending.value.capitalize()}.{carries_on}", highlight=False)
            steps = next_steps(summary, Path(summary.ledger_path).parent.parent)
            for line in ["Look closer:", *step_lines(steps, _console().width), *hint]:
                console.print(line, soft_wrap=True, highlight=False, markup=False)
        if page_url and stay and not stopping():
            console.print(f"The page stays at {page_url} until you press Ctrl-C.", soft_wrap=True)
            while not stopping():
                clock.wait(_LOOK_AGAIN_S)

    with _in_one_sentence():
        _, summary = run_day(make(), console, clock, stopping, at_end)
    raise typer.Exit(0 if summary.sound else 1)


def _page_hint() -> tuple[str, ...]:
    return (f"To keep the page with the channel open: {program()} demo --page",)


@app.command()
def demo(
    fast: Annotated[
        bool, typer.Option("--fast", help="As fast as it goes, instead of a day in 40 seconds.")
    ] = False,
    seed: Annotated[
        int, typer.Option(help="Which simulated day: the same seed is the same day.", min=0)
    ] = 42,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Data folder; by default a new one in var/demo.", metavar="DIR"),
    ] = None,
    settings: SettingsOption = None,
    fills: FillsOption = Fills.REALISTIC,
    page: Annotated[
        bool | None,
        typer.Option(
            "--page/--no-page",
            help="Keep the page with the channel open after the day, or open none; by default it is open while the "
            "day runs unless that is --fast, and stays where there is a terminal.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Trade a simulated day on paper, from the open to the proven ledger. Needs no account and no token."""
    shown = not (json or fast) if page is None else page
    stay = shown and (page is True or sys.stdout.isatty())

    def make() -> DayRun:
        feed = demo_feed(seed)
        folder = demo_folder(DEFAULT_DATA / "demo") if data is None else data
        speed = None if fast else DEMO_SPEED
        chosen = demo_settings() if settings is None else load_settings(settings)
        return DayRun(feed, demo_signals(feed), folder, chosen, fills.value, speed, loopback_page=shown)

    _run(make, json, () if stay or page is False else _page_hint(), stay=stay)


@app.command()
def replay(
    quotes: Annotated[Path, typer.Option(help="Folder of recorded quotes (Parquet sets).", metavar="DIR")],
    set_: Annotated[
        str, typer.Option("--set", help="Which set of that folder, e.g. goog_20151224.", metavar="NAME")
    ],
    signals: Annotated[
        list[Path], typer.Option(help="Signals, one JSON object a line; may be given again.", metavar="FILE")
    ],
    data: DataOption = DEFAULT_DATA,
    fills: FillsOption = Fills.QUOTE,
    speed: Annotated[str, typer.Option(help="[b]max[/b], or times real time.", metavar="max|X")] = "max",
    settings: SettingsOption = None,
    json: JsonOption = False,
) -> None:
    """Trade a recorded day on paper. Interrupted in any way, the same command carries on where it was."""
    factor = _speed(speed)

    def make() -> DayRun:
        chosen = load_settings(settings)
        feed: MarketFeed = RecordedFeed(quotes, set_)
        return DayRun(feed, read_files(signals), data, chosen, fills.value, factor)

    _run(make, json)


@app.command("verify")
def verify_command(data: DataOption = DEFAULT_DATA, json: JsonOption = False) -> None:
    """Prove a ledger on its own: chain, numbers, types, and every position and P&L from the fills.

    Exit code 0: sound. 1: broken, with the line and the reason. 2: unreadable.
    """
    found = verify(data / LEDGER_PATH)
    hint = NO_LEDGER_HINT if found.missing else ""
    if json:
        told = {**asdict(found), "verdict": found.verdict.name.lower(), "sentence": found.sentence}
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
    else:
        style = "green" if found.verdict is Verdict.SOUND else "red"
        console = Console(soft_wrap=True, highlight=False, stderr=found.verdict is Verdict.UNREADABLE)
        console.print(f"{found.sentence}{hint}", style=style, markup=False)
        if found.last_hash:
            console.print(f"last hash {found.last_hash}", markup=False)
    raise typer.Exit(int(found.verdict))


@app.command("trades")
def trades_command(
    data: DataOption = DEFAULT_DATA,
    symbol: Annotated[str | None, typer.Option(help="Only this underlying.", metavar="SYMBOL")] = None,
    strategy: Annotated[str | None, typer.Option(help="Only this strategy.", metavar="NAME")] = None,
    open_: Annotated[
        bool | None, typer.Option("--open/--closed", help="Only open, or only closed trades.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Every trade: what was traded, in and out, P&L and why."""
    with _in_one_sentence():
        rows = trades(numbered(read(data / LEDGER_PATH)), is_open=open_, symbol=symbol, strategy=strategy)
    if json:
        sys.stdout.write(as_json(rows).decode())
        return
    console = _console()
    console.print(trades_table(rows, console.width))


@app.command("positions")
def positions_command(data: DataOption = DEFAULT_DATA, json: JsonOption = False) -> None:
    """What is held now: quantity, average, mark, open P&L, stops and targets."""
    with _in_one_sentence():
        rows = positions(numbered(read(data / LEDGER_PATH)))
    if json:
        sys.stdout.write(as_json(rows).decode())
        return
    console = _console()
    console.print(positions_table(rows, console.width))


@app.command("events")
def events_command(
    data: DataOption = DEFAULT_DATA,
    trade: Annotated[
        str | None,
        typer.Option(help="Only what concerns this trade, e.g. T3.", metavar="TRADE", parser=typed_name),
    ] = None,
    types: Annotated[
        list[str] | None,
        typer.Option("--type", help="Only this type, e.g. OrderFilled; may be given again.", metavar="TYPE"),
    ] = None,
    since: Annotated[int, typer.Option(help="Only what comes after this number.", min=0, metavar="SEQ")] = 0,
    last: Annotated[int | None, typer.Option(help="Only the last so many.", min=1, metavar="N")] = None,
    json: JsonOption = False,
) -> None:
    """The ledger in plain words, line by line."""
    with _in_one_sentence():
        events = numbered(read(data / LEDGER_PATH))
        try:
            rows = event_rows(events, trade_id=trade, types=types or (), since_seq=since, last=last)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        if trade and not rows and not event_rows(numbered(read(data / LEDGER_PATH)), trade_id=trade, last=1):
            refuse([f"{trade[:_NAME_MAX]}: there is no such trade in {data}"])
    if json:
        sys.stdout.write(as_json(rows).decode())
        return
    console = _console()
    console.print(events_table(rows, console.width))


cli_trade.add_to(app)
cli_steer.add_to(app)
cli_chart.add_to(app)
cli_discord.add_to(app)


def main() -> None:
    """The ``callboard`` command."""
    code: str | int | None = 0
    with Outlet() as outlet:
        try:
            app()
        except SystemExit as ended:
            code = ended.code
    if outlet.lost:
        sys.stderr.write(f"callboard: not all of the output could be written: {outlet.lost}\n")
        code = LOST
    sys.exit(code)


if __name__ == "__main__":
    main()
