"""A card as an embed: valid whatever the text, found again by its footer, posted under a nonce that Discord takes."""

from dataclasses import replace

import discord
from hypothesis import given
from hypothesis import strategies as st

from bot.card import Card, CardState, card_of
from bot.discord.embed import embed_of, footer_name, nonce_of, plain_embed, position_of, relative_text
from bot.discord.loopback.embed_form import checked_embeds
from bot.discord.loopback.refusals import FormProblems
from tests.bot.test_card import view_of
from tests.bot.whole_trade import TradeScript, opened

LEDGER = "0123abcd"
VIEW = view_of(*opened(TradeScript()))


def valid(embed: discord.Embed) -> bool:
    """Whether Discord's limits hold."""
    problems = FormProblems()
    checked_embeds([embed.to_dict()], problems)
    return not problems.tree


@given(st.text(max_size=2000), st.text(max_size=2000), st.text(min_size=1, max_size=60))
def test_i22_any_text_gives_a_valid_embed(source: str, reason: str, position_id: str) -> None:
    """Whatever signals write, the embed keeps Discord's limits and its position is found again."""
    shown = replace(VIEW, source=source, reason=reason, position_id=position_id)
    embed = embed_of(card_of(shown), LEDGER, relative_text(shown))
    assert valid(embed)
    assert valid(plain_embed(card_of(shown), LEDGER))
    assert "@" not in str(embed.to_dict())


def test_i22_the_largest_card_stays_valid() -> None:
    """A card at Discord's limit loses its last fields rather than the mark in its footer."""
    fields = tuple((f"{number:03d}", "v" * 1021, False) for number in range(5))
    card = Card(CardState.OPEN, "t" * 256, "d" * 500, 0, fields, "T1-1 · " + "f" * 100)
    embed = embed_of(card, LEDGER, "w" * 50)
    assert valid(embed)
    assert position_of(embed, LEDGER) == "T1-1"


def test_a_position_is_found_by_its_footer_and_only_its_own() -> None:
    """The footer names the position and its ledger; another ledger's position of the same name is another."""
    embed = embed_of(card_of(VIEW), LEDGER)
    assert position_of(embed, LEDGER) == footer_name(VIEW.position_id)
    assert position_of(embed, "another1") is None
    assert position_of(discord.Embed(title="by somebody"), LEDGER) is None


@given(st.text(max_size=200), st.integers(0, 10**9))
def test_nonces_fit(position_id: str, generation: int) -> None:
    """A nonce has at most 25 characters, is the same for the same post, and another one after a deletion."""
    nonce = nonce_of(position_id, LEDGER, generation)
    assert len(nonce) <= 25
    assert nonce == nonce_of(position_id, LEDGER, generation)
    assert nonce != nonce_of(position_id, LEDGER, generation + 1)
