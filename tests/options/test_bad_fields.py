"""Every field of every command and plan, wrong in every way: one refusal, in words, and nothing has changed."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from options import commands as c
from options.inputs import BrokerReported, OrderInDoubtReport
from options.plan import (
    Algo,
    Basis,
    EntryCondition,
    EntryPlan,
    ExitOrder,
    ExitPlan,
    ScaleInPlan,
    TargetPlan,
    Watch,
)
from options.shown_text import REASON_CHARACTERS
from tests.options.bad_fields import (
    COMMANDS,
    CONTRACTS,
    COUNTS,
    EVERY_COMMAND,
    EVERY_LEAF,
    FRACTIONS,
    GOOD_COMMANDS,
    KEY,
    NET_PRICES,
    PLANS,
    PRICES,
    SECONDS,
    Bad,
    Fields,
    Leaf,
)
from tests.options.trading_room import OTHER_KEY, Room

COMBO = f"+1*{KEY}/-1*GOOG  151231C00760000"
WRONG = [leaf for leaf in EVERY_LEAF if isinstance(leaf.bad, Bad)]


def room_of_two(command: type[c.CommandBase]) -> Room:
    """T1 holds four bought at 10.00, T2 is a draft of another strategy; halted, or O2 in doubt, to be answered."""
    room = Room()
    room.quote(9.80, 10.00)
    room.quote(6.80, 7.00, key="GOOG  151231C00760000")
    room.quote(9.80, 10.00, key=OTHER_KEY)
    room.take(c.NewTrade(command_id=room.name(), who="ann", instrument=KEY, qty=4))
    room.take(c.ActivateTrade(command_id=room.name(), who="ann", trade_id="T1"))
    other = c.NewTrade(command_id=room.name(), who="ann", instrument=OTHER_KEY, qty=4, strategy="other")
    room.take(other)
    if command is c.Resume:
        room.take(c.Halt(command_id=room.name(), who="ann", reason="look"))
    if command is c.SettleOrder:  # a close is out at a limit when the broker says nothing more of it
        at = ExitOrder(algo=Algo.LIMIT, limit_price=Decimal(12))
        room.take(c.CloseTrade(command_id=room.name(), who="ann", trade_id="T1", order=at))
        (order,) = room.book.orders.values()
        room.give(
            BrokerReported((OrderInDoubtReport(client_ref=order.child.client_ref, reason="no answer"),))
        )
    return room


@pytest.mark.parametrize("command", EVERY_COMMAND)
def test_each_good_command_is_taken(command: type[c.CommandBase]) -> None:
    """What goes wrong below goes wrong because of one field: without it each command is taken."""
    room = room_of_two(command)
    room.take(command(command_id="good", who="ann", **GOOD_COMMANDS[command]))  # type: ignore[arg-type]


@pytest.mark.parametrize("leaf", EVERY_LEAF, ids=lambda leaf: leaf.name)
def test_each_field_has_its_wrong_values(leaf: Leaf) -> None:
    """A field of a command or a plan that nobody has thought through does not get in."""
    assert leaf.bad is not None or leaf.settled_by_type, f"{leaf.name}: write down what can be wrong with it"


def test_no_wrong_value_is_for_a_field_that_is_gone() -> None:
    """The lists hold the fields that there are, and nothing else."""
    for known in (COMMANDS, PLANS):
        for holder, fields in known.items():
            assert set(fields) <= set(holder.__struct_fields__), holder


@pytest.mark.parametrize("leaf", WRONG, ids=lambda leaf: leaf.name)
def test_a_wrong_field_is_refused_by_name(leaf: Leaf) -> None:
    """Each wrong value gives one refusal that names the field; book and ledger are as before but for it."""
    room = room_of_two(leaf.command)
    bad = leaf.bad
    assert isinstance(bad, Bad)
    for value in bad.values:
        reasons = room.refuse(leaf.command_with(value, command_id=room.name()))  # type: ignore[arg-type]
        assert any(bad.says in reason for reason in reasons), (str(value)[:50], reasons)
        assert len(reasons) == len(set(reasons)) <= 5, (str(value)[:50], reasons)
        for reason in reasons:
            assert reason.isprintable(), (str(value)[:50], reasons)
            assert 10 < len(reason) <= REASON_CHARACTERS, (str(value)[:50], reasons)


@pytest.mark.parametrize("kind", [c.NewTrade, c.RollTrade])
@pytest.mark.parametrize("says", CONTRACTS)
def test_a_contract_that_is_none_is_refused_with_what_would_be_right(
    kind: type[c.CommandBase], says: str
) -> None:
    """Unknown, expired, adjusted, a combo with a ratio of zero or a leg twice: each says so."""
    room = room_of_two(kind)
    for contract in CONTRACTS[says]:
        name = "instrument" if kind is c.NewTrade else "contract"
        fields = GOOD_COMMANDS[kind] | {name: contract} | ({} if kind is c.NewTrade else {"strike": None})
        reasons = room.refuse(kind(command_id=room.name(), who="ann", **fields))  # type: ignore[arg-type]
        assert any(says in reason for reason in reasons), reasons


NET: list[tuple[str, tuple[object, ...], Any]] = [
    ("entry limit", NET_PRICES, lambda one: {"entry": EntryPlan(algo=Algo.LIMIT, limit_price=one)}),
    ("entry bound", NET_PRICES, lambda one: {"entry": EntryPlan(algo=Algo.WALK, limit_bound=one)}),
    ("stop level", NET_PRICES, lambda one: {"exits": ExitPlan(stop_level=one)}),
    ("target 1: level", NET_PRICES, lambda one: {"exits": ExitPlan(targets=(TargetPlan(level=one),))}),
    ("trail amount", PRICES, lambda one: {"exits": ExitPlan(trail_amount=one)}),
    (
        "the stop's order: limit",
        NET_PRICES,
        lambda one: {
            "exits": ExitPlan(stop_order=ExitOrder(algo=Algo.LIMIT, limit_price=one, deadline_s=9.0))
        },
    ),
    ("an amount in dollars", (Decimal("0.1"),), lambda one: {"exits": ExitPlan(trail=one)}),
    ("no last price", (Basis.LAST,), lambda one: {"exits": ExitPlan(basis=one)}),
    ("wait for a spread", (0.1,), lambda one: {"entry": EntryPlan(condition=EntryCondition(spread_max=one))}),
    (
        "not of its net price",
        (Decimal(2),),
        lambda one: {"entry": EntryPlan(condition=EntryCondition(watch=Watch.OPTION, level=one))},
    ),
]


@pytest.mark.parametrize(("says", "values", "fields"), NET, ids=[says for says, _, _ in NET])
def test_a_combo_is_refused_what_a_net_price_cannot_carry(
    says: str, values: tuple[object, ...], fields: Any
) -> None:
    """Its prices may lie below zero and are held against their range all the same."""
    room = room_of_two(c.NewTrade)
    for value in values:
        wrong = c.NewTrade(command_id=room.name(), who="ann", instrument=COMBO, qty=1, **fields(value))
        assert any(says in reason for reason in room.refuse(wrong)), value


# --- all at once -----------------------------------------------------------------------------------------------------

RICH_ENTRY = EntryPlan(
    algo=Algo.WALK,
    limit_price=Decimal("9.80"),
    limit_bound=Decimal("10.00"),
    give_up_after_s=60.0,
    condition=EntryCondition(watch=Watch.UNDERLYING, level=Decimal(750)),
)
RICH_EXITS = ExitPlan(
    targets=(TargetPlan(gain=Decimal("0.2")),),
    stop=Decimal("0.3"),
    trail=Decimal("0.2"),
    trail_after=Decimal("0.1"),
    hold_max_s=60.0,
)
_PLAIN = {
    (EntryPlan, "limit_price"): PRICES,
    (EntryPlan, "limit_bound"): PRICES,
    (EntryPlan, "every_s"): SECONDS,
    (EntryPlan, "steps"): COUNTS,
    (EntryPlan, "give_up_after_s"): SECONDS,
    (EntryPlan, "after"): ("T99",),
    (ExitPlan, "stop"): FRACTIONS,
    (ExitPlan, "trail"): FRACTIONS,
    (ExitPlan, "trail_after"): FRACTIONS,
    (ExitPlan, "break_even_after"): COUNTS,
    (ExitPlan, "hold_max_s"): SECONDS,
    (ExitPlan, "flat_at"): (0, -1, 10**18),
    (c.NewTrade, "qty"): COUNTS,
    (c.NewTrade, "direction"): (0, 2),
    (c.NewTrade, "strategy"): ("", "x" * 41),
    (c.NewTrade, "instrument"): ("GOOG  151218C00750000",),
}


NAMED: dict[type, Fields] = {**COMMANDS, **PLANS}


@given(st.data())
def test_everything_that_is_wrong_comes_back_at_once(data: st.DataObject) -> None:
    """Any number of wrong fields together: the one refusal names each of them."""
    chosen = data.draw(
        st.lists(st.sampled_from(sorted(_PLAIN, key=str)), unique=True, min_size=2, max_size=8)
    )
    changes: dict[type, dict[str, object]] = {EntryPlan: {}, ExitPlan: {}, c.NewTrade: {}}
    for holder, name in chosen:
        changes[holder][name] = data.draw(st.sampled_from(_PLAIN[holder, name]))
    fields = {"instrument": KEY, "qty": 4} | changes[c.NewTrade]
    room = room_of_two(c.NewTrade)
    command = c.NewTrade(
        command_id="c",
        who="ann",
        entry=msgspec.structs.replace(RICH_ENTRY, **changes[EntryPlan]),
        exits=msgspec.structs.replace(RICH_EXITS, **changes[ExitPlan]),
        **fields,  # type: ignore[arg-type]
    )
    reasons = room.refuse(command)
    for holder, name in chosen:
        bad = NAMED[holder][name]
        says = "expired" if name == "instrument" else bad.says if isinstance(bad, Bad) else ""
        assert any(says in reason for reason in reasons), (name, reasons)


@pytest.mark.parametrize("direction", [1, -1])
def test_levels_on_the_wrong_side_are_named_beside_everything_else(direction: int) -> None:
    """A stop and targets on the wrong side, in the wrong order, are refused together with a quantity of none."""
    side = direction
    exits = ExitPlan(
        stop_level=Decimal(10) + side,
        targets=(
            TargetPlan(level=Decimal(10) - side, share=Decimal("0.5")),
            TargetPlan(level=Decimal(10) - 2 * side, share=Decimal("0.5")),
        ),
        scale_ins=(ScaleInPlan(gain=Decimal("-0.1"), qty=1),),
    )
    entry = EntryPlan(algo=Algo.WALK, limit_price=Decimal(10), limit_bound=Decimal(10) - side)
    room = room_of_two(c.NewTrade)
    wrong = c.NewTrade(
        command_id="c", who="ann", instrument=KEY, qty=0, direction=direction, entry=entry, exits=exits
    )
    reasons = room.refuse(wrong)
    for says in (
        "quantity 0",
        "average-down",
        "the bound",
        "the stop",
        "target 1",
        "target 2",
        "the targets of",
    ):
        assert any(says in reason for reason in reasons), (says, reasons)


def test_an_activation_names_levels_contract_and_limits_at_once() -> None:
    """A draft with its stop above the market and too large for the limits: both are said, and it stays a draft."""
    room = room_of_two(c.ActivateTrade)
    exits = ExitPlan(stop_level=Decimal(20))
    draft = c.NewTrade(command_id=room.name(), who="ann", instrument=OTHER_KEY, qty=900, exits=exits)
    room.take(draft)
    reasons = room.refuse(c.ActivateTrade(command_id=room.name(), who="ann", trade_id="T3"))
    for says in ("the stop 20", "quantity 900", "premium", "one trade per symbol"):
        assert any(says in reason for reason in reasons), (says, reasons)
