"""Every loopback Discord of every test is held to Discord's OpenAPI document, whether the test asks for it or not."""

from collections.abc import Iterator

import pytest

from bot.discord.loopback.server import LoopbackDiscord
from tests.bot.discord.openapi_check import OpenApiCheck, document_here


@pytest.fixture(autouse=True)
def openapi_held(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenApiCheck | None]:
    """The check of this test, ``None`` where the document is not at hand.

    Each request and each answer must have gone through it by the end: none can be kept from it unseen.
    """
    document = document_here()
    if document is None:
        yield None
        return
    check, servers, start = OpenApiCheck(document), list[LoopbackDiscord](), LoopbackDiscord.start

    async def listened_to(server: LoopbackDiscord) -> None:
        if server not in servers:
            servers.append(server)
            server.journal.listen(check.listen)
        await start(server)

    monkeypatch.setattr(LoopbackDiscord, "start", listened_to)
    yield check
    assert check.heard == sum(sum(one.journal.requests.values()) for one in servers)
    assert not check.faults, "\n".join(["", *check.faults[:20]])
