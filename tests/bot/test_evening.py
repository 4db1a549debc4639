"""Entries for another session: written while the market is closed, checked in full when they are sent."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.door.ledger_desk import LedgerRules, act_on_ledger, preview_on_ledger
from bot.door.protocol import Answer
from bot.exchange import EXCHANGE
from bot.sessions import session_at
from bot.trading_day import Ending
from bot.typed_moment import moment, typing_day
from options import commands as c
from options import events as e
from options.book import Day
from options.contract import OptionContract, Right
from options.entry_moment import moment_faults
from options.plan import EntryCondition, EntryPlan, ExitPlan, Watch
from options.risk import RiskLimits
from options.values import MINUTE, Micros, from_iso
from tests.bot.staged_day import Sides, StagedAccount, StagedFeed, new_york

FRIDAY, SUNDAY, MONDAY, TUESDAY = (date(2015, 12, day) for day in (18, 20, 21, 22))
CALL = OptionContract(root="ACME", expiry=date(2015, 12, 24), right=Right.CALL, strike=Decimal(50)).key
LAST_CLOSE = new_york(date(2015, 12, 24), "13:00")
GUARDED = ExitPlan(flat_before_expiry=LAST_CLOSE - 10 * MINUTE)
QUOTED: dict[str, Sides] = {"ACME": (50.0, 50.1), CALL: (1.9, 2.0)}


@dataclass
class StoppedClock:
    """A clock that stands."""

    at: Micros

    def now(self) -> Micros:
        """The moment at which it stands."""
        return self.at

    def monotonic_s(self) -> float:
        """The same in seconds."""
        return self.at / 1e6

    def wait(self, seconds: float) -> None:
        """Nobody waits here."""
        raise AssertionError(f"waited for {seconds} s")


@pytest.fixture
def account(tmp_path: Path) -> StagedAccount:
    """An account whose Friday is over, with nothing in it."""
    made = StagedAccount(tmp_path, RiskLimits())
    made.run(day(FRIDAY, "12:00"), {})
    return made


def day(on: date, *clocks: str, **changes: dict[str, Sides]) -> StagedFeed:
    """A day with the same quotes at each time, but for ``at1000={...}``, which change them from 10:00 on."""
    slices: dict[str, dict[str, Sides]] = {clock: dict(QUOTED) for clock in clocks}
    for name, change in changes.items():
        start = f"{name[2:4]}:{name[4:]}"
        for clock, quotes in slices.items():
            if clock >= start:
                quotes.update(change)
    return StagedFeed(on, slices)


def say(account: StagedAccount, on: date, clock: str, *commands: c.Command) -> list[Answer]:
    """Commands while nobody runs."""
    at = StoppedClock(new_york(on, clock))
    return [act_on_ledger(account.folder, command, at, LedgerRules(account.limits)) for command in commands]


def waiting(condition: EntryCondition, exits: ExitPlan = GUARDED, name: str = "n") -> c.NewTrade:
    """A trade of two calls that waits, good for the day."""
    entry = EntryPlan(condition=condition)
    return c.NewTrade(command_id=name, who="ann", instrument=CALL, qty=2, entry=entry, exits=exits)


GO = c.ActivateTrade(command_id="g", who="ann", trade_id="T1")


def at(on: date, clock: str) -> EntryCondition:
    """At a time in New York."""
    return EntryCondition(at=new_york(on, clock))


def entered(account: StagedAccount) -> list[str]:
    """When entry orders were sent."""
    return [event.ts for event in account.events() if isinstance(event, e.OrderSubmitRequested)]


def test_what_is_written_in_the_evening_goes_in_at_its_time_in_the_next_session(
    account: StagedAccount,
) -> None:
    """Friday 20:00, for Monday 10:00: taken, sent to nobody over the weekend or at the open, and filled at 10:00."""
    saved, active = say(account, FRIDAY, "20:00", waiting(at(MONDAY, "10:00")), GO)
    assert saved.taken, saved.reasons
    assert active.taken, active.reasons
    assert (active.order_status, active.trade_status) == ("Working", "Pending")
    account.run(day(MONDAY, "09:31", "09:59", "10:00", "10:01"), {})
    assert entered(account) == ["2015-12-21T15:00:00.000000Z"]
    assert account.book.trades["T1"].position.qty == 2


def test_a_recorded_day_that_is_over_is_steered_at_its_end_and_the_next_one_goes_on_from_there(
    tmp_path: Path,
) -> None:
    """Years later by the clock: a trade is written and a halt set at Friday's end, and Monday's entry is refused."""
    account = StagedAccount(tmp_path)
    friday, monday = day(FRIDAY, "12:00"), day(MONDAY, "09:31", "10:00", "10:01")
    friday.own_time = monday.own_time = True
    account.run(friday, {})
    halt = c.Halt(command_id="h", who="ann", reason="the weekend")
    answers = say(account, date(2026, 3, 11), "20:00", waiting(at(MONDAY, "10:00")), GO, halt)
    assert all(answer.taken for answer in answers)
    stopped = next(one for one in account.events() if isinstance(one, e.ProcessStopped))
    assert account.folded().last_ts == stopped.ts
    assert account.run(monday, {}) is Ending.DAY_ENDED
    assert entered(account) == []


def test_a_level_on_the_underlying_is_let_go_on_a_sunday_and_watched_from_the_open(
    account: StagedAccount,
) -> None:
    """ACME above 51: quoted there before the open it does nothing, at 11:00 it goes in."""
    condition = EntryCondition(watch=Watch.UNDERLYING, level=Decimal(51))
    assert all(one.taken for one in say(account, SUNDAY, "12:00", waiting(condition), GO))
    high: dict[str, Sides] = {"ACME": (51.0, 51.1)}
    feed = StagedFeed(
        MONDAY,
        {"09:00": QUOTED | high, "09:31": dict(QUOTED), "10:59": {}, "11:00": high, "11:01": {}},
    )
    account.run(feed, {})
    assert entered(account) == ["2015-12-21T16:00:00.000000Z"]


def test_what_would_go_in_at_once_is_not_let_go_while_the_market_is_closed(account: StagedAccount) -> None:
    """There is nothing that it waits for: the draft stays, with the reason."""
    draft = c.NewTrade(command_id="n", who="ann", instrument=CALL, qty=2, exits=GUARDED)
    saved, active = say(account, SUNDAY, "12:00", draft, GO)
    assert saved.taken
    assert not active.taken
    assert any("the market closed at" in reason for reason in active.reasons)


@pytest.mark.parametrize(
    ("on", "clock", "said"),
    [
        (SUNDAY, "10:00", "the next possible moment is 2015-12-21T14:30:00.000000Z"),  # a weekend
        (MONDAY, "09:29", "the next possible moment is 2015-12-21T14:30:00.000000Z"),  # before the open
        (MONDAY, "16:00", "the next possible moment is 2015-12-22T14:30:00.000000Z"),  # at the bell
        (date(2015, 12, 24), "12:50", "nothing of it may be held after 2015-12-24T17:50:00.000000Z"),
        (date(2015, 12, 24), "14:00", "it can be traded until 2015-12-24T18:00:00.000000Z"),  # a half day
        (date(2015, 12, 28), "10:00", "it can be traded until 2015-12-24T18:00:00.000000Z"),
    ],
)
def test_a_time_at_which_nothing_can_be_bought_is_refused_with_the_next_one(
    account: StagedAccount, on: date, clock: str, said: str
) -> None:
    """As a draft, as a change of one, and when it is let go."""
    (refused,) = say(account, FRIDAY, "20:00", waiting(at(on, clock)))
    assert not refused.taken
    assert any(said in reason for reason in refused.reasons), refused.reasons
    change = c.ModifyTrade(command_id="m", who="ann", trade_id="T1", entry=EntryPlan(condition=at(on, clock)))
    saved, changed = say(account, FRIDAY, "20:00", waiting(at(MONDAY, "10:00"), name="o"), change)
    assert saved.taken
    assert changed.reasons == refused.reasons


def test_after_the_last_evening_no_moment_is_named(account: StagedAccount) -> None:
    """Its last session has ended but for minutes that are too late: nothing is promised."""
    (refused,) = say(
        account,
        FRIDAY,
        "20:00",
        waiting(at(date(2015, 12, 24), "09:00"), ExitPlan(flat_at=new_york(TUESDAY, "12:00"))),
    )
    assert any("nothing of it may be held after" in reason for reason in refused.reasons)
    early = ExitPlan(flat_at=new_york(MONDAY, "09:00"))
    (refused,) = say(account, FRIDAY, "20:00", waiting(at(SUNDAY, "10:00"), early, "o"))
    assert any("does not open again before" in reason for reason in refused.reasons), refused.reasons


def test_everything_is_asked_when_it_is_sent(account: StagedAccount) -> None:
    """Over the weekend the call went from 2.00 to 40.00: two cost 8,000, above 5,000 a trade: rejected, and said."""
    say(account, FRIDAY, "20:00", waiting(at(MONDAY, "10:00")), GO)
    account.run(day(MONDAY, "09:31", "10:00", "10:01", at0900={CALL: (39.0, 40.0)}), {})
    assert entered(account) == []
    (rejected,) = [event for event in account.events() if isinstance(event, e.TradeRejected)]
    assert any("above $5,000.00 per trade" in reason for reason in rejected.reasons)


def test_levels_that_the_market_has_gone_past_are_found_when_it_is_sent(account: StagedAccount) -> None:
    """A stop at 1.50 was right on Friday; on Monday the call is at 1.05, where it would be sold at once."""
    plan = ExitPlan(stop_level=Decimal("1.50"), flat_before_expiry=GUARDED.flat_before_expiry)
    assert all(one.taken for one in say(account, FRIDAY, "20:00", waiting(at(MONDAY, "10:00"), plan), GO))
    account.run(day(MONDAY, "09:31", "10:00", "10:01", at0900={CALL: (1.0, 1.1)}), {})
    assert entered(account) == []
    (rejected,) = [event for event in account.events() if isinstance(event, e.TradeRejected)]
    assert rejected.reasons == ("the stop 1.50 of a long must lie below the market 1.05",)


def test_a_halt_holds_what_waits_from_being_let_go(account: StagedAccount) -> None:
    """A halt is no matter of the hour."""
    halt = c.Halt(command_id="h", who="ann", reason="holidays")
    *_, active = say(account, SUNDAY, "12:00", waiting(at(MONDAY, "10:00")), halt, GO)
    assert active.reasons == ("trading is halted: holidays",)


def test_a_day_s_entry_lives_for_the_session_that_it_was_written_for(account: StagedAccount) -> None:
    """Let go on Sunday and good for the day: Monday's, and Tuesday it is over."""
    condition = EntryCondition(watch=Watch.UNDERLYING, level=Decimal(60))
    say(account, SUNDAY, "12:00", waiting(condition), GO)
    account.run(day(MONDAY, "09:31", "15:00"), {})
    assert "T1" in account.book.trades
    account.run(day(TUESDAY, "09:31", "15:00"), {})
    assert "T1" not in account.book.trades
    (over,) = [event for event in account.events() if isinstance(event, e.TradeCancelled)]
    assert (over.ts[:10], over.reason) == ("2015-12-22", "its day ended before it could enter")


def test_an_entry_for_the_day_after_tomorrow_waits_through_tomorrow(account: StagedAccount) -> None:
    """Good for the day means the day of its time."""
    say(account, FRIDAY, "20:00", waiting(at(TUESDAY, "11:00")), GO)
    account.run(day(MONDAY, "09:31", "15:00"), {})
    assert entered(account) == []
    account.run(day(TUESDAY, "09:31", "11:00", "11:01"), {})
    assert entered(account) == ["2015-12-22T16:00:00.000000Z"]


def test_an_entry_whose_day_was_not_run_is_over(account: StagedAccount) -> None:
    """The program was down all Monday: on Tuesday nothing goes in that was meant for Monday at 10:00."""
    say(account, FRIDAY, "20:00", waiting(at(MONDAY, "10:00")), GO)
    account.run(day(TUESDAY, "09:31", "11:00"), {})
    assert entered(account) == []
    assert "T1" not in account.book.trades


def test_one_for_tomorrow_is_let_go_in_the_session_whatever_today_has_used(tmp_path: Path) -> None:
    """Limits of the day are those of the day on which it is sent."""
    account = StagedAccount(tmp_path, RiskLimits(trades_day_max=1))
    other = c.NewTrade(command_id="o", who="ann", instrument="ACME", qty=1, strategy="other")
    go = c.ActivateTrade(command_id="go", who="ann", trade_id="T1")
    tomorrow = waiting(at(MONDAY, "10:00"))
    again = c.ActivateTrade(command_id="g2", who="ann", trade_id="T2")
    account.run(day(FRIDAY, "12:00", "12:01"), {"12:00:30": [other, go, tomorrow, again]})
    assert not [event for event in account.events() if isinstance(event, e.CommandRefused)]
    account.run(day(MONDAY, "09:31", "10:00", "10:01"), {})
    assert entered(account)[-1] == "2015-12-21T15:00:00.000000Z"


def test_a_preview_in_the_evening_says_that_it_would_wait(account: StagedAccount) -> None:
    """Nothing is refused, nothing would be sent, and it would be Working."""
    say(account, FRIDAY, "20:00", waiting(at(MONDAY, "10:00")))
    clock = StoppedClock(new_york(FRIDAY, "20:00"))
    shown = preview_on_ledger(account.folder, GO, clock, LedgerRules(account.limits)).preview
    assert shown is not None
    assert (shown.reasons, shown.orders) == ((), ())
    assert [(one.order_status, one.trade_status) for one in shown.trades] == [("Working", "Pending")]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("15:50", "2015-12-24T15:50:00-05:00"),
        ("tomorrow 10:00", "2015-12-25T10:00:00-05:00"),
        ("2015-12-28 09:45", "2015-12-28T09:45:00-05:00"),
        ("2016-07-01 09:45", "2016-07-01T09:45:00-04:00"),  # in summer
        ("2015-12-28T14:45:00Z", "2015-12-28T09:45:00-05:00"),
    ],
)
def test_a_time_of_another_day_is_typed_with_its_day(text: str, right: str) -> None:
    """Without a date it is New York's of the day."""
    assert moment(text, date(2015, 12, 24)) == from_iso(right)


def test_a_time_without_a_day_is_of_the_ledgers_while_that_lasts_and_then_of_today() -> None:
    """By command line and in Discord alike; a ledger that is ahead of the clock, as a replay's, is not left behind."""
    on, over = Day(day=f"{FRIDAY}"), Day(day=f"{FRIDAY}", ended=True)
    monday, thursday = new_york(MONDAY, "09:00"), new_york(date(2015, 12, 17), "09:00")
    assert [typing_day(one, monday) for one in (on, over, Day())] == [FRIDAY, MONDAY, MONDAY]
    assert [typing_day(one, thursday) for one in (on, over)] == [FRIDAY, FRIDAY]
    assert typing_day(Day(day=f"{FRIDAY}", ended=True, own_time=True), monday) == FRIDAY


FIRST, LAST = new_york(FRIDAY, "00:00"), new_york(date(2016, 1, 5), "00:00")


@given(moment=st.integers(FIRST + 1, LAST), minutes=st.floats(1, 120))
def test_f10_a_time_is_taken_where_the_market_is_open_before_the_cut_off_and_else_the_next_is_named(
    moment: Micros, minutes: float
) -> None:
    """Any moment over Christmas: open and early enough or refused; what a refusal names is taken."""
    cut_off = EXCHANGE.cut_off(CALL, minutes)
    assert cut_off is not None
    exits = ExitPlan(flat_before_expiry=cut_off)

    def refused(when: Micros) -> list[str]:
        return moment_faults(EXCHANGE, CALL, EntryPlan(condition=EntryCondition(at=when)), exits, FIRST)

    reasons = refused(moment)
    assert bool(reasons) is not (session_at(moment) is not None and moment < cut_off)
    for reason in reasons:
        _, named, following = reason.partition("the next possible moment is ")
        if named:
            assert from_iso(following) > moment
            assert refused(from_iso(following)) == []
