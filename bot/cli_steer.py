"""The commands that steer what is held: out of it, into another contract, its exits moved."""

from typing import Annotated

import typer

from bot import cli_options as o
from bot.cli_ask import asker, command_id, put
from bot.cli_negative import TakesNegatives
from bot.cli_words import Words
from bot.trade_words import way_out
from bot.typed_amount import fraction, price, stop_level, trim_amount
from bot.typed_contract import contract_key, typed_date
from bot.typed_name import typed_name
from bot.typed_number import whole
from options import commands as c
from options.plan import AT_MARKET
from options.values import ZERO


def add_to(main: typer.Typer) -> None:
    """Put these commands into the program."""
    for function in (trim, close, roll, stop, target, trail, settle):
        main.command(cls=TakesNegatives)(function)
    main.command("close-all")(close_all)


def trim(  # noqa: PLR0913, PLR0917 # what is asked, of whom and how is each an option
    trade: o.TradeArgument,
    qty: Annotated[str, typer.Argument(help="Contracts, or a part: ½, 25%.", metavar="QTY|½|25%")],
    data: o.DataOption = o.DEFAULT_DATA,
    settings: o.SettingsOption = None,
    by: o.ByOption = "market",
    who: o.WhoOption = None,
    id_: o.IdOption = None,
    json: o.JsonOption = False,
    preview: o.PreviewOption = False,
) -> None:
    """Take some contracts out."""
    words = Words()
    number, part = words.read("QTY", qty, trim_amount) or (None, None)
    order = words.read("--by", by, way_out) or AT_MARKET
    words.end()
    asked = c.TrimTrade(
        command_id=command_id(id_), who=asker(who), trade_id=trade, qty=number, fraction=part, order=order
    )
    put(data, settings, asked, json=json, preview=preview)


def close(
    trade: o.TradeArgument,
    data: o.DataOption = o.DEFAULT_DATA,
    settings: o.SettingsOption = None,
    by: o.ByOption = "market",
    who: o.WhoOption = None,
    id_: o.IdOption = None,
    json: o.JsonOption = False,
    preview: o.PreviewOption = False,
) -> None:
    """Take everything out."""
    words = Words()
    order = words.read("--by", by, way_out) or AT_MARKET
    words.end()
    asked = c.CloseTrade(command_id=command_id(id_), who=asker(who), trade_id=trade, order=order)
    put(data, settings, asked, json=json, preview=preview)


def close_all(
    data: o.DataOption = o.DEFAULT_DATA,
    settings: o.SettingsOption = None,
    strategy: Annotated[
        str | None, typer.Option(help="Only the trades of this strategy.", metavar="NAME")
    ] = None,
    who: o.WhoOption = None,
    id_: o.IdOption = None,
    json: o.JsonOption = False,
    preview: o.PreviewOption = False,
) -> None:
    """Take everything out of every trade, and what is on its way in out of the market; drafts stay."""
    put(
        data,
        settings,
        c.CloseAll(command_id=command_id(id_), who=asker(who), strategy=strategy),
        json=json,
        preview=preview,
    )


def roll(  # noqa: PLR0913, PLR0917 # each part of a contract is an option
    trade: o.TradeArgument,
    contract: Annotated[
        str | None,
        typer.Argument(help="The new contract, if more than the two options differs.", metavar="CONTRACT"),
    ] = None,
    data: o.DataOption = o.DEFAULT_DATA,
    settings: o.SettingsOption = None,
    expiry: Annotated[str | None, typer.Option(help="Its expiry.", metavar="YYYY-MM-DD")] = None,
    strike: Annotated[str | None, typer.Option(help="Its strike.", metavar="PRICE")] = None,
    qty: Annotated[
        str | None, typer.Option(help="How many to open instead of as many.", metavar="QTY")
    ] = None,
    who: o.WhoOption = None,
    id_: o.IdOption = None,
    json: o.JsonOption = False,
    preview: o.PreviewOption = False,
) -> None:
    """Close a trade and, once that is proven, open the same in another contract, its exits at the same distances."""
    words = Words()
    new = words.read("CONTRACT", contract, contract_key)
    day = words.read("--expiry", expiry, typed_date)
    asked = c.RollTrade(
        command_id=command_id(id_),
        who=asker(who),
        trade_id=trade,
        contract=new,
        expiry=None if day is None else day.isoformat(),
        strike=words.read("--strike", strike, price),
        qty=words.read("--qty", qty, whole),
    )
    words.end()
    put(data, settings, asked, json=json, preview=preview)


def stop(
    trade: o.TradeArgument,
    level: Annotated[str, typer.Argument(help="Dollars, or the entry.", metavar="PRICE|even")],
    data: o.DataOption = o.DEFAULT_DATA,
    settings: o.SettingsOption = None,
    who: o.WhoOption = None,
    id_: o.IdOption = None,
    json: o.JsonOption = False,
    preview: o.PreviewOption = False,
) -> None:
    """Put the stop at a price, or at the entry."""
    words = Words()
    at = words.read("PRICE", level, stop_level)
    words.end()
    put(
        data,
        settings,
        c.SetStop(command_id=command_id(id_), who=asker(who), trade_id=trade, level=at),
        json=json,
        preview=preview,
    )


def target(
    trade: o.TradeArgument,
    level: Annotated[str, typer.Argument(help="Dollars.", metavar="PRICE")],
    data: o.DataOption = o.DEFAULT_DATA,
    settings: o.SettingsOption = None,
    who: o.WhoOption = None,
    id_: o.IdOption = None,
    json: o.JsonOption = False,
    preview: o.PreviewOption = False,
) -> None:
    """Put one target for everything that is left."""
    words = Words()
    at = words.read("PRICE", level, price) or ZERO
    words.end()
    put(
        data,
        settings,
        c.SetTarget(command_id=command_id(id_), who=asker(who), trade_id=trade, level=at),
        json=json,
        preview=preview,
    )


def trail(
    trade: o.TradeArgument,
    distance: Annotated[str, typer.Argument(help="From the best mark.", metavar="25%|$1.50")],
    data: o.DataOption = o.DEFAULT_DATA,
    settings: o.SettingsOption = None,
    who: o.WhoOption = None,
    id_: o.IdOption = None,
    json: o.JsonOption = False,
    preview: o.PreviewOption = False,
) -> None:
    """Trail the best mark by a part of it, or by dollars."""
    words = Words()
    by_amount = distance.strip().startswith(("$", "@", "-$"))
    amount = words.read("DISTANCE", distance, price) if by_amount else None
    part = None if by_amount else words.read("DISTANCE", distance, fraction)
    words.end()
    asked = c.SetTrail(
        command_id=command_id(id_), who=asker(who), trade_id=trade, fraction=part, amount=amount
    )
    put(data, settings, asked, json=json, preview=preview)


def settle(  # noqa: PLR0913, PLR0917 # each part of what is said is an option
    order: Annotated[str, typer.Argument(help="The order, e.g. O17.", metavar="ORDER", parser=typed_name)],
    filled: Annotated[
        str, typer.Argument(help="Contracts that it filled in all; 0 if none.", metavar="FILLED")
    ],
    data: o.DataOption = o.DEFAULT_DATA,
    settings: o.SettingsOption = None,
    at: Annotated[
        str | None, typer.Option("--price", help="Of those that are not booked yet.", metavar="PRICE")
    ] = None,
    fee: Annotated[
        str | None, typer.Option(help="Dollars for those that are not booked yet.", metavar="DOLLARS")
    ] = None,
    who: o.WhoOption = None,
    id_: o.IdOption = None,
    json: o.JsonOption = False,
    preview: o.PreviewOption = False,
) -> None:
    """Say what became of an order in doubt of which the broker cannot tell any more."""
    words = Words()
    asked = c.SettleOrder(
        command_id=command_id(id_),
        who=asker(who),
        order_id=order,
        filled=words.read("FILLED", filled, whole) or 0,
        price=words.read("--price", at, price),
        fee=words.read("--fee", fee, price) or ZERO,
    )
    words.end()
    put(data, settings, asked, json=json, preview=preview)
