"""The options of the commands that steer trades, each described once."""

from pathlib import Path
from typing import Annotated

import typer

from bot.typed_name import typed_name

DEFAULT_DATA = Path("var")
_ENTRY, _EXITS, _ADDING = "Entry", "Exits", "Adding"
"""Under which of its headings the help lists the parts of a plan."""


DataOption = Annotated[
    Path, typer.Option("--data", help="The data folder that holds the ledger.", metavar="DIR")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")]
PreviewOption = Annotated[bool, typer.Option("--preview", help="Only say what it would do; nothing is done.")]
SettingsOption = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        help="A settings file; it holds where Callboard is not running, for a run has its own.",
        metavar="FILE",
    ),
]
WhoOption = Annotated[
    str | None, typer.Option("--as", help="Who asks, as the ledger shows it.", metavar="WHO")
]
IdOption = Annotated[
    str | None,
    typer.Option("--id", help="The command's id: it happens once, however often it is asked.", metavar="ID"),
]
TradeArgument = Annotated[str, typer.Argument(help="The trade, e.g. T3.", metavar="TRADE", parser=typed_name)]

LimitOption = Annotated[
    str | None, typer.Option(help="Pay or take no worse than this.", metavar="PRICE", rich_help_panel=_ENTRY)
]
AlgoOption = Annotated[
    str | None,
    typer.Option(help="How to enter: market, limit, walk or twap.", metavar="ALGO", rich_help_panel=_ENTRY),
]
EveryOption = Annotated[
    str | None, typer.Option(help="Seconds between two steps.", metavar="S", rich_help_panel=_ENTRY)
]
StepsOption = Annotated[
    str | None, typer.Option(help="How many steps, or parts.", metavar="N", rich_help_panel=_ENTRY)
]
BoundOption = Annotated[
    str | None, typer.Option(help="Where a walk ends.", metavar="PRICE", rich_help_panel=_ENTRY)
]
GiveUpOption = Annotated[
    str | None,
    typer.Option("--give-up", help="Seconds an entry may take.", metavar="S", rich_help_panel=_ENTRY),
]
ThenOption = Annotated[
    str | None,
    typer.Option(
        "--then",
        help="What becomes of what has not filled by then.",
        metavar="cancel|market",
        rich_help_panel=_ENTRY,
    ),
]
TifOption = Annotated[
    str | None,
    typer.Option("--tif", help="How long the entry is good.", metavar="DAY|GTC", rich_help_panel=_ENTRY),
]
WhenOptionOption = Annotated[
    str | None,
    typer.Option(
        "--when-option",
        help="Enter once the option is there: above:PRICE or below:PRICE.",
        metavar="above:1.25",
        rich_help_panel=_ENTRY,
    ),
]
WhenUnderlyingOption = Annotated[
    str | None,
    typer.Option(
        "--when-underlying",
        help="Enter once the stock is there: above:PRICE or below:PRICE.",
        metavar="below:740",
        rich_help_panel=_ENTRY,
    ),
]
WhenSpreadOption = Annotated[
    str | None,
    typer.Option(
        "--when-spread",
        help="Enter at a spread of at most this part of the mid.",
        metavar="5%",
        rich_help_panel=_ENTRY,
    ),
]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        help="Enter at this time: 15:50, tomorrow 10:00, 2015-12-28 10:00.",
        metavar="TIME",
        rich_help_panel=_ENTRY,
    ),
]
StopOption = Annotated[
    str | None,
    typer.Option(
        "--stop", help="Loss that is taken, 30%, or its price, @8.50.", metavar="30%", rich_help_panel=_EXITS
    ),
]
TargetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        help="Gain (or price, @12) and share; may be given again.",
        metavar="50%:½",
        rich_help_panel=_EXITS,
    ),
]
TrailOption = Annotated[
    str | None,
    typer.Option(
        "--trail", help="Distance from the best mark, 25% or $1.50.", metavar="25%", rich_help_panel=_EXITS
    ),
]
TrailAfterOption = Annotated[
    str | None,
    typer.Option(
        "--trail-after", help="Gain that starts the trailing stop.", metavar="20%", rich_help_panel=_EXITS
    ),
]
BreakEvenOption = Annotated[
    str | None,
    typer.Option(
        "--break-even-after",
        help="Target after which the stop is at the entry.",
        metavar="N",
        rich_help_panel=_EXITS,
    ),
]
HoldMaxOption = Annotated[
    str | None, typer.Option("--hold-max", help="Minutes to hold.", metavar="MIN", rich_help_panel=_EXITS)
]
FlatAtOption = Annotated[
    str | None,
    typer.Option(
        "--flat-at",
        help="Out by this time, or never: not even before it expires.",
        metavar="TIME|never",
        rich_help_panel=_EXITS,
    ),
]
ScaleInOption = Annotated[
    list[str] | None,
    typer.Option(
        "--scale-in",
        help="Gain and contracts to add; may be given again.",
        metavar="20%:2",
        rich_help_panel=_ADDING,
    ),
]
AverageDownOption = Annotated[
    bool | None,
    typer.Option("--average-down/--no-average-down", help="Scale in at a loss too.", rich_help_panel=_ADDING),
]
BasisOption = Annotated[
    str | None,
    typer.Option(
        "--basis",
        help="What exits are judged by: mid, far side, last or two marks.",
        metavar="BASIS",
        rich_help_panel=_EXITS,
    ),
]
HeldOption = Annotated[
    str | None,
    typer.Option(
        "--held",
        help="Who holds stops and targets; or :broker after one of them.",
        metavar="engine|broker",
        rich_help_panel=_EXITS,
    ),
]
ByOption = Annotated[
    str,
    typer.Option(
        "--by", help="How it gets out: market, limit@8.50:by60, walk:4x15 or twap:5x60.", metavar="WAY"
    ),
]
StopByOption = Annotated[
    str | None,
    typer.Option(
        "--stop-by", help="How a stop gets out: market, walk:4x15.", metavar="WAY", rich_help_panel=_EXITS
    ),
]
TargetByOption = Annotated[
    str | None,
    typer.Option(
        "--target-by",
        help="How targets get out: market, limit, walk:4x15.",
        metavar="WAY",
        rich_help_panel=_EXITS,
    ),
]
TimeByOption = Annotated[
    str | None,
    typer.Option(
        "--time-by",
        help="How exits by the clock get out: market, twap:5x60.",
        metavar="WAY",
        rich_help_panel=_EXITS,
    ),
]
