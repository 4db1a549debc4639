"""Following by button and by command: the real discord.py, a day that trades, people of every tier."""

import asyncio
import threading
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from bot.discord.commands.buttons import custom_id
from bot.discord.following.directs import Directs
from bot.discord.loopback.cast import (
    ADMIN_ID,
    DESK_CHANNEL_ID,
    GUILD_ID,
    POSITIONS_CHANNEL_ID,
    TALK_CHANNEL_ID,
    VIEWER_ID,
)
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.loopback.world import Message
from options import commands as c
from storage.follows import FollowStore
from tests.bot.discord.desk_community import Community, holding_eight
from tests.bot.discord.test_card_buttons import labels


def card(community: Community, channel_id: int = POSITIONS_CHANNEL_ID) -> Message:
    """The card in a channel."""
    return community.server.messages(channel_id)[0]


def directs(community: Community, user_id: int = VIEWER_ID) -> list[Message]:
    """The direct messages of a member, oldest first."""
    world = community.server.world
    return community.server.messages(world.direct_channel(user_id).id)


def follows(community: Community) -> list[str]:
    """What anybody follows."""
    with closing(FollowStore(community.data / "discord.sqlite3")) as store:
        return [one.name for one in store.follows()]


class Done:
    """Waits until the service, in its own thread, has done something."""

    def __init__(self, patch: pytest.MonkeyPatch, owner: type, name: str) -> None:
        self._happened = threading.Event()
        real = getattr(owner, name)

        def watched(*given: object, **named: object) -> object:
            found = real(*given, **named)
            self._happened.set()
            return found

        patch.setattr(owner, name, watched)

    async def wait(self) -> None:
        assert await asyncio.to_thread(self._happened.wait, 10)


async def shown(community: Community) -> None:
    """Wait for the card with its button."""
    server = community.server
    await server.until(lambda: any("Follow" in labels(m) for m in server.messages(POSITIONS_CHANNEL_ID)))


async def press(community: Community, label: str, message: Message, user_id: int = VIEWER_ID) -> str:
    """What a person is answered who presses a button."""
    server = community.server
    return await community.answer(await server.press(user_id, message, labels(message)[label]))


async def told(community: Community, words: str, user_id: int = VIEWER_ID) -> Message:
    """The direct message with these words, once it is there."""
    found: list[Message] = []

    def there() -> bool:
        found[:] = [one for one in directs(community, user_id) if words in one.content]
        return bool(found)

    await community.server.until(there)
    return found[0]


def trim(community: Community, number: int) -> None:
    """Somebody trims T1; the market moves on so that it fills."""
    room = community.room
    room.command(c.TrimTrade(command_id=f"t{number}", who="test", trade_id="T1", qty=1))
    room.quote(4.0, 4.2)


async def test_a_button_follows_and_a_button_in_the_message_stops(community: Community) -> None:
    """Follow under the card, a greeting with a Stop button, a message on a trim, and nothing more after Stop."""
    await shown(community)
    answer = await press(community, "Follow", card(community))
    assert "You follow **T1**" in answer
    greeting = await told(community, "Its news comes here")
    trim(community, 1)
    news = await told(community, "T1 trimmed: 7 of 8 left")
    assert "Took out: sold 1 at 4.00" in news.content
    assert await press(community, "Stop: T1", news) == "🔕 You follow **T1** no more."
    assert await press(community, "Stop: T1", greeting) == "You do not follow **T1**."
    trim(community, 2)
    await community.asks_until("of 8", ADMIN_ID, "positions")
    assert follows(community) == []
    assert len(directs(community)) == 2


async def test_closing_ends_what_was_followed(community: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last message says the result, and that nothing more comes."""
    ended = Done(monkeypatch, FollowStore, "remove")
    await shown(community)
    await press(community, "Follow", card(community))
    community.room.command(c.CloseTrade(command_id="x", who="test", trade_id="T1"))
    community.room.quote(4.0, 4.2)
    last = await told(community, "T1 closed")
    assert "You follow it no more" in last.content
    assert labels(last) == {}
    await community.server.until(lambda: labels(card(community)) == {})
    await ended.wait()
    assert follows(community) == []


async def test_a_stop_that_is_moved_is_told(community: Community) -> None:
    """Setting a stop and moving it are news: from what, to what."""
    await shown(community)
    await press(community, "Follow", card(community))
    room = community.room
    room.command(c.SetStop(command_id="s1", who="test", trade_id="T1", level=Decimal(3)))
    await told(community, "Stop none → 3.00")
    room.command(c.SetStop(command_id="s2", who="test", trade_id="T1", level=Decimal("3.5")))
    moved = await told(community, "Stop 3.00 → 3.50")
    assert moved.content.startswith("**T1 stop 3.50**")


async def test_commands_follow_list_and_unfollow(community: Community) -> None:
    """A trade and a strategy by name; the list has a Stop button each; unfollow ends one, or everything."""
    await shown(community)
    assert "You follow nothing yet" in await community.asks(VIEWER_ID, "follow")
    assert "neither a trade" in await community.asks(VIEWER_ID, "follow", what="T9")
    assert "You follow **all of follow_signal**" in await community.asks(
        VIEWER_ID, "follow", what="follow_signal"
    )
    assert "You follow **T1**" in await community.asks(VIEWER_ID, "follow", what="t1")
    assert "already" in await community.asks(VIEWER_ID, "follow", what="T1")
    listed = await community.server.command(VIEWER_ID, TALK_CHANNEL_ID, "follow", {})
    assert "– T1 · GOOG 31 Dec 2015 $750 call" in await community.answer(listed)
    assert list(labels(listed.messages[0])) == ["Stop: all of follow_signal", "Stop: T1"]
    assert "no more" in await community.asks(VIEWER_ID, "unfollow", what="T1-1")
    assert "do not follow T1" in await community.asks(VIEWER_ID, "unfollow", what="T1")
    assert "You followed all of follow_signal; now nothing" in await community.asks(
        VIEWER_ID, "unfollow", what="everything"
    )
    assert follows(community) == []
    assert len(directs(community)) == 1, "only the first follow is greeted"


async def test_names_are_completed(community: Community) -> None:
    """While typing: strategies and trades that are not followed yet; to stop, what is followed."""
    await shown(community)
    people, server = community.server.people, community.server

    async def offered(name: str, typed: str = "") -> list[str]:
        asked = people.autocomplete(VIEWER_ID, TALK_CHANNEL_ID, name, {"what": typed}, "what")
        return [str(one["value"]) for one in (await server.answered(asked)).choices]

    assert await offered("follow") == ["follow_signal", "manual", "T1"]
    assert await offered("follow", "goog") == ["T1"]
    await community.asks(VIEWER_ID, "follow", what="T1")
    await community.asks(VIEWER_ID, "follow", what="manual")
    assert await offered("follow") == ["follow_signal"]
    assert await offered("unfollow") == ["manual", "T1-1", "everything"]
    assert await offered("unfollow", "T1") == ["T1-1"]


async def test_closed_direct_messages_are_said_at_once(community: Community) -> None:
    """Who takes no direct messages is told what to open, alone, and follows nothing."""
    await shown(community)
    community.server.moderator.takes_direct_messages(VIEWER_ID, takes=False)
    done = await community.server.press(VIEWER_ID, card(community), labels(card(community))["Follow"])
    assert "Privacy Settings" in await community.answer(done)
    assert done.messages[0].seen_only_by == VIEWER_ID
    assert follows(community) == []


async def test_direct_messages_that_were_closed_later_are_said_once(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed after following: told with the next command, once, and what was followed has ended."""
    refused, ended = Done(monkeypatch, Directs, "is_refused"), Done(monkeypatch, Directs, "forget")
    await shown(community)
    server = community.server
    await press(community, "Follow", card(community))
    server.moderator.takes_direct_messages(VIEWER_ID, takes=False)
    trim(community, 1)
    await refused.wait()
    done = await server.command(VIEWER_ID, TALK_CHANNEL_ID, "status")
    await server.until(lambda: len(done.messages) == 2)
    notice = done.messages[1]
    assert "you follow nothing any more (it was T1)" in notice.content
    assert notice.seen_only_by == VIEWER_ID
    await ended.wait()
    assert follows(community) == []
    again = await server.command(VIEWER_ID, TALK_CHANNEL_ID, "status")
    await community.answer(again)
    assert len(again.messages) == 1
    server.moderator.takes_direct_messages(VIEWER_ID, takes=True)
    assert "You follow **T1**" in await press(community, "Follow", card(community))


async def test_who_comes_back_before_the_notice_is_told_with_the_follow(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who opens their messages again and follows anew is told that what was before has ended."""
    refused = Done(monkeypatch, Directs, "is_refused")
    await shown(community)
    server = community.server
    await community.asks(VIEWER_ID, "follow", what="follow_signal")
    await press(community, "Follow", card(community))
    server.moderator.takes_direct_messages(VIEWER_ID, takes=False)
    trim(community, 1)
    await refused.wait()
    server.moderator.takes_direct_messages(VIEWER_ID, takes=True)
    answer = await press(community, "Follow", card(community))
    assert "what you followed has ended: all of follow_signal, T1" in answer
    assert follows(community) == ["T1-1"]


async def test_a_slow_member_does_not_delay_a_card(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a direct message hangs, the card is brought up to date."""
    await shown(community)
    await press(community, "Follow", card(community))
    hanging = asyncio.Event()

    async def never(*_: object) -> int:
        hanging.set()
        return await asyncio.Future()

    monkeypatch.setattr(Directs, "tell", never)
    trim(community, 1)
    await community.server.until(lambda: "**7 of 8**" in str(card(community).embeds))
    assert len(directs(community)) == 1


async def test_who_loses_the_role_is_told_nothing(
    server: LoopbackDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tier is asked of Discord before members are written to: without it they follow nothing any more."""
    ended = Done(monkeypatch, Directs, "forget")
    open_to_one = Community(server, tmp_path, viewer_users=(VIEWER_ID,), viewer_roles=())
    async with holding_eight(open_to_one) as community:
        await shown(community)
        await press(community, "Follow", card(community))
        del server.world.guild(GUILD_ID).members[VIEWER_ID]
        trim(community, 1)
        await ended.wait()
        assert follows(community) == []
        assert len(directs(community)) == 1


async def test_who_may_not_look_may_not_follow(server: LoopbackDiscord, tmp_path: Path) -> None:
    """The button is there for all to see; without the tier of a viewer it says so."""
    async with holding_eight(Community(server, tmp_path, viewer_roles=())) as community:
        await shown(community)
        assert "takes the tier viewer" in await press(community, "Follow", card(community))
        assert follows(community) == []


async def test_the_button_works_after_a_restart_and_not_on_what_is_over(community: Community) -> None:
    """An old message's button still follows; a position that is over, or another ledger's, says so."""
    await shown(community)
    server, message = community.server, card(community)
    await asyncio.to_thread(community.service.close, 0.0)
    await server.until(lambda: not server.gateway.connected)
    community.service = community._open.enter_context(community.again())
    await server.until(lambda: server.gateway.connected)
    assert "You follow **T1**" in await press(community, "Follow", message)
    stale = custom_id("follow", "00000000/T1-1")
    over = custom_id("follow", labels(message)["Follow"].split(":")[2].replace("T1-1", "T1-9"))
    for made_up, words in ((stale, "another ledger"), (over, "is over")):
        message.components[0]["components"][0]["custom_id"] = made_up
        done = await server.press(VIEWER_ID, message, made_up)
        assert words in await community.answer(done)


async def test_the_desk_has_the_button_beside_its_own(community: Community) -> None:
    """On the desk's card Follow stands behind the buttons that steer."""
    await shown(community)
    server = community.server
    await server.until(lambda: bool(server.messages(DESK_CHANNEL_ID)))
    await server.until(lambda: len(labels(card(community, DESK_CHANNEL_ID))) == 5)
    assert list(labels(card(community, DESK_CHANNEL_ID)))[-1] == "Follow"
