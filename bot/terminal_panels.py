"""The pieces of the terminal display: header, table of positions, last events, a card, each a rich renderable.

Texts go in as :class:`~rich.text.Text`, never as rich markup, so that nothing in them is taken for a style.
"""

from collections.abc import Sequence
from decimal import Decimal

from rich import box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bot.card import MARKS, Card, CardState, side_word, state_of
from bot.card_fields import left_text
from bot.card_text import (
    MINUS,
    NOTHING,
    contract_words,
    dollars_text,
    new_york_clock,
    percent_text,
    price_text,
    short_contract,
)
from bot.event_text import describe
from bot.position_view import PositionView
from options import events as e
from options.correction_events import FillCorrected
from options.silence_events import MarksFellSilent

WIN, LOSS, QUIET, ALERT = "green", "red", "dim", "yellow"

STYLES: dict[CardState, str] = {
    CardState.PENDING: "blue",
    CardState.OPEN: "blue",
    CardState.WINNING: WIN,
    CardState.LOSING: LOSS,
    CardState.HELD: ALERT,
    CardState.CLOSED_WIN: "green dim",
    CardState.CLOSED_LOSS: "red dim",
    CardState.CLOSED_EVEN: QUIET,
    CardState.CANCELLED: QUIET,
    CardState.REFUSED: ALERT,
}

_ALARMING = (
    e.ExitHeld,
    e.FillUnmatched,
    e.IntentRefused,
    e.OrderRejected,
    e.OrderUnknown,
    e.SignalRefused,
    e.TradeRejected,
    e.TradingHalted,
    MarksFellSilent,
)


_CONTRACT = "Contract"
_LEFT_SET = frozenset({" ", "Trade"})
_BETWEEN = 2
# With stop and target, with the contract in short, with the price of the entry: the fullest that fits is shown.
_SHAPES = (
    (True, False, True),
    (True, True, True),
    (False, False, True),
    (False, True, True),
    (False, True, False),
)


def money(amount: Decimal | float | None) -> Text:
    """An amount in the colour of its sign."""
    text = dollars_text(amount)
    return Text(
        text, style=WIN if text.startswith("+") else QUIET if amount is None else LOSS if amount < 0 else ""
    )


def header(feed: str, day: str, clock: str, through: float, equity: Text) -> RenderableType:
    """Day and feed, the way through the day, and the money; three lines in a frame."""
    bar = Table.grid(expand=True, padding=(0, 1))
    bar.add_column(ratio=1)
    bar.add_column(justify="right", no_wrap=True)
    progress = ProgressBar(total=1.0, completed=through, complete_style="cyan", finished_style="cyan")
    bar.add_row(progress, f"{through:4.0%}")
    top = Text(no_wrap=True, overflow="ellipsis")
    top.append(day, style="bold")
    top.append(f"  {clock} ET", style="cyan")
    top.append(f"  {feed}", style=QUIET)
    return Panel(
        Group(top, bar, equity), title="Callboard", title_align="left", box=box.ROUNDED, border_style="cyan"
    )


def equity_line(
    realized: Decimal,
    fees: Decimal,
    open_pnl: float,
    open_count: int,
    halted: str,
    open_before: float | None = None,
) -> Text:
    """What the day made in all, then what it is made of: realized, open, fees; a halt is said in front.

    Where something was carried into the day, of the open P&L counts only by how much it moved since: ``open_before``
    is what it was as the day began.
    """
    line = Text(no_wrap=True, overflow="ellipsis")
    if halted:
        line.append("HALTED  ", style=f"bold {ALERT}")
    change = open_pnl - (open_before or 0.0)
    of_open = money(open_pnl)
    if open_before is not None:
        of_open = Text.assemble(of_open, (" (", QUIET), money(change), (" today)", QUIET))
    parts: list[tuple[str, Text]] = [
        ("net ", Text.assemble(money(float(realized - fees) + change), style="bold")),
        ("realized ", money(realized)),
        ("open ", of_open),
        ("fees ", Text(dollars_text(fees, signed=False), style=QUIET)),
    ]
    for label, amount in parts:
        line.append(label, style=QUIET).append_text(amount).append("  ")
    return line.append(f"{open_count} open", style=QUIET)


def positions_table(views: Sequence[PositionView], width: int) -> RenderableType:
    """One row a position in ``width`` columns, as full as fits; a contract is said shorter before it is cut."""
    names, rows = _columns_of(views, *_SHAPES[-1])
    for shape in _SHAPES:
        named, shaped = _columns_of(views, *shape)
        widest = [
            max(cell_len(cell) for cell in column) for column in zip(named, *_plain_rows(shaped), strict=True)
        ]
        if sum(widest) + _BETWEEN * (len(widest) - 1) <= width:
            names, rows = named, shaped
            break
    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1), pad_edge=False, show_edge=False)
    table.collapse_padding = True
    for name in names:
        if name == _CONTRACT:
            table.add_column(name, no_wrap=True, ratio=1, overflow="ellipsis")
        else:
            table.add_column(name, no_wrap=True, justify="left" if name in _LEFT_SET else "right")
    for row in rows:
        table.add_row(*row)
    if not views:
        cells = {_CONTRACT: Text("no positions yet", style=QUIET)}
        table.add_row(*(cells.get(name, Text()) for name in names))
    return table


def _plain_rows(rows: Sequence[Sequence[Text]]) -> list[list[str]]:
    return [[cell.plain for cell in row] for row in rows]


def _columns_of(
    views: Sequence[PositionView], levels: bool, short: bool, entry: bool
) -> tuple[list[str], list[list[Text]]]:
    """Names and rows of the table: with stop and target, with the contract in short, with the price of the entry."""
    names = [
        " ",
        "Trade",
        _CONTRACT,
        "Left",
        *["In"] * entry,
        "Now",
        *["Stop", "Target"] * levels,
        "P&L",
        "%",
    ]
    return names, [_row(view, levels, short, entry) for view in views]


def _row(view: PositionView, levels: bool, short: bool, entry: bool) -> list[Text]:
    state = state_of(view)
    style = STYLES[state]
    quiet = QUIET if view.closed else ""
    left = left_text(view).partition(" (")[0] if view.qty_in else NOTHING
    shown = [
        view.trade_id,
        _short_contract(view) if short else f"{side_word(view)} {contract_words(view.instrument)}",
        left.replace(" of ", "/") if short else left,
        *[price_text(view.entry_average)] * entry,
        price_text(view.exit_average if view.closed else view.mark),
    ]
    if levels:
        stop, target = next(iter(view.stop_levels()), None), next(iter(view.target_levels()), None)
        shown += [
            NOTHING if level is None or view.closed else price_text(round(level, 2))
            for level in (stop, target)
        ]
    result = Text(percent_text(view.pnl_fraction), style=style)
    pnl = (
        dollars_text(view.pnl) if levels or view.pnl is None else dollars_text(round(view.pnl))[: -len(".00")]
    )
    cells = [Text(text, style=quiet) for text in shown]
    return [Text(MARKS[state], style=style), *cells, Text(pnl, style=style), result]


def _short_contract(view: PositionView) -> str:
    """``GOOG 31Dec15 750C``, with a minus before it for what is sold short."""
    return ("" if side_word(view) == "Long" else MINUS) + short_contract(view.instrument)


def events_list(events: Sequence[e.TradeEvent]) -> RenderableType:
    """The events in plain words, oldest first, one line each."""
    lines = Table.grid(padding=(0, 1), expand=True)
    lines.add_column(no_wrap=True, style=QUIET, width=8)
    lines.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for event in events:
        lines.add_row(new_york_clock(event.ts), Text(describe(event), style=_event_style(event)))
    return lines


def _event_style(event: e.TradeEvent) -> str:
    if isinstance(event, e.OrderFilled | e.TradeClosed | FillCorrected):
        return "bold"
    return ALERT if isinstance(event, _ALARMING) else ""


def card_panel(card: Card) -> RenderableType:
    """A card as Discord would lay it out: title, description, the short fields beside each other, the long below."""
    style = STYLES[card.state]
    parts: list[RenderableType] = [Text(_plain(card.description))]
    row: list[Text] = []
    for name, value, inline in [*card.fields, ("", "", False)]:
        if not inline or len(row) == 3:
            parts += _inline_row(row)
            row = []
        if inline:
            row.append(Text.assemble((name, "bold"), "\n", _plain(value)))
        elif name:
            parts.append(Text.assemble((name, "bold"), "\n", _plain(value)))
    return Panel(
        Group(*parts),
        title=Text(card.title, style=f"bold {style}"),
        title_align="left",
        subtitle=Text(card.footer, style=QUIET),
        subtitle_align="right",
        box=box.ROUNDED,
        border_style=style,
    )


def _plain(text: str) -> str:
    """The text without the markup that a card's own words have; what others wrote has none."""
    return text.replace("`", "").replace("**", "").replace("~~", "")


def _inline_row(cells: list[Text]) -> list[RenderableType]:
    if not cells:
        return []
    grid = Table.grid(expand=True, padding=(0, 1))
    for _ in range(3):
        grid.add_column(ratio=1)
    grid.add_row(*cells)
    return [grid]
