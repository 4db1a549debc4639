"""The gateway: hello, identify, resume, heartbeats and every event in its order, over a websocket."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from bot.discord.loopback.announcements import PRIVILEGED, Announcement, Intent
from bot.discord.loopback.faults import Faults
from bot.discord.loopback.gateway_session import GatewaySession, Link
from bot.discord.loopback.payloads import guild_create_payload, member_payload, own_user_payload
from bot.discord.loopback.world import World
from options.values import DAY

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT = 1, 2, 3, 4, 6, 7
MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 8, 9, 10, 11

UNKNOWN_ERROR, UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED = 4000, 4001, 4002, 4003
AUTHENTICATION_FAILED, ALREADY_AUTHENTICATED, INVALID_SEQUENCE = 4004, 4005, 4007
SESSION_TIMED_OUT, DISALLOWED_INTENTS = 4009, 4014

FRAME_BYTES_MAX = 4096
MEMBERS_A_CHUNK = 1000


class Gateway:
    """Serves bots; the fault methods do to every connected one what Discord does on bad days."""

    def __init__(self, world: World, faults: Faults) -> None:
        self.heartbeat_interval_ms = 41_250
        self.kept_events = 10_000
        self.privileged_intents = PRIVILEGED
        self.identifies_a_day = 1000
        self.answers_heartbeats = True
        self.refuses_with = 0
        """The code that every identify is closed with; 0: they are taken."""
        self.url = ""
        self.happened: Counter[str] = Counter()
        """Identifies, resumes, replayed events, heartbeats and the like."""
        self.sessions: dict[str, GatewaySession] = {}
        self.presence_changed: Callable[[], None] = lambda: None
        self._world = world
        self._faults = faults
        self._links: set[Link] = set()
        self._identified: list[int] = []

    @property
    def connected(self) -> bool:
        """True if a bot is there and identified."""
        return any(session.link in self._links for session in self.sessions.values())

    def announce(self, announcement: Announcement) -> None:
        """Tell every bot that asked for it."""
        copies = self._faults.copies_of(announcement.name) if announcement.to_bot else 0
        for session in self.sessions.values():
            if session.wants(announcement):
                for _ in range(copies):
                    session.dispatch(announcement.name, session.seen(announcement, self._world.bot_id))

    @property
    def identifies_left(self) -> int:
        """How many more identifies the last day's count allows."""
        now = self._world.clock.now()
        self._identified = [at for at in self._identified if now - at < DAY]
        return max(self.identifies_a_day - len(self._identified), 0)

    @property
    def counts_anew_in_ms(self) -> int:
        """Milliseconds until the first of the counted identifies counts no more."""
        now = self._world.clock.now()
        return max(min(self._identified, default=now - DAY) + DAY - now, 0) // 1_000

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One websocket from hello to its end."""
        if self._faults.out:
            self._faults.happened["outage"] += 1
            assert request.transport is not None, "the request came over a connection"
            request.transport.abort()
            return web.Response()
        socket = web.WebSocketResponse(compress=False)
        try:
            await socket.prepare(request)
        except ConnectionError:
            # The bot was gone before it was greeted.
            return web.Response()
        link = Link(socket, request)
        self._links.add(link)
        writer = asyncio.create_task(link.write())
        link.send(
            {"op": HELLO, "s": None, "t": None, "d": {"heartbeat_interval": self.heartbeat_interval_ms}}
        )
        try:
            await self._listen(link)
        finally:
            self._links.discard(link)
            for session in self.sessions.values():
                if session.link is link:
                    session.link = None
            link.end()
            await writer
            self.presence_changed()
        return socket

    async def _listen(self, link: Link) -> None:
        session: GatewaySession | None = None
        async for message in link.socket:
            if message.type is not WSMsgType.TEXT or len(message.data) > FRAME_BYTES_MAX:
                await link.socket.close(code=DECODE_ERROR)
                return
            try:
                frame = orjson.loads(message.data)
            except orjson.JSONDecodeError:
                await link.socket.close(code=DECODE_ERROR)
                return
            code, data = frame.get("op"), frame.get("d")
            if code == HEARTBEAT:
                self.happened["heartbeat"] += 1
                if self.answers_heartbeats:
                    link.send({"op": HEARTBEAT_ACK, "s": None, "t": None, "d": None})
            elif code in {IDENTIFY, RESUME}:
                if session is not None:
                    await link.socket.close(code=ALREADY_AUTHENTICATED)
                    return
                session = await (self._identify if code == IDENTIFY else self._resume)(link, data)
            elif session is None:
                await link.socket.close(code=NOT_AUTHENTICATED)
                return
            elif code == MEMBERS:
                self._send_members(session, data)
            elif code not in {PRESENCE, VOICE}:
                await link.socket.close(code=UNKNOWN_OPCODE)
                return

    def _token_is_good(self, token: str) -> bool:
        return token.removeprefix("Bot ") == self._world.token and not self._faults.token_revoked

    async def _identify(self, link: Link, data: dict[str, Any]) -> GatewaySession | None:
        self.happened["identify"] += 1
        if self.refuses_with:
            self.happened[f"closed {self.refuses_with}"] += 1
            await link.socket.close(code=self.refuses_with)
            return None
        if not self._token_is_good(data["token"]):
            await link.socket.close(code=AUTHENTICATION_FAILED)
            return None
        if not self.identifies_left:
            # Discord resets the token of a bot that identifies too often.
            self._faults.token_revoked = True
            await link.socket.close(code=AUTHENTICATION_FAILED)
            return None
        intents = Intent(data["intents"] & sum(Intent))
        if intents & PRIVILEGED & ~self.privileged_intents:
            await link.socket.close(code=DISALLOWED_INTENTS)
            return None
        self._identified.append(self._world.clock.now())
        session = GatewaySession(f"{self._world.snowflakes.next():032x}", intents, self.kept_events)
        # Whoever identifies anew has given up the session before.
        self.sessions = {known: kept for known, kept in self.sessions.items() if kept.link is not None}
        self.sessions[session.id] = session
        session.link = link
        session.dispatch("READY", self._ready(session, data))
        for guild in self._world.guilds.values():
            if self._world.bot_id in guild.members:
                everybody = bool(intents & Intent.GUILD_MEMBERS)
                payload = guild_create_payload(self._world, guild, all_members=everybody)
                session.dispatch("GUILD_CREATE", payload)
        self.presence_changed()
        return session

    def _ready(self, session: GatewaySession, data: dict[str, Any]) -> dict[str, Any]:
        world = self._world
        ready = {
            "v": 10,
            "user": own_user_payload(world.users[world.bot_id]),
            "guilds": [
                {"id": str(guild.id), "unavailable": True}
                for guild in world.guilds.values()
                if world.bot_id in guild.members
            ],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "application": {"id": str(world.application_id), "flags": 0},
            "private_channels": [],
        }
        return ready | ({"shard": data["shard"]} if data.get("shard") else {})

    async def _resume(self, link: Link, data: dict[str, Any]) -> GatewaySession | None:
        if not self._token_is_good(data["token"]):
            await link.socket.close(code=AUTHENTICATION_FAILED)
            return None
        session = self.sessions.get(data["session_id"])
        after = data["seq"] or 0
        if session is None or not session.can_replay(after):
            self.happened["resume refused"] += 1
            link.send({"op": INVALID_SESSION, "s": None, "t": None, "d": False})
            return None
        self.happened["resume"] += 1
        self.happened["event replayed"] += session.replay(link, after)
        session.dispatch("RESUMED", {})
        self.presence_changed()
        return session

    def _send_members(self, session: GatewaySession, data: dict[str, Any]) -> None:
        guild = self._world.guild(int(data["guild_id"]))
        wanted = data.get("user_ids") or []
        ids = {int(one) for one in (wanted if isinstance(wanted, list) else [wanted])}
        prefix = (data.get("query") or "").lower()
        found = [
            member
            for member in guild.members.values()
            if (member.user_id in ids if ids else True)
            and self._world.users[member.user_id].username.startswith(prefix)
        ]
        parts = [found[i : i + MEMBERS_A_CHUNK] for i in range(0, len(found), MEMBERS_A_CHUNK)] or [[]]
        for index, part in enumerate(parts):
            chunk = {
                "guild_id": str(guild.id),
                "members": [member_payload(self._world, member) for member in part],
                "chunk_index": index,
                "chunk_count": len(parts),
                "not_found": [str(one) for one in ids - set(guild.members)],
                "presences": [],
            }
            session.dispatch(
                "GUILD_MEMBERS_CHUNK", chunk | ({"nonce": data["nonce"]} if data.get("nonce") else {})
            )

    def cut(self) -> None:
        """Drop every connection without a word, as a failing network does."""
        self.happened["cut"] += 1
        for link in list(self._links):
            link.cut()

    async def close(self, code: int = UNKNOWN_ERROR) -> None:
        """Close every connection with a code; 4009 forgets the sessions as well."""
        self.happened[f"closed {code}"] += 1
        if code == SESSION_TIMED_OUT:
            self.sessions.clear()
        for link in list(self._links):
            await link.socket.close(code=code)

    def ask_reconnect(self) -> None:
        """Ask every bot to connect anew and resume (opcode 7)."""
        self._tell_all(RECONNECT, None)

    def ask_heartbeat(self) -> None:
        """Ask every bot for a heartbeat at once (opcode 1)."""
        self._tell_all(HEARTBEAT, None)

    def invalidate(self, *, resumable: bool) -> None:
        """Tell every bot that its session is invalid (opcode 9); forgotten unless it may be resumed."""
        if not resumable:
            self.sessions.clear()
        self._tell_all(INVALID_SESSION, resumable)

    def _tell_all(self, code: int, data: bool | None) -> None:
        self.happened[f"opcode {code}"] += 1
        for link in self._links:
            link.send({"op": code, "s": None, "t": None, "d": data})
