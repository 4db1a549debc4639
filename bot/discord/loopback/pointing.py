"""Points discord.py at another Discord than the public one; discord.py itself stays as it is."""

import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route


def point_discord_py_at(api_base: str, gateway_url: str, cdn_base: str | None = None) -> None:
    """Use these addresses for every client of this process from now on.

    :param api_base: REST, e.g. ``https://discord.com/api/v10``.
    :param gateway_url: websocket, e.g. ``wss://gateway.discord.gg/``.
    :param cdn_base: where avatars and icons come from; left alone if None.
    """
    Route.BASE = api_base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
    if cdn_base is not None:
        Asset.BASE = cdn_base
