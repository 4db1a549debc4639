"""``python -m bot.discord.loopback``: a loopback Discord that runs until it is interrupted, for looking at the page."""

import asyncio
import sys

from bot.clock import SystemClock
from bot.discord.loopback.server import LoopbackDiscord


async def _run(port: int) -> None:
    async with LoopbackDiscord(SystemClock(), port=port) as discord:
        sys.stdout.write(
            f"page {discord.page_url}\napi_base {discord.api_base}\ngateway_url {discord.gateway_url}\n"
        )
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(_run(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
    except KeyboardInterrupt:
        sys.exit(0)
