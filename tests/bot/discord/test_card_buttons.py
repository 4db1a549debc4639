"""Previews, confirmations and the buttons of the desk: before and after a restart, doubled, late, and at odds."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from bot.discord.commands.card_buttons import CARD_BUTTONS
from bot.discord.loopback.cast import (
    ADMIN_ID,
    DESK_CHANNEL_ID,
    HELPER_ID,
    POSITIONS_CHANNEL_ID,
    SECOND_ADMIN_ID,
    TALK_CHANNEL_ID,
    TRADER_ID,
    VIEWER_ID,
)
from bot.discord.loopback.interactions import Interaction
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.loopback.world import Message
from options.events import CommandRefused, CommandTaken
from options.plan import ExitPlan
from storage.confirmations import Confirmations
from tests.bot.discord.desk_community import Community, next_process


async def begun(server: LoopbackDiscord, data: Path) -> Community:
    """A community with a position of eight contracts, T1, whose card stands in the desk's channel."""
    made = Community(server, data)
    await made.buys_eight(4.4, 4.6, ExitPlan(stop=Decimal("0.5")))
    await server.until(lambda: bool(labels(card(made))))
    return made


@pytest.fixture
async def community(server: LoopbackDiscord, tmp_path: Path) -> AsyncIterator[Community]:
    """The community of :func:`begun`, ended after the test."""
    made = await begun(server, tmp_path)
    yield made
    await asyncio.to_thread(made.stop)


def card(community: Community) -> Message | None:
    """The card in the desk's channel."""
    messages = community.server.world.channel(DESK_CHANNEL_ID).messages.values()
    return next((one for one in messages if not one.seen_only_by), None)


def labels(message: Message | None) -> dict[str, str]:
    """The buttons of a message: label and id."""
    rows = [] if message is None else message.components
    return {one["label"]: one["custom_id"] for row in rows for one in row["components"]}


async def pressed(
    community: Community, user_id: int, label: str, message: Message | None = None
) -> Interaction:
    """A person presses a button of the card, or of another message."""
    where = message or card(community)
    assert where is not None
    return await community.server.press(user_id, where, labels(where)[label])


async def asked(community: Community, user_id: int, label: str) -> Message:
    """The question that a press of the card's button leads to."""
    done = await pressed(community, user_id, label)
    await community.answer(done)
    return done.messages[0]


async def said(community: Community, question: Message) -> str:
    """What became of a question that was decided."""
    await community.server.until(lambda: not question.components)
    return question.content


def held(community: Community) -> int:
    """Contracts of T1."""
    trade = community.room.book.trade("T1")
    assert trade is not None
    return trade.position.qty


async def test_a_button_shows_the_preview_and_its_confirmation_does_it(community: Community) -> None:
    """Trim a quarter: two of eight at the bid and the mid, six left, the stop for six; nothing before the yes."""
    question = await asked(community, ADMIN_ID, "Trim ¼")
    for words in (
        "sell 2 GOOG 31 Dec 2015 $750 call at the market",
        "$880.00 (+$60.00) at the far side or $900.00 (+$80.00) at the mid",
        "+8 held, +6 left",
        "stop 8 at 2.05 becomes stop 6 at 2.05",
    ):
        assert words in question.content
    assert held(community) == 8
    await pressed(community, ADMIN_ID, "Confirm trim", question)
    assert "taken" in await said(community, question)
    assert held(community) == 6


@pytest.mark.parametrize(
    ("label", "left", "stop"), [("Trim ½", 4, "2.05"), ("Stop to break-even", 8, "4.10")]
)
async def test_each_button_does_what_it_says(community: Community, label: str, left: int, stop: str) -> None:
    """Half is sold; the stop goes to the entry."""
    question = await asked(community, TRADER_ID, label)
    assert "Nothing is done yet" in question.content, question.content
    verb = "trim" if "Trim" in label else "stop"
    await pressed(community, TRADER_ID, f"Confirm {verb}", question)
    assert "taken" in await said(community, question)
    assert held(community) == left
    (armed,) = community.room.book.trades["T1"].armed
    assert (str(armed.level), armed.qty) == (stop, left)


async def test_a_closed_position_has_no_buttons_and_its_old_ones_say_so(community: Community) -> None:
    """After the close the card has none; a press that was on its way is told that the position is over."""
    shown = card(community)
    assert shown is not None
    old = list(shown.components)
    question = await asked(community, ADMIN_ID, "Close")
    await pressed(community, ADMIN_ID, "Confirm close", question)
    assert "taken" in await said(community, question)
    await community.server.until(lambda: not labels(card(community)))
    shown.components = old
    done = await pressed(community, ADMIN_ID, "Close")
    assert "the position T1-1 is over" in await community.answer(done)


async def test_of_two_opposite_buttons_the_first_confirmation_counts(community: Community) -> None:
    """One admin would trim, another close: the second yes is told that the position has changed, and does nothing."""
    trim = await asked(community, ADMIN_ID, "Trim ½")
    close = await asked(community, SECOND_ADMIN_ID, "Close")
    await pressed(community, ADMIN_ID, "Confirm trim", trim)
    assert "taken" in await said(community, trim)
    await pressed(community, SECOND_ADMIN_ID, "Confirm close", close)
    assert "T1 has changed since it was shown; look again" in await said(community, close)
    assert held(community) == 4


async def test_a_confirmation_counts_once_and_for_who_asked(community: Community) -> None:
    """Another person's press is refused; pressed twice it is done once; what was left stays left."""
    question = await asked(community, ADMIN_ID, "Trim ¼")
    again = labels(question)["Confirm trim"]
    question.seen_only_by = None  # as it could be if somebody made a request of their own
    other = await pressed(community, SECOND_ADMIN_ID, "Confirm trim", question)
    assert "Only who asked for this may decide it" in await community.answer(other)
    twice = [community.server.press(ADMIN_ID, question, again) for _ in range(2)]
    await asyncio.gather(*twice)
    assert "taken" in await said(community, question)
    assert held(community) == 6
    question = await asked(community, ADMIN_ID, "Close")
    await pressed(community, ADMIN_ID, "Leave it", question)
    assert "was left: nothing has changed" in await said(community, question)
    assert held(community) == 6


async def test_a_confirmation_expires(community: Community) -> None:
    """A yes after its time is told so, and nothing is done."""
    question = await asked(community, ADMIN_ID, "Close")
    store = Confirmations(community.data / "discord.sqlite3")
    store._change("UPDATE confirmations SET expires_at = 1", ())
    store.close()
    late = await pressed(community, ADMIN_ID, "Confirm close", question)
    assert "asked too long ago, and nothing was done" in await community.answer(late)
    assert held(community) == 8


async def test_who_lost_the_tier_cannot_confirm(community: Community) -> None:
    """The tier is looked at when the yes comes, not only when it was asked for."""
    question = await asked(community, TRADER_ID, "Close")
    community.server.world.channel(DESK_CHANNEL_ID).overwrites.clear()
    guild = next(iter(community.server.world.guilds.values()))
    guild.members[TRADER_ID].roles.clear()
    late = await pressed(community, TRADER_ID, "Confirm close", question)
    assert "You may not decide this" in await community.answer(late)
    assert held(community) == 8


@pytest.mark.parametrize(
    ("user_id", "may"), [(VIEWER_ID, set()), (HELPER_ID, {"quarter"}), (TRADER_ID, set(CARD_BUTTONS))]
)
async def test_every_button_as_every_tier(community: Community, user_id: int, may: set[str]) -> None:
    """A viewer may press none, a helper trim up to the limit, a trader all; a refusal changes nothing."""
    rights = community.server.world.channel(DESK_CHANNEL_ID)
    rights.overwrites.clear()
    for name, button in CARD_BUTTONS.items():
        text = await community.answer(await pressed(community, user_id, button.label))
        assert ("Nothing is done yet" in text) == (name in may)
    fates = [one for one in community.commands() if one.command_id.startswith("discord")]
    assert fates == []


async def test_buttons_and_confirmations_work_after_a_restart(
    server: LoopbackDiscord, tmp_path: Path
) -> None:
    """A card and a question of an earlier process are pressed in the next: both do what they say."""
    first = await begun(server, tmp_path)
    question = await asked(first, ADMIN_ID, "Trim ¼")
    async with next_process(first) as second:
        second.room.quote(4.4, 4.6)
        await pressed(second, ADMIN_ID, "Confirm trim", question)
        assert "taken" in await said(second, question)
        assert held(second) == 6
        close = await asked(second, ADMIN_ID, "Close")
        assert "+6 held, nothing left" in close.content
        await pressed(second, ADMIN_ID, "Confirm close", close)
        assert "taken" in await said(second, close)
        assert held(second) == 0
        fates = [one for one in second.commands() if one.command_id.startswith("discord")]
        assert [type(one) for one in fates] == [CommandTaken, CommandTaken]


async def test_only_the_desk_has_buttons_that_steer(community: Community) -> None:
    """The channel of the community shows the same card, and all that can be done there is to follow it."""
    world = community.server.world
    await community.server.until(lambda: bool(world.channel(POSITIONS_CHANNEL_ID).messages))
    shown = world.channel(POSITIONS_CHANNEL_ID).messages.values()
    assert [list(labels(one)) for one in shown] == [["Follow"]]
    assert not world.channel(TALK_CHANNEL_ID).messages
    taken = [one for one in community.commands() if isinstance(one, CommandRefused)]
    assert taken == []
    assert all(isinstance(one, CommandTaken) for one in community.commands())
