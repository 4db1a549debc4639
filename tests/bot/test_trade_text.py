"""What the command line says of trades in short: the list's money, a preview's warnings."""

from decimal import Decimal

import pytest

from bot.preview_text import preview_lines
from bot.trade_show import ListRow, list_lines
from bot.typed_amount import trim_amount
from bot.word_fault import WordFault
from options.preview import Preview, PreviewTrade
from options.terms import ArmedExit, ExitKind


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


@pytest.mark.parametrize(("open_pnl", "told"), [(520.0, "+$1,018.70"), (None, "–")])
def test_what_is_held_counts_in_the_list_as_it_stands(open_pnl: float | None, told: str) -> None:
    """500.00 realized less 1.30, and 520.00 open; without a mark nothing is said, for it would be half of it."""
    row = ListRow(
        trade_id="T1", contract="GOOG stock", instrument="GOOG", strategy="manual", side="long", qty=4, held=2,
        order_status="Inactive", trade_status="Filled", average=Decimal(10), realized=Decimal(500),
        fees=Decimal("1.30"), saved="", open_pnl=open_pnl,
    )  # fmt: skip
    head, line = list_lines([row])
    assert line[: head.index("P&L") + len("P&L")].endswith(f" {told}")


def test_a_preview_names_the_exit_that_goes_by_the_clock() -> None:
    """What would be cancelled is said in words, an exit by the clock too."""
    clock = ArmedExit(exit_id="T1-1-flat", kind=ExitKind.FLAT, qty=2, at="2015-12-31T20:50:00.000000Z")
    trade = PreviewTrade(
        trade_id="T1", instrument="GOOG", held=2, remains=0, order_status="Inactive", trade_status="Closed",
        exits_before=(clock,),
    )  # fmt: skip
    assert "    cancelled: the exit by the clock" in preview_lines(
        Preview(verb="close", trades=(trade,)), "close T1"
    )


def test_what_is_to_be_trimmed_is_a_number_or_a_part() -> None:
    """A word that is neither is told both."""
    with pytest.raises(
        WordFault, match=r"'x' is neither a number of contracts nor a part of them, e\.g\. 2, ½ or 25%"
    ):
        trim_amount("x")


def test_a_previews_warning_tells_new_yorks_time() -> None:
    """What the core warns of with a moment is shown as every other moment is."""
    warning = "the market closed at 2015-12-24T18:00:00.000000Z: orders go out when it is open"
    assert preview_lines(Preview(verb="trim", warnings=(warning,)), "trim T1")[-1] == (
        "  Careful: the market closed at 24 Dec 2015 13:00:00 ET: orders go out when it is open"
    )
