"""In whatever order and however often the broker says it, the same reports come to the same end."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from options import events as e
from options import inputs as i
from options.order import OrderState
from tests.options.any_order import one_order, tell_in_any_order
from tests.options.desk import Desk, accepted, cancelled, executed, signed_sum

splits = st.lists(st.integers(1, 4), min_size=1, max_size=4)


@given(splits, st.booleans(), st.booleans(), st.data())
def test_i12_any_order_of_the_reports_ends_in_the_same_position_and_profit(
    parts: list[int], ends: bool, leaving: bool, data: st.DataObject
) -> None:
    """Doubled, shuffled and cut into batches anyhow, the same reports come to the same quantity, cash and profit."""
    qty = sum(parts) + ends

    def run(shuffled: bool) -> tuple[object, ...]:
        desk, order = one_order(qty, leaving=leaving)
        reports: list[i.BrokerReport] = [accepted(order)]
        reports += [
            executed(order, part, f"1.{number:02d}", f"X{number}", "0.65")
            for number, part in enumerate(parts)
        ]
        reports += [cancelled(order)] if ends else []
        if shuffled:
            tell_in_any_order(desk, reports, data)
        else:
            desk.report(*reports)
        fills = desk.all(e.OrderFilled)
        totals = desk.book.totals
        held = desk.trade().position.qty
        return held, signed_sum(fills), totals.realized, totals.fees, totals.cash, totals.contracts

    assert run(shuffled=True) == run(shuffled=False)


def test_i12_the_state_of_an_order_follows_its_fills() -> None:
    """An acceptance after the fill, or none at all, makes no difference to how the order ends."""
    desk = Desk()
    desk.propose(2)
    order = desk.order
    desk.fill(2)
    assert order.state is OrderState.FILLED
    assert desk.accept(order) == []
    assert desk.cancelled(order) == []
    assert desk.reject(order) == []
    assert desk.trade().position == replace(desk.trade().position, qty=2, fees=Decimal(0))
