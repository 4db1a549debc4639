"""The check against Discord's document can fail: it finds what is wrong on either side."""

from pathlib import Path
from typing import Any

import discord
import pytest

from bot.discord.loopback.cast import TALK_CHANNEL_ID
from bot.discord.loopback.journal import Exchange
from bot.discord.loopback.server import LoopbackDiscord
from tests.bot.discord.openapi_check import OpenApiCheck, read_document

MESSAGES = "/channels/{channel_id}/messages"


def exchange(**changed: Any) -> Exchange:
    """A post that was refused, well formed on both sides, with some of it changed."""
    form: dict[str, Any] = {
        "number": 1,
        "at": 0,
        "method": "POST",
        "path": "/api/v10/channels/1/messages",
        "template": MESSAGES,
        "query": {},
        "content_type": "application/json",
        "form": {"content": "x", "nonce": "n", "enforce_nonce": True},
        "status": 404,
        "answer": {"message": "Unknown Channel", "code": 10003},
    }
    return Exchange(**form | changed)


@pytest.fixture
def check(shared_data: Path) -> OpenApiCheck:
    """A fresh check."""
    return OpenApiCheck(read_document(shared_data / "discord" / "openapi.json"))


def test_sound_exchange_passes(check: OpenApiCheck) -> None:
    """A well-formed request and answer are found to be so, and counted."""
    check.listen(exchange())
    check.listen(exchange(form={"content": "x", "message_reference": {"message_id": 12345678901234567}}))
    check.hold()
    assert check.checked[f"POST {MESSAGES}"] == 2


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"form": {"content": 5}}, "request at content"),
        ({"form": {"nonce": "n" * 26}}, "request at nonce"),
        ({"form": {"embeds": [{"fields": [{"name": "x"}]}]}}, "request at embeds/0/fields/0"),
        ({"content_type": "text/plain"}, "content type text/plain"),
        ({"answer": {"message": "no code"}}, "answer at (top)"),
        ({"status": 200, "answer": {"id": "1"}}, "answer at (top)"),
        ({"status": 302, "answer": None}, "answered 302"),
        ({"template": "/no/such", "status": 200}, "no such operation"),
    ],
)
def test_fault_is_found(check: OpenApiCheck, changed: dict[str, Any], says: str) -> None:
    """A fault on either side is named with its place, and ends the test that met it."""
    check.listen(exchange())
    check.listen(exchange(**changed))
    assert any(says in fault for fault in check.faults), check.faults
    with pytest.raises(AssertionError):
        check.hold()


async def test_every_server_of_every_test_is_held_to_the_document(
    shared_data: Path, server: LoopbackDiscord, client: discord.Client, openapi_held: OpenApiCheck | None
) -> None:
    """Nobody asks for it: each exchange is checked, and one that is kept from the check would end the test."""
    assert (shared_data / "discord" / "openapi.json").is_file()
    assert openapi_held is not None
    await client.get_partial_messageable(TALK_CHANNEL_ID).send("checked")
    assert openapi_held.checked[f"POST {MESSAGES}"] == 1
    assert openapi_held.heard == sum(server.journal.requests.values()) >= 2
