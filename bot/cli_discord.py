"""``callboard discord check``: what Discord needs, looked at before a day depends on it."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli_ask import refuse

app = typer.Typer(help="Discord: look whether everything is set up.", no_args_is_help=True)


def add_to(main: typer.Typer) -> None:
    """Put this command into the program."""
    main.add_typer(app, name="discord")


@app.callback()
def about() -> None:
    """Discord: look whether everything is set up."""


@app.command()
def check(
    settings: Annotated[
        Path | None,
        typer.Option("--settings", help="A settings file; see callboard.example.toml.", metavar="FILE"),
    ] = None,
) -> None:
    """Sign in as a run would and say what is well and what to change.

    Nothing is posted. It ends with 1 if anything is not well.
    """
    import logging

    from bot.discord.check_run import check_discord
    from bot.settings import SettingsError, load_settings

    logging.getLogger("discord").addHandler(logging.NullHandler())
    try:
        wanted = load_settings(settings).discord
    except SettingsError as error:
        refuse([str(error)])
        return

    async def look() -> bool:
        well = True
        async for found in check_discord(wanted):
            typer.echo(f"{'✔' if found.well else '✘'} {found.text}.")
            well = well and found.well
        return well

    raise typer.Exit(0 if asyncio.run(look()) else 1)
