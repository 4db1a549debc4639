"""Real recorded days from signal to proven ledger, held against what can be worked out without our code."""

import os
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from bot.settings import Settings
from bot.summary import DaySummary
from bot.trading_day import Ending, WrongOrder
from storage.verify import Verdict, verify
from strategies.exit_rules import ExitSettings, FlatPolicy
from strategies.follow_signal import FollowSignalSettings
from tests.e2e.conftest import GOOG, TWX_1, TWX_2
from tests.e2e.day_runs import (
    Fact,
    KeptFeed,
    Signals,
    callboard,
    facts,
    ledger_of,
    of_type,
    replay_of,
    run_in,
    story,
)

DAYS = (TWX_1, TWX_2, GOOG)
Recorded = dict[str, KeptFeed]
SignalsOf = dict[str, Signals]
Run = tuple[Path, dict[str, DaySummary]]


@pytest.fixture(scope="module", params=["quote", "realistic"])
def three_days(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    recorded: Recorded,
    signals: SignalsOf,
    large_budget: Settings,
) -> tuple[str, Run]:
    """All three days in one folder, one after the other."""
    folder = tmp_path_factory.mktemp("three_days")
    settings = large_budget if request.param == "realistic" else None
    sums = {}
    for name in DAYS:
        ending, sums[name] = run_in(folder, recorded[name], signals[name], settings, fills=request.param)
        assert ending is Ending.DAY_ENDED
    return request.param, (folder, sums)


def fills_of(folder: Path) -> list[Fact]:
    return of_type(facts(folder), "OrderFilled")


def test_three_real_days_in_one_folder_are_sound(three_days: tuple[str, Run]) -> None:
    """Three recorded days are traded into one ledger, and the proof holds after each of them."""
    _, (folder, sums) = three_days
    assert [sums[name].sound for name in DAYS] == [True] * 3
    found = verify(ledger_of(folder))
    assert found.verdict is Verdict.SOUND
    assert found.fills == len(fills_of(folder)) == sum(sums[name].fills for name in DAYS) > 60


def test_the_same_days_give_the_same_bytes(
    three_days: tuple[str, Run],
    recorded: Recorded,
    signals: SignalsOf,
    large_budget: Settings,
    tmp_path: Path,
) -> None:
    """The same days into an empty folder give the same ledger to the byte."""
    fills, (folder, _) = three_days
    settings = large_budget if fills == "realistic" else None
    for name in DAYS:
        run_in(tmp_path, recorded[name], signals[name], settings, fills=fills)
    assert ledger_of(tmp_path).read_bytes() == ledger_of(folder).read_bytes()


def test_another_process_with_other_hashes_gives_the_same_bytes(shared_data: Path, tmp_path: Path) -> None:
    """The real command writes the same ledger whatever Python's hash seed is."""
    written = []
    for seed in ("1", "2"):
        done = callboard(
            *replay_of(shared_data, TWX_1, tmp_path / seed),
            environment={**os.environ, "PYTHONHASHSEED": seed},
        )
        assert done.returncode == 0, done.stderr
        written.append(ledger_of(tmp_path / seed).read_bytes())
    assert written[0] == written[1]


def test_every_fill_has_the_price_of_the_quote_known_then(
    shared_data: Path, recorded: Recorded, signals: SignalsOf, tmp_path: Path
) -> None:
    """Plain SQL over the Parquet files gives the price of every fill: the newest ask or bid known at its time."""
    checked = 0
    for name in DAYS:
        folder = tmp_path / name
        run_in(folder, recorded[name], signals[name])
        path = shared_data / "quotes" / f"{name}_opt_quote_1m.parquet"
        for fill in fills_of(folder):
            assert fill["price"] == _known_price(path, fill), fill
            assert fill["fee"] == 0
            checked += 1
    assert checked > 60


def _known_price(path: Path, fill: Fact) -> Decimal:
    """The last bid or ask of the contract whose minute was over when the order filled."""
    side = "ask_c" if fill["side"] == "BUY" else "bid_c"
    occ = fill["instrument"]
    query = f"""
        SELECT arg_max({side}, ts) FROM read_parquet(?)
        WHERE {side} IS NOT NULL AND ts + INTERVAL 1 MINUTE <= CAST(? AS TIMESTAMPTZ)
        AND expiry = ? AND "right" = ? AND strike = ?
    """
    asked = [str(path), fill["ts"], f"20{occ[6:12]}", occ[12], int(occ[13:]) / 1000]
    row = duckdb.execute(query, asked).fetchone()
    assert row is not None
    assert row[0] is not None, f"no {side} was known for {occ} at {fill['ts']}"
    return Decimal(repr(row[0]))


def test_fills_add_up_to_positions_and_cash(three_days: tuple[str, Run]) -> None:
    """The fills' signed sum is the position after each of them, and a closed trade's P&L is cash in minus cash out."""
    _, (folder, _) = three_days
    held: dict[str, int] = defaultdict(int)
    cash: dict[str, Decimal] = defaultdict(Decimal)
    realized: dict[str, Decimal] = defaultdict(Decimal)
    fees: dict[str, Decimal] = defaultdict(Decimal)
    closed = 0
    for fact in facts(folder):
        where = fact.get("position_id", "")
        if fact["type"] == "OrderFilled":
            sign = 1 if fact["side"] == "BUY" else -1
            held[where] += sign * fact["qty"]
            cash[where] -= sign * fact["qty"] * fact["price"] * fact["multiplier"]
            realized[where] += fact.get("realized_pnl", 0)
            fees[where] += fact["fee"]
            assert fact["position"] == held[where]
        elif fact["type"] == "TradeClosed":
            closed += 1
            assert held[where] == 0
            assert fact["realized_pnl"] == cash[where] == realized[where]
            assert fact["fees"] == fees[where]
            assert fact["cash"] == cash[where] - fees[where]
    assert closed > 30
    assert all(qty >= 0 for qty in held.values())


def test_an_execution_counts_once(three_days: tuple[str, Run]) -> None:
    """No execution, order or reference stands in the ledger twice, and no order fills beyond its quantity."""
    _, (folder, _) = three_days
    found = facts(folder)
    executions = [fill["exec_id"] for fill in of_type(found, "OrderFilled")]
    sent = of_type(found, "OrderSubmitRequested")
    assert len(set(executions)) == len(executions)
    assert (
        len({order["client_ref"] for order in sent})
        == len({order["order_id"] for order in sent})
        == len(sent)
    )
    filled: dict[str, int] = defaultdict(int)
    for fill in of_type(found, "OrderFilled"):
        filled[fill["order_id"]] += fill["qty"]
    assert all(filled[order["order_id"]] <= order["qty"] for order in sent)


def test_positions_are_carried_over_night(three_days: tuple[str, Run]) -> None:
    """What was bought on the first TWX day and not sold is sold on the second, in the same position."""
    _, (folder, sums) = three_days
    days: dict[str, set[str]] = defaultdict(set)
    for fill in fills_of(folder):
        days[fill["position_id"]].add(fill["ts"][:10])
    carried = [position for position, of_position in days.items() if len(of_position) == 2]
    assert sums[TWX_1].open_positions == len(carried) == 1
    assert days[carried[0]] == {"2014-06-05", "2014-06-06"}


def test_the_summary_says_what_the_lines_say(three_days: tuple[str, Run]) -> None:
    """Every figure of a day's summary can be counted from the JSON lines of that day."""
    _, (folder, sums) = three_days
    found = facts(folder)
    opened = [number for number, fact in enumerate(found) if fact["type"] == "SessionOpened"]
    for name, start, end in zip(DAYS, opened, [*opened[1:], len(found)], strict=True):
        told, day, so_far = sums[name], found[start:end], found[:end]
        fills, closed = of_type(day, "OrderFilled"), of_type(day, "TradeClosed")
        assert told.day == found[start]["day"]
        assert told.signals_read == told.signals_used + told.signals_ignored + told.signals_refused
        assert told.signals_refused == len(of_type(day, "SignalRefused"))
        outcomes = [fact["outcome"] for fact in of_type(day, "SignalDecided")]
        assert told.signals_ignored == outcomes.count("ignored")
        assert told.trades_opened == sum(fill["effect"] == "open" for fill in fills)
        assert told.trades_closed == len(closed)
        gains = [fact["realized_pnl"] - fact["fees"] for fact in closed]
        ended = (told.trades_won, told.trades_lost, told.trades_even)
        assert ended == (sum(g > 0 for g in gains), sum(g < 0 for g in gains), gains.count(Decimal(0)))
        assert (told.fills, told.contracts) == (len(fills), sum(fill["qty"] for fill in fills))
        assert told.realized == sum(fill.get("realized_pnl", 0) for fill in fills)
        assert told.fees == sum(fill["fee"] for fill in fills)
        worth, count = _open_pnl(so_far)
        assert told.open_positions == count
        assert told.open_pnl == pytest.approx(worth, abs=1e-6)
        assert told.open_pnl_before == pytest.approx(_open_pnl(found[:start])[0], abs=1e-6)
    nets = [sums[name].net for name in DAYS]
    every = of_type(found, "OrderFilled")
    booked = sum(fill.get("realized_pnl", 0) - fill["fee"] for fill in every)
    assert sum(nets) == pytest.approx(float(booked) + _open_pnl(found)[0], abs=1e-6)
    assert sums[DAYS[-1]].net_all_days == pytest.approx(sum(nets), abs=1e-6)


def _open_pnl(found: list[Fact]) -> tuple[float, int]:
    """What the open positions would bring at their last recorded marks, and how many there are."""
    held: dict[str, int] = {}
    cash: dict[str, Decimal] = defaultdict(Decimal)
    marks: dict[str, Decimal] = {}
    realized: dict[str, Decimal] = defaultdict(Decimal)
    for fact in found:
        where = fact.get("position_id", "")
        if fact["type"] == "PositionMarked":
            marks[where] = fact["mark"]
        elif fact["type"] == "OrderFilled":
            held[where] = fact["position"]
            signed = fact["qty"] if fact["side"] == "BUY" else -fact["qty"]
            cash[where] -= signed * fact["price"] * fact["multiplier"]
            realized[where] += fact.get("realized_pnl", 0)
    still = {where: qty for where, qty in held.items() if qty}
    return sum(float(marks[w] * qty * 100 + cash[w] - realized[w]) for w, qty in still.items()), len(still)


def test_realistic_fills_pay_the_published_fees_and_come_in_parts(
    recorded: Recorded, signals: SignalsOf, large_budget: Settings, tmp_path: Path
) -> None:
    """Orders larger than the displayed size fill in parts; each order pays the rate of its premiums, at least $1."""
    for name in DAYS:
        run_in(tmp_path, recorded[name], signals[name], large_budget, fills="realistic")
    by_order: dict[str, list[Fact]] = defaultdict(list)
    for fill in fills_of(tmp_path):
        by_order[fill["order_id"]].append(fill)
    for fills in by_order.values():
        owed = sum(fill["qty"] * _rate(fill["price"]) for fill in fills)
        assert sum(fill["fee"] for fill in fills) == max(owed, Decimal(1))
    parts = [len(fills) for fills in by_order.values()]
    assert max(parts) >= 3
    assert sum(count > 1 for count in parts) >= 5
    assert verify(ledger_of(tmp_path)).verdict is Verdict.SOUND


def _rate(premium: Decimal) -> Decimal:
    if premium >= Decimal("0.10"):
        return Decimal("0.65")
    return Decimal("0.50") if premium >= Decimal("0.05") else Decimal("0.25")


def test_flat_every_day_leaves_nothing_over_night(
    recorded: Recorded, signals: SignalsOf, tmp_path: Path
) -> None:
    """With ``flat = every_day`` all is sold before the close, and what comes after that moment is not entered."""
    settings = Settings(follow_signal=FollowSignalSettings(exits=ExitSettings(flat=FlatPolicy.EVERY_DAY)))
    _, told = run_in(tmp_path, recorded[TWX_1], signals[TWX_1], settings)
    assert (told.open_positions, told.sound) == (0, True)
    found = facts(tmp_path)
    flat_at = "2014-06-05T19:50:00.000000Z"
    assert {fact["ts"] for fact in of_type(found, "ExitTriggered") if fact["kind"] == "flat"} == {flat_at}
    late = [fact for fact in of_type(found, "SignalDecided") if fact["ts"] >= flat_at]
    assert late
    assert {fact["outcome"] for fact in late} == {"ignored"}
    assert any("would be sold at once" in fact["reason"] for fact in late)


def test_days_out_of_order_are_refused_and_change_nothing(
    recorded: Recorded, signals: SignalsOf, tmp_path: Path
) -> None:
    """A day before the ledger's last is refused, saying what the ledger has; a finished day is not traded again."""
    run_in(tmp_path, recorded[TWX_2], signals[TWX_2])
    before = ledger_of(tmp_path).read_bytes()
    with pytest.raises(WrongOrder, match="opens \\(5 Jun 2014 09:30:00 ET\\); replay days in order"):
        run_in(tmp_path, recorded[TWX_1], signals[TWX_1])
    assert run_in(tmp_path, recorded[TWX_2], signals[TWX_2])[0] is Ending.ALREADY_ENDED
    assert ledger_of(tmp_path).read_bytes() == before


def test_bad_signals_change_nothing_but_their_own_refusals(
    recorded: Recorded, signals: SignalsOf, tmp_path: Path
) -> None:
    """Each line of a file of bad signals is refused with its number and reason; all else is as without it."""
    run_in(tmp_path / "good", recorded[GOOG], signals[GOOG])
    run_in(tmp_path / "both", recorded[GOOG], [*signals["bad"], *signals[GOOG]])
    refused = [
        fact
        for fact in of_type(facts(tmp_path / "both"), "SignalRefused")
        if fact["where"].startswith("bad.jsonl:")
    ]
    assert {fact["where"] for fact in refused} == {
        f"bad.jsonl:{n}" for n in range(1, len(signals["bad"]) + 1)
    }
    assert len(refused) == len(signals["bad"])
    assert all(fact["reasons"] and all(fact["reasons"]) for fact in refused)
    rest = [event for event in story(tmp_path / "both") if not getattr(event, "where", "").startswith("bad.")]
    assert rest == story(tmp_path / "good")


def test_no_signals_make_a_day_without_trades(recorded: Recorded, tmp_path: Path) -> None:
    """An empty signals file is a day with nothing to do, and a sound one."""
    ending, told = run_in(tmp_path, recorded[TWX_1], [])
    assert (ending, told.sound, told.fills, told.signals_read) == (Ending.DAY_ENDED, True, 0, 0)


def test_an_id_is_traded_once(
    recorded: Recorded, signals: SignalsOf, shared_data: Path, tmp_path: Path
) -> None:
    """The same file under another name doubles nothing: each of its signals is refused as already taken."""
    from bot.signals.file import read_signals

    again = read_signals(shared_data / "signals" / f"{TWX_1}.jsonl", "again.jsonl").items
    run_in(tmp_path / "once", recorded[TWX_1], signals[TWX_1])
    run_in(tmp_path / "twice", recorded[TWX_1], [*signals[TWX_1], *again])
    found = of_type(facts(tmp_path / "twice"), "SignalRefused")
    assert len(found) == len(again)
    assert all("already taken" in fact["reasons"][0] for fact in found)
    assert fills_of_trades(tmp_path / "once") == fills_of_trades(tmp_path / "twice")


def fills_of_trades(folder: Path) -> list[tuple[object, ...]]:
    """What was executed, without where in the ledger it stands."""
    names = ("ts", "trade_id", "instrument", "side", "qty", "price", "fee", "exec_id", "client_ref")
    return [tuple(fill[name] for name in names) for fill in fills_of(folder)]
