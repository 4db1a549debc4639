"""Slash commands end to end: people of every tier in the loopback Discord, the real discord.py, a day that runs."""

import asyncio
from concurrent.futures import Future

import pytest

from bot.discord.loopback.cast import (
    ADMIN_ID,
    GUILD_ID,
    HELPER_ID,
    TALK_CHANNEL_ID,
    TRADER_ID,
    VIEWER_ID,
)
from bot.door.handover import DeskClosed, Handover
from options.events import CommandTaken
from tests.bot.command_room import KEY
from tests.bot.discord.desk_community import Community, next_process

TIERS = {VIEWER_ID: 1, HELPER_ID: 2, TRADER_ID: 3, ADMIN_ID: 4}
NEEDED = {
    "help": 1,
    "status": 1,
    "positions": 1,
    "orders": 1,
    "pnl": 1,
    "report": 1,
    "why": 1,
    "follow": 1,
    "unfollow": 1,
    "trade show": 1,
    "trim": 2,
    "halt": 3,
    "trade new": 3,
    "trade activate": 3,
    "trade modify": 3,
    "trade cancel": 3,
    "close": 3,
    "roll": 3,
    "stop": 3,
    "target": 3,
    "trail": 3,
    "held": 3,
    "resume": 4,
    "close-all": 4,
}
OPTIONS: dict[str, dict[str, object]] = {
    "trade show": {"trade": "T1"},
    "unfollow": {"what": "everything"},
    "trim": {"trade": "T1", "amount": "2"},
    "trade new": {"symbol": "GOOG", "expiry": "2015-12-31", "strike": "750", "right": "call", "qty": 1},
    "trade activate": {"trade": "T1"},
    "trade modify": {"trade": "T1", "stop": "30%"},
    "trade cancel": {"trade": "T1"},
    "close": {"trade": "T1"},
    "roll": {"trade": "T1", "strike": "755"},
    "stop": {"trade": "T1", "level": "even"},
    "target": {"trade": "T1", "level": "6"},
    "trail": {"trade": "T1", "distance": "25%"},
    "held": {"trade": "T1", "by": "engine"},
    "resume": {"reason": "halted by hand"},
}
ONLY_ASKS = {"trim", "close", "roll", "stop", "target", "trail", "held", "trade cancel", "close-all"}


@pytest.mark.parametrize("name", NEEDED)
async def test_every_command_as_every_tier(community: Community, name: str) -> None:
    """Who has the tier is answered; who has not is not shown the command, and refused if they send it all the same."""
    for command in community.server.commands.all(GUILD_ID):
        command["default_member_permissions"] = None
    for user_id, tier in TIERS.items():
        before = len(community.commands())
        text = await community.asks(user_id, name, **OPTIONS.get(name, {}))
        if tier < NEEDED[name]:
            assert "You may not use" in text
            assert len(community.commands()) == before
        else:
            assert "You may not use" not in text
            assert len(community.commands()) == before + (NEEDED[name] > 1 and name not in ONLY_ASKS)


async def test_commands_are_hidden_from_who_may_not_use_them(community: Community) -> None:
    """Discord's menu shows each person the commands of their tier and no others."""
    for user_id, tier in TIERS.items():
        shown = {one["name"] for one in community.server.commands.usable(GUILD_ID, user_id)}
        # /trade is one entry in the menu: who may only look has /orders for what /trade show shows.
        assert shown == {
            name.split()[0] for name, needed in NEEDED.items() if needed <= tier and name != "trade show"
        }


async def test_a_trim_follows_and_is_recorded_with_who_asked(community: Community) -> None:
    """A helper's trim is one command in the ledger, by name and id; beyond the limit nothing is done."""
    text = await community.confirms(HELPER_ID, "trim", trade="T1", amount="2")
    assert "trim T1**: taken" in text
    taken = community.commands()[-1]
    assert isinstance(taken, CommandTaken)
    assert taken.who == f"Hugo ({HELPER_ID})"
    assert taken.command_id.startswith("discord-")
    before = len(community.commands())
    assert "at most 2 at a time, this is 3" in await community.confirms(
        HELPER_ID, "trim", trade="T1", amount="½"
    )
    assert len(community.commands()) == before
    assert "taken" in await community.confirms(TRADER_ID, "trim", trade="T1", amount="½")
    assert "neither" not in await community.confirms(TRADER_ID, "trim", trade="T9", amount="1")


async def test_positions_and_status_tell_the_truth(community: Community) -> None:
    """What is held is shown at its newest mark, and a halt is named."""
    text = await community.asks(VIEWER_ID, "positions")
    assert "T1" in text
    assert "as quoted now" in text
    assert "Trading." in await community.asks(VIEWER_ID, "status")
    await community.asks(TRADER_ID, "halt", reason="@everyone is hot")
    status = await community.asks(VIEWER_ID, "status")
    assert "Halted" in status
    assert "@" not in status


async def test_commands_are_registered_once(community: Community) -> None:
    """A second start with the same commands tells Discord nothing."""

    def told() -> int:
        return len(community.server.journal.of("PUT", "/commands"))

    assert told() == 1
    async with next_process(community) as again:
        assert "Trading." in await again.asks(VIEWER_ID, "status")
        assert told() == 1


async def test_a_trade_from_draft_to_closed(community: Community) -> None:
    """New, with its plan and activated at once; its stop moved, shown as a tree, explained, and closed."""
    text = await community.asks(
        TRADER_ID,
        "trade new",
        symbol="GOOG",
        expiry="2015-12-31",
        strike="750",
        right="call",
        qty=2,
        stop="30%",
        targets="30%:0.5 @9:0.5",
        activate=True,
        strategy="tara",
        reason="@everyone says so",
    )
    assert "new T2**: taken" in text
    assert "activate T2**: taken" in text
    await asyncio.to_thread(community.room.quote, 4.0, 4.2)
    assert "taken" in await community.confirms(TRADER_ID, "stop", trade="T2", level="3.50")
    assert "neither a price" in await community.asks(TRADER_ID, "stop", trade="T2", level="soon")
    tree = await community.asks(VIEWER_ID, "orders", trade="T2")
    assert "OCA group" in tree
    assert "held here" in tree
    assert "@" not in tree.replace("@9", "")
    assert "should hold +2" in await community.asks(VIEWER_ID, "why", about="T2")
    assert "taken" in await community.confirms(TRADER_ID, "close", trade="T2")
    await asyncio.to_thread(community.room.quote, 4.4, 4.6)
    assert "T2" in await community.asks(VIEWER_ID, "report")
    late = await community.asks(TRADER_ID, "close", trade="T2")
    assert "it is over" in late
    await community.asks_until("1 trade closed: 0 won, 1 lost, 0 even", VIEWER_ID, "pnl")
    shown = await community.asks(VIEWER_ID, "orders", trade="T2")
    assert f"sold 2 at 4.00 (close, O3), −$40.00, by Tara ({TRADER_ID})" in shown


async def test_what_cannot_be_read_is_told_and_nothing_is_done(community: Community) -> None:
    """Every word of a plan that is none is named at once, and no command reaches the desk."""
    before = len(community.commands())
    text = await community.asks(
        TRADER_ID, "trade new", symbol=KEY, qty=1, stop="much", when_option="sideways", trail="far"
    )
    assert all(word in text for word in ("stop:", "when-option:", "trail:"))
    assert "no contract" in await community.asks(TRADER_ID, "trade new", symbol="GOOG soon 1 C", qty=1)
    both = await community.asks(
        TRADER_ID, "trade new", symbol="GOOG soon 1 C", qty=1, stop="much", targets="0.5:3", trail_after="20%"
    )
    assert all(
        words in both for words in ("no contract", "stop: 'much' is not a fraction", "'3' may be contracts")
    ), both
    changed = await community.asks(
        TRADER_ID, "trade modify", trade="T1", limit="much", flat_at="2015-12-01 10:00"
    )
    assert "limit: 'much' is not a price" in changed
    assert "flat-at 1 Dec 2015 10:00:00 ET has passed" in changed
    assert "T1 is filled: only its exits can be modified" in changed
    assert len(community.commands()) == before


async def test_trades_are_completed(community: Community) -> None:
    """While a trade is typed those that fit are offered, and to who may not use the command none."""
    people = community.server.people
    for command in community.server.commands.all(GUILD_ID):
        command["default_member_permissions"] = None
    for user_id, offered in ((TRADER_ID, ["T1"]), (VIEWER_ID, [])):
        typing = people.autocomplete(user_id, TALK_CHANNEL_ID, "close", {"trade": "goog"}, "trade")
        await community.server.answered(typing)
        assert [choice["value"] for choice in typing.choices] == offered


def test_who_asks_after_the_day_hears_that_it_is_over() -> None:
    """A handover that is closed refuses what waits and what comes."""
    handover: Handover[int] = Handover()
    waiting: Future[int] = handover.ask(lambda day: day)
    handover.close()
    for future in (waiting, handover.ask(lambda day: day)):
        with pytest.raises(DeskClosed, match="the day is over"):
            future.result(timeout=0)


async def offered(community: Community, name: str, focused: str, **options: object) -> list[tuple[str, str]]:
    """What a trader is offered while typing into an option: names and values."""
    asked = community.server.people.autocomplete(TRADER_ID, TALK_CHANNEL_ID, name, dict(options), focused)
    found = await community.server.answered(asked)
    return [(str(one["name"]), str(one["value"])) for one in found.choices]


async def test_the_chain_is_completed(community: Community) -> None:
    """Underlyings; expiries that have not passed, with how far they are; strikes near the money, with their quotes."""
    assert await offered(community, "trade new", "symbol", symbol="go") == [("GOOG", "GOOG")]
    assert await offered(community, "trade new", "symbol", symbol="x") == []
    assert await offered(community, "trade new", "expiry", symbol="goog", expiry="") == [
        ("2015-12-24 · Thu, today", "2015-12-24"),
        ("2015-12-31 · Thu, 7 days", "2015-12-31"),
        ("2016-01-15 · Fri, 22 days", "2016-01-15"),
    ]
    assert [
        one for _, one in await offered(community, "trade new", "expiry", symbol="GOOG", expiry="2016")
    ] == ["2016-01-15"]
    assert await offered(community, "trade new", "expiry", symbol="NOPE", expiry="") == []
    room = community.room
    await asyncio.to_thread(room.quote, 751.0, 753.0, "GOOG", 0)
    near = {"symbol": "GOOG", "expiry": "2015-12-31", "right": "call"}
    found = await offered(community, "trade new", "strike", **near, strike="")
    values = [one for _, one in found]
    assert len(values) == 25
    assert values[12] == "752.5", "the money is in the middle"
    assert ("750 · 4.00 / 4.20", "750") in found
    assert ("755", "755") in found
    assert await offered(community, "trade new", "strike", **near, strike="123") == [("12345.25", "12345.25")]
    assert await offered(community, "trade new", "strike", **(near | {"expiry": "soon"}), strike="7") == []
    assert await offered(community, "roll", "strike", trade="T1", strike="7525") == []
    assert ("750 · 4.00 / 4.20", "750") in await offered(community, "roll", "strike", trade="T1", strike="75")
