"""The one composition root: every part of a run is made and joined here, and nowhere else."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain
from pathlib import Path

from rich.console import Console

from bot.clock import Clock
from bot.day_sums import summary_of
from bot.decision_watch import DecisionWatch
from bot.discord_side import Beside, DiscordSide, discord_beside
from bot.door.day_desk import SteeredDay, answer_line
from bot.door.handover import Handover
from bot.door.server import Door
from bot.exchange import EXCHANGE
from bot.feeds.market import MarketFeed
from bot.ledger_account import check_account
from bot.named_limits import NamedLimits
from bot.pacer import Pacer
from bot.runner import Desk, Runner
from bot.settings import Settings
from bot.strategy_watch import StrategyWatch, take_up
from bot.summary import DaySummary
from bot.terminal import Terminal
from bot.trading_day import Ending, RunIdentity, TradingDay
from options.book import Book
from options.events import TradeEvent
from options.execution.fill_models import QUOTE_RULES, FillRules, realistic_rules
from options.execution.paper import PaperBroker
from options.fold import apply_all
from options.inputs import SignalArrived, SignalUnreadable
from options.order_manager import OptionsOrderManager
from options.quote import QuoteCache
from options.values import Micros, to_iso
from storage.files import InstanceLock, make_folder
from storage.ledger import LEDGER_PATH, Ledger
from storage.ledger_tail import LedgerTail
from storage.stall_note import StallNote
from storage.store import ReaderCursors
from storage.verify import verify
from strategies.follow_signal import FollowSignal

STORE_NAME = "callboard.sqlite3"
DRAIN_S = 30.0
"""How long the end of a day waits for Discord to be told all."""
STOP_S = 3.0
"""How long a stop on request does."""


@dataclass(frozen=True, slots=True)
class DayRun:
    """What a run over a day is told: the feed, the signals, where to keep things, how to fill, how fast."""

    feed: MarketFeed
    signals: Sequence[SignalArrived | SignalUnreadable]
    data: Path
    settings: Settings
    fills: str = "quote"
    speed: float | None = None
    loopback_page: bool = False
    """Open a Discord of our own for this run, with a page in the browser, instead of the one of the settings."""


def fill_rules(name: str, settings: Settings) -> FillRules:
    """The paper broker's rules by their name, ``quote`` or ``realistic``."""
    if name == QUOTE_RULES.name:
        return QUOTE_RULES
    return realistic_rules(settings.paper.slippage_ticks, settings.paper.latency_s)


def fold_into(book: Book) -> Callable[[int, Sequence[TradeEvent]], None]:
    """A sink for a ledger that is opened: every event is folded into the book."""

    def fold(_first_seq: int, events: Sequence[TradeEvent]) -> None:
        apply_all(book, events)

    return fold


def _discord_of(
    run: DayRun, desk: Desk, ledger: Ledger, console: Console, clock: Clock, handover: Handover[SteeredDay]
) -> AbstractContextManager[Beside]:
    side = DiscordSide(
        run.settings.discord,
        run.data,
        lambda: ledger.durable_offset,
        run.feed.session,
        handover,
        loopback_page=run.loopback_page,
        strategies=tuple(one.name for one in desk.strategies),
    )
    return discord_beside(side, console, clock)


def _manager_of(book: Book, quotes: QuoteCache, settings: Settings) -> OptionsOrderManager:
    return OptionsOrderManager(
        book,
        quotes,
        settings.limits,
        mark_every_s=settings.mark_every_s,
        doubts=settings.doubt.limits,
        rest=settings.resting.limits,
        calendar=EXCHANGE,
    )


def _ledger_of(run: DayRun, book: Book, console: Console) -> Ledger:
    """The ledger, folded into ``book``; limits in the settings that are nobody's in it are told."""
    named = NamedLimits(run.settings.risk.strategies, (FollowSignal.name,))
    sink = named.looking_on(fold_into(book))
    ledger = Ledger.open(run.data / LEDGER_PATH, now_ts=to_iso(run.feed.session.open), sink=sink)
    if named.line:
        console.print(named.line, style="yellow", markup=False, highlight=False, soft_wrap=True)
    return ledger


def _runner_of(run: DayRun, desk: Desk, ledger: Ledger, open_things: ExitStack) -> Runner:
    """A runner that watches its strategies and itself, and knows over whom the process before was ended."""
    note = StallNote(run.data)
    open_things.callback(note.close)
    take_up(note, ledger, desk.manager)
    watch = StrategyWatch(note, run.settings.strategy_answer_s)
    return Runner(desk, ledger, watch, open_things.enter_context(DecisionWatch()))


def run_day(
    run: DayRun,
    console: Console,
    clock: Clock,
    stopping: Callable[[], bool],
    at_end: Callable[[Ending, DaySummary, str], None] = lambda _ending, _summary, _page_url: None,
) -> tuple[Ending, DaySummary]:
    """Run a day on the paper broker: state from the ledger, the day to its close, the sums and the proof at its end.

    ``at_end`` is called with them and the address of the page, if there is one, while Discord still goes on.

    :raises StorageError: the data folder is in use or unusable, the ledger is damaged, or the disk failed.
    :raises WrongOrder: the ledger is past this day. :raises WrongAccount: the ledger is another account's.
    :raises StrategyFailed: a strategy failed at a signal, which is answered with that.
    :raises DecisionFailed: deciding on an input failed, which is in the ledger.
    """
    settings, limits = run.settings, run.settings.limits
    with ExitStack() as open_things:
        make_folder((run.data / LEDGER_PATH).parent)
        open_things.enter_context(InstanceLock(run.data))
        book, quotes = Book(), QuoteCache()
        path = run.data / LEDGER_PATH
        ledger = open_things.enter_context(closing(_ledger_of(run, book, console)))
        check_account(book, settings.account, path)
        broker = PaperBroker(quotes, limits.quotes, fill_rules(run.fills, settings), settings.account)
        manager = _manager_of(book, quotes, settings)
        desk = Desk(manager, broker, (FollowSignal(settings.follow_signal),))
        cursors = ReaderCursors(run.data / STORE_NAME)
        open_things.callback(cursors.close)
        tail = open_things.enter_context(closing(LedgerTail(path)))
        handover: Handover[SteeredDay] = open_things.enter_context(closing(Handover()))
        discord = open_things.enter_context(_discord_of(run, desk, ledger, console, clock, handover))
        if discord.page_url:
            console.print(f"The channel, as members see it: {discord.page_url}", soft_wrap=True)
        terminal = open_things.enter_context(Terminal(console, clock.monotonic_s, cursors))

        def pace(at: Micros) -> None:
            for batch in tail.poll(ledger.durable_offset):
                terminal.take(batch.first_seq, batch.events)
            terminal.at(at)
            pacer.pace(at)
            door.poll()

        identity = RunIdentity(version("callboard"), settings.fingerprint)
        day = TradingDay(
            _runner_of(run, desk, ledger, open_things),
            broker,
            run.feed,
            run.signals,
            identity,
            pace=pace,
            stopping=lambda: stopping() or discord.died,
        )
        door = open_things.enter_context(
            Door(run.data, lambda line: answer_line(day, path, line), clock.monotonic_s, handover)
        )
        handover.open(day)
        pacer = Pacer(clock, run.speed, run.feed.session, door.wait)
        ending = day.run()
        for batch in chain.from_iterable(iter(lambda: tail.poll(ledger.durable_offset), [])):
            terminal.take(batch.first_seq, batch.events)
        terminal.close()
        door.close()
        handover.close()
        mark_of = manager.exits.mark_of
        summary = summary_of(book, terminal.tally, mark_of, len(run.signals), path, verify(path))
        at_end(ending, summary, discord.page_url)
        discord.close(DRAIN_S if ending is Ending.DAY_ENDED and not stopping() else STOP_S)
        return ending, summary
