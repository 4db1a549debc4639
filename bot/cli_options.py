"""The options of the commands that steer trades, each described once."""

from pathlib import Path
from typing import Annotated

import typer

from bot import typed_number
from bot.typed_name import typed_name
from bot.word_fault import WordFault

DEFAULT_DATA = Path("var")


def whole(text: str) -> int:
    """A whole number as it is typed."""
    try:
        return typed_number.whole(text)
    except WordFault as fault:
        raise typer.BadParameter(str(fault)) from None


DataOption = Annotated[
    Path, typer.Option("--data", help="The data folder that holds the ledger.", metavar="DIR")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")]
PreviewOption = Annotated[bool, typer.Option("--preview", help="Only say what it would do; nothing is done.")]
WhoOption = Annotated[
    str | None, typer.Option("--as", help="Who asks, as the ledger shows it.", metavar="WHO")
]
IdOption = Annotated[
    str | None,
    typer.Option("--id", help="The command's id: it happens once, however often it is asked.", metavar="ID"),
]
TradeArgument = Annotated[str, typer.Argument(help="The trade, e.g. T3.", metavar="TRADE", parser=typed_name)]

LimitOption = Annotated[str | None, typer.Option(help="Pay or take no worse than this.", metavar="PRICE")]
AlgoOption = Annotated[str | None, typer.Option(help="How to enter.", metavar="market|limit|walk|twap")]
EveryOption = Annotated[str | None, typer.Option(help="Seconds between two steps.", metavar="S")]
StepsOption = Annotated[str | None, typer.Option(help="How many steps, or parts.", metavar="N")]
BoundOption = Annotated[str | None, typer.Option(help="Where a walk ends.", metavar="PRICE")]
GiveUpOption = Annotated[
    str | None, typer.Option("--give-up", help="Seconds an entry may take.", metavar="S")
]
ThenOption = Annotated[str | None, typer.Option("--then", help="And then?", metavar="cancel|market")]
TifOption = Annotated[str | None, typer.Option("--tif", help="How long it is good.", metavar="DAY|GTC")]
WhenOptionOption = Annotated[
    str | None,
    typer.Option("--when-option", help="Enter once the option is there.", metavar="above:1.25|below:P"),
]
WhenUnderlyingOption = Annotated[
    str | None,
    typer.Option("--when-underlying", help="Enter once the stock is there.", metavar="above:P|below:740"),
]
WhenSpreadOption = Annotated[
    str | None,
    typer.Option("--when-spread", help="Enter at a spread of at most this.", metavar="0.05"),
]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at", help="Enter at this time, also of another day.", metavar="15:50|'tomorrow 10:00'|ISO"
    ),
]
StopOption = Annotated[
    str | None, typer.Option("--stop", help="Loss that is taken, or its price.", metavar="0.3|@8.50[:broker]")
]
TargetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--target", help="Gain (or price) and share; may be given again.", metavar="0.5:0.5|@12:0.5[:broker]"
    ),
]
TrailOption = Annotated[
    str | None, typer.Option("--trail", help="Distance from the best mark.", metavar="25%|$1.50[:broker]")
]
TrailAfterOption = Annotated[
    str | None, typer.Option("--trail-after", help="Gain that starts the trailing stop.", metavar="0.2")
]
BreakEvenOption = Annotated[
    str | None,
    typer.Option("--break-even-after", help="Target after which the stop is at the entry.", metavar="N"),
]
HoldMaxOption = Annotated[str | None, typer.Option("--hold-max", help="Minutes to hold.", metavar="MIN")]
FlatAtOption = Annotated[
    str | None, typer.Option("--flat-at", help="Out by then.", metavar="15:50|ISO|never")
]
ScaleInOption = Annotated[
    list[str] | None,
    typer.Option("--scale-in", help="Gain and contracts to add; may be given again.", metavar="0.2:2"),
]
AverageDownOption = Annotated[
    bool | None, typer.Option("--average-down/--no-average-down", help="Scale in at a loss too.")
]
BasisOption = Annotated[
    str | None,
    typer.Option("--basis", help="What exits are judged by.", metavar="mid|'far side'|last|'two marks'"),
]
HeldOption = Annotated[
    str | None,
    typer.Option(
        "--held", help="Who holds stops and targets; or :broker after one.", metavar="engine|broker"
    ),
]
ByOption = Annotated[
    str,
    typer.Option("--by", help="How it gets out.", metavar="market|limit@P|walk:4x15|twap:5x60[:by90]"),
]
StopByOption = Annotated[
    str | None, typer.Option("--stop-by", help="How a stop gets out.", metavar="market|walk:4x15")
]
TargetByOption = Annotated[
    str | None, typer.Option("--target-by", help="How targets get out.", metavar="market|limit|walk:4x15")
]
TimeByOption = Annotated[
    str | None, typer.Option("--time-by", help="How exits by the clock get out.", metavar="market|twap:5x60")
]
