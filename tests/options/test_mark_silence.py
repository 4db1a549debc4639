"""A silence about what is held: said once when it has lasted too long, once when it ends, and never read as flat."""

from hypothesis import given
from hypothesis import strategies as st

from options import events as e
from options import inputs as i
from options.plan import ExitPlan
from options.quote import QuoteLimits
from options.risk import RiskLimits
from options.silence_events import MarksFellSilent, MarksReturned
from options.values import MINUTE, SECOND, Micros, to_iso
from tests.options.desk import CLOSE, KEY, PUT_KEY, Desk, fold, ladder, of, one

SILENCE_S, STALE_S = 120.0, 1_800.0
LIMITS = RiskLimits(quotes=QuoteLimits(feed_silence_s=SILENCE_S, stale_after_s=STALE_S))
STOP = ladder(stop="0.2")


def desk() -> Desk:
    """A desk that holds two at 10.00, with a stop at 8.00, just quoted."""
    found = Desk(LIMITS)
    found.opened(2, exits=STOP)
    found.mark(10.0)
    return found


def tick(at: Desk, seconds: float) -> list[e.TradeEvent]:
    """Time passes, and nothing whatever is heard."""
    at.at += round(seconds * SECOND)
    return at.decide(i.ClockTicked())


def test_a_silent_feed_is_said_once_and_its_return_once() -> None:
    """Two minutes and no word: one fact with when it was last heard; ticks add nothing; the first word ends it."""
    at = desk()
    heard = at.at
    assert not tick(at, SILENCE_S)
    told = one(MarksFellSilent, tick(at, 1))
    assert (told.trade_id, told.since, told.reason) == ("T1", to_iso(heard), "the feed is silent")
    assert at.trade().blind_since == to_iso(heard)
    assert not of(MarksFellSilent, [*tick(at, 60), *tick(at, 600), *tick(at, 1)])
    back = at.mark(10.0)
    assert one(MarksReturned, back).since == to_iso(heard)
    assert not at.trade().blind_since
    assert not of(MarksReturned, at.mark(10.1))


def test_a_gap_that_no_clock_has_seen_is_noticed_with_the_next_word() -> None:
    """Without a tick in between both facts stand in the input that ends the silence."""
    at = desk()
    events = at.mark(9.9, after_s=SILENCE_S + 1)
    assert [type(event) for event in events if isinstance(event, MarksFellSilent | MarksReturned)] == [
        MarksFellSilent,
        MarksReturned,
    ]


def test_a_contract_of_its_own_can_fall_silent_while_the_feed_speaks() -> None:
    """Half an hour without a change of its quote, others going on: silent, until its own next quote."""
    at = desk()
    for _ in range(int(STALE_S // 60)):
        assert not of(MarksFellSilent, at.quote(9.9, 10.1, key=PUT_KEY, after_s=60))
    told = one(MarksFellSilent, at.quote(9.9, 10.1, key=PUT_KEY, after_s=60))
    assert told.reason == "its quote is stale"
    assert not of(MarksReturned, at.quote(9.9, 10.1, key=PUT_KEY, after_s=1))
    assert of(MarksReturned, at.mark(10.0))


def test_a_quiet_contract_of_a_feed_that_speaks_is_not_silent() -> None:
    """A feed of changes says nothing about what does not change."""
    at = desk()
    for _ in range(20):
        assert not of(MarksFellSilent, at.quote(9.9, 10.1, key=PUT_KEY, after_s=60))


def test_nothing_is_sold_or_bought_on_what_was_heard_before() -> None:
    """Prices under the stop do not arrive; nothing is flat by that, and nothing new is entered in the dark."""
    at = desk()
    events = tick(at, SILENCE_S + 1) + tick(at, 600)
    assert not of(e.ExitTriggered, events)
    assert at.trade().position.qty == 2
    refused = at.propose(1, key=PUT_KEY, strategy="other")
    assert "the feed has been silent" in one(e.SignalDecided, refused).reason
    assert not of(e.OrderSubmitRequested, refused)


def test_an_exit_by_the_clock_goes_on_in_the_dark() -> None:
    """Flat at a moment that comes within the silence: it is sent at that tick."""
    at = Desk(LIMITS)
    at.opened(2, exits=ExitPlan(flat_at=at.at + 5 * MINUTE))
    assert of(MarksFellSilent, tick(at, 200))
    assert one(e.OrderSubmitRequested, tick(at, 100)).qty == 2


def test_what_is_bought_in_the_dark_is_said_too() -> None:
    """An entry fills while the feed is silent: its position is blind from the start, and that is a fact of its own."""
    at = Desk(LIMITS)
    at.propose(2, exits=STOP)
    at.accept()
    assert not of(MarksFellSilent, tick(at, SILENCE_S + 60))
    at.fill(2)
    assert one(MarksFellSilent, tick(at, 1)).trade_id == "T1"
    assert not of(MarksFellSilent, tick(at, 1))


def test_nobody_has_to_speak_outside_the_session() -> None:
    """Over night there is no silence; after the next open the feed has its time again."""
    at = desk()
    at.at = CLOSE
    assert not of(MarksFellSilent, tick(at, 0) + tick(at, 3_600))
    opens = CLOSE + 20 * 60 * MINUTE
    at.at = opens
    at.open_day("2015-12-28", opens, opens + 390 * MINUTE)
    assert not of(MarksFellSilent, tick(at, SILENCE_S))
    assert of(MarksFellSilent, tick(at, 1))


def test_a_restart_in_the_dark_says_nothing_twice() -> None:
    """What was blind before the restart still is, and sees again with the first mark."""
    at = desk()
    tick(at, SILENCE_S + 1)
    at.restart()
    assert at.trade().blind_since
    assert not of(MarksFellSilent, tick(at, 60))
    assert of(MarksReturned, at.mark(10.0))


def test_what_was_blind_at_a_restart_can_fall_silent_again() -> None:
    """Back after the restart, its next silence is noticed as any other."""
    at = desk()
    tick(at, SILENCE_S + 1)
    at.restart()
    assert of(MarksReturned, at.mark(10.0))
    assert one(MarksFellSilent, tick(at, SILENCE_S + 1)).trade_id == "T1"


steps = st.lists(
    st.tuples(st.sampled_from(["tick", "this", "other", "bad"]), st.integers(1, 400)), min_size=1, max_size=25
)


@given(steps=steps, restart_at=st.integers(0, 25))
def test_i17_silence_and_return_alternate_and_match_what_was_heard(
    steps: list[tuple[str, int]], restart_at: int
) -> None:
    """Whatever comes: a position is called blind exactly while its quote is too old, in turns, and is never flat by it.

    Held against a count by hand of when the feed and the contract last spoke.
    """
    at = desk()
    feed: Micros = at.at
    own: Micros = at.at
    told: list[e.TradeEvent] = []
    for number, (kind, seconds) in enumerate(steps):
        if at.at + seconds * SECOND >= CLOSE:
            break
        if number == restart_at:
            at.restart()
        if kind == "tick":
            events = tick(at, seconds)
        else:
            bid, ask, key = {
                "this": (9.9, 10.1, KEY), "other": (9.9, 10.1, PUT_KEY), "bad": (11.0, 9.0, KEY),
            }[kind]  # fmt: skip
            events = at.quote(bid, ask, key=key, after_s=seconds)
            feed, own = at.at, (own if key == PUT_KEY else at.at)
        told += of(MarksFellSilent, events) + of(MarksReturned, events)
        blind = at.at - feed > SILENCE_S * SECOND or at.at - own > STALE_S * SECOND
        assert bool(at.trade().blind_since) is blind
        assert at.trade().position.qty == 2
    turns = sorted(told, key=at.events.index)
    assert all(isinstance(event, MarksFellSilent) for event in turns[::2])
    assert all(isinstance(event, MarksReturned) for event in turns[1::2])
    assert fold(at.events).trades["T1"].blind_since == at.trade().blind_since
