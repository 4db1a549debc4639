"""How an exit is worked, in the words that people type and read."""

from decimal import Decimal

import pytest

from bot.exit_words import RIGHT, exit_order, exit_order_words
from options.plan import Algo, ExitOrder

WORDS = [
    ("market", ExitOrder(), "at the market"),
    ("limit", ExitOrder(algo=Algo.LIMIT), "resting"),
    (
        "limit@8.50:by60",
        ExitOrder(algo=Algo.LIMIT, limit_price=Decimal("8.50"), deadline_s=60.0),
        "resting at 8.50, to the market after 60 s",
    ),
    (
        "walk:5x10:by90s",
        ExitOrder(algo=Algo.WALK, steps=5, every_s=10.0, deadline_s=90.0),
        "walked to the far side in 5 steps, one every 10 s, to the market after 90 s",
    ),
    (
        "limit@-1.20:by60",
        ExitOrder(algo=Algo.LIMIT, limit_price=Decimal("-1.20"), deadline_s=60.0),
        "resting at \N{MINUS SIGN}1.20, to the market after 60 s",
    ),
    ("twap:5x60", ExitOrder(algo=Algo.TWAP, steps=5, every_s=60.0), "in 5 parts, one every 60 s"),
]


@pytest.mark.parametrize(("text", "order", "shown"), WORDS)
def test_an_exit_order_is_read_and_shown(text: str, order: ExitOrder, shown: str) -> None:
    """What is typed is what is meant, and what is shown says it in full."""
    assert exit_order(text) == order
    assert exit_order_words(order) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "walk:4",
        "limit@",
        "limit@--1",
        "limit@-",
        "limit@-.",
        "walk:x15",
        "limit@1.2.3",
        "twap:5x.",
    ],
)
def test_what_is_no_way_out_is_refused_with_what_would_be(text: str) -> None:
    """Words that mean nothing are refused, and the right ones are named."""
    with pytest.raises(ValueError, match="is no way to work an exit") as refused:
        exit_order(text)
    assert RIGHT in str(refused.value)
