"""Proof of expiries and assignments: every leg is worth what its terms say, what is delivered costs the strike.

The worth of an option, the shares that it delivers and the net price of the whole are worked out here a second time,
from the contract's terms and the settlement price alone.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from options import events as e
from options.contract import Combo, OptionContract, Right, Stock, parse_key
from options.expiry_events import LegSettled, PositionDelivered, Settlement
from options.values import CENT, ZERO

PREFIXES = ("expiry-", "assigned-")
_INTO_SHARES = (Settlement.EXERCISED, Settlement.ASSIGNED)


class ExpiryWrong(Exception):
    """An expiry states what its terms do not give; the text says what."""


@dataclass(slots=True)
class ExpiryProof:
    """The expiries of a ledger, checked as they go by.

    ``legs`` are those said of a trade and not yet closed; ``owed`` is what ended trades leave, by instrument, with the
    price that it must open at; ``waiting`` are the deliveries whose fill is still to come.
    """

    legs: dict[str, list[LegSettled]] = field(default_factory=dict)
    owed: dict[str, dict[str, tuple[int, Decimal]]] = field(default_factory=dict)
    waiting: dict[str, PositionDelivered] = field(default_factory=dict)

    def leg(self, event: LegSettled) -> None:
        """Take in what became of a leg.

        :raises ExpiryWrong: its outcome or its price is not what its terms give.
        """
        self.legs.setdefault(event.trade_id, []).append(event)
        if event.outcome is Settlement.CARRIED:
            return
        contract = parse_key(event.instrument)
        if not isinstance(contract, OptionContract):
            raise ExpiryWrong(f"{event.instrument} cannot expire")
        over = event.underlying - contract.strike
        worth = max(ZERO, over if contract.right is Right.CALL else -over)
        if event.outcome is Settlement.WORTHLESS:
            if worth >= CENT or event.price:
                raise ExpiryWrong(f"{event.instrument} is worth {worth} at {event.underlying}, not nothing")
        elif worth != event.price or (not worth and event.outcome is Settlement.CASH):
            raise ExpiryWrong(f"{event.instrument} is worth {worth} at {event.underlying}, not {event.price}")
        if event.outcome in _INTO_SHARES and (event.qty > 0) != (event.outcome is Settlement.EXERCISED):
            raise ExpiryWrong(f"{event.qty} of {event.instrument} cannot be {event.outcome}")

    def fill(self, event: e.OrderFilled) -> None:
        """Take in a fill without an order: the end of a position, or the start of what it left.

        :raises ExpiryWrong: no expiry gives this fill.
        """
        delivery = self.waiting.pop(event.trade_id, None)
        if delivery is not None:
            stated = (event.instrument, event.qty * event.side.sign, event.price)
            if stated != (delivery.instrument, delivery.qty, delivery.price):
                raise ExpiryWrong(f"{event.trade_id} opens with {stated}; delivered was {delivery}")
            return
        legs = self.legs.pop(event.trade_id, [])
        instrument = parse_key(event.instrument)
        parts = (
            {leg.instrument.key: leg.ratio for leg in instrument.legs}
            if isinstance(instrument, Combo)
            else {instrument.key: 1}
        )
        held = -event.qty * event.side.sign
        said: dict[str, int] = {}
        for leg in legs:  # a leg may have two fates: some of its contracts assigned, the others carried on
            said[leg.instrument] = said.get(leg.instrument, 0) + leg.qty
        if said != {key: ratio * held for key, ratio in parts.items()}:
            raise ExpiryWrong(f"the legs of {event.trade_id} do not add up to {held} of {event.instrument}")
        worth = sum((leg.price * leg.qty * parse_key(leg.instrument).multiplier for leg in legs), ZERO)
        if worth != event.price * held * event.multiplier:
            raise ExpiryWrong(f"{event.trade_id} closes at {event.price}; its legs come to {worth} dollars")
        self._nothing_owed(event.trade_id)
        self.owed[event.trade_id] = _left(legs)

    def delivered(self, event: PositionDelivered) -> None:
        """Take in a delivery.

        :raises ExpiryWrong: the trade that ended does not leave that.
        """
        left = self.owed.get(event.from_trade, {}).pop(event.instrument, None)
        if left != (event.qty, event.price):
            raise ExpiryWrong(f"{event.from_trade} leaves {left} of {event.instrument}, not {event.qty}")
        self.waiting[event.trade_id] = event

    def closed(self, trade_id: str) -> None:
        """A trade is over.

        :raises ExpiryWrong: something that it left is in no trade.
        """
        self._nothing_owed(trade_id)

    def over(self) -> None:
        """The ledger is over.

        :raises ExpiryWrong: something that a trade left is in no trade.
        """
        for trade_id in list(self.owed):
            self._nothing_owed(trade_id)

    def _nothing_owed(self, trade_id: str) -> None:
        left = self.owed.pop(trade_id, {})
        if left:
            raise ExpiryWrong(f"{trade_id} leaves {', '.join(sorted(left))}, which no trade holds")


def _left(legs: list[LegSettled]) -> dict[str, tuple[int, Decimal]]:
    """What must go on after an expiry, by instrument: signed quantity and price."""
    left: dict[str, tuple[int, Decimal]] = {}
    for leg in legs:
        part = parse_key(leg.instrument)
        if isinstance(part, OptionContract) and leg.outcome in _INTO_SHARES:
            per_contract = part.multiplier if part.right is Right.CALL else -part.multiplier
            key, qty, price = part.symbol, leg.qty * per_contract, leg.underlying
        elif leg.outcome is Settlement.CARRIED:
            key, qty, price = leg.instrument, leg.qty, leg.price
            if isinstance(part, Stock) and leg.price != leg.underlying:
                raise ExpiryWrong(f"shares of {key} are carried at {leg.price}, not at {leg.underlying}")
        else:
            continue
        left[key] = (left.get(key, (0, price))[0] + qty, price)
    return {key: (qty, price) for key, (qty, price) in left.items() if qty}
