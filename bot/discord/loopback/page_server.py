"""The page: static files, a stream of what happens for one person, and what that person does."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from bot.discord.loopback.announcements import Announcement
from bot.discord.loopback.drafts import Draft
from bot.discord.loopback.interactions import Interaction
from bot.discord.loopback.page_snapshot import page_message, snapshot
from bot.discord.loopback.parts import Parts
from bot.discord.loopback.permissions import Permission, demand, may
from bot.discord.loopback.refusals import Refused

_FOLDER = Path(__file__).parent / "page"
_LOCAL_HOSTS = {"127.0.0.1", "localhost"}
_SAFETY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_QUEUE_MAX = 2_000


class PageServer:
    """Serves the page. Only pages of this very address may act: a stranger's page in the same browser may not."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._streams: set[asyncio.Queue[bytes | None]] = set()

    def add_to(self, app: web.Application) -> None:
        """Register the page's routes."""
        app.router.add_get("/", self._static)
        app.router.add_get("/page/stream", self._stream)
        app.router.add_get("/page/{name:[a-z_]+[.](?:js|css|svg)}", self._static)
        app.router.add_post("/page/act/{deed}", self._act)

    def end_streams(self) -> None:
        """Let every open stream end."""
        for queue in self._streams:
            queue.put_nowait(None)

    async def _static(self, request: web.Request) -> web.Response:
        path = _FOLDER / request.match_info.get("name", "index.html")
        if not _is_local(request) or not path.is_file():
            return web.Response(status=404)
        kind = {".html": "text/html", ".css": "text/css", ".svg": "image/svg+xml"}.get(
            path.suffix, "text/javascript"
        )
        return web.Response(body=path.read_bytes(), content_type=kind, charset="utf-8", headers=_SAFETY)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        user_id = self._person(request.query.get("as", ""))
        if not _is_local(request) or user_id is None:
            return web.Response(status=404)
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        response = web.StreamResponse(headers=_SAFETY | {"Content-Type": "text/event-stream"})
        await response.prepare(request)

        def tell(announcement: Announcement) -> None:
            if queue.qsize() > _QUEUE_MAX:
                # The reader is too slow; it connects anew and starts from a whole picture.
                queue.put_nowait(None)
            elif found := self._seen(announcement, user_id):
                queue.put_nowait(_event(found))

        self._parts.announcements.listen(tell)
        self._streams.add(queue)
        try:
            await response.write(_event({"kind": "snapshot", "snapshot": snapshot(self._parts, user_id)}))
            while (event := await queue.get()) is not None:
                await response.write(event)
        except ConnectionError:
            # The browser went away, which is how a stream ends.
            return response
        finally:
            self._parts.announcements.unlisten(tell)
            self._streams.discard(queue)
        return response

    def _person(self, named: str) -> int | None:
        """Who looks: an id, or ``first`` for whoever comes first."""
        people = [user.id for user in self._parts.world.users.values() if not user.bot]
        if named == "first":
            return people[0]
        return int(named) if named.isdigit() and int(named) in people else None

    def _seen(self, announcement: Announcement, user_id: int) -> dict[str, Any] | None:
        """What a person's page is told of an announcement."""
        payload, name = announcement.payload, announcement.name
        if announcement.only_user_id not in {None, user_id}:
            return None
        if name == "INTERACTION_ANSWERED":
            return {"kind": "answered", **payload}
        if name == "INTERACTION_CREATE":
            return None
        if not name.startswith("MESSAGE_"):
            return {"kind": "snapshot", "snapshot": snapshot(self._parts, user_id)}
        channel = self._parts.world.channels.get(int(payload["channel_id"]))
        if channel is None or not may(self._parts.world, channel, user_id, Permission.VIEW_CHANNEL):
            return None
        message_id = payload.get("message_id", payload.get("id"))
        message = channel.messages.get(int(str(message_id)))
        if message is None or name == "MESSAGE_DELETE":
            return {"kind": "gone", "channel": str(channel.id), "id": message_id}
        return {"kind": "message", "message": page_message(self._parts, message)}

    async def _act(self, request: web.Request) -> web.Response:
        # A form or a script of another site cannot send this type without being asked first, and is not answered.
        if not _is_local(request) or request.content_type != "application/json":
            return web.Response(status=403)
        form = orjson.loads(await request.read())
        deed = getattr(self, f"_do_{request.match_info['deed']}", None)
        if deed is None:
            return web.Response(status=404)
        try:
            found = await deed(int(form["as"]), form)
        except (LookupError, ValueError, Refused) as refused:
            return web.json_response({"refused": str(refused).strip("'")}, status=400)
        return web.json_response(found)

    async def _do_say(self, user_id: int, form: dict[str, Any]) -> dict[str, Any]:
        channel = self._parts.world.channel(int(form["channel"]))
        wanted = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
        demand(self._parts.world, channel, user_id, wanted)
        message = self._parts.board.post(channel, user_id, Draft(content=str(form["text"]).strip()[:2000]))
        return {"id": str(message.id)}

    async def _do_command(self, user_id: int, form: dict[str, Any]) -> dict[str, Any]:
        people = self._parts.interactions
        return _started(people.command(user_id, int(form["channel"]), form["name"], form["options"]))

    async def _do_complete(self, user_id: int, form: dict[str, Any]) -> dict[str, Any]:
        people, name = self._parts.interactions, form["name"]
        asked = people.autocomplete(user_id, int(form["channel"]), name, form["options"], form["focused"])
        return _started(asked)

    async def _do_press(self, user_id: int, form: dict[str, Any]) -> dict[str, Any]:
        message = self._parts.world.message(int(form["channel"]), int(form["message"]))
        pressed = self._parts.interactions.press(user_id, message, form["custom_id"], form.get("values"))
        return _started(pressed)

    async def _do_submit(self, user_id: int, form: dict[str, Any]) -> dict[str, Any]:
        people = self._parts.interactions
        asked = [
            i for i in people.by_token.values() if str(i.id) == form["interaction"] and i.user_id == user_id
        ]
        if not asked:
            raise LookupError("that form was not shown to this person")
        return _started(people.submit(asked[0], form["values"]))

    async def _do_delete(self, user_id: int, form: dict[str, Any]) -> dict[str, Any]:
        message = self._parts.world.message(int(form["channel"]), int(form["message"]))
        if message.seen_only_by != user_id:
            channel = self._parts.world.channel(message.channel_id)
            demand(self._parts.world, channel, user_id, Permission.MANAGE_MESSAGES)
        self._parts.board.delete(message)
        return {}

    async def _do_react(self, user_id: int, form: dict[str, Any]) -> dict[str, Any]:
        message = self._parts.world.message(int(form["channel"]), int(form["message"]))
        self._parts.board.react(message, user_id, str(form["emoji"]))
        return {}


def _started(interaction: Interaction) -> dict[str, Any]:
    return {"interaction": str(interaction.id), "answered": interaction.answered}


def _is_local(request: web.Request) -> bool:
    """True if the browser believes it speaks to this machine, and the page that asks is this one."""
    origin = request.headers.get("Origin")
    host = request.url.host in _LOCAL_HOSTS
    return host and (origin is None or origin == f"http://{request.host}")


def _event(found: dict[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(found) + b"\n\n"
