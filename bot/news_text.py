"""What a short post says of a position's newest adds and exits. A pure function of the position and two moments."""

from bot.card_detail import Detail, share_left_text
from bot.card_fields import from_entry_text
from bot.card_text import (
    clip,
    contract_words,
    dollars_text,
    new_york_clock,
    percent_text,
    price_text,
    safe_text,
    unit_word,
    width,
)
from bot.close_words import close_words
from bot.dealings import Dealings
from bot.position_view import PositionView

NEWS_MAX = 1_000
"""UTF-16 units; Discord takes 2,000 of a bot."""
THREAD_NAME_MAX = 100
_KIND_MAX = 40
_ID_MAX = 40


def news_text(view: PositionView, news: Dealings, detail: Detail) -> str:
    """One or two sentences on what was dealt since the last post, the newest truth first.

    However much came together, it is told as sums at average prices. Without sizes no quantity and no sum is in it.
    """
    sized = detail is Detail.FULL
    sentences = []
    if news.qty_out:
        sentences.append(
            _closed(view, news, sized=sized) if not view.qty else _trimmed(view, news, sized=sized)
        )
    if news.qty_added:
        sentences.append(_added(view, news, sized=sized, first=not sentences))
    return clip("\n".join(sentences), NEWS_MAX)


def thread_name(view: PositionView) -> str:
    """What a position's thread is called, in at most 100 UTF-16 units: the contract in words and the position's id."""
    end = f" · {safe_text(view.position_id, _ID_MAX)}"
    return clip(contract_words(view.instrument), THREAD_NAME_MAX - width(end)) + end


def news_moment(view: PositionView) -> str:
    """When the position was last dealt in, New York time."""
    return f"{new_york_clock(view.history[-1].ts if view.history else view.as_of)} ET"


def _closed(view: PositionView, news: Dealings, *, sized: bool) -> str:
    count = f" {news.qty_out}" if sized else ""
    kind = f" by {close_words(view.closing_kind, _KIND_MAX)}" if view.closing_kind else ""
    price = f"{price_text(news.price_out)}{_away(view, news)}"
    result = f"result **{percent_text(view.pnl_fraction)}**" if view.pnl_fraction is not None else ""
    if sized and view.pnl is not None:
        result = f"{result or 'result'} {dollars_text(view.pnl)}"
    words = f"**Closed{count}**{kind} at **{price}**: {contract_words(view.instrument)}"
    return f"{words} · {result}" if result else words


def _trimmed(view: PositionView, news: Dealings, *, sized: bool) -> str:
    count = f" {news.qty_out}" if sized else ""
    price = f"{price_text(news.price_out)}{_away(view, news)}"
    left = f"{abs(view.qty)} of {view.qty_in}" if sized else share_left_text(view)
    return f"**Trimmed{count}** at **{price}**: {contract_words(view.instrument)} · {left} left"


def _added(view: PositionView, news: Dealings, *, sized: bool, first: bool) -> str:
    count = f" {news.qty_added}" if sized else ""
    held = f"{abs(view.qty)} {unit_word(view.instrument, view.qty)} at " if sized else ""
    what = f": {contract_words(view.instrument)}" if first else ""
    now = f" · now {held}{price_text(view.entry_average)} on average" if view.qty else ""
    return f"**Added{count}** at **{price_text(news.price_added)}**{what}{now}"


def _away(view: PositionView, news: Dealings) -> str:
    return from_entry_text(view, None if news.price_out is None else float(news.price_out))
