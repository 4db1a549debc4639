"""Every command that is registered, doubled, late, after a restart and about a position that is over."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from bot.discord.loopback.announcements import Announcement
from bot.discord.loopback.cast import ADMIN_ID, GUILD_ID, TALK_CHANNEL_ID, VIEWER_ID
from bot.discord.loopback.interactions import Interaction
from options.events import CommandTaken
from tests.bot.discord.desk_community import Community
from tests.bot.discord.shifted_clock import ShiftedClock
from tests.bot.discord.test_commands import NEEDED, ONLY_ASKS, OPTIONS

STEERS = {name for name, tier in NEEDED.items() if tier > 1}
OF_A_TRADE = sorted(name for name in STEERS if "trade" in OPTIONS.get(name, {}))
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
    await asyncio.to_thread(community.stop)
    second = Community(community.server, community.data)
    await asyncio.to_thread(second.start)
    try:
        await second.server.until(lambda: second.server.gateway.happened["identify"] == 2)
        await asyncio.to_thread(second.room.quote, 4.0, 4.2)
        for name in NEEDED:
            before = len(second.commands())
            text = await second.asks(ADMIN_ID, name, **OPTIONS.get(name, {}))
            assert text
            assert "You may not use" not in text, name
            assert len(second.commands()) == before + (name in STEERS and name not in ONLY_ASKS), name
    finally:
        await asyncio.to_thread(second.stop)


@pytest.mark.parametrize("name", OF_A_TRADE)
async def test_every_command_about_a_position_that_is_over(community: Community, name: str) -> None:
    """The trade was closed meanwhile: the command is refused in words, and nothing is taken."""
    assert "taken" in await community.confirms(ADMIN_ID, "close", trade="T1")
    await asyncio.to_thread(community.room.quote, 4.0, 4.2)
    taken = sum(isinstance(one, CommandTaken) for one in community.commands())
    text = await community.asks(ADMIN_ID, name, **OPTIONS[name])
    assert text.startswith("❌"), text
    assert sum(isinstance(one, CommandTaken) for one in community.commands()) == taken
