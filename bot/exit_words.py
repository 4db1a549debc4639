"""How an exit is worked, as a person types it and as it is shown."""

import re
from decimal import Decimal

from bot.card_text import price_text
from options.plan import Algo, ExitOrder

_WORDS = re.compile(
    r"(?P<algo>market|limit|walk|twap)( ?@ ?\$?(?P<price>-?[0-9.]{1,12}))?"
    r"(:(?P<steps>[0-9]{1,4})x(?P<every>[0-9.]{1,9})s?)?(:by(?P<deadline>[0-9.]{1,9})s?)?"
)
RIGHT = "market, limit, limit@8.50:by60, walk, walk:4x15, walk:4x15:by90 or twap:5x60 (parts x seconds)"


def exit_order(text: str) -> ExitOrder:
    """How an exit is worked, from words like ``walk:4x15:by90``: four steps of 15 s, to the market after 90 s.

    :raises ValueError: the words are none of these.
    """
    found = _WORDS.fullmatch(text.strip().lower())
    if found is None or any(
        part.count(".") > 1 or part in (".", "-", "-.") for part in found.groups() if part
    ):
        raise ValueError(f"{text[:40]!r} is no way to work an exit: {RIGHT}")
    plain = ExitOrder()
    return ExitOrder(
        algo=Algo(found["algo"]),
        limit_price=Decimal(found["price"]) if found["price"] else None,
        every_s=float(found["every"]) if found["every"] else plain.every_s,
        steps=int(found["steps"]) if found["steps"] else plain.steps,
        deadline_s=float(found["deadline"]) if found["deadline"] else None,
    )


def exit_order_words(order: ExitOrder) -> str:
    """How an exit is worked, e.g. ``walked to the far side in 4 steps, one every 15 s``."""
    price = "" if order.limit_price is None else f" at {price_text(order.limit_price)}"
    then = "" if order.deadline_s is None else f", to the market after {order.deadline_s:g} s"
    match order.algo:
        case Algo.LIMIT:
            return f"resting{price}{then}"
        case Algo.WALK:
            start = "" if order.limit_price is None else f" from {price_text(order.limit_price)}"
            return (
                f"walked{start} to the far side in {order.steps} steps, one every {order.every_s:g} s{then}"
            )
        case Algo.TWAP:
            return f"in {order.steps} parts, one every {order.every_s:g} s{price}{then}"
        case _:
            return "at the market"
