"""What a day made where something is held over night: realized, and by how much the open P&L moved since it began."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.card_book import CardBook
from bot.day_sums import summary_json, summary_of
from bot.ledger_views import positions
from bot.sessions import session_of
from bot.summary import DaySummary, render_summary
from bot.terminal_panels import equity_line
from options import events as e
from options.commands import CancelTrade, NewTrade
from options.inputs import ClockTicked
from storage.verify import Verdict, Verification
from tests.options.desk import PUT_KEY, Desk, executed, fold, limit

FIRST, SECOND, THIRD, FOURTH = (date(2015, 12, day) for day in (24, 28, 29, 30))
FOUND = Verification(Verdict.SOUND, events=1, last_hash="ab" * 32)


class Days:
    """A desk over several days; ``end`` closes one and tells what it came to, by the ledger as a reader sees it."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.cards = CardBook()
        self._read = 0

    def begin(self, day: date) -> None:
        """The next day opens, with the quotes of five minutes later yet to come."""
        session = session_of(day)
        assert session is not None
        self.desk.at = session.open
        self.desk.open_day(f"{day}", session.open, session.close)
        self.desk.wait(300)

    def end(self) -> DaySummary:
        """The closing bell, and the sums."""
        self.desk.at = self.desk.book.day.closes_at
        self.desk.decide(ClockTicked())
        return self.told()

    def told(self) -> DaySummary:
        """The sums as they are now."""
        for event in self.desk.events[self._read :]:
            self.cards.fold(event)
        self._read = len(self.desk.events)
        mark_of = self.desk.manager.exits.mark_of
        return summary_of(self.desk.book, self.cards.tally, mark_of, 0, Path("ledger"), FOUND)

    def trim(self, trade_id: str, qty: int, price: str, fee: str = "0") -> None:
        """Some contracts of a long go out."""
        self.desk.out(trade_id, self.desk.trade(trade_id).position.qty - qty)
        self.desk.fill(qty, price, fee=fee)


def carried_over_two_nights() -> tuple[Days, list[DaySummary]]:
    """Four bought at 10.00, marked 11.00; next day one sold at 10.60 and 10.40 at the close; the rest sold at 12.00."""
    days = Days()
    days.desk.propose(4)
    days.desk.fill(4, "10", fee="2.60")
    days.desk.mark(11.0)
    told = [days.end()]
    days.begin(SECOND)
    days.desk.mark(10.5)
    days.trim("T1", 1, "10.60", fee="0.65")
    days.desk.mark(10.4)
    told.append(days.end())
    days.begin(THIRD)
    days.desk.mark(12.0)
    days.trim("T1", 3, "12", fee="1.95")
    return days, [*told, days.end()]


def shown(summary: DaySummary, width: int = 80) -> str:
    """The panel as one line of text."""
    console = Console(width=width, color_system=None)
    with console.capture() as captured:
        console.print(render_summary(summary))
    lines = captured.get().splitlines()
    assert all(len(line) <= width for line in lines)
    return " ".join(" ".join(lines).replace("│", " ").split())


def test_a_position_carried_over_two_nights_makes_on_each_day_what_it_made_on_that_day() -> None:
    """+400.00 − 2.60; then +60.00 − 0.65 and open from 400.00 to 120.00; then +600.00 − 1.95 and 120.00 to nothing."""
    _, told = carried_over_two_nights()
    assert [(one.realized, one.fees, one.open_pnl, one.open_pnl_before) for one in told] == [
        (Decimal(0), Decimal("2.60"), 400.0, 0.0),
        (Decimal(60), Decimal("0.65"), 120.0, 400.0),
        (Decimal(600), Decimal("1.95"), 0.0, 120.0),
    ]
    assert [one.net for one in told] == [397.4, -220.65, 478.05]
    assert [one.net_all_days for one in told] == [397.4, 176.75, 654.8]
    assert [(one.day_number, one.open_positions_before) for one in told] == [(1, 0), (2, 1), (3, 1)]


def test_the_panel_says_what_was_open_before_and_what_all_days_made() -> None:
    """Only where something was carried, and from the second day on; the first shows its net alone."""
    _, (first, second, third) = carried_over_two_nights()
    assert "Open +$400.00 in 1 position Ledger" in shown(first)
    assert "─ net +$397.40" in shown(first)
    assert "Open +$120.00 in 1 position now +$400.00 when the day began: −$280.00 is the day's" in shown(
        second
    )
    assert "All days +$176.75 net in 2 days" in shown(second)
    assert "the day's net −$220.65" in shown(second)
    assert "Open $0.00 in 0 positions now +$120.00 when the day began: −$120.00 is the day's" in shown(third)
    assert "All days +$654.80 net in 3 days" in shown(third)


def test_a_day_without_anything_carried_is_realized_and_open() -> None:
    """Bought and sold in a day, after a day that ended with nothing; what is still open counts whole."""
    days = Days()
    days.desk.opened(2)
    days.trim("T1", 2, "10.50")
    assert days.end().net == 100.0
    days.begin(SECOND)
    days.desk.mark(10.0)
    days.desk.opened(2)
    days.trim("T2", 2, "9.80")
    days.desk.opened(1)
    days.desk.mark(10.3)
    told = days.end()
    assert (told.realized, told.open_pnl, told.open_pnl_before, told.net) == (Decimal(-40), 30.0, 0.0, -10.0)
    assert (told.open_positions_before, told.net_all_days) == (0, 90.0)
    assert "when the day began" not in shown(told)


def test_json_has_the_net_and_what_it_is_made_of() -> None:
    """Each figure of the day's net by name, and the net of all days."""
    _, (_, second, _) = carried_over_two_nights()
    told = msgspec.json.decode(summary_json(second, "the day ended"))
    assert (told["open_pnl"], told["open_pnl_before"], told["open_positions_before"]) == (120.0, 400.0, 1)
    assert (told["net"], told["net_before"], told["net_all_days"]) == (-220.65, 397.4, 176.75)
    assert (told["day_number"], told["open_unmarked"]) == (2, 0)


def test_a_start_in_the_middle_of_a_day_does_not_begin_it_again() -> None:
    """The process comes back and the session is opened once more: what was open in the morning stays what it was."""
    days = Days()
    days.desk.opened(4)
    days.desk.mark(11.0)
    days.end()
    days.begin(SECOND)
    days.desk.mark(12.0)
    days.desk.restart()
    session = session_of(SECOND)
    assert session is not None
    days.desk.open_day(f"{SECOND}", session.open, session.close)
    told = days.end()
    assert (told.open_pnl_before, told.net, told.day_number) == (400.0, 400.0, 2)


def test_each_position_says_what_the_day_made_of_it() -> None:
    """Carried at +400.00 and trimmed: 60.00 − 0.65 and −280.00 of open P&L; opened on the day: all of it."""
    days = Days()
    days.desk.opened(4)
    days.desk.mark(11.0)
    days.end()
    days.begin(SECOND)
    days.desk.mark(10.5)
    days.desk.mark(5.0, key=PUT_KEY)
    days.trim("T1", 1, "10.60", fee="0.65")
    days.desk.opened(1, "5", key=PUT_KEY, strategy="other")
    days.desk.mark(10.4)
    days.desk.mark(5.2, key=PUT_KEY)
    days.end()
    call, put = positions(list(enumerate(days.desk.events, 1)))
    assert (call.open_pnl, call.day_pnl) == (120.0, -220.65)
    assert (put.open_pnl, put.day_pnl) == (20.0, 20.0)


def test_won_lost_and_even_are_counted_apart() -> None:
    """After fees: +50.00 won, −50.00 lost, nothing at all even, and nothing before fees of 1.30 lost."""
    days = Days()
    for price, fee in (("10.50", "0"), ("9.50", "0"), ("10", "0"), ("10", "1.30")):
        days.desk.opened(1)
        days.trim(f"T{days.desk.book.trade_count}", 1, price, fee)
    told = days.end()
    assert (told.trades_closed, told.trades_won, told.trades_lost, told.trades_even) == (4, 1, 2, 1)
    assert "4 closed: 1 won, 2 lost, 1 even" in shown(told)


@pytest.mark.parametrize(
    ("qty", "price", "counts"), [(1, "9", (0, 1, 0)), (1, "10", (0, 0, 1)), (0, "0", (0, 0, 0))]
)
def test_a_correction_counts_a_trade_anew(qty: int, price: str, counts: tuple[int, int, int]) -> None:
    """Sold at 11.00 it had won; sold at 9.00 it has lost, at 10.00 it is even; not sold at all, it is open again."""
    days = Days()
    days.desk.opened(1)
    days.desk.out("T1")
    order = days.desk.order
    days.desk.report(executed(order, 1, "11", "X.01"))
    assert days.told().trades_won == 1
    days.desk.report(executed(order, qty, price, "X.02"))
    told = days.told()
    assert (told.trades_won, told.trades_lost, told.trades_even) == counts
    assert told.trades_closed == sum(counts)


def test_a_correction_of_a_day_before_changes_the_money_of_today_and_not_its_count() -> None:
    """Yesterday's sale was at 9.00 and not at 11.00: today has made −200.00, and has closed nothing."""
    days = Days()
    days.desk.opened(1)
    days.desk.out("T1")
    order = days.desk.order
    days.desk.report(executed(order, 1, "11", "X.01"))
    first = days.end()
    days.begin(SECOND)
    days.desk.report(executed(order, 1, "9", "X.02"))
    second = days.end()
    assert (first.net, second.net, second.net_all_days) == (100.0, -200.0, -100.0)
    assert (second.trades_closed, second.trades_won, second.trades_lost) == (0, 0, 0)


def test_the_running_line_counts_of_the_open_only_what_is_todays() -> None:
    """Open 190.00, of which 15.00 were there in the morning: 175.00 today, and the net has no more of it."""
    line = equity_line(Decimal(-400), Decimal(0), 190.0, 1, "", 15.0).plain
    assert line == "net −$225.00  realized −$400.00  open +$190.00 (+$175.00 today)  fees $0.00  1 open"


def test_a_position_without_a_mark_is_said() -> None:
    """It counts as nothing, and the panel says that it does."""
    days = Days()
    days.desk.opened(1)
    book = fold([event for event in days.desk.events if not isinstance(event, e.PositionMarked)])
    told = summary_of(book, days.cards.tally, lambda trade: trade.position.mark, 0, Path("ledger"), FOUND)
    assert told.open_unmarked == 1
    assert "$0.00 in 1 position, 1 without a mark" in shown(told)


def test_what_did_not_go_in_is_counted() -> None:
    """A signal whose entry the desk refuses, and a trade that the broker cancels before anything fills; not a draft."""
    days = Days()
    days.desk.opened(1)
    days.desk.propose(1)  # one trade per symbol and strategy
    days.desk.propose(2, strategy="other", entry=limit("9.50"))
    days.desk.accept()
    days.desk.cancelled()
    days.desk.give_command(NewTrade(command_id="n", who="ann", instrument=PUT_KEY, qty=1))
    days.desk.give_command(CancelTrade(command_id="c", who="ann", trade_id="T3"))
    told = days.end()
    assert (told.signals_turned_down, told.trades_not_entered) == (1, 1)
    assert "1 of the used led to no trade" in shown(told)
    assert "1 more ended before anything filled" in shown(told)
    days.begin(SECOND)
    told = days.end()
    assert (told.signals_turned_down, told.trades_not_entered) == (0, 0)


acts = st.one_of(
    st.tuples(st.just("open"), st.integers(1, 4), st.integers(900, 1100)),
    st.tuples(st.just("trim"), st.integers(1, 5), st.integers(900, 1100)),
    st.tuples(st.just("mark"), st.just(0), st.integers(900, 1100)),
    st.tuples(st.just("correct"), st.integers(1, 5), st.integers(900, 1100)),
)


def sent(events: list[e.TradeEvent]) -> bool:
    """Whether an order went out: a limit of the day may have held it back."""
    return any(isinstance(event, e.OrderSubmitRequested) for event in events)


def _act(desk: Desk, act: str, qty: int, price: str) -> None:
    held = [trade for trade in desk.book.trades.values() if trade.position.qty]
    if act == "mark":
        desk.mark(float(price))
    elif act == "open":
        if sent(desk.propose(qty, strategy=f"s{desk.signals}")):
            desk.fill(qty, price, fee="0.65")
    elif act == "trim" and held:
        left = max(held[0].position.qty - qty, 0)
        if sent(desk.out(held[0].trade_id, left)):
            desk.fill(held[0].position.qty - left, price, fee="1.30")
    elif act == "correct" and held:
        fill = held[0].position.fills[0]
        order = next(one for one in desk.book.order_of_ref.values() if one.order_id == fill.order_id)
        desk.executions += 1
        desk.report(executed(order, fill.qty, price, f"{fill.base}.{desk.executions + 1:02d}", "0.65"))


@given(st.lists(st.lists(acts, max_size=6), min_size=1, max_size=4))
def test_i12_the_nets_of_the_days_add_up_to_the_whole(script: list[list[tuple[str, int, int]]]) -> None:
    """Whatever is bought, sold, marked and corrected: the days' nets are the cash, and what is held at its marks."""
    days, nets = Days(), []
    for number, (day, done) in enumerate(zip((FIRST, SECOND, THIRD, FOURTH), script, strict=False)):
        if number:
            days.begin(day)
            days.desk.mark(10.0)
        for act, qty, cents in done:
            _act(days.desk, act, qty, f"{cents / 100:.2f}")
        told = days.end()
        nets.append(told.net)
        assert told.trades_closed == told.trades_won + told.trades_lost + told.trades_even
    book, worth = days.desk.book, 0.0
    for trade in book.trades.values():
        position = trade.position
        if position.qty and position.mark is not None:
            worth += position.qty * position.mark * 100
        elif position.qty:
            worth += float(position.cost)
    assert sum(nets) == pytest.approx(float(book.totals.cash) + worth, abs=1e-4)
    assert days.told().net_all_days == pytest.approx(sum(nets), abs=1e-4)
