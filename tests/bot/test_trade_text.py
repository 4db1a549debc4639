"""What the command line says of trades in short: the list's money, a preview's warnings."""

from decimal import Decimal

import pytest

from bot.preview_text import preview_lines
from bot.trade_show import ListRow, list_lines
from options.preview import Preview


@pytest.mark.parametrize(("status", "told"), [("Closed", "$0.00"), ("Filled", "–"), ("–", "–")])
def test_a_trade_that_ended_even_made_nothing_and_one_that_is_open_has_no_result_yet(
    status: str, told: str
) -> None:
    """Zero is a result: the list tells a trade that came out even from one of which nothing is known."""
    row = ListRow(
        trade_id="T1", contract="GOOG stock", instrument="GOOG", strategy="manual", side="long", qty=1, held=0,
        order_status="Inactive", trade_status=status, average=None, realized=Decimal(0), fees=Decimal(0), saved="",
    )  # fmt: skip
    head, line = list_lines([row])
    end = head.index("P&L") + len("P&L")
    assert line[:end].endswith(f" {told}")


def test_a_previews_warning_tells_new_yorks_time() -> None:
    """What the core warns of with a moment is shown as every other moment is."""
    warning = "the market closed at 2015-12-24T18:00:00.000000Z: orders go out when it is open"
    assert preview_lines(Preview(verb="trim", warnings=(warning,)), "trim T1")[-1] == (
        "  Careful: the market closed at 24 Dec 2015 13:00:00 ET: orders go out when it is open"
    )
