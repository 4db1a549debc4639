"""For every field that a person can give: values that are wrong, and the words by which a refusal must name them.

Good commands are written down too, in which one field at a time goes wrong. A field without an entry here fails the
tests, unless its type says all there is to say (yes or no, one of a few words): such a field is wrong at the door only.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from options import commands as c
from options.plan import (
    Algo,
    EntryCondition,
    EntryPlan,
    ExitOrder,
    ExitPlan,
    ScaleInPlan,
    TargetPlan,
    Watch,
)

KEY = "GOOG  151231C00750000"


@dataclass(frozen=True)
class Bad:
    """Wrong values of a field, the words that name it, and what must stand beside it so that it counts."""

    says: str
    values: tuple[Any, ...]
    beside: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Harmless:
    """A field that nothing can be wrong with at the desk, and why."""

    why: str


_NO_NUMBERS = tuple(map(Decimal, ("NaN", "sNaN", "-NaN", "Infinity", "-Infinity")))
_TINY = (Decimal("1E-999999"), Decimal("0.0000001"))
PRICES = (*map(Decimal, ("0", "-1", "-0.01", "1E+30", "1E+999999")), *_NO_NUMBERS, *_TINY)
NET_PRICES = (*map(Decimal, ("1E+30", "-1E+30", "1E+999999")), *_NO_NUMBERS, *_TINY)
FRACTIONS = (*PRICES, Decimal(101))
COUNTS = (0, -1, 10**9, 10**400, -(10**400))
SECONDS = (0.0, -1.0, -0.0, 1e300, float("nan"), float("inf"), float("-inf"), 10**400)
MOMENTS = (0, -1, -(10**30), 10**18, 10**400, 1)
# The door works this one out from the exchange's calendar, whatever was given.
BY_DOOR = "flat_before_expiry"
TEXTS = ("", " ", "two\nlines", "x" * 301, "\ud800", "\x1b[31m", "\u202e")
TRADE_IDS = ("T99", "", " ", "\x07" * 500, "t 1", "\ud800")
CONTRACTS = {
    "not an OCC symbol": ("GOOG 1", "GOOG  151231X00750000", "151231C00750000", "x" * 60_000 + "1"),
    "no date": ("GOOG  151331C00750000",),
    "capital letters": ("", "goog", "\x1b[m", "TOOLONG"),
    "adjusted": ("GOOG1 151231C00750000",),
    "expired": ("GOOG  151218C00750000",),
    "ratio 0": (f"+0*{KEY}/-1*GOOG  151231C00760000",),
    "at least two legs": (f"+1*{KEY}",),
    "different": (f"+1*{KEY}/-1*{KEY}",),
    "one underlying": (f"+1*{KEY}/-1*TWX   151231C00070000",),
    "combo": (f"+{'9' * 5000}*{KEY}/-1*GOOG  151231C00760000",),
}
_ALL_CONTRACTS = tuple(one for several in CONTRACTS.values() for one in several)

_LIMIT = {"algo": Algo.LIMIT, "limit_price": Decimal("9.80")}
_WALK = {"algo": Algo.WALK, "limit_price": None, "limit_bound": None}
_MANY = tuple(TargetPlan(gain=Decimal(n) / 100, share=Decimal("0.01")) for n in range(1, 22))
_ORDER = {
    "limit_price": Bad(": limit", PRICES, {"algo": Algo.LIMIT, "deadline_s": 60.0}),
    "every_s": Bad(": every", SECONDS),
    "steps": Bad(": steps", COUNTS),
    "deadline_s": Bad(": deadline", SECONDS, {"algo": Algo.WALK}),
}

Fields = dict[str, Bad | Harmless]

PLANS: dict[type[msgspec.Struct], Fields] = {
    EntryPlan: {
        "limit_price": Bad("entry limit", PRICES, _LIMIT),
        "limit_bound": Bad("entry bound", PRICES, _WALK),
        "every_s": Bad("every", SECONDS),
        "steps": Bad("steps", COUNTS),
        "give_up_after_s": Bad("give-up", SECONDS),
        "after": Bad("wait for", ("T99", "", "\x1b", "x" * 5000, "\ud800")),
    },
    EntryCondition: {
        "level": Bad("entry level", PRICES),
        "at": Bad("the entry's time", MOMENTS, {"level": None, "watch": None}),
        "spread_max": Bad("entry spread", (*SECONDS, 2.1), {"level": None, "watch": None}),
    },
    ExitPlan: {
        "targets": Bad("targets", (_MANY, (TargetPlan(level=Decimal(12)), TargetPlan(level=Decimal(11))))),
        "stop": Bad("stop", (*FRACTIONS, Decimal(1))),
        "stop_level": Bad("stop", PRICES, {"stop": None}),
        "trail": Bad("trail", (*FRACTIONS, Decimal(1))),
        "trail_amount": Bad("trail", PRICES, {"trail": None}),
        "trail_after": Bad("trail-after", FRACTIONS),
        "break_even_after": Bad("break-even-after", (*COUNTS, 3)),
        "hold_max_s": Bad("hold-max", SECONDS),
        "flat_at": Bad("flat-at", MOMENTS),
        "flat_before_expiry": Bad("", MOMENTS),
        "scale_ins": Bad("scale-in", (tuple(ScaleInPlan(gain=Decimal("0.1"), qty=1) for _ in range(21)),)),
    },
    ExitOrder: dict(_ORDER),
    TargetPlan: {
        "gain": Bad("target 1", FRACTIONS),
        "level": Bad("target 1", PRICES, {"gain": None}),
        "share": Bad("target", (*PRICES, Decimal("1.1"))),
    },
    ScaleInPlan: {
        "gain": Bad("scale-in 1", FRACTIONS),
        "qty": Bad("scale-in 1", COUNTS),
    },
}

_AT_DOOR = Harmless("the door takes no command without a printable one; here it is only shown")
_NO_TRADE = Harmless("it is about no trade that could have changed")
_SEEN = Bad("changed since it was shown", ("0" * 16, "x", "\x1b", "\ud800"))
_OF_TRADE: Fields = {
    "command_id": _AT_DOOR,
    "who": _AT_DOOR,
    "seen": _SEEN,
    "trade_id": Bad("there is no such trade", TRADE_IDS),
}
_OF_NONE: Fields = {"command_id": _AT_DOOR, "who": _AT_DOOR, "seen": _NO_TRADE}

COMMANDS: dict[type[c.CommandBase], Fields] = {
    c.NewTrade: _OF_NONE
    | {
        "instrument": Bad("", _ALL_CONTRACTS),
        "qty": Bad("quantity", COUNTS),
        "direction": Bad("direction", (0, 2, -2, 10**400)),
        "strategy": Bad("the strategy", (*TEXTS, "x" * 41)),
        "reason": Bad("the reason", TEXTS[1:]),
    },
    c.ActivateTrade: _OF_TRADE,
    c.ModifyTrade: _OF_TRADE | {"qty": Bad("quantity", COUNTS)},
    c.CancelTrade: _OF_TRADE,
    c.TrimTrade: _OF_TRADE
    | {
        "qty": Bad("trim", (*COUNTS, 4, 5)),
        "fraction": Bad("trim", (*_NO_NUMBERS, *map(Decimal, ("0", "1", "-1", "1E+30"))), {"qty": None}),
    },
    c.CloseTrade: _OF_TRADE,
    c.CloseAll: _OF_NONE
    | {
        "seen": _SEEN,
        "strategy": Bad("no trade of the strategy", ("nobody", "", "\x1b", "x" * 5000, "\ud800")),
    },
    c.RollTrade: _OF_TRADE
    | {
        "contract": Bad("", (*_ALL_CONTRACTS, KEY, "TWX   151231C00070000"), {"strike": None}),
        "expiry": Bad(
            "", ("", "soon", "2015-12-18", "2015-13-01", "9" * 5000, "0001-01-01"), {"strike": None}
        ),
        "strike": Bad("", (*PRICES, Decimal(750), Decimal("750.0001"))),
        "qty": Bad("quantity", COUNTS),
        "flat_before_expiry": Bad("", MOMENTS),
    },
    c.SetStop: _OF_TRADE | {"level": Bad("stop", (*PRICES, Decimal(11)))},
    c.SetTarget: _OF_TRADE | {"level": Bad("target 1", (*PRICES, Decimal(9)))},
    c.SetTrail: _OF_TRADE
    | {
        "fraction": Bad("trail", (*FRACTIONS, Decimal(1))),
        "amount": Bad("trail amount", PRICES, {"fraction": None}),
    },
    c.RecordAssignment: _OF_TRADE
    | {
        "qty": Bad("quantity", (*COUNTS, 5)),
        "contract": Bad("does not hold", (*_ALL_CONTRACTS, "GOOG  151231C00760000")),
        "underlying": Bad("underlying", PRICES),
    },
    c.SettleOrder: _OF_NONE
    | {
        "order_id": Bad(
            "no order that is in the market", ("O1", "O99", "o2", "", "\x1b", "x" * 5000, "\ud800")
        ),
        "filled": Bad("filled", (*COUNTS[1:], 5)),
        "price": Bad("price", PRICES),
        "fee": Bad("fee", PRICES[1:]),
    },
    c.Halt: _OF_NONE | {"reason": Bad("the reason", TEXTS)},
    c.Resume: _OF_NONE
    | {"answers": Bad("repeat its reason", ("", "no", "LOOK", "\x1b", "x" * 5000, "\ud800"))},
}

GOOD_PLANS: dict[type[msgspec.Struct], dict[str, Any]] = {
    EntryPlan: {},
    EntryCondition: {"level": Decimal(9), "watch": Watch.OPTION, "above": False},
    ExitPlan: {
        "targets": (TargetPlan(gain=Decimal("0.2")),),
        "stop": Decimal("0.3"),
        "trail": Decimal("0.2"),
    },
    ExitOrder: {},
    TargetPlan: {"gain": Decimal("0.2")},
    ScaleInPlan: {"gain": Decimal("0.1"), "qty": 1},
}

# T1 holds four contracts in the room of the tests, T2 is a draft; a good Resume answers the room's halt.
GOOD_COMMANDS: dict[type[c.CommandBase], dict[str, Any]] = {
    c.NewTrade: {"instrument": KEY, "qty": 4},
    c.ActivateTrade: {"trade_id": "T2"},
    c.ModifyTrade: {"trade_id": "T2", "qty": 3},
    c.CancelTrade: {"trade_id": "T1"},
    c.TrimTrade: {"trade_id": "T1", "qty": 1},
    c.CloseTrade: {"trade_id": "T1"},
    c.CloseAll: {},
    c.RollTrade: {"trade_id": "T1", "strike": Decimal(760)},
    c.SetStop: {"trade_id": "T1", "level": Decimal(8)},
    c.SetTarget: {"trade_id": "T1", "level": Decimal(12)},
    c.SetTrail: {"trade_id": "T1", "fraction": Decimal("0.2")},
    c.RecordAssignment: {"trade_id": "T1", "qty": 1, "underlying": Decimal(760)},
    c.SettleOrder: {"order_id": "O2", "filled": 1, "price": Decimal(12)},
    c.Halt: {"reason": "look"},
    c.Resume: {"answers": "look"},
}


@dataclass(frozen=True)
class Leaf:
    """A field as it can be reached from a command: ``path`` names it, ``holders`` are the structs on the way."""

    command: type[c.CommandBase]
    path: tuple[str, ...]
    holders: tuple[type[msgspec.Struct], ...]
    hint: Any

    @property
    def name(self) -> str:
        """``NewTrade.exits.stop_order.steps``."""
        return ".".join((self.command.__name__, *self.path))

    @property
    def bad(self) -> Bad | Harmless | None:
        """What is written down about it."""
        holder = self.holders[-1]
        known = COMMANDS[holder] if issubclass(holder, c.CommandBase) else PLANS.get(holder, {})
        return known.get(self.path[-1])

    @property
    def settled_by_type(self) -> bool:
        """Whether its type leaves nothing that could be wrong at the desk."""
        return all(
            one is bool or (isinstance(one, type) and issubclass(one, Enum)) for one in kinds(self.hint)
        )

    def command_with(self, value: Any, **changes: Any) -> c.CommandBase:
        """The good command with this field wrong; ``changes`` are its own fields besides."""
        bad = self.bad
        assert isinstance(bad, Bad)
        made: Any = value
        for depth in range(len(self.path) - 1, 0, -1):
            holder, name = self.holders[depth], self.path[depth]
            beside = bad.beside if depth == len(self.path) - 1 else {}
            made = holder(**(GOOD_PLANS[holder] | beside | {name: made}))
            above = get_type_hints(self.holders[depth - 1])[self.path[depth - 1]]
            made = (made,) if any(get_origin(one) is tuple for one in _union(above)) else made
        beside = bad.beside if len(self.path) == 1 else {}
        fields = GOOD_COMMANDS[self.command] | beside | {self.path[0]: made}
        return self.command(**({"command_id": "c", "who": "ann"} | fields | changes))


def _union(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def kinds(hint: Any) -> list[Any]:
    """What a field may hold, without "nothing" and without the tuples around it."""
    found: list[Any] = []
    for one in _union(hint):
        if get_origin(one) is tuple:
            found += [part for part in get_args(one) if part is not Ellipsis]
        elif one is not type(None):
            found.append(one)
    return found


def struct_in(hint: Any) -> type[msgspec.Struct] | None:
    """The struct that a field holds, alone or in a tuple."""
    return next(
        (one for one in kinds(hint) if isinstance(one, type) and issubclass(one, msgspec.Struct)), None
    )


def leaves(command: type[c.CommandBase]) -> Iterator[Leaf]:
    """Every field that can be given with a command, those of its plans included."""
    yield from _leaves(command, (), (command,))


def _leaves(
    command: type[c.CommandBase], path: tuple[str, ...], holders: tuple[type[msgspec.Struct], ...]
) -> Iterator[Leaf]:
    for name, hint in get_type_hints(holders[-1]).items():
        if name not in holders[-1].__struct_fields__:
            continue
        leaf = Leaf(command, (*path, name), holders, hint)
        inside = struct_in(hint)
        if inside is None or leaf.bad is not None:
            yield leaf
        if inside is not None:
            yield from _leaves(command, (*path, name), (*holders, inside))


EVERY_COMMAND: tuple[type[c.CommandBase], ...] = tuple(get_args(c.Command))
EVERY_LEAF: tuple[Leaf, ...] = tuple(leaf for command in EVERY_COMMAND for leaf in leaves(command))
