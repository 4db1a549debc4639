"""``callboard chart``: a trade's chart as a picture in a file."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot import cli_options as o
from bot.card_text import contract_words
from bot.cli_ask import refuse

_SHOWN = 40
_PATIENCE_S = 120.0
"""How long a person is left to wait for the one picture that was asked for: longer than a card waits for its own."""


def add_to(main: typer.Typer) -> None:
    """Put this command into the program."""
    main.command()(chart)


def chart(
    trade: o.TradeArgument,
    out: Annotated[
        Path, typer.Option("--out", help="The PNG file that is written.", metavar="FILE.png", dir_okay=False)
    ],
    data: o.DataOption = o.DEFAULT_DATA,
) -> None:
    """Draw a trade's mark with its fills, stops and targets into a PNG file, by this machine's Chromium."""
    from bot.card_book import CardBook
    from bot.chart import figure_of
    from storage.files import StorageError, replace_file
    from storage.ledger import LEDGER_PATH
    from storage.ledger_reader import read

    book = CardBook()
    try:
        for batch in read(data / LEDGER_PATH):
            for event in batch.events:
                book.fold(event)
    except StorageError as error:
        refuse([str(error)])
    found = book.book.trade(trade)
    if found is None:
        refuse([f"{trade[:_SHOWN]}: there is no such trade in {data}"])
        return
    figure = figure_of(book.chart(found.position.position_id))
    if figure is None:
        refuse([f"{trade}: nothing of it has filled yet, so there is no chart"])
        return
    picture, said = asyncio.run(_drawn(figure))
    if picture is None:
        refuse(said or [f"{trade}: the chart could not be drawn: see that Chromium starts on this machine"])
        return
    try:
        replace_file(out, picture)
    except StorageError as error:
        refuse([str(error)])
    typer.echo(f"{out}: {contract_words(found.instrument)}, {len(picture):,} bytes")


async def _drawn(figure: dict[str, object]) -> tuple[bytes | None, list[str]]:
    """The picture, and what was said if there is none."""
    from bot.chart_render import ChartRenderer, drawing_command, find_browser

    said: list[str] = []
    renderer = ChartRenderer(drawing_command(find_browser()), said.append, limit_s=_PATIENCE_S)
    answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
    renderer.ask("chart", figure, answer.set_result)
    drawing = asyncio.create_task(renderer.run())
    picture = await answer
    drawing.cancel()
    await asyncio.gather(drawing, return_exceptions=True)
    return picture, said
