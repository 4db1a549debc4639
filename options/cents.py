"""The least step of a price that an order can be sent at: a cent."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import msgspec

from options.terms import Schedule
from options.values import CENT, Side


def to_cents(price: Decimal, side: Side, *, net: bool) -> Decimal:
    """A limit that can be sent: in whole cents, no worse than the one that was wanted.

    Of what is no combo, whose ``net`` price may be zero or a credit, the least is a cent: no order can have less.
    """
    whole = price.quantize(CENT, ROUND_FLOOR if side is Side.BUY else ROUND_CEILING)
    if not net and whole < CENT:
        return CENT
    return price if whole == price else whole


def in_cents(schedule: Schedule, side: Side, *, net: bool) -> Schedule:
    """A schedule with prices that can be sent."""
    limit, bound = schedule.limit_price, schedule.limit_bound
    sent = None if limit is None else to_cents(limit, side, net=net)
    end = None if bound is None else to_cents(bound, side, net=net)
    if sent == limit and end == bound:
        return schedule
    return msgspec.structs.replace(schedule, limit_price=sent, limit_bound=end)


def below_a_cent(name: str, price: Decimal | None, *, net: bool) -> tuple[str, ...]:
    """Why a limit, which is a number above zero or a combo's, is too small to be sent; nothing where it is not."""
    if price is None or net or price >= CENT:
        return ()
    return (f"{name} {price} is below a cent, the least that an order can have",)
