"""The loopback Discord as one small server on 127.0.0.1: REST, gateway, files and the page."""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.clock import Clock
from bot.discord.loopback.cast import trading_community
from bot.discord.loopback.interactions import Interaction
from bot.discord.loopback.moderator import Moderator
from bot.discord.loopback.page_server import PageServer
from bot.discord.loopback.parts import Parts
from bot.discord.loopback.rest import Rest
from bot.discord.loopback.world import Message

HOST = "127.0.0.1"
API_PATH = "/api/v10"
REQUEST_BYTES_MAX = 32 * 1024 * 1024
_SHUTDOWN_S = 1.0


class LoopbackDiscord:
    """A Discord of our own: ``async with LoopbackDiscord(clock) as discord: ...``.

    There is a small trading community in it, under Discord's own rate limits.

    :param port: where to listen; 0 takes a free one.
    :param journal_size: how many of the last requests are kept.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        port: int = 0,
        journal_size: int = 10_000,
    ) -> None:
        self.world = trading_community(clock)
        self.parts = Parts.of(self.world, journal_size)
        self.board = self.parts.board
        self.commands = self.parts.commands
        self.faults = self.parts.faults
        self.gateway = self.parts.gateway
        self.journal = self.parts.journal
        self.limits = self.parts.limits
        self.people = self.parts.interactions
        self.moderator = Moderator(self.parts)
        self._page = PageServer(self.parts)
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def token(self) -> str:
        """What the bot signs in with."""
        return self.world.token

    @property
    def base_url(self) -> str:
        """Where the server listens, e.g. ``http://127.0.0.1:8080``."""
        assert self._runner is not None, "the server is started before its address is asked for"
        return f"http://{HOST}:{self._port}"

    @property
    def api_base(self) -> str:
        """The REST API's base, e.g. ``http://127.0.0.1:8080/api/v10``."""
        return self.base_url + API_PATH

    @property
    def gateway_url(self) -> str:
        """The gateway's address, e.g. ``ws://127.0.0.1:8080/gateway``."""
        return self.base_url.replace("http", "ws", 1) + "/gateway"

    @property
    def cdn_base(self) -> str:
        """Where files are served from."""
        return self.base_url + "/cdn"

    @property
    def page_url(self) -> str:
        """The page that shows the channels as Discord would."""
        return self.base_url + "/"

    async def start(self) -> None:
        """Listen.

        :raises OSError: the port is taken.
        """
        app = web.Application(client_max_size=REQUEST_BYTES_MAX)
        Rest(self.parts).add_to(app, API_PATH)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_get("/cdn/attachments/{path:.+}", self._file)
        self._page.add_to(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self._port = runner.addresses[0][1]
        self.board.files_base = self.cdn_base
        self.gateway.url = self.gateway_url

    async def stop(self) -> None:
        """Drop every connection and stop listening."""
        if self._runner is None:
            return
        self.gateway.cut()
        self._page.end_streams()
        await self._runner.cleanup()
        self._runner = None

    async def __aenter__(self) -> Self:
        """Start listening."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        await self.stop()

    async def _file(self, request: web.Request) -> web.Response:
        attachment = self.world.files.get(request.match_info["path"])
        if attachment is None:
            return web.Response(status=404)
        # A page in a file must never run as a page of this server.
        safe = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
        return web.Response(body=attachment.content, content_type=attachment.content_type, headers=safe)

    def begin_outage(self, duration_s: float | None = None) -> None:
        """Drop all connections, for a time by the clock seam or until :meth:`end_outage`."""
        self.faults.begin_outage(duration_s)
        self.gateway.cut()

    def end_outage(self) -> None:
        """Answer again; other switched faults are taken away as well."""
        self.faults.clear()

    async def until(self, holds: Callable[[], bool], timeout_s: float = 60.0) -> None:
        """Wait until something is true of this server, looking again after every change.

        :raises TimeoutError: it did not come true in time.
        """
        await self.parts.announcements.until(holds, timeout_s)

    async def command(
        self, user_id: int, channel_id: int, name: str, options: dict[str, Any] | None = None
    ) -> Interaction:
        """A person sends a slash command; returns when the bot has acknowledged it."""
        return await self.answered(self.people.command(user_id, channel_id, name, options))

    async def press(
        self, user_id: int, message: Message, custom_id: str, values: list[str] | None = None
    ) -> Interaction:
        """A person presses a button or chooses in a menu; returns when the bot has acknowledged it."""
        return await self.answered(self.people.press(user_id, message, custom_id, values))

    async def answered(self, interaction: Interaction) -> Interaction:
        """Wait until the bot has acknowledged a deed."""
        await self.until(lambda: interaction.answered)
        return interaction

    def messages(self, channel_id: int) -> list[Message]:
        """A channel's messages that everybody sees, oldest first."""
        return [m for m in self.world.channel(channel_id).messages.values() if m.seen_only_by is None]
