"""The orders that the paper broker has, found by the quotes that they fill on and by their group."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from options.combo_quote import is_combo
from options.contract import Combo, parse_key
from options.execution.port import OrderTicket
from options.values import ZERO, Micros


@dataclass(slots=True, eq=False)
class RestingOrder:
    """An order that the paper broker has. ``live_at`` is when it reaches the market; ``qty`` is what it is for now.

    ``number`` is its place among all that were taken.
    """

    ticket: OrderTicket
    live_at: Micros
    qty: int
    filled: int = 0
    executions: int = 0
    charged: Decimal = ZERO
    filled_at: Micros = -1
    triggered: bool = False
    number: int = 0


class RestingOrders:
    """Every resting order by its reference; in the order in which they were taken, however they are asked for."""

    def __init__(self) -> None:
        self._orders: dict[str, RestingOrder] = {}
        self._by_quote: dict[str, dict[str, RestingOrder]] = {}
        self._by_group: dict[str, dict[str, RestingOrder]] = {}
        self._taken = 0

    def __len__(self) -> int:
        """How many there are."""
        return len(self._orders)

    def __contains__(self, client_ref: object) -> bool:
        """Whether an order of this reference rests."""
        return client_ref in self._orders

    def __iter__(self) -> Iterator[RestingOrder]:
        """All of them."""
        return iter(list(self._orders.values()))

    def has(self, order: RestingOrder) -> bool:
        """Whether this very order still rests."""
        return self._orders.get(order.ticket.client_ref) is order

    def add(self, order: RestingOrder) -> None:
        """Take an order whose reference is new."""
        ref, group = order.ticket.client_ref, order.ticket.oca_group
        self._taken += 1
        order.number = self._taken
        self._orders[ref] = order
        for key in _quoted_by(order):
            self._by_quote.setdefault(key, {})[ref] = order
        if group:
            self._by_group.setdefault(group, {})[ref] = order

    def drop(self, client_ref: str) -> bool:
        """Take an order out; false where none of this reference rests."""
        order = self._orders.pop(client_ref, None)
        if order is None:
            return False
        for key in _quoted_by(order):
            _leave(self._by_quote, key, client_ref)
        if order.ticket.oca_group:
            _leave(self._by_group, order.ticket.oca_group, client_ref)
        return True

    def quoted_in(self, keys: Iterable[str]) -> list[RestingOrder]:
        """The orders that may fill on the quotes of these instruments: of a combo each leg moves it."""
        return [order for key in keys if key in self._by_quote for order in self._by_quote[key].values()]

    def of_group(self, group: str) -> list[RestingOrder]:
        """The orders of which one takes from the others what it trades."""
        return list(self._by_group.get(group, {}).values())


def _quoted_by(order: RestingOrder) -> tuple[str, ...]:
    """The instruments whose quotes an order fills on."""
    key = order.ticket.instrument
    if not is_combo(key):
        return (key,)
    combo = parse_key(key)
    return tuple(leg.instrument.key for leg in combo.legs) if isinstance(combo, Combo) else (key,)


def _leave(members_of: dict[str, dict[str, RestingOrder]], key: str, client_ref: str) -> None:
    members = members_of[key]
    del members[client_ref]
    if not members:
        del members_of[key]
