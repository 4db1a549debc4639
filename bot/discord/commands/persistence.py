"""Telling Discord something over an outage: again and again, for as long as it would take it."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import discord

PERSISTS_S = 1_200.0
"""Longer than a deed's token lives: after that Discord says itself that it does not take the answer any more."""
_AGAIN_S = (1.0, 30.0)
_SERVER_ERROR, _TOO_MANY = 500, 429


async def told_at_last(tell: Callable[[], Awaitable[object]]) -> None:
    """Tell it until Discord takes it or refuses it.

    :raises discord.DiscordException, aiohttp.ClientError, OSError: it was refused, or was not taken within the time.
    """
    now_s = asyncio.get_running_loop().time
    until_s = now_s() + PERSISTS_S
    pause_s, longest_s = _AGAIN_S
    while True:
        try:
            await tell()
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            if not _passes(error) or now_s() + pause_s > until_s:
                raise
        else:
            return
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, longest_s)


def _passes(error: Exception) -> bool:
    """Whether it may be different the next time."""
    if isinstance(error, discord.HTTPException):
        return error.status >= _SERVER_ERROR or error.status == _TOO_MANY
    return isinstance(error, discord.RateLimited | aiohttp.ClientError | OSError)
