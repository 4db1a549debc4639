"""kill -9 while the broker holds one leg of a combo and not yet the other."""

import signal
from collections.abc import Callable

import pytest

from options import events as e
from tests.crash.order_path_day import COMBO_PLANS, CONTRACTS, HALT_REASON, ONE_LEG_REASON
from tests.crash.order_path_run import aftermath, drive, paper_service, short_folder
from tests.crash.test_order_path import check


@pytest.mark.proof
@pytest.mark.parametrize("kills", [("K6:1",), ("K6:1", "K4:1")])
def test_i8_i14_killed_between_two_legs_it_stops_entries_until_both_are_in(
    kills: tuple[str, ...], record_property: Callable[[str, object], None]
) -> None:
    """The unequal legs are seen and said by the next start; with the second leg both sides are the same again.

    What was on its way in is let go of as soon as it is whole, the fill is booked once, and after a person has read of
    it nothing is left of the difference.
    """
    with short_folder() as folder:
        data, service = folder / "data", folder / "service"
        with paper_service(service, legged=True):
            for kill in kills:
                assert drive(data, service, 8, kill, legs=True) == -signal.SIGKILL
            assert drive(data, service, 8, legs=True) == 0
        after = aftermath(data, service)
    assert after.killed == [kill.partition(":")[0] for kill in kills]
    record_property("killed between two legs", 1)
    check(after, COMBO_PLANS, (ONE_LEG_REASON, HALT_REASON))
    seen = [event for event in after.events if isinstance(event, e.PositionCompared)]
    assert {event.instrument for event in seen} == {CONTRACTS[0].key}
    assert (seen[0].ours, seen[0].theirs) == (0, COMBO_PLANS[0][2])
    assert seen[-1].ours == seen[-1].theirs
    answers = [event.reason for event in after.events if isinstance(event, e.SignalDecided)]
    assert sum(answer.endswith(f"trading is halted: {ONE_LEG_REASON}") for answer in answers) == 3
    assert (after.book.disagreements, after.book.accepted_differences) == ({}, {})
    legged = [event for event in after.events if isinstance(event, e.OrderFilled) and event.trade_id == "T1"]
    assert [(event.qty, str(event.side)) for event in legged] == [(2, "BUY"), (2, "SELL")]
    (closed,) = [
        event for event in after.events if isinstance(event, e.TradeClosed) and event.trade_id == "T1"
    ]
    assert closed.close_kind == "halt"
