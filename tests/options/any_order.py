"""Reports of a broker about one order, told in whatever order and however often."""

from hypothesis import strategies as st

from options import inputs as i
from options.order import Order
from options.values import SECOND
from tests.options.desk import CLOSE, Desk


def one_order(qty: int, *, leaving: bool) -> tuple[Desk, Order]:
    """A desk after the close, when nothing is sent any more, and the one order that it still has out."""
    desk = Desk()
    desk.quote(0.99, 1.01)
    if leaving:
        desk.opened(qty, "1.00")
        desk.out("T1")
    else:
        desk.propose(qty)
    desk.at = CLOSE + SECOND
    return desk, desk.order


def tell_in_any_order(desk: Desk, reports: list[i.BrokerReport], data: st.DataObject) -> None:
    """Tell a desk the reports shuffled, some of them again, and cut into batches anyhow."""
    left = data.draw(st.permutations(reports + data.draw(st.lists(st.sampled_from(reports)))))
    while left:
        size = data.draw(st.integers(1, len(left)))
        desk.report(*left[:size])
        left = left[size:]
