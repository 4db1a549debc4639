"""A quote is decided on only while it can be trusted."""

import pytest

from options.quote import Quote, QuoteCache, QuoteLimits
from options.values import SECOND

LIMITS = QuoteLimits(stale_after_s=60.0, feed_silence_s=10.0)
NOW = 1_000 * SECOND
NAN = float("nan")


def fault(quote: Quote | None, *, now: int = NOW, feed_ts: int = NOW) -> str | None:
    cache = QuoteCache()
    cache.update(feed_ts, [] if quote is None else [("X", quote)])
    return cache.fault("X", now, LIMITS)


def test_a_fresh_quote_is_healthy() -> None:
    """Two sides, one side, or a last alone can be trusted; so can a locked market and a bid of nothing."""
    for quote in (
        Quote(ts=NOW, bid=1.0, ask=1.1),
        Quote(ts=NOW, ask=1.1),
        Quote(ts=NOW, last=1.0),
        Quote(ts=NOW, bid=1.0, ask=1.0),
        Quote(ts=NOW, bid=0.0, ask=0.05),
    ):
        assert fault(quote) is None


@pytest.mark.parametrize(
    ("quote", "now", "feed_ts", "why"),
    [
        (None, NOW, NOW, "no quote"),
        (Quote(ts=NOW, bid=1.2, ask=1.1), NOW, NOW, "crossed quote, bid 1.2 above ask 1.1"),
        (Quote(ts=NOW, bid=1.0, ask=1.1), NOW + 11 * SECOND, NOW, "the feed has been silent for 11 s"),
        (Quote(ts=NOW - 61 * SECOND, bid=1.0, ask=1.1), NOW, NOW, "stale quote, 61 s old"),
        (Quote(ts=NOW, bid=NAN, ask=1.1), NOW, NOW, "a price that is no price"),
        (Quote(ts=NOW, bid=1.0, ask=NAN), NOW, NOW, "a price that is no price"),
        (Quote(ts=NOW, bid=1.0, ask=float("inf")), NOW, NOW, "a price that is no price"),
        (Quote(ts=NOW, bid=-1.0, ask=1.1), NOW, NOW, "a price that is no price"),
        (Quote(ts=NOW, bid=1.0, ask=1.1, last=NAN), NOW, NOW, "a price that is no price"),
    ],
)
def test_a_quote_that_cannot_be_trusted_says_why(
    quote: Quote | None, now: int, feed_ts: int, why: str
) -> None:
    """Missing, crossed, of a silent feed, too old, or with a price that is none."""
    assert fault(quote, now=now, feed_ts=feed_ts) == why


def test_the_limits_themselves_are_still_healthy() -> None:
    """Exactly as old as allowed is not too old."""
    quote = Quote(ts=NOW - 60 * SECOND, bid=1.0, ask=1.1)
    assert fault(quote) is None
    assert fault(Quote(ts=NOW, bid=1.0, ask=1.1), now=NOW + 10 * SECOND) is None


def test_an_empty_slice_shows_that_the_feed_is_alive() -> None:
    """A feed of changes is silent about a quiet contract; that it spoke at all keeps the contract's quote good."""
    cache = QuoteCache()
    cache.update(NOW, [("X", Quote(ts=NOW, bid=1.0, ask=1.1))])
    later = NOW + 30 * SECOND
    assert cache.fault("X", later, LIMITS) is not None
    cache.update(later, [])
    assert cache.fault("X", later, LIMITS) is None


def test_the_feed_does_not_grow_younger() -> None:
    """A slice that arrives late does not set the feed's time back."""
    cache = QuoteCache()
    cache.update(NOW, [])
    cache.update(NOW - SECOND, [])
    assert cache.feed_ts == NOW


def test_a_mark_is_the_best_price_there_is() -> None:
    """Mid, else last, else the one side; None where nothing is known."""
    assert Quote(ts=0, bid=1.0, ask=2.0, last=9.0).mark == 1.5
    assert Quote(ts=0, bid=1.0, last=9.0).mark == 9.0
    assert Quote(ts=0, bid=1.0).mark == 1.0
    assert Quote(ts=0, ask=2.0).mark == 2.0
    assert Quote(ts=0).mark is None
    assert Quote(ts=0, bid=1.0).mid is None
    assert not Quote(ts=0, bid=1.0).crossed
