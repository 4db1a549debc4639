"""``callboard trade …``, and the commands that concern all trading, as a person types them."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot import cli_options as o
from bot.cli_ask import asker, command_id, put, refuse, refuse_unread, storage_words
from bot.cli_negative import TakesNegatives
from bot.cli_words import Words
from bot.clock import SystemClock
from bot.event_text import numbered
from bot.every_fault import changed_trade, new_trade
from bot.trade_words import PlanReader, PlanWords
from bot.typed_amount import price as price_word
from bot.typed_contract import contract_key
from bot.typed_moment import typing_day
from bot.typed_name import typed_name
from bot.typed_number import whole
from options import commands as c
from options.book import Book
from options.events import TradeEvent
from options.fold import apply
from storage.files import StorageError
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import read
from storage.presence import is_there

app = typer.Typer(no_args_is_help=True, help="A trade from draft to closed.", rich_markup_mode="rich")
_SHOWN = 40


def add_to(main: typer.Typer) -> None:
    """Put these commands into the program."""
    main.add_typer(app, name="trade")
    for function in (halt, resume, explain):
        main.command()(function)


@app.command(cls=TakesNegatives, context_settings={"allow_extra_args": True})
def new(  # noqa: PLR0913, PLR0917 # every part of a plan is an option
    context: typer.Context,
    contract: Annotated[
        str,
        typer.Argument(
            help="GOOG 2015-12-31 750 C, buy GOOG 2015-12-31 750 C / sell 760 C, an OCC symbol, a stock.",
            metavar="CONTRACT",
        ),
    ],
    qty: Annotated[str, typer.Argument(help="How many.", metavar="QTY")],
    data: o.DataOption = o.DEFAULT_DATA,
    settings: o.SettingsOption = None,
    short: Annotated[bool, typer.Option("--short", help="Sell to open.")] = False,
    limit: o.LimitOption = None,
    algo: o.AlgoOption = None,
    every: o.EveryOption = None,
    steps: o.StepsOption = None,
    bound: o.BoundOption = None,
    give_up: o.GiveUpOption = None,
    then: o.ThenOption = None,
    tif: o.TifOption = None,
    when_option: o.WhenOptionOption = None,
    when_underlying: o.WhenUnderlyingOption = None,
    when_spread: o.WhenSpreadOption = None,
    at: o.AtOption = None,
    stop: o.StopOption = None,
    target: o.TargetOption = None,
    trail: o.TrailOption = None,
    trail_after: o.TrailAfterOption = None,
    break_even_after: o.BreakEvenOption = None,
    hold_max: o.HoldMaxOption = None,
    flat_at: o.FlatAtOption = None,
    scale_in: o.ScaleInOption = None,
    average_down: o.AverageDownOption = None,
    basis: o.BasisOption = None,
    held: o.HeldOption = None,
    stop_by: o.StopByOption = None,
    target_by: o.TargetByOption = None,
    time_by: o.TimeByOption = None,
    activate: Annotated[bool, typer.Option("--activate", help="And let it go for its entry.")] = False,
    strategy: Annotated[str, typer.Option(help="Whose trade it is.", metavar="NAME")] = "manual",
    reason: Annotated[str, typer.Option(help="Why.", metavar="TEXT")] = "",
    who: o.WhoOption = None,
    id_: o.IdOption = None,
    json: o.JsonOption = False,
) -> None:
    """Save a trade as a draft; with [b]--activate[/b] it goes for its entry at once."""
    typed = [contract, qty, *context.args]  # more than two: the contract was typed without quotes
    words = PlanWords(
        limit=limit, algo=algo, every=every, steps=steps, bound=bound, give_up=give_up, then=then, tif=tif,
        when_option=when_option, when_underlying=when_underlying, when_spread=when_spread, at=at, stop=stop,
        targets=tuple(target or ()), trail=trail, trail_after=trail_after, break_even_after=break_even_after,
        hold_max=hold_max, flat_at=flat_at, scale_ins=tuple(scale_in or ()), average_down=average_down, basis=basis,
        held=held, stop_by=stop_by, target_by=target_by, time_by=time_by,
    )  # fmt: skip
    asked, person = command_id(id_), asker(who)
    plain = c.NewTrade(
        command_id=asked, who=person, instrument="", qty=0, direction=-1 if short else 1, strategy=strategy,
        reason=reason,
    )  # fmt: skip
    reader = _reader(_begun_book(data))
    readings = new_trade(reader, " ".join(typed[:-1]), typed[-1], words, plain)
    if reader.faults:
        refuse_unread(data, settings, reader.faults, readings)
    command = readings[0]
    saved = put(data, settings, command, json=json)
    if activate:
        go = c.ActivateTrade(command_id=f"{asked}-activate", who=person, trade_id=saved.trade_id)
        put(data, settings, go, json=json, also=True)


@app.command("activate")
def activate_(
    trade: o.TradeArgument,
    data: o.DataOption = o.DEFAULT_DATA,
    settings: o.SettingsOption = None,
    who: o.WhoOption = None,
    id_: o.IdOption = None,
    json: o.JsonOption = False,
    preview: o.PreviewOption = False,
) -> None:
    """Check a trade in full and let it go for its entry; one that is held is guarded again."""
    asked = c.ActivateTrade(command_id=command_id(id_), who=asker(who), trade_id=trade)
    put(data, settings, asked, json=json, preview=preview)


@app.command()
def modify(  # noqa: PLR0913, PLR0917 # every part of a plan is an option
    trade: o.TradeArgument,
    data: o.DataOption = o.DEFAULT_DATA,
    settings: o.SettingsOption = None,
    qty: Annotated[str | None, typer.Option(help="How many instead.", metavar="QTY")] = None,
    hold: Annotated[
        bool, typer.Option("--hold", help="Out of the market; the exits of what is held sleep.")
    ] = False,
    limit: o.LimitOption = None,
    algo: o.AlgoOption = None,
    every: o.EveryOption = None,
    steps: o.StepsOption = None,
    bound: o.BoundOption = None,
    give_up: o.GiveUpOption = None,
    then: o.ThenOption = None,
    tif: o.TifOption = None,
    when_option: o.WhenOptionOption = None,
    when_underlying: o.WhenUnderlyingOption = None,
    when_spread: o.WhenSpreadOption = None,
    at: o.AtOption = None,
    stop: o.StopOption = None,
    target: o.TargetOption = None,
    trail: o.TrailOption = None,
    trail_after: o.TrailAfterOption = None,
    break_even_after: o.BreakEvenOption = None,
    hold_max: o.HoldMaxOption = None,
    flat_at: o.FlatAtOption = None,
    scale_in: o.ScaleInOption = None,
    average_down: o.AverageDownOption = None,
    basis: o.BasisOption = None,
    held: o.HeldOption = None,
    stop_by: o.StopByOption = None,
    target_by: o.TargetByOption = None,
    time_by: o.TimeByOption = None,
    who: o.WhoOption = None,
    id_: o.IdOption = None,
    json: o.JsonOption = False,
) -> None:
    """Exchange parts of a trade's plans in one piece; [b]none[/b] takes a part away, what is not given stays."""
    words = PlanWords(
        limit=limit, algo=algo, every=every, steps=steps, bound=bound, give_up=give_up, then=then, tif=tif,
        when_option=when_option, when_underlying=when_underlying, when_spread=when_spread, at=at, stop=stop,
        targets=tuple(target or ()), trail=trail, trail_after=trail_after, break_even_after=break_even_after,
        hold_max=hold_max, flat_at=flat_at, scale_ins=tuple(scale_in or ()), average_down=average_down, basis=basis,
        held=held, stop_by=stop_by, target_by=target_by, time_by=time_by,
    )  # fmt: skip
    plain = c.ModifyTrade(command_id=command_id(id_), who=asker(who), trade_id=trade, hold=hold)
    if qty is None and not words.given():
        put(data, settings, plain, json=json)
        return
    book = _begun_book(data)
    reader = _reader(book)
    # The door refuses a trade that is not there, in its own words and with every other reason.
    readings = changed_trade(reader, book.trade(trade), qty, words, plain)
    if reader.faults:
        refuse_unread(data, settings, reader.faults, readings)
    put(data, settings, readings[0], json=json)


@app.command()
def cancel(
    trade: o.TradeArgument,
    data: o.DataOption = o.DEFAULT_DATA,
    settings: o.SettingsOption = None,
    who: o.WhoOption = None,
    id_: o.IdOption = None,
    json: o.JsonOption = False,
    preview: o.PreviewOption = False,
) -> None:
    """End a trade: out of the market before a fill, flattened after one."""
    put(
        data,
        settings,
        c.CancelTrade(command_id=command_id(id_), who=asker(who), trade_id=trade),
        json=json,
        preview=preview,
    )


@app.command()
def assigned(  # noqa: PLR0913, PLR0917 # each part of what was told is an option
    trade: o.TradeArgument,
    data: o.DataOption = o.DEFAULT_DATA,
    settings: o.SettingsOption = None,
    qty: Annotated[
        str | None, typer.Option(help="Contracts; all of them if not given.", metavar="QTY")
    ] = None,
    contract: Annotated[
        str | None, typer.Option(help="Which option of a combo, as for a new trade.", metavar="CONTRACT")
    ] = None,
    price: Annotated[
        str | None,
        typer.Option(help="The underlying's price then, instead of the quoted one.", metavar="PRICE"),
    ] = None,
    who: o.WhoOption = None,
    id_: o.IdOption = None,
    json: o.JsonOption = False,
    preview: o.PreviewOption = False,
) -> None:
    """Write down that the broker has assigned short options of a trade, or exercised long ones, before expiry."""
    words = Words()
    asked = c.RecordAssignment(
        command_id=command_id(id_),
        who=asker(who),
        trade_id=trade,
        qty=words.read("--qty", qty, whole),
        contract=words.read("--contract", contract, contract_key),
        underlying=words.read("--price", price, price_word),
    )
    words.end()
    put(data, settings, asked, json=json, preview=preview)


@app.command()
def show(trade: o.TradeArgument, data: o.DataOption = o.DEFAULT_DATA, json: o.JsonOption = False) -> None:
    """A trade with everything that belongs to it: plans, orders, exits, fills, money."""
    from bot.trade_show import show_lines, tree_json
    from bot.trade_tree import trade_tree

    tree = trade_tree(_events(data), trade)
    if tree is None:
        refuse([f"{trade[:_SHOWN].strip() or repr(trade[:_SHOWN])}: there is no such trade in {data}"])
        return
    if json:
        sys.stdout.write(tree_json(tree).decode() + "\n")
        return
    Console(soft_wrap=True, highlight=False).print("\n".join(show_lines(tree)), markup=False)


@app.command("list")
def list_(
    data: o.DataOption = o.DEFAULT_DATA,
    open_: Annotated[
        bool | None, typer.Option("--open/--over", help="Only those that are open, or over.")
    ] = None,
    json: o.JsonOption = False,
) -> None:
    """Every trade with both its statuses, drafts too."""
    from bot.trade_show import list_json, list_lines, list_rows

    rows = list_rows(_events(data), is_open=open_)
    if json:
        sys.stdout.write(list_json(rows).decode() + "\n")
        return
    Console(soft_wrap=True, highlight=False).print("\n".join(list_lines(rows)), markup=False)


def halt(
    data: o.DataOption = o.DEFAULT_DATA,
    settings: o.SettingsOption = None,
    reason: Annotated[str, typer.Option(help="Why.", metavar="TEXT")] = "halted by hand",
    who: o.WhoOption = None,
    id_: o.IdOption = None,
    json: o.JsonOption = False,
) -> None:
    """Stop entries; exits go on. It holds until it is resumed, restarts included."""
    put(data, settings, c.Halt(command_id=command_id(id_), who=asker(who), reason=reason), json=json)


def resume(
    reason: Annotated[
        str, typer.Argument(help="The halt's reason, repeated: it was read.", metavar="REASON")
    ] = "",
    data: o.DataOption = o.DEFAULT_DATA,
    settings: o.SettingsOption = None,
    who: o.WhoOption = None,
    id_: o.IdOption = None,
    json: o.JsonOption = False,
) -> None:
    """Let entries go on after a halt."""
    put(data, settings, c.Resume(command_id=command_id(id_), who=asker(who), answers=reason), json=json)


def explain(
    parent: Annotated[
        str,
        typer.Argument(
            help="A parent order, e.g. P9; or an order, a trade, a signal, a command by its name.",
            metavar="NAME",
            parser=typed_name,
        ),
    ],
    data: o.DataOption = o.DEFAULT_DATA,
) -> None:
    """Why an order exists, how it was worked, and who got what; of a trade, what decided on it."""
    from bot.why import story_of

    lines = story_of(_events(data), parent)
    if not lines:
        shown = parent[:_SHOWN].strip() or repr(parent[:_SHOWN])
        refuse([f"{shown}: there is no such order, trade, signal or command in {data}"])
    Console(soft_wrap=True, highlight=False).print("\n".join(lines), markup=False)


def _events(data: Path) -> list[tuple[int, TradeEvent]]:
    """Every event of the ledger with its number."""
    try:
        return list(numbered(read(data / LEDGER_PATH)))
    except StorageError as error:
        refuse([storage_words(error)])
        raise


def _book(data: Path) -> Book:
    book = Book()
    for _, event in _events(data):
        apply(book, event)
    return book


def _begun_book(data: Path) -> Book:
    """The state, empty where there is no ledger; a folder that may not be searched ends the command."""
    try:
        return _book(data) if is_there(data / LEDGER_PATH) else Book()
    except StorageError as error:
        refuse([str(error)])
        raise


def _reader(book: Book) -> PlanReader:
    return PlanReader(typing_day(book.day, SystemClock().now()))
