"""What a trading day came to: the figures that are printed at its end."""

from dataclasses import dataclass
from decimal import Decimal

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.card_text import count_text, dollars_text, safe_text
from bot.day_tally import PNL_DIGITS
from bot.terminal_panels import ALERT, LOSS, QUIET, WIN, money

_REASON_MAX = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySummary:
    """The sums of a ledger's newest day.

    ``realized`` is before ``fees``, from the price at which was entered, on whatever day; ``open_pnl`` is what the open
    positions would bring at their last marks, of which ``open_unmarked`` have none and count as nothing.
    ``open_pnl_before`` and ``open_positions_before`` are the same as the day began, by the last marks of before it, and
    ``net_before`` is what all earlier days came to. All are dollars. ``day_number`` counts the ledger's days.
    ``signals_turned_down`` are those of the used that led to no trade, as the desk refused or the strategy failed;
    ``trades_not_entered`` the trades that were let go and then rejected or cancelled before anything filled.
    ``newest_trade`` is the id of the newest that has traded, ``halted`` why entries are halted; empty if nothing is so.
    ``verified`` is one sentence, what checking the ledger on its own found; ``sound`` is its verdict.
    """

    feed: str
    day: str
    signals_read: int
    signals_refused: int
    signals_used: int
    signals_ignored: int
    trades_opened: int
    trades_closed: int
    trades_won: int
    trades_lost: int
    trades_even: int
    fills: int
    contracts: int
    realized: Decimal
    fees: Decimal
    open_pnl: float
    open_positions: int
    open_unmarked: int = 0
    open_pnl_before: float = 0.0
    open_positions_before: int = 0
    net_before: float = 0.0
    day_number: int = 1
    signals_turned_down: int = 0
    trades_not_entered: int = 0
    newest_trade: str = ""
    halted: str = ""
    events: int
    ledger_path: str
    last_hash: str
    verified: str
    sound: bool = True

    @property
    def booked(self) -> Decimal:
        """Realized profit after fees, in dollars."""
        return self.realized - self.fees

    @property
    def open_change(self) -> float:
        """By how much the open P&L has moved since the day began, in dollars."""
        return round(self.open_pnl - self.open_pnl_before, PNL_DIGITS)

    @property
    def net(self) -> float:
        """What the day made, in dollars: what it booked, and the change of the open P&L. Days add up to the whole."""
        return round(float(self.booked) + self.open_change, PNL_DIGITS)

    @property
    def net_all_days(self) -> float:
        """What all days of the ledger made, in dollars: all that was booked, and the open P&L."""
        return round(self.net_before + self.net, PNL_DIGITS)


def render_summary(summary: DaySummary) -> RenderableType:
    """The summary as a panel for the terminal: what came in, what was traded, the money, and the proof."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style=QUIET, no_wrap=True)
    rows.add_column(overflow="fold")
    rows.add_row("Signals", _signals(summary))
    if summary.signals_turned_down:
        rows.add_row("", Text(f"{summary.signals_turned_down:,} of the used led to no trade", style=ALERT))
    rows.add_row("Trades", _trades(summary))
    if summary.trades_not_entered:
        rows.add_row(
            "", Text(f"{summary.trades_not_entered:,} more ended before anything filled", style=ALERT)
        )
    rows.add_row(
        "Fills", Text(f"{count_text(summary.fills, 'fill')}, {count_text(summary.contracts, 'contract')}")
    )
    rows.add_row("Realized", _money(summary))
    rows.add_row("Open", _open(summary))
    if summary.open_positions_before:
        rows.add_row("", _open_before(summary))
    if summary.day_number > 1:
        days = count_text(summary.day_number, "day")
        rows.add_row("All days", Text.assemble(money(summary.net_all_days), f" net in {days}"))
    if summary.halted:
        reason = safe_text(summary.halted, _REASON_MAX)
        rows.add_row("Halted", Text(f"{reason}; entries wait until someone resumes", style=ALERT))
    rows.add_row("", "")
    rows.add_row("Ledger", Text(f"{summary.ledger_path}"))
    last_hash = (summary.last_hash[:16], "bold")
    rows.add_row("", Text.assemble(count_text(summary.events, "event"), ", last hash ", last_hash, "…"))
    verdict = Text.assemble(("✔ " if summary.sound else "✘ ", "bold"), summary.verified)
    verdict.stylize(WIN if summary.sound else LOSS)
    rows.add_row("Verified", verdict)
    title = Text(f"{safe_text(summary.day, 40)} · {safe_text(summary.feed, 40)}", style="bold")
    word = "the day's net " if summary.day_number > 1 else "net "
    total = Text.assemble(word, money(summary.net), style="bold")
    return Panel(
        Group(rows),
        title=title,
        title_align="left",
        subtitle=total,
        subtitle_align="right",
        box=box.ROUNDED,
        border_style="cyan",
        padding=(1, 2),
        expand=False,
    )


def _signals(summary: DaySummary) -> Text:
    refused = Text(
        f"{summary.signals_refused:,} refused", style="yellow" if summary.signals_refused else QUIET
    )
    used = f"{summary.signals_used:,} used"
    ignored = (f"{summary.signals_ignored:,} ignored", QUIET)
    return Text.assemble(f"{summary.signals_read:,} read, ", used, ", ", ignored, ", ", refused)


def _trades(summary: DaySummary) -> Text:
    text = Text(f"{summary.trades_opened:,} opened, {summary.trades_closed:,} closed")
    if summary.trades_closed:
        lost, even = summary.trades_lost, summary.trades_even
        text.append(": ").append(f"{summary.trades_won:,} won", style=WIN)
        text.append(", ").append(f"{lost:,} lost", style=LOSS if lost else QUIET)
        text.append(", ").append(f"{even:,} even", style=QUIET)
    return text


def _open(summary: DaySummary) -> Text:
    """The open P&L as it is now."""
    text = Text.assemble(money(summary.open_pnl), f" in {count_text(summary.open_positions, 'position')}")
    if summary.open_positions_before:
        text.append(" now")
    if summary.open_unmarked:
        text.append(f", {summary.open_unmarked:,} without a mark", style="yellow")
    return text


def _open_before(summary: DaySummary) -> Text:
    """What of the open P&L earlier days have made, and what is this day's."""
    before, change = money(summary.open_pnl_before), money(summary.open_change)
    return Text.assemble(before, (" when the day began: ", QUIET), change, (" is the day's", QUIET))


def _money(summary: DaySummary) -> Text:
    if not summary.fees:
        return money(summary.realized)
    fees = dollars_text(summary.fees, signed=False)
    before, after = (f" before {fees} fees, ", QUIET), (" after", QUIET)
    return Text.assemble(money(summary.realized), before, money(summary.booked), after)
