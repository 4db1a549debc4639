"""``/stop``, ``/target`` and ``/trail``: shown from what to what before they are done; and who asked is said."""

import pytest

from bot.discord.loopback.cast import POSITIONS_CHANNEL_ID, TALK_CHANNEL_ID, TRADER_ID, VIEWER_ID
from options.events import CommandTaken, ExitsArmed
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import read
from tests.bot.discord.desk_community import Community


def armed(community: Community) -> list[str]:
    """Each state of the exits that was written down, in words."""
    events = [event for batch in read(community.data / LEDGER_PATH) for event in batch.events]
    return [
        ", ".join(f"{one.kind} {one.qty}" for one in event.exits)
        for event in events
        if isinstance(event, ExitsArmed)
    ]


@pytest.mark.parametrize(
    ("name", "options", "words", "after"),
    [
        ("stop", {"level": "3"}, "new: stop 8 at 3.00", "stop 8"),
        ("target", {"level": "$6.50"}, "new: target 8 at 6.50", "target 8"),
        ("trail", {"distance": "25%"}, "new: trailing 8 25% from 4.10", "trailing 8"),
        ("trail", {"distance": "$1.50"}, "new: trailing 8 $1.50 from 4.10", "trailing 8"),
    ],
)
async def test_a_level_is_shown_before_it_is_set(
    community: Community, name: str, options: dict[str, str], words: str, after: str
) -> None:
    """The preview names the exit that would be new, nothing is done before the yes, and then it is that."""
    asked = await community.server.command(TRADER_ID, TALK_CHANNEL_ID, name, {"trade": "T1", **options})
    told = await community.answer(asked)
    assert words in told
    assert "Nothing is done yet" in told
    assert armed(community) == []
    confirm = asked.messages[0].components[0]["components"][0]["custom_id"]
    await community.server.press(TRADER_ID, asked.messages[0], confirm)
    await community.server.until(lambda: "taken" in asked.messages[0].content)
    assert armed(community) == [after]


async def test_a_change_is_shown_from_what_to_what(community: Community) -> None:
    """A stop that is there already becomes another one, and a target beside it stays."""
    await community.confirms(TRADER_ID, "stop", trade="T1", level="3")
    told = await community.confirms(TRADER_ID, "target", trade="T1", level="6")
    assert "taken" in told
    asked = await community.asks(TRADER_ID, "stop", trade="T1", level="3.5")
    assert "stop 8 at 3.00 becomes stop 8 at 3.50" in asked
    assert "target" not in asked


async def test_a_level_on_the_wrong_side_is_refused_with_what_would_be_right(community: Community) -> None:
    """A long's stop above its worth and a target below it are refused, and there is nothing to press."""
    for name, level, words in (
        ("stop", "5", "the stop 5.00 of a long must lie below its mark 4.10"),
        ("target", "2", "target 1 at 2.00 of a long must lie above its mark 4.10"),
    ):
        asked = await community.server.command(
            TRADER_ID, TALK_CHANNEL_ID, name, {"trade": "T1", "level": level}
        )
        assert words in await community.answer(asked)
        assert not asked.messages[0].components


async def test_who_asked_stands_behind_the_fill(community: Community) -> None:
    """A trim by button or command carries the name in the card's history, and the ledger the id as well."""
    await community.confirms(TRADER_ID, "trim", trade="T1", amount="2")
    community.room.quote(4.0, 4.2)
    server = community.server

    def history() -> str:
        fields = server.messages(POSITIONS_CHANNEL_ID)[0].embeds[0]["fields"]
        return next((str(one["value"]) for one in fields if one["name"].startswith("History")), "")

    await server.until(lambda: "trim" in history())
    assert history().endswith("trim **−2** at 4.00 · Tara")
    taken = [one for one in community.commands() if isinstance(one, CommandTaken)]
    assert taken[-1].who == f"Tara ({TRADER_ID})"
    assert f"by Tara ({TRADER_ID})" in await community.asks(VIEWER_ID, "orders", trade="T1")
