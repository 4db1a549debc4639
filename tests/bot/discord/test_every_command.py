"""Every command that is registered, doubled, late, after a restart and about a position that is over."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from bot.discord.loopback.announcements import Announcement
from bot.discord.loopback.answers import AnswerType
from bot.discord.loopback.cast import ADMIN_ID, GUILD_ID, TALK_CHANNEL_ID, VIEWER_ID
from bot.discord.loopback.interactions import Interaction
from bot.discord.loopback.journal import Exchange
from options import commands as c
from options.events import CommandTaken
from tests.bot.command_room import KEY
from tests.bot.discord.desk_community import Community, next_process
from tests.bot.discord.shifted_clock import ShiftedClock
from tests.bot.discord.test_commands import NEEDED, ONLY_ASKS, OPTIONS

STEERS = {name for name, tier in NEEDED.items() if tier > 1}
OF_A_TRADE = sorted(name for name in STEERS if "trade" in OPTIONS.get(name, {}))
AT_ONCE = {"help", "follow", "unfollow"}
"""Answered from what Discord's own thread has: there is nothing to wait for, so their answers are never late."""
CONFIRMED: dict[str, dict[str, object]] = {
    "stop": {"level": "3"},
    "trade cancel": {"trade": "T2"},
}
"""What differs from the options above where the desk is to do what is asked."""
_SUBCOMMANDS = {1, 2}


def leaves(command: dict[str, Any]) -> Iterator[str]:
    """The names under which a command is called, with its subcommands."""
    nested = [one for one in command.get("options", ()) if one["type"] in _SUBCOMMANDS]
    if not nested:
        yield command["name"]
    for one in nested:
        yield from (f"{command['name']} {name}" for name in leaves(one))


def shown_to_all(community: Community) -> None:
    """Let everybody send every command, as a client of their own could."""
    for command in community.server.commands.all(GUILD_ID):
        command["default_member_permissions"] = None


def deliver_again(community: Community, done: Interaction) -> None:
    """The gateway tells of a deed a second time."""
    channel = community.server.world.channel(done.channel_id)
    payload = community.server.people._payload(done, channel)
    community.server.board.announcements.tell(Announcement("INTERACTION_CREATE", payload))


async def test_every_command_has_a_row(community: Community) -> None:
    """What Discord has registered and what the tests go through is the same: a new command without a row fails."""
    registered = {name for command in community.server.commands.all(GUILD_ID) for name in leaves(command)}
    assert registered == set(NEEDED)
    required = {
        (command["name"], option["name"])
        for command in community.server.commands.all(GUILD_ID)
        for option in command.get("options", ())
        if option.get("required")
    }
    assert all(option in OPTIONS.get(name, {}) for name, option in required if name in NEEDED)


async def test_f34_every_command_delivered_twice_is_done_once(community: Community) -> None:
    """The same interaction a second time gives no second command, no second answer and no second confirmation."""
    for name in NEEDED:
        done = await community.server.command(ADMIN_ID, TALK_CHANNEL_ID, name, OPTIONS.get(name, {}))
        await community.answer(done)
        commands, answers = community.commands(), len(done.messages)
        deliver_again(community, done)
        await community.asks(VIEWER_ID, "status")
        assert community.commands() == commands, name
        assert len(done.messages) == answers, name
        assert len([one for one in commands if one.command_id.endswith(str(done.id))]) <= 1, name


async def test_f36_every_command_that_comes_too_late_does_nothing(
    community: Community, clock: ShiftedClock
) -> None:
    """After three seconds the person was told that it failed: nothing is done, which is said; but a halt counts."""
    server = community.server
    done: list[str] = []
    before = len(community.commands())
    for name in sorted(STEERS):
        told, held = server.board.announcements.tell, list[Announcement]()
        server.board.announcements.tell = held.append  # type: ignore[assignment,method-assign]
        late = server.people.command(ADMIN_ID, TALK_CHANNEL_ID, name, OPTIONS.get(name, {}))
        server.board.announcements.tell = told  # type: ignore[method-assign]
        clock.advance(4)
        told(held[0])
        await community.asks(VIEWER_ID, "status")
        assert not late.messages, name
        done += [one.verb for one in community.commands()[before + len(done) :]]
    assert done == ["halt"]
    said = [message.content for message in server.messages(TALK_CHANNEL_ID)]
    assert [("halt**: taken" in text) for text in said].count(True) == 1
    assert all("too late" in text or "halt**: taken" in text for text in said), said
    assert len(said) >= len(STEERS - ONLY_ASKS - {"resume"}), said
    assert not any("@" in text for text in said)


async def test_every_command_after_a_restart(community: Community) -> None:
    """What an earlier process registered is answered by the next one, and each steering command is taken up once."""
    async with next_process(community) as second:
        await asyncio.to_thread(second.room.quote, 4.0, 4.2)
        for name in NEEDED:
            before = len(second.commands())
            text = await second.asks(ADMIN_ID, name, **OPTIONS.get(name, {}))
            assert text
            assert "You may not use" not in text, name
            assert len(second.commands()) == before + (name in STEERS and name not in ONLY_ASKS), name


@pytest.mark.parametrize("name", OF_A_TRADE)
async def test_every_command_about_a_position_that_is_over(community: Community, name: str) -> None:
    """The trade was closed meanwhile: the command is refused in words, and nothing is taken."""
    assert "taken" in await community.confirms(ADMIN_ID, "close", trade="T1")
    await asyncio.to_thread(community.room.quote, 4.0, 4.2)
    taken = sum(isinstance(one, CommandTaken) for one in community.commands())
    text = await community.asks(ADMIN_ID, name, **OPTIONS[name])
    assert text.startswith("❌"), text
    assert sum(isinstance(one, CommandTaken) for one in community.commands()) == taken


async def test_a_trade_is_named_in_any_case_and_with_blanks(community: Community) -> None:
    """Whatever the command, what is typed by hand is answered as what was chosen from the list."""
    for name in [*OF_A_TRADE, "trade show", "orders"]:
        text = await community.asks(ADMIN_ID, name, **OPTIONS.get(name, {}) | {"trade": " t1 "})
        assert "t1" not in text, (name, text)
        assert "no such trade" not in text, (name, text)
    assert "What decided on T1" in await community.asks(ADMIN_ID, "why", about="t1")


class TokensOver:
    """Every deed's token is over at the moment when Discord has heard that an answer will come."""

    def __init__(self, community: Community, clock: ShiftedClock) -> None:
        self.deferred = 0
        self._clock = clock
        community.server.journal.listen(self._listen)

    def _listen(self, exchange: Exchange) -> None:
        types = {AnswerType.DEFERRED_MESSAGE, AnswerType.DEFERRED_UPDATE}
        if (
            exchange.template.endswith("/callback")
            and exchange.took_effect
            and exchange.form["type"] in types
        ):
            self.deferred += 1
            self._clock.advance(16 * 60)


async def in_the_channel(community: Community, told: int) -> list[str]:
    """What the channel was told beyond what it was told before; at least one text, and all that is on its way."""
    server = community.server
    await server.until(lambda: len(server.messages(TALK_CHANNEL_ID)) > told)
    await community.asks(VIEWER_ID, "help")
    return [message.content for message in server.messages(TALK_CHANNEL_ID)[told:]]


async def test_f36_every_answer_after_fifteen_minutes_goes_to_the_channel_once(
    community: Community, clock: ShiftedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever waits for its answer is done once, and said once in the channel; no question is asked there."""
    monkeypatch.setattr("bot.discord.commands.replies.QUICK_S", 0.0)
    server = community.server
    names = [name for command in server.commands.all(GUILD_ID) for name in leaves(command)]
    over, told, late = TokensOver(community, clock), 0, set[str]()
    for name in names:
        before, deferred = len(community.commands()), over.deferred
        done = await server.command(ADMIN_ID, TALK_CHANNEL_ID, name, OPTIONS.get(name, {}))
        if over.deferred == deferred:
            continue
        late.add(name)
        (said,) = await in_the_channel(community, told)
        told += 1
        assert said.startswith("Ada: "), name
        assert "must confirm" not in said, name
        if name in ONLY_ASKS:
            assert "nothing has changed" in said, name
        assert not any(message.content or message.embeds for message in done.messages), name
        given = community.commands()[before:]
        steered = name in STEERS - ONLY_ASKS
        assert [one.command_id for one in given] == [f"discord-{done.id}"] * steered, name
    assert late == set(names) - AT_ONCE


@pytest.mark.parametrize("name", sorted(ONLY_ASKS))
async def test_f36_every_confirmation_after_fifteen_minutes_is_told_in_the_channel_once(
    community: Community, clock: ShiftedClock, name: str
) -> None:
    """A yes whose answer comes too late is carried out once, and the channel is told what became of it."""
    server = community.server
    community.room.command(c.NewTrade(command_id="n2", who="test", instrument=KEY, qty=1))
    await asyncio.to_thread(community.room.quote, 3.0, 3.2, "GOOG  151231C00755000")
    options = OPTIONS.get(name, {}) | CONFIRMED.get(name, {})
    asked = await server.command(ADMIN_ID, TALK_CHANNEL_ID, name, options)
    await community.answer(asked)
    question, before = asked.messages[0], len(community.commands())
    over = TokensOver(community, clock)
    await server.press(ADMIN_ID, question, question.components[0]["components"][0]["custom_id"])
    (said,) = await in_the_channel(community, 0)
    assert over.deferred == 1
    assert "taken" in said
    (given,) = community.commands()[before:]
    assert isinstance(given, CommandTaken)
    assert given.command_id == f"discord-{asked.id}"
