"""What happens is announced once; the gateway tells the bot, the page tells who looks at it, tests wait for it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntFlag
from typing import Any


class Intent(IntFlag):
    """The kinds of events that a bot asks for when it identifies."""

    ALWAYS = 0
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.PRESENCES | Intent.MESSAGE_CONTENT


@dataclass(frozen=True)
class Announcement:
    """One event, as the gateway names it; ``to_bot`` is off for what only a person's own screen shows."""

    name: str
    payload: dict[str, Any]
    intent: Intent = Intent.ALWAYS
    to_bot: bool = True
    only_user_id: int | None = None


class Announcements:
    """Hands every announcement to all who listen, and wakes whoever waits for something to come true."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Announcement], None]] = []
        self._waiting: set[asyncio.Future[None]] = set()

    def listen(self, listener: Callable[[Announcement], None]) -> None:
        """Call ``listener`` with every announcement from now on."""
        self._listeners.append(listener)

    def unlisten(self, listener: Callable[[Announcement], None]) -> None:
        """Stop calling ``listener``."""
        self._listeners.remove(listener)

    def tell(self, announcement: Announcement) -> None:
        """Announce to all who listen."""
        for listener in list(self._listeners):
            listener(announcement)
        self.stir()

    def stir(self) -> None:
        """Something changed: whoever waits looks again."""
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, holds: Callable[[], bool], timeout_s: float) -> None:
        """Wait until ``holds()``, looking again after every change.

        :raises TimeoutError: it did not come true in time.
        """
        async with asyncio.timeout(timeout_s):
            while not holds():
                future = asyncio.get_running_loop().create_future()
                self._waiting.add(future)
                try:
                    await future
                finally:
                    self._waiting.discard(future)
