"""What a trading day came to: the figures that are printed at its end."""

from dataclasses import dataclass
from decimal import Decimal

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.card_text import count_text, dollars_text, safe_text
from bot.terminal_panels import LOSS, QUIET, WIN, money


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySummary:
    """The sums of one run over a day (or over several days in one ledger).

    ``realized`` is before ``fees``; ``open_pnl`` is what the open positions would bring at their last marks. All are
    dollars. ``verified`` is one sentence, what checking the ledger on its own found; ``sound`` is its verdict.
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
    fills: int
    contracts: int
    realized: Decimal
    fees: Decimal
    open_pnl: float
    open_positions: int
    events: int
    ledger_path: str
    last_hash: str
    verified: str
    sound: bool = True

    @property
    def net(self) -> Decimal:
        """Realized profit after fees, in dollars."""
        return self.realized - self.fees


def render_summary(summary: DaySummary) -> RenderableType:
    """The summary as a panel for the terminal: what came in, what was traded, the money, and the proof."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style=QUIET, no_wrap=True)
    rows.add_column(overflow="fold")
    rows.add_row("Signals", _signals(summary))
    rows.add_row("Trades", _trades(summary))
    rows.add_row(
        "Fills", Text(f"{count_text(summary.fills, 'fill')}, {count_text(summary.contracts, 'contract')}")
    )
    rows.add_row("Realized", _money(summary))
    rows.add_row(
        "Open",
        Text.assemble(money(summary.open_pnl), f" in {count_text(summary.open_positions, 'position')}"),
    )
    rows.add_row("", "")
    rows.add_row("Ledger", Text(f"{summary.ledger_path}"))
    last_hash = (summary.last_hash[:16], "bold")
    rows.add_row("", Text.assemble(count_text(summary.events, "event"), ", last hash ", last_hash, "…"))
    verdict = Text.assemble(("✔ " if summary.sound else "✘ ", "bold"), summary.verified)
    verdict.stylize(WIN if summary.sound else LOSS)
    rows.add_row("Verified", verdict)
    title = Text(f"{safe_text(summary.day, 40)} · {safe_text(summary.feed, 40)}", style="bold")
    total = Text.assemble("net ", money(float(summary.net) + summary.open_pnl), style="bold")
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
        lost = summary.trades_closed - summary.trades_won
        text.append(": ").append(f"{summary.trades_won:,} won", style=WIN)
        text.append(", ").append(f"{lost:,} lost or even", style=LOSS if lost else QUIET)
    return text


def _money(summary: DaySummary) -> Text:
    if not summary.fees:
        return money(summary.realized)
    fees = dollars_text(summary.fees, signed=False)
    before, after = (f" before {fees} fees, ", QUIET), (" after", QUIET)
    return Text.assemble(money(summary.realized), before, money(summary.net), after)
