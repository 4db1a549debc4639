"""A part of an exit goes out only for what is held beside all that could leave already: a doubt and a bust may meet."""

import pytest

from options import commands as c
from options import events as e
from options import inputs as i
from options.lifecycle import GUARDED
from options.order import Order
from options.plan import Algo, ExitOrder
from options.values import Side
from tests.options.desk import Desk, executed, of, one
from tests.options.test_additions import limited
from tests.options.test_corrections import said

IN_PARTS = ExitOrder(algo=Algo.TWAP, every_s=10.0, steps=2)


def in_doubt(left: int) -> tuple[Desk, Order, Order]:
    """Of ten, two parts of two are to go, one of them is out, and four more are in doubt; a bust leaves ``left``."""
    desk = limited(50_000)
    desk.propose(10)
    desk.accept()
    entry = desk.order
    desk.report(said(entry, "X", 1, 8, "10"), said(entry, "Y", 1, 2, "10"))
    trim = c.TrimTrade(command_id="parts", who="ann", trade_id="T1", qty=4, order=IN_PARTS)
    desk.give_command(trim)
    desk.accept()
    desk.fill(2)
    desk.give_command(c.TrimTrade(command_id="four", who="ann", trade_id="T1", qty=4))
    doubtful = desk.order
    desk.report(i.OrderInDoubtReport(client_ref=doubtful.child.client_ref, reason="no answer"))
    desk.report(said(entry, "X", 2, left, "10"))
    assert desk.trade().position.qty == left
    return desk, entry, doubtful


@pytest.mark.parametrize(("left", "part"), [(8, 2), (7, 1), (6, 0), (4, 0), (2, 0), (1, 0)])
def test_i10_a_part_leaves_room_for_what_is_in_doubt(left: int, part: int) -> None:
    """Four may be gone already and two are to stay: the second part is what is held beyond, and never more."""
    desk, _, _ = in_doubt(left)
    assert sum(sent.qty for sent in of(e.OrderSubmitRequested, desk.wait(10))) == part


def test_i10_nothing_is_sold_too_far_when_the_doubt_has_filled() -> None:
    """The four were sold after all, of six: the two that were to stay are held, and nothing is bought back."""
    desk, _, doubtful = in_doubt(6)
    desk.wait(10)
    events = desk.report(executed(doubtful, 4, "10", "late"))
    assert not of(e.OrderSubmitRequested, events)
    assert (desk.trade().position.qty, desk.book.halt_reason, desk.orders) == (2, "", [])


def test_i10_the_part_goes_out_once_the_doubt_is_over() -> None:
    """The four are still there and are refused: what was held back goes, and the trade holds what was wanted."""
    desk, _, doubtful = in_doubt(4)
    desk.wait(10)
    desk.wait(60)
    refused = desk.reject(doubtful)
    sent = of(e.OrderSubmitRequested, refused)
    assert sum(order.qty for order in sent) == 4 - desk.trade().target
    assert all(order.side is Side.SELL for order in sent)


def test_i10_a_bust_that_is_taken_back_lets_the_part_go() -> None:
    """All eight are held again: the second part is due since, and goes out at once."""
    desk, entry, doubtful = in_doubt(4)
    desk.wait(10)
    assert one(e.OrderSubmitRequested, desk.report(said(entry, "X", 3, 8, "10"))).qty == 2
    desk.accept()
    desk.fill(2)
    desk.report(executed(doubtful, 4, "10", "late"))
    assert (desk.trade().position.qty, desk.status()) == (2, GUARDED)
