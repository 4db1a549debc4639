"""The REST door: reads requests, plays faults, keeps limits, checks the token, and writes everything down."""

import asyncio
import re
from http import HTTPStatus

import orjson
from aiohttp import web

from bot.discord.loopback.drafts import Upload
from bot.discord.loopback.faults import Fault, FaultKind
from bot.discord.loopback.journal import Exchange
from bot.discord.loopback.json_value import JsonValue
from bot.discord.loopback.limits import Limit, Verdict
from bot.discord.loopback.parts import Parts
from bot.discord.loopback.refusals import Refused, directs_closed, missing_permissions, opening_too_fast
from bot.discord.loopback.routes_channels import ROUTES as CHANNEL_ROUTES
from bot.discord.loopback.routes_guilds import ROUTES as GUILD_ROUTES
from bot.discord.loopback.routes_interactions import ROUTES as INTERACTION_ROUTES
from bot.discord.loopback.routing import Answer, Bucket, Call, Route

_SILENCE_S = 1.0
_CUT_SHORT = (
    b"HTTP/1.1 200 OK\r\nVia: 1.1 loopback\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"
)
VIA = {"Via": "1.1 loopback"}
_FILE = re.compile(r"files\[(\d+)\]\Z")
_BY_STATUS = {
    FaultKind.STATUS_500: 500,
    FaultKind.STATUS_502: 502,
    FaultKind.STATUS_503: 503,
    FaultKind.STATUS_504: 504,
    FaultKind.STATUS_524: 524,
}


class Rest:
    """Serves the routes under ``/api/v10``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def add_to(self, app: web.Application, base: str) -> None:
        """Register every route; what matches none is Discord's plain 404."""
        for route in (*CHANNEL_ROUTES, *GUILD_ROUTES, *INTERACTION_ROUTES):
            app.router.add_route(route.method, base + route.template, self._served(route))
        app.router.add_route("*", base + "/{rest:.*}", self._served(Route("*", "{rest}", _nothing_here)))

    def _served(self, route: Route):  # type: ignore[no-untyped-def]  # noqa: ANN202
        async def serve(request: web.Request) -> web.StreamResponse:
            return await self._serve(route, request)

        return serve

    async def _serve(self, route: Route, request: web.Request) -> web.StreamResponse:
        parts = self._parts
        try:
            form, files = await _read(request)
        except orjson.JSONDecodeError:
            malformed = {"message": "The request body contains invalid JSON.", "code": 50109}
            return web.Response(status=400, body=orjson.dumps(malformed), content_type="application/json")
        exchange = Exchange(
            number=parts.journal.number(),
            at=parts.clock.now(),
            method=request.method,
            path=request.path,
            template=route.template,
            query=dict(request.query),
            content_type=request.content_type,
            form=form,
            filenames=[upload.filename for upload in files.values()],
            headers={k: v for k, v in request.headers.items() if k.lower() != "authorization"},
        )
        call = Call(parts, dict(request.match_info), dict(request.query), form, files)
        response = self._answered(route, call, request, exchange)
        parts.journal.add(exchange)
        parts.announcements.stir()
        if response is None:
            await _break_off(request, exchange.fault)
            return web.Response()
        return response

    def _answered(
        self, route: Route, call: Call, request: web.Request, exchange: Exchange
    ) -> web.Response | None:
        """The response, or None where the connection is dropped."""
        faults = self._parts.faults
        if faults.out:
            faults.happened["outage"] += 1
            exchange.fault = "outage"
            return None
        fault = faults.drawn(request.method, route.template)
        if fault is not None:
            exchange.fault = fault.kind.value
        if fault is not None and not fault.after_effect:
            return self._played(fault, exchange)
        verdict = self._verdict(route, call)
        if not verdict.allowed:
            return _respond(429, verdict.body(), exchange, verdict.headers | _waiting(verdict))
        answer = self._handled(route, call, request, exchange)
        if fault is not None:
            return self._played(fault, exchange)
        return _respond(answer.status, answer.payload, exchange, verdict.headers)

    def _handled(self, route: Route, call: Call, request: web.Request, exchange: Exchange) -> Answer:
        given = request.headers.get("Authorization", "")
        wrong = given != f"Bot {self._parts.world.token}" or self._parts.faults.token_revoked
        if route.authorised and wrong:
            if self._parts.faults.token_revoked:
                self._parts.faults.happened["token revoked"] += 1
            return Answer(401, {"message": "401: Unauthorized", "code": 0})
        try:
            answer = route.handle(call)
        except Refused as refused:
            return Answer(refused.status, refused.body())
        exchange.took_effect = True
        return answer

    def _verdict(self, route: Route, call: Call) -> Verdict:
        limits = self._parts.limits
        if route.bucket is Bucket.NONE:
            return Verdict({})
        limit: Limit = getattr(limits.settings, route.bucket.value)
        name = f"{route.method} {route.template}" if route.bucket is Bucket.OTHER else route.bucket.value
        verdict = limits.take(name, route.major(call.ids), limit, counts_overall=route.counts_overall)
        if route.bucket is Bucket.EDIT_MESSAGE and verdict.allowed:
            channel = self._parts.world.channels.get(int(call.ids["channel_id"]))
            message = channel.messages.get(int(call.ids["message_id"])) if channel else None
            if message is not None:
                verdict = limits.take_old_edit(call.ids["channel_id"], message.created, verdict)
        return verdict

    def _played(self, fault: Fault, exchange: Exchange) -> web.Response | None:
        kind = fault.kind
        if kind in {FaultKind.DROPPED, FaultKind.TRUNCATED, FaultKind.SILENT}:
            return None
        if kind is FaultKind.LIMITED_BY_PROXY:
            exchange.status = 429
            page = "<html><title>Access denied</title><body>error code: 1015</body></html>"
            return web.Response(status=429, text=page, content_type="text/html")
        if kind in {FaultKind.LIMITED, FaultKind.LIMITED_GLOBALLY}:
            scope = "global" if kind is FaultKind.LIMITED_GLOBALLY else "user"
            verdict = Verdict({}, fault.retry_after_s, scope)
            return _respond(429, verdict.body(), exchange, _waiting(verdict))
        if kind is FaultKind.UNAUTHORISED:
            return _respond(401, {"message": "401: Unauthorized", "code": 0}, exchange, {})
        if kind is FaultKind.NO_PERMISSION:
            return _respond(403, missing_permissions().body(), exchange, {})
        if kind is FaultKind.DIRECTS_CLOSED:
            return _respond(403, directs_closed().body(), exchange, {})
        if kind is FaultKind.OPENING_TOO_FAST:
            return _respond(403, opening_too_fast().body(), exchange, {})
        status = _BY_STATUS[kind]
        return _respond(status, {"message": f"{status}: {_phrase(status)}", "code": 0}, exchange, {})


async def _break_off(request: web.Request, fault: str | None) -> None:
    """End a connection without a whole answer, in the way of the fault."""
    assert request.transport is not None, "the request came over a connection"
    if fault == FaultKind.SILENT.value:
        while not request.transport.is_closing():  # noqa: ASYNC110 - the other side goes away, and nobody tells
            await asyncio.sleep(_SILENCE_S)
    elif fault == FaultKind.TRUNCATED.value:
        request.transport.write(_CUT_SHORT)
        request.transport.close()
        return
    request.transport.abort()


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "A Timeout Occurred"


def _waiting(verdict: Verdict) -> dict[str, str]:
    headers = {"Retry-After": f"{verdict.retry_after_s:.3f}", "X-RateLimit-Scope": verdict.scope} | VIA
    return headers | ({"X-RateLimit-Global": "true"} if verdict.scope == "global" else {})


def _respond(status: int, payload: JsonValue, exchange: Exchange, headers: dict[str, str]) -> web.Response:
    exchange.status, exchange.answer, exchange.answer_headers = status, payload, headers
    if payload is None:
        return web.Response(status=status, headers=headers | VIA)
    # A charset behind the type would not be read as JSON by the client.
    typed = headers | VIA | {"Content-Type": "application/json"}
    return web.Response(status=status, body=orjson.dumps(payload), headers=typed)


def _nothing_here(_call: Call) -> Answer:
    return Answer(404, {"message": "404: Not Found", "code": 0})


async def _read(request: web.Request) -> tuple[JsonValue, dict[int, Upload]]:
    """The JSON of a request and its files."""
    if request.content_type != "multipart/form-data":
        raw = await request.read()
        return (orjson.loads(raw) if raw else None), {}
    form: JsonValue = None
    files: dict[int, Upload] = {}
    for name, value in (await request.post()).items():
        if name == "payload_json":
            text = value if isinstance(value, str) else value.file.read()  # type: ignore[union-attr]
            form = orjson.loads(text)
        elif (numbered := _FILE.match(name)) and isinstance(value, web.FileField):
            files[int(numbered[1])] = Upload(value.filename, value.file.read(), value.content_type)
    return form, files
