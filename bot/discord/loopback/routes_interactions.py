"""Answers to what people did, over REST: callbacks, and the webhook that lives for 15 minutes."""

from bot.discord.loopback.refusals import unknown
from bot.discord.loopback.routes_channels import shown
from bot.discord.loopback.routing import Answer, Bucket, Call, Route

_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
_TRUE = {"1", "true", "True"}


def _token(call: Call) -> str:
    if call.id("webhook_id") != call.parts.world.application_id:
        raise unknown("Webhook")
    return call.ids["webhook_token"]


def post_callback(call: Call) -> Answer:
    """POST the first answer."""
    token = call.ids["interaction_token"]
    payload = call.parts.answers.acknowledge(call.id("interaction_id"), token, call.fields, call.files)
    return Answer(200, payload) if call.query.get("with_response") in _TRUE else Answer(204)


def post_follow_up(call: Call) -> Answer:
    """POST a further message."""
    return Answer(200, shown(call, call.parts.answers.follow_up(_token(call), call.fields, call.files)))


def get_answer(call: Call) -> Answer:
    """GET an answer; ``@original`` is the first."""
    return Answer(200, shown(call, call.parts.answers.message(_token(call), _which(call))))


def patch_answer(call: Call) -> Answer:
    """PATCH an answer."""
    message = call.parts.answers.edit(_token(call), _which(call), call.fields, call.files)
    return Answer(200, shown(call, message))


def delete_answer(call: Call) -> Answer:
    """DELETE an answer."""
    call.parts.answers.delete(_token(call), _which(call))
    return Answer(204)


def _which(call: Call) -> str:
    return call.ids.get("message_id", "@original")


def _of_webhook(method: str, path: str, handle: object) -> Route:
    assert callable(handle), "a route is handled by a function"
    return Route(method, f"{_WEBHOOK}{path}", handle, Bucket.WEBHOOK, authorised=False, counts_overall=False)


ROUTES = [
    Route(
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
        post_callback,
        Bucket.NONE,
        authorised=False,
        counts_overall=False,
    ),
    _of_webhook("POST", "", post_follow_up),
    *(
        _of_webhook(method, f"/messages/{which}", handle)
        for which in ("@original", "{message_id}")
        for method, handle in (("GET", get_answer), ("PATCH", patch_answer), ("DELETE", delete_answer))
    ),
]
