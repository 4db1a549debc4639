"""Times that a plan names are held against the exchange's calendar, whoever names them: a strategy or a person."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.exchange import EXCHANGE
from bot.sessions import session_at
from options import commands as c
from options import events as e
from options.entry_moment import moment_faults
from options.plan import EntryCondition, EntryPlan, ExitPlan
from options.values import MINUTE, Micros, from_iso, to_iso
from tests.bot.staged_day import new_york
from tests.options.desk import CLOSE, KEY, NO_EXITS, OPEN, Desk, of, one

EVE, CHRISTMAS, MONDAY = date(2015, 12, 24), date(2015, 12, 25), date(2015, 12, 28)
NEXT = "2015-12-28T14:30:00.000000Z"
CLOSED = [
    new_york(EVE, "13:00"),  # the closing bell of a half day
    new_york(EVE, "15:50"),  # when other days are still open
    new_york(CHRISTMAS, "10:00"),
    new_york(date(2015, 12, 26), "10:00"),
    new_york(MONDAY, "09:29"),
]


@pytest.fixture
def desk() -> Desk:
    """Five minutes after the open of the half day before Christmas, by the exchange's calendar."""
    found = Desk()
    found.manager.calendar = EXCHANGE
    return found


def entry_at(moment: Micros) -> EntryPlan:
    """An entry that waits for a time."""
    return EntryPlan(condition=EntryCondition(at=moment))


@pytest.mark.parametrize("moment", CLOSED)
def test_a_strategy_s_entry_at_a_time_at_which_nobody_trades_is_refused(desk: Desk, moment: Micros) -> None:
    """With the next possible moment, as a person's is; no trade is left waiting for it."""
    refused = one(e.IntentRefused, desk.propose(2, entry=entry_at(moment)))
    said = f"the entry's time {to_iso(moment)}: the market is closed then; the next possible moment is {NEXT}"
    assert refused.reasons == (said,)
    assert not desk.book.trades
    person = c.NewTrade(command_id="n", who="ann", instrument=KEY, qty=2, entry=entry_at(moment))
    assert one(e.CommandRefused, desk.give_command(person)).reasons == (said,)


def test_a_strategy_s_entry_after_its_contract_has_ended_is_refused(desk: Desk) -> None:
    """The contract trades until New Year's Eve; and ten minutes before that nothing of it may be held any more."""
    late = one(e.IntentRefused, desk.propose(2, entry=entry_at(new_york(date(2016, 1, 4), "10:00"))))
    assert "is too late: it can be traded until 2015-12-31T21:00:00.000000Z" in late.reasons[0]
    guarded = one(e.IntentRefused, desk.propose(2, entry=entry_at(new_york(date(2015, 12, 31), "15:55"))))
    assert "nothing of it may be held after 2015-12-31T20:50:00.000000Z" in guarded.reasons[0]


@pytest.mark.parametrize("moment", CLOSED)
def test_an_exit_at_a_time_at_which_nobody_trades_is_refused(desk: Desk, moment: Micros) -> None:
    """It would be held over the holidays instead: a strategy's plan, a person's, and one that is changed to it."""
    exits = ExitPlan(flat_at=moment)
    said = (
        f"flat-at {to_iso(moment)}: the market is closed then, so it would be held until {NEXT}; "
        "give a time while it is open"
    )
    assert one(e.IntentRefused, desk.propose(2, exits=exits)).reasons == (said,)
    person = c.NewTrade(command_id="n", who="ann", instrument=KEY, qty=2, exits=exits)
    assert one(e.CommandRefused, desk.give_command(person)).reasons == (said,)
    desk.opened(2)
    change = c.ModifyTrade(command_id="m", who="ann", trade_id="T1", exits=exits)
    assert one(e.CommandRefused, desk.give_command(change)).reasons == (said,)


def test_both_times_are_named_at_once(desk: Desk) -> None:
    """An entry and an exit on Christmas Day are two reasons."""
    moment = new_york(CHRISTMAS, "10:00")
    exits = ExitPlan(flat_at=moment + MINUTE)
    assert len(one(e.IntentRefused, desk.propose(2, entry=entry_at(moment), exits=exits)).reasons) == 2


def test_times_in_sessions_are_taken(desk: Desk) -> None:
    """In at ten on Monday, out at a quarter to one: a strategy's trade waits for that."""
    exits = ExitPlan(flat_at=new_york(MONDAY, "12:45"))
    desk.propose(2, entry=entry_at(new_york(MONDAY, "10:00")), exits=exits)
    assert [trade.exits.flat_at for trade in desk.book.open_trades()] == [exits.flat_at]
    assert not of(e.IntentRefused, desk.events)


@given(moment=st.integers(OPEN, from_iso("2016-01-05T00:00:00Z")))
def test_f10_an_exit_s_time_is_taken_where_the_market_is_open_and_nowhere_else(moment: Micros) -> None:
    """Any moment over the holidays, to the microsecond."""
    faults = moment_faults(EXCHANGE, KEY, EntryPlan(), ExitPlan(flat_at=moment), OPEN - 1)
    assert bool(faults) is (session_at(moment) is None)
    assert moment_faults(EXCHANGE, KEY, EntryPlan(), NO_EXITS, CLOSE) == []


@pytest.mark.parametrize("through", [False, True])
@pytest.mark.parametrize(
    ("key", "day", "last"),
    [
        ("SPX   140419C01850000", date(2014, 4, 17), "2014-04-16"),  # a Saturday, after Good Friday
        ("SPX   190419C02900000", date(2019, 4, 18), "2019-04-17"),  # Good Friday itself
        ("SPX   131019C01700000", date(2013, 10, 18), "2013-10-17"),  # a Saturday, as monthly series had it
    ],
)
def test_what_was_settled_this_morning_is_not_opened_any_more(
    desk: Desk, key: str, day: date, last: str, through: bool
) -> None:
    """An index option whose expiry is no session settles at the opening prices of the one before; nobody trades it."""
    session = session_at(new_york(day, "10:00"))
    assert session is not None
    desk.at = session.open + MINUTE
    desk.open_day(day.isoformat(), session.open, session.close)
    desk.quote(9.9, 10.1, key=key)
    desk.quote(1849.0, 1851.0, key="SPX")
    exits = ExitPlan(hold_through_expiry=through)
    person = c.NewTrade(command_id="n", who="ann", instrument=key, qty=1, exits=exits)
    contract = one(e.CommandRefused, desk.give_command(person)).reasons[0]
    assert f"could be traded until {last}, and no more" in contract
    refused = one(e.IntentRefused, desk.propose(1, key=key, exits=exits))
    assert refused.reasons[0] == contract if through else "it expires" in refused.reasons[0]
    assert not desk.book.trades
