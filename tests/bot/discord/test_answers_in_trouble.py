"""Discord goes away in the middle of a command: it is done once, and what became of it is said once, somewhere."""

import pytest

from bot.discord.loopback.cast import TALK_CHANNEL_ID, TRADER_ID
from bot.discord.loopback.faults import Fault, FaultKind
from bot.discord.loopback.world import Message
from options.events import CommandTaken
from tests.bot.discord.desk_community import Community
from tests.bot.discord.shifted_clock import ShiftedClock

CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
ORIGINAL = "/messages/@original"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for a pause."""
    monkeypatch.setattr("bot.discord.commands.persistence._AGAIN_S", (0.005, 0.02))


def taken(community: Community, verb: str) -> int:
    """How often a command was taken."""
    return sum(isinstance(one, CommandTaken) and one.verb == verb for one in community.commands())


def in_channel(community: Community) -> list[Message]:
    """What everybody sees in the channel where commands are given."""
    return community.server.messages(TALK_CHANNEL_ID)


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("kind", [FaultKind.DROPPED, FaultKind.STATUS_503])
async def test_k21_a_lost_answer_is_said_again(
    community: Community, kind: FaultKind, after_effect: bool
) -> None:
    """The answer fails on its way, or its own answer does: it stands there once, and the command was done once."""
    server = community.server
    fault = server.faults.add(Fault(kind, "PATCH", ORIGINAL, times=3, after_effect=after_effect))
    done = await server.command(TRADER_ID, TALK_CHANNEL_ID, "halt", {"reason": "too hot"})
    assert "taken" in await community.answer(done)
    await server.until(lambda: fault.times == 0)
    assert taken(community, "halt") == 1
    assert len(done.messages) == 1
    assert in_channel(community) == []


async def test_f36_an_outage_from_the_acknowledgement_on_ends_with_the_answer(community: Community) -> None:
    """Away for less than the token lives: the person is answered when Discord is back."""
    server = community.server
    with community.room._lock:
        done = await server.command(TRADER_ID, TALK_CHANNEL_ID, "halt", {"reason": "too hot"})
        server.begin_outage()
    await server.until(lambda: server.faults.happened["outage"] >= 3)
    assert taken(community, "halt") == 1, "an outage of Discord holds no command up"
    server.end_outage()
    assert "taken" in await community.answer(done)
    assert in_channel(community) == []


async def test_f36_an_outage_longer_than_the_token_ends_with_the_answer_in_the_channel(
    community: Community, clock: ShiftedClock
) -> None:
    """Away for more than fifteen minutes: the channel is told what became of it, once, though that is lost too."""
    server = community.server
    with community.room._lock:
        done = await server.command(TRADER_ID, TALK_CHANNEL_ID, "halt", {"reason": "too hot"})
        server.begin_outage()
    await server.until(lambda: server.faults.happened["outage"] >= 3)
    clock.advance(16 * 60)
    server.end_outage()
    lost = server.faults.add(
        Fault(FaultKind.DROPPED, "POST", "/channels/{channel_id}/messages", after_effect=True)
    )
    await server.until(lambda: bool(in_channel(community)) and lost.times == 0)
    await community.asks_until("Halted", TRADER_ID, "status")
    (told,) = in_channel(community)
    assert told.content.startswith("Tara: ✅ **halt**: taken")
    assert taken(community, "halt") == 1
    assert not any(message.content for message in done.messages)


@pytest.mark.parametrize("name", ["trade modify", "stop"])
async def test_an_acknowledgement_that_was_lost_leaves_nothing_thinking(
    community: Community, name: str
) -> None:
    """Discord heard the acknowledgement and we did not hear that: nothing is done, and the person is told so."""
    server = community.server
    before = len(community.commands())
    server.faults.add(Fault(FaultKind.DROPPED, "POST", CALLBACK, after_effect=True))
    options = {"trade": "T1"} | ({"level": "3"} if name == "stop" else {"stop": "@3"})
    done = await server.command(TRADER_ID, TALK_CHANNEL_ID, name, options)
    assert "Please ask again" in await community.answer(done)
    assert len(community.commands()) == before


async def test_a_confirmation_in_an_outage_counts_once(community: Community) -> None:
    """The yes was heard, then Discord went away: done once; the question says so when it is back."""
    server = community.server
    asked = await server.command(TRADER_ID, TALK_CHANNEL_ID, "trim", {"trade": "T1", "amount": "2"})
    await community.answer(asked)
    question = asked.messages[0]
    with community.room._lock:
        await server.press(TRADER_ID, question, question.components[0]["components"][0]["custom_id"])
        server.begin_outage()
    await server.until(lambda: server.faults.happened["outage"] >= 3)
    server.end_outage()
    await server.until(lambda: not question.components)
    assert "taken" in question.content
    assert taken(community, "trim") == 1
