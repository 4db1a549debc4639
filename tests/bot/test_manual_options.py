"""The manual's page on options: its examples are run, and its figures are what comes out."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.feeds.market import MarketFeed
from bot.feeds.recorded import RecordedFeed
from bot.typed_contract import contract_key
from options import commands as c
from options import events as e
from options.contract import Combo, Instrument, OptionContract, Right, Stock
from options.expiry_events import PositionDelivered
from options.outlook import outlook
from storage.verify import Verdict
from tests.bot.staged_day import Sides, StagedAccount, StagedFeed, enter

PAGE = Path(__file__).resolve().parents[2] / "docs" / "manual" / "options.md"
FRIDAY, MONDAY, CHRISTMAS_EVE = date(2015, 12, 18), date(2015, 12, 21), date(2015, 12, 24)


def option(root: str, expiry: date, right: str, strike: str) -> OptionContract:
    return OptionContract(root=root, expiry=expiry, right=Right(right), strike=Decimal(strike))


def figures(example: str) -> dict[str, Decimal]:
    """The table under an example's heading."""
    text = PAGE.read_text(encoding="utf-8")
    section = text.partition(f"### {example}\n")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| ([^|]+) \| (-?[\d,.]+) \|$", section, re.MULTILINE)
    assert rows, f"the manual has no figures under {example!r}"
    return {name: Decimal(value.replace(",", "")) for name, value in rows}


def outcome(account: StagedAccount) -> dict[str, Decimal]:
    """The figures of a run, under the names that the manual gives them."""
    assert account.proof().verdict is Verdict.SOUND
    events = account.events()
    fills = [event for event in events if isinstance(event, e.OrderFilled)]
    sent = next(event for event in events if isinstance(event, e.OrderSubmitRequested))
    profits = {event.trade_id: event.realized_pnl for event in events if isinstance(event, e.TradeClosed)}
    found = {
        "paid per share": fills[0].price,
        "the most it can lose": sent.approval.premium,
        "worth per share": fills[1].price,
        "profit of the option": profits["T1"],
        "cash in all": account.book.totals.cash,
    }
    for event in events:
        if isinstance(event, PositionDelivered):
            found["price the shares begin at"] = event.price
    if "T2" in profits:
        found["profit of the shares"] = profits["T2"]
    return found


def assert_as_written(account: StagedAccount, example: str) -> None:
    written, found = figures(example), outcome(account)
    assert written == {name: found[name] for name in written}


CONDOR = Combo.of(
    (1, option("GOOG", CHRISTMAS_EVE, "P", "740")),
    (-1, option("GOOG", CHRISTMAS_EVE, "P", "745")),
    (-1, option("GOOG", CHRISTMAS_EVE, "C", "747.5")),
    (1, option("GOOG", CHRISTMAS_EVE, "C", "752.5")),
)


@pytest.mark.parametrize(
    ("example", "key"),
    [
        (
            "A call held through an early close, in the money",
            option("GOOG", CHRISTMAS_EVE, "C", "745").key,
        ),
        (
            "A call held through an early close, out of the money",
            option("GOOG", CHRISTMAS_EVE, "C", "755").key,
        ),
        ("An iron condor to expiry", CONDOR.key),
    ],
)
def test_the_examples_of_the_early_close_come_out_as_written(
    tmp_path: Path, shared_data: Path, example: str, key: str
) -> None:
    """The recorded day gives the manual's figures."""
    account = StagedAccount(tmp_path)
    account.run(RecordedFeed(shared_data / "quotes", "goog_20151224"), {"12:00:30": enter(1, key)})
    assert_as_written(account, example)


def test_the_assignment_over_a_weekend_comes_out_as_written(tmp_path: Path) -> None:
    """Two days by hand give the manual's figures."""
    put = option("ACME", FRIDAY, "P", "50").key
    noon: dict[str, Sides] = {"ACME": (49.9, 50.1), put: (1.2, 1.3)}
    friday = StagedFeed(FRIDAY, {"12:00": noon, "12:01": {}, "16:00": {"ACME": (47.25, 47.35)}})
    monday = StagedFeed(MONDAY, {"12:00": {"ACME": (45.0, 45.1)}, "12:01": {}})
    account = StagedAccount(tmp_path)
    close = c.CloseTrade(command_id="out", who="alice", trade_id="T2")
    days: Sequence[tuple[MarketFeed, list[c.Command]]] = (
        (friday, enter(1, put, direction=-1)),
        (monday, [close]),
    )
    for feed, commands in days:
        account.run(feed, {"12:00:30": commands})
    assert_as_written(account, "An assignment over a weekend")


def test_the_table_of_losses_is_what_the_payoffs_say() -> None:
    """Each row of the manual's table, worked out by the payoff of the trade that it names."""

    def leg(right: str, strike: int) -> OptionContract:
        return option("GOOG", CHRISTMAS_EVE, right, str(strike))

    vertical = Combo.of((1, leg("C", 750)), (-1, leg("C", 760)))
    straddle = Combo.of((1, leg("C", 750)), (1, leg("P", 750)))
    condor = Combo.of((1, leg("P", 730)), (-1, leg("P", 740)), (-1, leg("C", 760)), (1, leg("C", 770)))
    trades: dict[str, tuple[Instrument, int]] = {
        "750/760 call vertical, bought": (vertical, 1),
        "750/760 call vertical, sold": (vertical, -1),
        "730/740/760/770 iron condor": (condor, 1),
        "750 straddle, bought": (straddle, 1),
        "750 straddle, sold": (straddle, -1),
        "750 put, sold": (leg("P", 750), -1),
    }
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| ([^|]+) \| (-?[\d.]+) \| ([\d.]+|no bound) \| ([\d.]+|no bound) \| ([\d. and]+) \|$",
        text,
        re.MULTILINE,
    )
    assert [row[0] for row in rows] == list(trades)
    for name, price, *expected in rows:
        instrument, qty = trades[name]
        found = outlook(instrument, qty, Decimal(price))
        assert found is not None
        bounds = [None if one == "no bound" else Decimal(one) * 100 for one in expected[:2]]
        assert [found.loss_max, found.gain_max] == bounds
        assert found.break_evens == tuple(map(Decimal, expected[2].split(" and ")))


def test_the_combos_that_the_manual_types_are_what_it_calls_them() -> None:
    """Each row of the table of typed combos gives the legs that its name stands for."""

    def leg(right: str, strike: int, expiry: date = CHRISTMAS_EVE) -> OptionContract:
        return option("GOOG", expiry, right, str(strike))

    combos = {
        "vertical": Combo.of((1, leg("C", 750)), (-1, leg("C", 760))),
        "straddle": Combo.of((1, leg("C", 750)), (1, leg("P", 750))),
        "iron condor": Combo.of(
            (1, leg("P", 730)), (-1, leg("P", 740)), (-1, leg("C", 760)), (1, leg("C", 770))
        ),
        "calendar": Combo.of((-1, leg("C", 750)), (1, leg("C", 750, date(2015, 12, 31)))),
        "ratio": Combo.of((1, leg("C", 750)), (-2, leg("C", 760))),
        "covered stock": Combo.of((100, Stock(symbol="GOOG")), (-1, leg("C", 750))),
    }
    rows = re.findall(r"^\| ([a-z ]+) \| `([^`]+)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: contract_key(typed) for name, typed in rows} == {
        name: combo.key for name, combo in combos.items()
    }
