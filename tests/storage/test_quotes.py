from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from options.quote import Quote
from options.values import MINUTE, Micros
from storage.quote_sets import QuotesError, list_sets
from storage.quotes import RecordedQuotes
from tests.storage.recorded_set import CLOSE, NAME, OPEN, Row, at, write_file, write_set

CALL = ("20151224", 750.0, "C")
PUT = ("20151224", 750.0, "P")
CALL_KEY = "GOOG  151224C00750000"
PUT_KEY = "GOOG  151224P00750000"
BAR: Row = ("09:30", *CALL, 1.0, 10, 1.2, 20)


def replay(folder: Path) -> dict[Micros, dict[str, Quote]]:
    """The option and share quotes by the time they became known."""
    with RecordedQuotes(folder, NAME) as quotes:
        return {known: dict(changes) for known, changes in quotes.slices(at(OPEN), at(CLOSE))}


def refusal(folder: Path, name: str = NAME) -> str:
    """Why a set is refused."""
    with pytest.raises(QuotesError) as refused:
        RecordedQuotes(folder, name)
    return str(refused.value)


def test_a_bar_becomes_known_a_minute_after_its_start(tmp_path: Path) -> None:
    """The close of the 09:30 bar is in the 09:31 slice, and nowhere before."""
    slices = replay(write_set(tmp_path, opt_quote=[BAR]))
    assert slices == {
        at("09:01"): {"GOOG": Quote(at("09:01"), last=748.0)},
        at("09:31"): {CALL_KEY: Quote(at("09:31"), 1.0, 1.2, None, 10, 20)},
    }


def test_sides_fill_forward_separately_with_their_sizes(tmp_path: Path) -> None:
    """An empty side keeps the price and the size it had; the other side moves on."""
    rows = [
        BAR,
        ("09:31", *CALL, None, 0, 1.3, 5),
        ("09:33", *CALL, 1.1, 7, None, 0),
        ("09:34", *PUT, None, 0, 0.5, 1),
    ]
    slices = replay(write_set(tmp_path, opt_quote=rows))
    assert slices[at("09:32")] == {CALL_KEY: Quote(at("09:32"), 1.0, 1.3, None, 10, 5)}
    assert slices[at("09:34")] == {CALL_KEY: Quote(at("09:34"), 1.1, 1.3, None, 7, 5)}
    assert slices[at("09:35")] == {PUT_KEY: Quote(at("09:35"), None, 0.5, None, 0, 1)}


def test_a_bar_with_both_sides_empty_says_nothing(tmp_path: Path) -> None:
    """No slice and no newer time come of a bar without any price."""
    assert at("09:32") not in replay(write_set(tmp_path, opt_quote=[BAR, ("09:31", *CALL, None, 0, None, 0)]))


def test_trades_give_the_last_price(tmp_path: Path) -> None:
    """A trade joins the quote of its minute, makes one alone where no quote came, and stays."""
    rows = [BAR, ("09:32", *CALL, 1.1, 1, 1.3, 1)]
    trades = [("09:30", *CALL, 1.15), ("09:31", *CALL, 1.18)]
    slices = replay(write_set(tmp_path, opt_quote=rows, opt_trade=trades))
    assert slices[at("09:31")] == {CALL_KEY: Quote(at("09:31"), 1.0, 1.2, 1.15, 10, 20)}
    assert slices[at("09:32")] == {CALL_KEY: Quote(at("09:32"), 1.0, 1.2, 1.18, 10, 20)}
    assert slices[at("09:33")] == {CALL_KEY: Quote(at("09:33"), 1.1, 1.3, 1.18, 1, 1)}


def test_the_bar_that_starts_at_the_close_is_left_out(tmp_path: Path) -> None:
    """The 12:59 bar is known at the close and counts; the 13:00 bar is known when nobody can trade."""
    rows = [BAR, ("12:59", *CALL, 1.0, 1, 1.1, 1), ("13:00", *CALL, 0.9, 1, 9.0, 1)]
    slices = replay(write_set(tmp_path, opt_quote=rows))
    assert slices[at("13:00")][CALL_KEY].ask == 1.1
    assert max(slices) == at("13:00")


def test_the_underlying_is_quoted_outside_the_session_too(tmp_path: Path) -> None:
    """Bars of the share before the open and after the close are replayed, its quotes and trades as one."""
    share = [("04:00", 700.0, 1, 760.0, 2), ("16:00", 740.0, 3, 741.0, 4)]
    slices = replay(write_set(tmp_path, opt_quote=[BAR], eq_quote=share, eq_trade=[("04:00", 748.0)]))
    assert slices[at("04:01")] == {"GOOG": Quote(at("04:01"), 700.0, 760.0, 748.0, 1, 2)}
    assert slices[at("16:01")] == {"GOOG": Quote(at("16:01"), 740.0, 741.0, 748.0, 3, 4)}


def test_slices_are_in_order_of_time_and_key_whatever_the_file_says(tmp_path: Path) -> None:
    """Rows out of order come out in order, and a second reading is the same."""
    rows = [("09:31", *PUT, 1.0, 1, 1.1, 1), ("09:31", *CALL, 1.0, 1, 1.1, 1), BAR]
    with RecordedQuotes(write_set(tmp_path, opt_quote=rows), NAME) as quotes:
        first = list(quotes.slices(at(OPEN), at(CLOSE)))
        assert first == list(quotes.slices(at(OPEN), at(CLOSE)))
        quotes.require_options(at(OPEN), at(CLOSE))
    assert [known for known, _ in first] == [at("09:01"), at("09:31"), at("09:32")]
    assert [key for key, _ in first[-1][1]] == [CALL_KEY, PUT_KEY]


def test_open_interest_counts_as_published_before_the_open(tmp_path: Path) -> None:
    """What is published after the time asked about is not known; a contract without a word is absent."""
    interest = [("06:30", *CALL, 40), ("10:00", *CALL, 50), ("10:00", *PUT, 60)]
    folder = write_set(tmp_path, opt_quote=[BAR], opt_openinterest=interest)
    with RecordedQuotes(folder, NAME) as quotes:
        assert [contract.key for contract in quotes.contracts] == [CALL_KEY, PUT_KEY]
        assert quotes.open_interest(at(OPEN)) == {CALL_KEY: 40}


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """The refusal names the folder; a file in its place is called one."""
    assert "no folder" in refusal(tmp_path / "away")
    file = tmp_path / "file"
    file.touch()
    assert "is a file" in refusal(file)
    assert "read as a pattern" in refusal(tmp_path / "a*b")


def test_a_missing_set_is_refused_with_the_sets_that_are_there(tmp_path: Path) -> None:
    """The refusal lists what could have been meant."""
    write_set(tmp_path, opt_quote=[BAR])
    write_set(tmp_path, "twx_20140605", opt_quote=[BAR])
    assert list_sets(tmp_path) == (NAME, "twx_20140605")
    assert f"there: {NAME}, twx_20140605" in refusal(tmp_path, "goog_20151225")
    (tmp_path / "empty").mkdir()
    assert "there: none" in refusal(tmp_path / "empty")


@pytest.mark.parametrize("name", ["goog", "goog_20151324", "GOOG_20151224"])
def test_a_set_that_names_no_day_is_refused(tmp_path: Path, name: str) -> None:
    """A set's name is its root and its day."""
    write_set(tmp_path, name, opt_quote=[BAR])
    assert "goog_20151224" in refusal(tmp_path, name)


def test_a_set_without_what_it_needs_is_refused(tmp_path: Path) -> None:
    """Option quotes and something on the underlying must be there."""
    write_file(tmp_path, "eq_trade", [("09:00", 748.0)])
    assert "no option quotes" in refusal(tmp_path)
    (tmp_path / f"{NAME}_eq_trade_1m.parquet").unlink()
    write_file(tmp_path, "opt_quote", [BAR])
    assert "nothing on the underlying" in refusal(tmp_path)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """A file that is cut short or is no Parquet is named; nothing of DuckDB's comes through bare."""
    write_set(tmp_path, opt_quote=[BAR])
    path = tmp_path / f"{NAME}_opt_quote_1m.parquet"
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"no parquet", b""):
        path.write_bytes(content)
        assert f"{path} cannot be read as Parquet" in refusal(tmp_path)


def test_missing_columns_and_wrong_types_are_refused(tmp_path: Path) -> None:
    """The refusal names the column and the type that would be right."""
    write_set(tmp_path, opt_quote=[BAR])
    write_file(tmp_path, "opt_quote", [BAR], bid_c="", ask_sz="")
    assert "no column bid_c, ask_sz" in refusal(tmp_path)
    write_file(tmp_path, "opt_quote", [BAR], ts="TIMESTAMP", strike="VARCHAR")
    assert "column ts is TIMESTAMP, expected TIMESTAMP WITH TIME ZONE" in refusal(tmp_path)
    assert "column strike is VARCHAR, expected DOUBLE" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((None, *CALL, 1.0, 10, 1.2, 20), "1 with a missing time"),
        (("09:31", "20151224", 750.0, "X", 1.0, 10, 1.2, 20), "a right that is neither C nor P"),
        (("09:31", "24 Dec", 750.0, "C", 1.0, 10, 1.2, 20), "an expiry that is not yyyymmdd"),
        (("09:31", "20151224", -5.0, "C", 1.0, 10, 1.2, 20), "a strike that is not above zero"),
        (("09:31", *CALL, float("nan"), 10, 1.2, 20), "a bid_c that is not above zero"),
        (("09:31", *CALL, 1.0, 10, -1.0, 20), "a ask_c that is not above zero"),
        (("09:31", *CALL, 1.0, -10, 1.2, 20), "a negative bid_sz"),
        (("09:31", "20151224", 750.00001, "C", 1.0, 10, 1.2, 20), "multiple of 0.001"),
    ],
)
def test_values_that_can_never_be_right_are_refused(tmp_path: Path, row: Row, reason: str) -> None:
    """A set with such a row is refused when it is opened, with what is wrong about how many rows."""
    assert reason in refusal(write_set(tmp_path, opt_quote=[BAR, row]))


def test_two_bars_of_one_minute_are_refused(tmp_path: Path) -> None:
    """Which of two bars came last cannot be known, so the set is no record."""
    folder = write_set(tmp_path, opt_quote=[BAR, BAR])
    with (
        RecordedQuotes(folder, NAME) as quotes,
        pytest.raises(QuotesError, match=f"two rows for '{CALL_KEY}'"),
    ):
        list(quotes.slices(at(OPEN), at(CLOSE)))


def test_a_set_without_a_quote_in_the_session_is_refused(tmp_path: Path) -> None:
    """Another day's file under this day's name does not pass for a quiet day."""
    late = write_set(tmp_path, opt_quote=[("18:00", *CALL, 1.0, 1, 1.1, 1)])
    with (
        RecordedQuotes(late, NAME) as quotes,
        pytest.raises(QuotesError, match="no quote within the session"),
    ):
        quotes.require_options(at(OPEN), at(CLOSE))
    assert "holds no rows" in refusal(write_set(tmp_path, opt_quote=[]))


def test_real_quotes_equal_an_independent_reading_at_their_time(shared_data: Path) -> None:
    """Every side of sampled contracts is what plain SQL finds in bars complete at the slice's time, none later."""
    path = shared_data / "quotes" / f"{NAME}_opt_quote_1m.parquet"
    trades = shared_data / "quotes" / f"{NAME}_opt_trade_1m.parquet"
    plain = """
        SELECT arg_max(bid_c, ts) FILTER (bid_c IS NOT NULL), arg_max(ask_c, ts) FILTER (ask_c IS NOT NULL),
            arg_max(bid_sz, ts) FILTER (bid_c IS NOT NULL), arg_max(ask_sz, ts) FILTER (ask_c IS NOT NULL),
            max(epoch_us(ts)) FILTER (bid_c IS NOT NULL OR ask_c IS NOT NULL)
        FROM read_parquet(?) WHERE strike = ? AND "right" = ? AND expiry = ? AND epoch_us(ts) <= ?
    """
    traded = (
        'SELECT arg_max("close", ts), max(epoch_us(ts)) FROM read_parquet(?) WHERE strike = ? AND "right" = ?'
    )
    traded += " AND expiry = ? AND epoch_us(ts) <= ?"
    checked = 0
    with duckdb.connect() as connection, RecordedQuotes(shared_data / "quotes", NAME) as quotes:
        sample = quotes.contracts[::41]
        newest: dict[str, Quote] = {}
        for number, (known, changes) in enumerate(quotes.slices(at(OPEN), at(CLOSE))):
            newest.update(changes)
            if number % 40:
                continue
            for contract in sample:
                start = min(known, at(CLOSE)) - MINUTE
                terms = [float(contract.strike), contract.right.value, f"{contract.expiry:%Y%m%d}", start]
                bid, ask, bid_size, ask_size, quoted = connection.execute(
                    plain, [str(path), *terms]
                ).fetchall()[0]
                last, sold = connection.execute(traded, [str(trades), *terms]).fetchall()[0]
                if (quoted or sold) is None:
                    assert contract.key not in newest
                    continue
                start = max(quoted or 0, sold or 0)
                expected = Quote(start + MINUTE, bid, ask, last, bid_size or 0, ask_size or 0)
                assert newest[contract.key] == expected
                checked += 1
    assert checked > 100


@pytest.mark.parametrize("name", ["goog_20151223", "goog_20151224", "twx_20140605", "twx_20140606"])
def test_real_sets_are_whole(shared_data: Path, name: str) -> None:
    """Every row with a price gives one quote, none is crossed, and the feed is never silent for over two minutes."""
    folder = shared_data / "quotes"
    with duckdb.connect() as connection, RecordedQuotes(folder, name) as quotes:
        starts = "SELECT min(epoch_us(ts)), max(epoch_us(ts)) FROM read_parquet(?)"
        opening, closing = connection.execute(starts, [str(quotes.found.files["opt_quote"])]).fetchall()[0]
        instants: set[tuple[object, ...]] = set()
        for kind, file in quotes.found.files.items():
            if kind == "opt_openinterest":
                continue
            series = 'expiry, strike, "right"' if kind.startswith("opt") else "'', 0, ''"
            priced = "(bid_c IS NOT NULL OR ask_c IS NOT NULL)" if kind.endswith("quote") else "true"
            within = f"epoch_us(ts) < {closing}" if kind.startswith("opt") else "true"
            rows = f"SELECT epoch_us(ts), {series} FROM read_parquet(?) WHERE {priced} AND {within}"
            instants.update(connection.execute(rows, [str(file)]).fetchall())
        times, count = [], 0
        for known, changes in quotes.slices(opening, closing):
            times.append(known)
            count += len(changes)
            assert not any(quote.crossed or quote.ts != known for key, quote in changes if len(key) > 6)
    assert count == len(instants)
    session = [known for known in times if opening < known <= closing]
    assert max(later - earlier for earlier, later in pairwise(session)) <= 2 * MINUTE
