"""Commands: obeyed in one piece and once, or refused with every reason and nothing changed."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from options import commands as c
from options import events as e
from options.inputs import BrokerReported, ExecutionReport, OrderRejectedReport
from options.plan import Algo, EntryCondition, EntryPlan, ExitPlan, TargetPlan, Watch
from options.terms import ExitKind
from options.values import Side
from tests.options.trading_room import KEY, OTHER_KEY, Room

STOP = ExitPlan(stop=Decimal("0.3"))


def new(room: Room, **changes: Any) -> c.NewTrade:
    """A new trade in the usual contract."""
    fields: dict[str, Any] = {"instrument": KEY, "qty": 4, "exits": STOP} | changes
    return c.NewTrade(command_id=room.name(), who="ann", **fields)


def about(kind: Callable[..., c.Command], room: Room, trade_id: str = "T1", **fields: Any) -> c.Command:
    """A command about a trade."""
    return kind(command_id=room.name(), who="ann", trade_id=trade_id, **fields)


def quoted() -> Room:
    """A room with a quote of 9.80 to 10.00."""
    room = Room()
    room.quote(9.80, 10.00)
    return room


def held(exits: ExitPlan = STOP, qty: int = 4) -> Room:
    """A room that holds T1: ``qty`` bought at 10.00."""
    room = quoted()
    room.take(new(room, exits=exits, qty=qty))
    room.take(about(c.ActivateTrade, room))
    assert room.status() == "Contingent Order Working / Filled"
    return room


def test_the_statuses_before_a_fill_are_those_of_the_table() -> None:
    """Saved, activated, held, activated again, in the market, held, cancelled, activated again: each has its words."""
    room = quoted()
    waits = EntryPlan(
        algo=Algo.LIMIT,
        limit_price=Decimal("9.50"),
        condition=EntryCondition(watch=Watch.OPTION, level=Decimal(11)),
    )
    room.take(new(room, entry=waits))
    assert room.status() == "Draft / –"
    for step, expected in [
        (about(c.ActivateTrade, room), "Working / Pending"),
        (about(c.ModifyTrade, room, hold=True), "Inactive / –"),
        (
            about(c.ModifyTrade, room, entry=EntryPlan(algo=Algo.LIMIT, limit_price=Decimal("9.50"))),
            "Inactive / –",
        ),
        (about(c.ActivateTrade, room), "Entry Order Submitted / Pending"),
        (about(c.ModifyTrade, room, hold=True), "Inactive / –"),
        (about(c.ActivateTrade, room), "Entry Order Submitted / Pending"),
        (about(c.CancelTrade, room), "Cancelled / –"),
        (about(c.ActivateTrade, room), "Entry Order Submitted / Pending"),
        (about(c.ModifyTrade, room, hold=True), "Inactive / –"),
        (about(c.CancelTrade, room), "Cancelled / –"),
    ]:
        room.take(step)
        assert room.status() == expected, step
        room.restart()
        assert room.status() == expected, step
    assert room.book.trades_on == 0
    assert not room.broker._resting


def test_the_statuses_after_a_fill_are_those_of_the_table() -> None:
    """Filled, held (unprotected), guarded again, flattened by a cancel."""
    room = held()
    assert room.trade().armed
    room.take(about(c.ModifyTrade, room, hold=True))
    assert room.status() == "Inactive / Filled"
    assert not room.trade().armed
    room.restart()
    room.quote(1.00, 1.10)
    assert room.status() == "Inactive / Filled"
    room.quote(9.80, 10.00)
    room.take(about(c.ActivateTrade, room))
    assert room.status() == "Contingent Order Working / Filled"
    assert room.trade().armed
    room.take(about(c.CancelTrade, room))
    assert room.status() == "Cancelled / Closed"
    assert room.trade().position.qty == 0
    assert room.book.trades_on == 0


def test_a_close_ends_inactive_and_closed() -> None:
    """Everything out, and nothing of the trade is left behind."""
    room = held()
    room.take(about(c.CloseTrade, room))
    assert room.status() == "Inactive / Closed"
    assert not room.book.trades
    assert not room.book.orders
    assert not room.book.parents


def test_an_entry_that_the_broker_rejects_can_be_activated_again() -> None:
    """Rejected is not the end: the same plan may go out once more."""
    room = quoted()
    room.take(new(room))
    ticket = room.broker.submit

    def reject(order: object, at: int) -> None:
        room.broker._said.append(OrderRejectedReport(client_ref=order.client_ref, reason="no"))  # type: ignore[attr-defined]

    room.broker.submit = reject  # type: ignore[method-assign, assignment]
    room.take(about(c.ActivateTrade, room))
    assert room.status() == "Rejected / –"
    room.broker.submit = ticket  # type: ignore[method-assign]
    room.take(about(c.ActivateTrade, room))
    assert room.status() == "Contingent Order Working / Filled"


def test_a_command_happens_once() -> None:
    """The same id again changes nothing and writes nothing, after a restart too."""
    room = held()
    trim = about(c.TrimTrade, room, qty=1)
    room.take(trim)
    written = len(room.ledger)
    assert room.say(trim) is None
    room.restart()
    assert room.say(trim) is None
    assert sum(isinstance(event, e.CommandTaken) and event.verb == "trim" for event in room.ledger) == 1
    assert len([one for one in room.ledger[written:] if isinstance(one, e.OrderFilled)]) == 0
    assert room.trade().position.qty == 3


@pytest.mark.parametrize(
    ("fields", "left"),
    [({"qty": 1}, 4), ({"fraction": Decimal("0.5")}, 3), ({"fraction": Decimal("0.01")}, 4)],
)
def test_a_trim_takes_out_what_it_says(fields: dict[str, Any], left: int) -> None:
    """A number, or a part: half of five is two (halves to the even number), a hundredth is one."""
    room = held(qty=5)
    room.take(about(c.TrimTrade, room, **fields))
    assert room.trade().position.qty == left
    assert room.trade().armed[0].qty == left


def test_a_stop_is_moved_and_takes_effect() -> None:
    """Moved up by hand, it triggers where it is now, also beyond the entry and after a restart."""
    room = held()
    room.quote(11.80, 12.00)
    room.take(about(c.SetStop, room, level=Decimal("11.00")))
    room.restart()
    room.quote(10.70, 10.90)
    assert room.status() == "Inactive / Closed"
    assert [event.kind for event in room.ledger if isinstance(event, e.ExitTriggered)] == ["stop"]


def test_a_stop_at_the_entry_needs_an_entry() -> None:
    """Before a fill there is no entry price, and the planned stop stays."""
    room = quoted()
    room.take(new(room))
    assert "nothing is held" in room.refuse(about(c.SetStop, room))[0]
    room = held()
    room.quote(11.00, 11.20)
    room.take(about(c.SetStop, room))
    assert room.trade().exits.stop_level == Decimal("10.00")


LADDER = ExitPlan(
    stop=Decimal("0.3"),
    targets=(
        TargetPlan(level=Decimal(12), share=Decimal("0.5")),
        TargetPlan(level=Decimal(15), share=Decimal("0.5")),
    ),
    break_even_after=1,
)


def test_exits_can_be_moved_after_a_target_has_fired() -> None:
    """A rung that is behind the market is no fault of what comes after it."""
    room = held(LADDER)
    room.quote(12.40, 12.60)
    assert room.trade().position.qty == 2
    room.take(about(c.SetStop, room, level=Decimal("11.50")))
    room.take(about(c.SetTrail, room, amount=Decimal("2.00")))
    room.take(about(c.SetTarget, room, level=Decimal("13.00")))
    levels = {armed.kind: armed.level for armed in room.trade().armed}
    assert levels[ExitKind.TARGET] == Decimal("13.00")
    room.quote(13.00, 13.20)
    assert room.status() == "Inactive / Closed"


def test_a_new_target_keeps_the_stop_at_the_entry() -> None:
    """A stop that the ladder has earned does not fall back when the ladder is replaced."""
    room = held(LADDER)
    room.quote(12.40, 12.60)
    assert [one.level for one in room.trade().armed if one.kind == "stop"] == [Decimal("10.00")]
    room.take(about(c.SetTarget, room, level=Decimal("14.00")))
    assert [one.level for one in room.trade().armed if one.kind == "stop"] == [Decimal("10.00")]


def test_a_trim_leaves_an_exit_that_is_out_alone() -> None:
    """What an exit has already claimed cannot be trimmed a second time."""
    room = held(LADDER)
    room.broker._try = lambda resting, at: None  # type: ignore[method-assign]
    room.quote(12.40, 12.60)
    assert room.trade().target == 2
    assert "not between 1 and 1" in room.refuse(about(c.TrimTrade, room, qty=2))[0]
    room.take(about(c.TrimTrade, room, qty=1))
    assert room.trade().target == 1


def test_a_halt_stops_entries_and_not_exits() -> None:
    """It survives a restart, and only the person who read its reason resumes."""
    room = held()
    room.take(new(room, instrument=OTHER_KEY, strategy="other"))
    room.quote(9.00, 9.20, OTHER_KEY)
    room.take(c.Halt(command_id=room.name(), who="ann", reason="lunch"))
    room.restart()
    assert any("halted: lunch" in reason for reason in room.refuse(about(c.ActivateTrade, room, "T2")))
    room.take(about(c.TrimTrade, room, qty=1))
    assert room.trade().position.qty == 3
    assert "repeat its reason" in room.refuse(c.Resume(command_id=room.name(), who="ann", answers="x"))[0]
    assert "halted already" in room.refuse(c.Halt(command_id=room.name(), who="ann", reason="again"))[0]
    room.take(c.Resume(command_id=room.name(), who="ann", answers="lunch"))
    room.take(about(c.ActivateTrade, room, "T2"))


def test_one_trade_per_symbol_and_strategy() -> None:
    """A second one is refused while the first waits, is entering, or holds."""
    room = quoted()
    waits = EntryPlan(condition=EntryCondition(watch=Watch.OPTION, level=Decimal(11)))
    room.take(new(room, entry=waits))
    room.take(about(c.ActivateTrade, room))
    room.take(new(room))
    assert room.refuse(about(c.ActivateTrade, room, "T2")) == (
        "T1 is on GOOG already; one trade per symbol and strategy",
    )


@pytest.mark.parametrize("text", ["", " ", "two\nlines", "x" * 301, "\ud800", "\x1b[31m"])
def test_texts_are_one_printable_line(text: str) -> None:
    """A halt without a reason would halt nothing; a text that cannot be printed reaches no screen."""
    room = Room()
    assert len(room.refuse(c.Halt(command_id=room.name(), who="ann", reason=text))) == 1
    assert len(room.refuse(new(room, strategy=text))) == 1


NAN = Decimal("NaN")
REFUSED_WHILE_HELD: list[tuple[Callable[..., c.Command], dict[str, Any], int]] = [
    (c.ActivateTrade, {}, 1),
    (c.ModifyTrade, {}, 1),
    (c.ModifyTrade, {"hold": True, "qty": 2}, 1),
    (c.ModifyTrade, {"qty": 2, "entry": EntryPlan()}, 1),
    (c.ModifyTrade, {"exits": ExitPlan(stop=Decimal(-1), trail=NAN, hold_max_s=-1.0)}, 3),
    (
        c.ModifyTrade,
        {"exits": ExitPlan(stop_level=Decimal(11), targets=(TargetPlan(level=Decimal(9)),), flat_at=1)},
        3,
    ),
    (c.TrimTrade, {}, 1),
    (c.TrimTrade, {"qty": 1, "fraction": Decimal("0.5")}, 1),
    *[(c.TrimTrade, {"qty": qty}, 1) for qty in (0, -1, 4, 5, 10**400)],
    *[(c.TrimTrade, {"fraction": Decimal(text)}, 1) for text in ("0", "1", "-1", "NaN", "sNaN", "Infinity")],
    *[(c.SetStop, {"level": Decimal(text)}, 1) for text in ("0", "-1", "11", "1E+9", "NaN", "sNaN")],
    *[(c.SetTarget, {"level": Decimal(text)}, 1) for text in ("0", "-1", "9", "1E+9", "NaN", "sNaN")],
    *[(c.SetTrail, {"fraction": Decimal(text)}, 1) for text in ("0", "-1", "1", "NaN", "sNaN")],
    *[(c.SetTrail, {"amount": Decimal(text)}, 1) for text in ("0", "-1", "1E+9", "NaN", "sNaN")],
    (c.SetTrail, {}, 1),
    (c.SetTrail, {"fraction": Decimal("0.1"), "amount": Decimal(1)}, 1),
]


@pytest.mark.parametrize(("kind", "fields", "count"), REFUSED_WHILE_HELD)
def test_a_wrong_command_is_refused_with_every_reason(
    kind: Callable[..., c.Command], fields: dict[str, Any], count: int
) -> None:
    """One refusal with all reasons; book and ledger are as before but for it."""
    room = held()
    assert len(room.refuse(about(kind, room, **fields))) == count


EVERY_KIND: list[tuple[Callable[..., c.Command], dict[str, Any]]] = [
    (c.ActivateTrade, {}),
    (c.ModifyTrade, {"exits": STOP}),
    (c.ModifyTrade, {"hold": True}),
    (c.CancelTrade, {}),
    (c.TrimTrade, {"qty": 1}),
    (c.CloseTrade, {}),
    (c.SetStop, {"level": Decimal(8)}),
    (c.SetTarget, {"level": Decimal(12)}),
    (c.SetTrail, {"fraction": Decimal("0.1")}),
]


@pytest.mark.parametrize(("kind", "fields"), EVERY_KIND)
def test_a_trade_that_is_over_or_never_was_takes_no_command(
    kind: Callable[..., c.Command], fields: dict[str, Any]
) -> None:
    """A closed trade and an unknown one are refused by name."""
    room = held()
    room.take(about(c.CloseTrade, room))
    assert room.refuse(about(kind, room, **fields)) == ("T1: it is over (Inactive / Closed)",)
    assert room.refuse(about(kind, room, "T9", **fields)) == ("T9: there is no such trade",)
    assert room.refuse(about(kind, room, "\x07" * 500, **fields)) == (f"{'?' * 40}: there is no such trade",)


def test_a_new_trade_is_refused_with_every_reason() -> None:
    """Contract, quantity, side, plans and times: all that is wrong comes back in one refusal."""
    room = quoted()
    wrong = new(
        room, instrument="GOOG  151218C00750000", qty=0, direction=0, entry=EntryPlan(after="T7"),
        exits=ExitPlan(stop=NAN, flat_at=5),
    )  # fmt: skip
    assert len(room.refuse(wrong)) == 6


def test_an_activation_is_refused_with_every_reason_and_stays_a_draft() -> None:
    """Too much premium and no quote are both found; the draft is still there to be edited."""
    room = quoted()
    room.take(new(room, qty=900))
    reasons = room.refuse(about(c.ActivateTrade, room))
    assert len(reasons) == 4
    assert room.status() == "Draft / –"
    room.take(about(c.ModifyTrade, room, qty=2))
    room.take(about(c.ActivateTrade, room))
    assert room.trade().position.qty == 2


def test_an_entry_in_the_market_is_not_modified_there() -> None:
    """Out first, then edited, then activated again."""
    room = quoted()
    room.take(new(room, entry=EntryPlan(algo=Algo.LIMIT, limit_price=Decimal("9.50"))))
    room.take(about(c.ActivateTrade, room))
    assert "hold it first" in room.refuse(about(c.ModifyTrade, room, qty=2))[0]


def test_a_fill_that_crosses_a_hold_is_sold_and_the_trade_closed() -> None:
    """Nothing of a held trade is wanted: what fills after all goes back at once, and nothing is left behind."""
    room = quoted()
    room.take(new(room, entry=EntryPlan(algo=Algo.LIMIT, limit_price=Decimal("9.50"))))
    room.take(about(c.ActivateTrade, room))
    (order,) = room.book.orders.values()
    cancel = room.broker.cancel
    room.broker.cancel = lambda client_ref, at: None  # type: ignore[method-assign]
    room.take(about(c.ModifyTrade, room, hold=True))
    assert room.status() == "Inactive / –"
    assert "not out of the market yet" in room.refuse(about(c.ActivateTrade, room))[0]
    assert "not out of the market yet" in room.refuse(about(c.ModifyTrade, room, qty=2))[0]
    fill = ExecutionReport(
        client_ref=order.child.client_ref,
        exec_id="late",
        broker_order_id="B1",
        venue="PAPER",
        instrument=KEY,
        side=Side.BUY,
        qty=2,
        price=Decimal("9.50"),
        fee=Decimal(0),
    )
    room.give(BrokerReported((fill,)))
    room.broker.cancel = cancel  # type: ignore[method-assign]
    room.broker.cancel(order.child.client_ref, room.at)
    room.quote(9.80, 10.00)
    assert room.status() == "Inactive / Closed"
    assert room.trade().position.qty == 0
    assert room.book.trades_on == 0
    assert not room.book.trades
