"""A market entry whose stop would be due with the first quote is refused: it would only pay the spread."""

from decimal import Decimal

import pytest

from options import commands as c
from options import events as e
from options.plan import Algo, Basis, EntryCondition, EntryPlan, ExitPlan, TargetPlan, Watch
from tests.options.desk import KEY, Desk, limit, of, one


def refused(
    exits: ExitPlan, direction: int = 1, last: float | None = None, entry: EntryPlan | None = None
) -> list[str]:
    """Why a market entry on 9.50 to 10.50 is refused with such exits."""
    desk = Desk()
    desk.quote(9.5, 10.5, last=last)
    events = desk.propose(2, direction=direction, exits=exits, entry=entry or EntryPlan())
    return [reason for found in of(e.IntentRefused, events) for reason in found.reasons] + [
        reason for decided in of(e.SignalDecided, events) for reason in decided.reason.split("; ")[1:]
    ]


@pytest.mark.parametrize(
    ("exits", "direction", "last", "why"),
    [
        (
            ExitPlan(stop=Decimal("0.04")),
            1,
            None,
            "the stop 10.08 would be due at once: it goes in at 10.5, and the mid is 10",
        ),
        (
            ExitPlan(stop=Decimal("0.04")),
            -1,
            None,
            "the stop 9.88 would be due at once: it goes in at 9.5, and the mid is 10",
        ),
        (
            ExitPlan(stop=Decimal("0.08"), basis=Basis.FAR_SIDE),
            1,
            None,
            "the stop 9.66 would be due at once: it goes in at 10.5, and the bid is 9.5",
        ),
        (
            ExitPlan(stop_level=Decimal("9.60"), basis=Basis.FAR_SIDE),
            1,
            None,
            "the stop 9.60 would be due at once: it goes in at 10.5, and the bid is 9.5",
        ),
        (
            ExitPlan(stop=Decimal("0.3"), basis=Basis.LAST),
            1,
            6.0,
            "the stop 7.35 would be due at once: it goes in at 10.5, and the last price is 6",
        ),
        (
            ExitPlan(targets=(TargetPlan(gain=Decimal("0.2")),), basis=Basis.LAST),
            1,
            14.0,
            "target 1 at 12.60 would be due at once: it goes in at 10.5, and the last price is 14",
        ),
    ],
)
def test_what_would_be_out_with_the_first_quote_is_not_entered(
    exits: ExitPlan, direction: int, last: float | None, why: str
) -> None:
    """Bought at the ask (sold at the bid) and judged by the plan's own price, the exit would be met already."""
    assert f"not entered: {why}" in refused(exits, direction, last)


@pytest.mark.parametrize(
    ("exits", "last"),
    [
        (ExitPlan(stop=Decimal("0.05")), None),
        (ExitPlan(stop=Decimal("0.1"), basis=Basis.FAR_SIDE), None),
        (ExitPlan(stop=Decimal("0.3"), basis=Basis.LAST), None),
        (ExitPlan(stop=Decimal("0.3"), basis=Basis.LAST), 7.36),
        (ExitPlan(targets=(TargetPlan(gain=Decimal("0.01")),)), 14.0),
    ],
)
def test_what_has_room_is_entered(exits: ExitPlan, last: float | None) -> None:
    """A stop beyond the spread, and a last price that is not there or says nothing."""
    assert refused(exits, last=last) == []


def test_a_limit_is_not_asked() -> None:
    """It fills where the market comes to it, and what that looks like is not known."""
    assert refused(ExitPlan(stop=Decimal("0.04")), entry=limit("10.5")) == []


def test_a_combo_is_not_asked() -> None:
    """Its sides are those of its legs together: a vertical of 9.90 to 10.10 each is quoted 0.20 to either side."""
    desk = Desk()
    other = "GOOG  151231C00760000"
    desk.quote(6.9, 7.1, key=other)
    events = desk.propose(1, key=f"+1*{KEY}/-1*{other}", exits=ExitPlan(stop=Decimal("0.05")))
    assert of(e.OrderSubmitRequested, events)


def test_it_is_asked_of_a_person_and_again_when_the_entry_goes_in() -> None:
    """Activated on a narrow market it waits; let in on a wide one it would go straight out, and is rejected."""
    desk = Desk()
    entry = EntryPlan(algo=Algo.MARKET, condition=EntryCondition(watch=Watch.UNDERLYING, level=Decimal(760)))
    stop = ExitPlan(stop=Decimal("0.04"))
    desk.give_command(c.NewTrade(command_id="n", who="ann", instrument=KEY, qty=2, entry=entry, exits=stop))
    desk.quote(9.5, 10.5)
    activate = c.ActivateTrade(command_id="a", who="ann", trade_id="T1")
    assert one(e.CommandRefused, desk.give_command(activate)).reasons == (
        "the stop 10.08 would be due at once: it goes in at 10.5, and the mid is 10",
    )
    desk.quote(9.9, 10.1)
    again = c.ActivateTrade(command_id="b", who="ann", trade_id="T1")
    assert of(e.TradeActivated, desk.give_command(again))
    desk.quote(9.5, 10.5)
    assert of(e.TradeRejected, desk.quote(760.0, 760.2, key="GOOG"))
