"""Trades that wait for a narrow spread go in when it is narrow enough for them, and no others with them."""

import pytest

from options import events as e
from options.plan import EntryCondition, EntryPlan
from tests.options.desk import Desk, of


def waiting(*spreads: float) -> Desk:
    """A desk with a trade for each of these spreads, in that order."""
    desk = Desk()
    desk.quote(8.0, 12.0, after_s=1)
    for number, spread in enumerate(spreads):
        entry = EntryPlan(condition=EntryCondition(spread_max=spread))
        desk.propose(1, entry=entry, strategy=f"follow_{number}")
    return desk


def entered(desk: Desk, bid: float, ask: float) -> list[str]:
    """Who goes in on a quote."""
    return [
        share.trade_id
        for one in of(e.ParentOrderOpened, desk.quote(bid, ask, after_s=1))
        for share in one.shares
    ]


def test_each_goes_in_at_its_own_spread() -> None:
    """At 10% of the mid who wants 5% still waits; at exactly 5% it goes, and nobody goes twice."""
    desk = waiting(0.05, 0.2, 0.1)
    assert entered(desk, 8.5, 11.5) == []
    assert sorted(entered(desk, 9.5, 10.5)) == ["T2", "T3"]
    assert entered(desk, 9.5, 10.5) == []
    assert entered(desk, 9.75, 10.25) == ["T1"]


@pytest.mark.parametrize(("bid", "ask"), [(None, 10.0), (10.1, 10.0), (0.0, 0.0)])
def test_no_spread_is_not_a_narrow_one(bid: float | None, ask: float) -> None:
    """One side alone, a crossed quote, a price of nothing: they go on waiting, also after a restart."""
    desk = waiting(0.2)
    assert not of(e.ParentOrderOpened, desk.quote(bid, ask, after_s=1))
    desk.restart()
    assert entered(desk, 9.5, 10.5) == ["T1"]
