"""A bot's session at the gateway: its events in order, kept for a while so that a resume misses none."""

import asyncio
import zlib
from collections import deque
from typing import Any

import orjson
from aiohttp import web

from bot.discord.loopback.announcements import Announcement, Intent

DISPATCH = 0
_CONTENT = {"content": "", "embeds": [], "attachments": [], "components": []}


class Link:
    """One websocket: frames go out in order through a queue, compressed as one stream if the bot asked for it."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self._request = request
        self._compress = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    def send(self, frame: dict[str, Any]) -> None:
        """Queue a frame."""
        self._queue.put_nowait(orjson.dumps(frame))

    async def write(self) -> None:
        """Send what is queued until the link ends."""
        while True:
            frame = await self._queue.get()
            if frame is None or self.socket.closed:
                return
            try:
                if self._compress:
                    packed = self._compress.compress(frame) + self._compress.flush(zlib.Z_SYNC_FLUSH)
                    await self.socket.send_bytes(packed)
                else:
                    await self.socket.send_str(frame.decode())
            except ConnectionError:
                # The bot went away: its session keeps what it missed.
                return

    def end(self) -> None:
        """Let :meth:`write` return after what is queued."""
        self._queue.put_nowait(None)

    def cut(self) -> None:
        """Drop the connection without a word."""
        if self._request.transport is not None:
            self._request.transport.abort()


class GatewaySession:
    """What a bot has been told, numbered; survives its link."""

    def __init__(self, session_id: str, intents: Intent, kept: int) -> None:
        self.id = session_id
        self.intents = intents
        self.sequence = 0
        self.link: Link | None = None
        self._kept: deque[dict[str, Any]] = deque(maxlen=kept)

    def dispatch(self, name: str, payload: dict[str, Any]) -> None:
        """Number an event, keep it, and send it if the bot is there."""
        self.sequence += 1
        frame = {"op": DISPATCH, "s": self.sequence, "t": name, "d": payload}
        self._kept.append(frame)
        if self.link is not None:
            self.link.send(frame)

    def can_replay(self, after: int) -> bool:
        """True if every event after that number is still kept."""
        first_kept = self._kept[0]["s"] if self._kept else self.sequence + 1
        return after <= self.sequence and first_kept <= after + 1

    def replay(self, link: Link, after: int) -> int:
        """Send again what came after a number; returns how many."""
        missed = [frame for frame in self._kept if frame["s"] > after]
        self.link = link
        for frame in missed:
            link.send(frame)
        return len(missed)

    def wants(self, announcement: Announcement) -> bool:
        """True if the bot asked for such events."""
        intent = announcement.intent
        return announcement.to_bot and (not intent or bool(self.intents & intent))

    def seen(self, announcement: Announcement, bot_id: int) -> dict[str, Any]:
        """The payload as this bot may see it: without the content intent, others' messages come empty."""
        payload = announcement.payload
        if not announcement.name.startswith("MESSAGE_") or "content" not in payload:
            return payload
        own = payload["author"]["id"] == str(bot_id) or "guild_id" not in payload
        named = any(user["id"] == str(bot_id) for user in payload["mentions"])
        return payload if own or named or self.intents & Intent.MESSAGE_CONTENT else payload | _CONTENT
