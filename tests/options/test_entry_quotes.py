"""An entry that waits for a price is let in by a healthy quote and by no other, and goes on waiting meanwhile."""

from decimal import Decimal

import pytest

from options import events as e
from options import lifecycle as lc
from options.plan import EntryCondition, EntryPlan, Watch
from tests.options.desk import SPOT, Desk, of


def waiting(watch: Watch, level: str, *, above: bool) -> Desk:
    """A desk with a trade that waits for a price."""
    desk = Desk()
    condition = EntryCondition(watch=watch, level=Decimal(level), above=above)
    desk.propose(1, entry=EntryPlan(condition=condition))
    assert desk.status() == lc.WORKING
    return desk


@pytest.mark.parametrize(
    ("bid", "ask", "last", "why"),
    [
        (6.75, None, 6.75, "no ask"),
        (None, 8.0, 8.0, "no bid"),
        (None, None, 7.0, "no side at all"),
        (0.01, 17.0, 8.0, "absurdly wide, with a mid of 8.50"),
        (8.5, 8.0, 8.0, "crossed"),
        (0.0, 0.0, 0.0, "worth nothing"),
    ],
)
def test_a_price_of_the_option_is_met_by_a_healthy_quote_only(
    bid: float | None, ask: float | None, last: float, why: str
) -> None:
    """At or below 9.00 by one side, by a last price or by half of nonsense: it waits, and is not rejected for it."""
    desk = waiting(Watch.OPTION, "9", above=False)
    assert not desk.quote(bid, ask, last=last, after_s=1), why
    assert desk.status() == lc.WORKING
    assert of(e.OrderSubmitRequested, desk.quote(8.8, 9.0, after_s=1))


def test_the_underlying_is_held_to_the_same_where_it_has_sides() -> None:
    """A stock quoted 200 / 1,500 is not at 760; at 759.90 / 760.10 it is."""
    desk = waiting(Watch.UNDERLYING, "760", above=True)
    assert not desk.quote(200.0, 1_500.0, key=SPOT, after_s=1)
    assert not desk.quote(761.0, None, key=SPOT, after_s=1)
    assert of(e.OrderSubmitRequested, desk.quote(759.9, 760.1, key=SPOT, after_s=1))


def test_an_index_without_sides_is_believed() -> None:
    """What is only watched may have a last price and nothing else, as an index has."""
    desk = waiting(Watch.UNDERLYING, "760", above=True)
    assert of(e.OrderSubmitRequested, desk.quote(None, None, last=760.5, key=SPOT, after_s=1))
