"""Recorded one-minute quotes, read with DuckDB and replayed as they became known.

A bar is stamped with its start, so its close is known a minute later: that is the time everything here carries. A
bar exists only for a minute with a change, and an empty side in it means "no update": bid and ask are filled
forward separately, each with its size, per contract. Trades give the last price.

Option bars count if they are known within the session. The bar that starts at the close itself (13:00 or 16:00 New
York) holds the last word after the bell: repeated quotes, and on some days sides that widen or go. It is known a
minute after the close, when nobody can trade, so it is left out. The underlying's bars outside the session are kept:
they are its market before the open and after the close. A minute without a row gives no slice; one that only the
underlying's bars cover gives a slice with the underlying alone, and the options keep what they had.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb

from options.contract import ContractError, OptionContract, Right
from options.quote import Quote
from options.values import MINUTE, Micros
from storage.quote_sets import COLUMNS, QuotesError, QuoteSet, find_set

_ROWS_A_FETCH = 4096
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
    "memory_limit": "512MB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_SERIES = 'SELECT DISTINCT expiry, "right", strike FROM read_parquet(${0})'
_BAD_SERIES = """
    count(*) FILTER (ts IS NULL) AS "a missing time",
    count(*) FILTER ("right" IS NULL OR "right" NOT IN ('C', 'P')) AS "a right that is neither C nor P",
    count(*) FILTER (try_strptime(expiry, '%Y%m%d') IS NULL) AS "an expiry that is not yyyymmdd",
    count(*) FILTER (strike IS NULL OR NOT (isfinite(strike) AND strike > 0)) AS "a strike that is not above zero",
"""
_BAD_PRICE = (
    'count(*) FILTER (NOT (isfinite({0}) AND {0} > 0)) AS "a {0} that is not above zero (leave it empty)"'
)
_BAD_SIZE = 'count(*) FILTER ({0} < 0) AS "a negative {0}"'

# One row per instrument and minute: quotes and trades of the minute side by side, the underlying as number 0.
_EVENTS = """
    SELECT coalesce(q.known, t.known) AS known, coalesce(q.i, t.i) AS i, bid_c, bid_sz, ask_c, ask_sz, last
    FROM ({quotes}) q FULL JOIN ({trades}) t ON q.known = t.known AND q.i = t.i
    WHERE bid_c IS NOT NULL OR ask_c IS NOT NULL OR last IS NOT NULL
"""
_OPTION_QUOTES = """
    SELECT epoch_us(ts) + $minute AS known, i,
        bid_c, coalesce(bid_sz, 0) AS bid_sz, ask_c, coalesce(ask_sz, 0) AS ask_sz
    FROM read_parquet($opt_quote) JOIN contracts USING (expiry, "right", strike)
    WHERE epoch_us(ts) + $minute BETWEEN $open AND $close
"""
_OPTION_TRADES = """
    SELECT epoch_us(ts) + $minute AS known, i, "close" AS last
    FROM read_parquet($opt_trade) JOIN contracts USING (expiry, "right", strike)
    WHERE epoch_us(ts) + $minute BETWEEN $open AND $close
"""
_EQUITY_QUOTES = """
    SELECT epoch_us(ts) + $minute AS known, 0 AS i,
        bid_c, coalesce(bid_sz, 0) AS bid_sz, ask_c, coalesce(ask_sz, 0) AS ask_sz
    FROM read_parquet($eq_quote)
"""
_EQUITY_TRADES = (
    'SELECT epoch_us(ts) + $minute AS known, 0 AS i, "close" AS last FROM read_parquet($eq_trade)'
)
_NO_QUOTES = """
    SELECT 0::BIGINT AS known, 0 AS i,
        NULL::DOUBLE AS bid_c, 0 AS bid_sz, NULL::DOUBLE AS ask_c, 0 AS ask_sz WHERE false
"""
_NO_TRADES = "SELECT 0::BIGINT AS known, 0 AS i, NULL::DOUBLE AS last WHERE false"


class RecordedQuotes:
    """One set, opened and checked. Close it, or use it in a ``with``, to give DuckDB's memory back.

    :raises QuotesError: the set is not there, a file cannot be read, a column is missing or of another type, or a
        value can never be right. The text names the file.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.found: QuoteSet = find_set(folder, name)
        with ExitStack() as refused:
            self._connection = refused.enter_context(duckdb.connect(config=_CONFIG))
            for kind, path in self.found.files.items():
                _check_file(self._connection, kind, path)
            self.contracts = self._read_contracts()
            refused.pop_all()
        self.symbol = self.contracts[0].symbol
        self._keys = [self.symbol, *(contract.key for contract in self.contracts)]
        assert all(earlier < later for earlier, later in pairwise(self._keys)), (
            "contracts are numbered in key order"
        )

    def __enter__(self) -> "RecordedQuotes":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the memory back; nothing can be read afterwards."""
        self._connection.close()

    def open_interest(self, known_at: Micros) -> dict[str, int]:
        """Open contracts by key, as published up to ``known_at``; contracts that nothing was said about are absent."""
        path = self.found.files.get("opt_openinterest")
        if path is None:
            return {}
        query = """
            SELECT i, arg_max(open_interest, ts) FROM read_parquet($path) JOIN contracts USING (expiry, "right", strike)
            WHERE epoch_us(ts) <= $known_at AND open_interest >= 0 GROUP BY i ORDER BY i
        """
        with closing(self._connection.cursor()) as cursor:
            rows = _run(cursor, query, {"path": str(path), "known_at": known_at}).fetchall()
        return {self._keys[i]: count for i, count in rows}

    def require_options(self, session_open: Micros, session_close: Micros) -> None:
        """Make sure that the set is one of this session.

        :raises QuotesError: no option quote is known within the session.
        """
        query, parameters = self._events(session_open, session_close)
        with closing(self._connection.cursor()) as cursor:
            highest = _run(cursor, f"SELECT max(i) FROM ({query})", parameters).fetchone()  # noqa: S608 (constants)
        if highest is None or not highest[0]:
            path = self.found.files["opt_quote"]
            raise QuotesError(
                f"{path}: no quote within the session of {self.found.day}; is it another day's file?"
            )

    def slices(
        self, session_open: Micros, session_close: Micros
    ) -> Iterator[tuple[Micros, list[tuple[str, Quote]]]]:
        """What became known, minute by minute: the time, and each changed instrument's quote in key order.

        Option rows count from ``session_open`` to ``session_close``, both included. Each call starts from the
        beginning with a cursor of its own.

        :raises QuotesError: a file became unreadable, or holds two rows for one contract and minute.
        """
        query, parameters = self._events(session_open, session_close)
        keys = self._keys
        newest = [Quote(0)] * len(keys)
        with closing(self._connection.cursor()) as cursor:
            _run(cursor, f"{query} ORDER BY known, i", parameters)
            now, before = 0, -1
            changes: list[tuple[str, Quote]] = []
            while rows := _fetch(cursor):
                for at, i, new_bid, new_bid_size, new_ask, new_ask_size, new_last in rows:
                    if at != now:
                        if changes:
                            yield now, changes
                        now, changes, before = at, [], -1
                    if i == before:
                        raise QuotesError(f"set {self.found.name!r}: two rows for {keys[i]!r} in one minute")
                    before = i
                    known = newest[i]
                    bid, bid_size = (
                        (new_bid, new_bid_size) if new_bid is not None else (known.bid, known.bid_size)
                    )
                    ask, ask_size = (
                        (new_ask, new_ask_size) if new_ask is not None else (known.ask, known.ask_size)
                    )
                    last = new_last if new_last is not None else known.last
                    newest[i] = quote = Quote(at, bid, ask, last, bid_size, ask_size)
                    changes.append((keys[i], quote))
            if changes:
                yield now, changes

    def _events(self, session_open: Micros, session_close: Micros) -> tuple[str, dict[str, Any]]:
        files = self.found.files
        options = _EVENTS.format(
            quotes=_OPTION_QUOTES, trades=_OPTION_TRADES if "opt_trade" in files else _NO_TRADES
        )
        equity = _EVENTS.format(
            quotes=_EQUITY_QUOTES if "eq_quote" in files else _NO_QUOTES,
            trades=_EQUITY_TRADES if "eq_trade" in files else _NO_TRADES,
        )
        parameters: dict[str, Any] = {"minute": MINUTE, "open": session_open, "close": session_close}
        parameters |= {kind: str(path) for kind, path in files.items() if kind != "opt_openinterest"}
        return f"{options} UNION ALL {equity}", parameters

    def _read_contracts(self) -> list[OptionContract]:
        """Number the contracts from 1 in key order, in a table that the rows are joined to."""
        kinds = [kind for kind in ("opt_quote", "opt_trade", "opt_openinterest") if kind in self.found.files]
        union = " UNION ".join(_SERIES.format(kind) for kind in kinds)
        parameters: dict[str, Any] = {kind: str(self.found.files[kind]) for kind in kinds}
        numbered = f"""
            CREATE TABLE contracts AS
            SELECT row_number() OVER (ORDER BY expiry, "right", strike)::INTEGER AS i, * FROM ({union})
        """  # noqa: S608 (constants)
        _run(self._connection, numbered, parameters)
        rows = _run(
            self._connection, 'SELECT expiry, "right", strike FROM contracts ORDER BY i', {}
        ).fetchall()
        if not rows:
            raise QuotesError(f"{self.found.files['opt_quote']}: the file holds no rows")
        try:
            return [self._contract(*row) for row in rows]
        except ContractError as error:
            raise QuotesError(f"set {self.found.name!r}: {error}") from error

    def _contract(self, expiry: str, right: str, strike: float) -> OptionContract:
        day = datetime.strptime(expiry, "%Y%m%d").date()  # noqa: DTZ007 (a date has no zone)
        strike_usd = Decimal(repr(strike)).normalize()
        return OptionContract(root=self.found.root, expiry=day, right=Right(right), strike=strike_usd)


def _check_file(connection: duckdb.DuckDBPyConnection, kind: str, path: Path) -> None:
    """Refuse a file whose columns or values can never be right."""
    wanted = COLUMNS[kind]
    described = _run(
        connection, "DESCRIBE SELECT * FROM read_parquet($path)", {"path": str(path)}, path
    ).fetchall()
    types = {column: type_ for column, type_, *_ in described}
    if missing := [column for column in wanted if column not in types]:
        raise QuotesError(f"{path}: no column {', '.join(missing)}; it has {', '.join(types)}")
    if wrong := [column for column, type_ in wanted.items() if types[column] != type_]:
        faults = (f"column {column} is {types[column]}, expected {wanted[column]}" for column in wrong)
        raise QuotesError(f"{path}: {'; '.join(faults)}")
    checks = _BAD_SERIES if "expiry" in wanted else 'count(*) FILTER (ts IS NULL) AS "a missing time",'
    prices = [_BAD_PRICE.format(column) for column in ("bid_c", "ask_c", "close") if column in wanted]
    sizes = [_BAD_SIZE.format(column) for column in ("bid_sz", "ask_sz", "open_interest") if column in wanted]
    query = f"SELECT {checks} {', '.join(prices + sizes)} FROM read_parquet($path)"  # noqa: S608 (constants)
    cursor = _run(connection, query, {"path": str(path)}, path)
    names = [column[0] for column in cursor.description or ()]
    counts = cursor.fetchone() or ()
    if bad := [f"{count} with {name}" for name, count in zip(names, counts, strict=True) if count]:
        raise QuotesError(f"{path}: of its rows, {', '.join(bad)}")


def _run(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, Any], path: Path | None = None
) -> duckdb.DuckDBPyConnection:
    try:
        return connection.execute(query, parameters)
    except duckdb.Error as error:
        where = path if path is not None else "the recorded quotes"
        raise QuotesError(f"{where} cannot be read as Parquet: {str(error).splitlines()[0]}") from error


def _fetch(cursor: duckdb.DuckDBPyConnection) -> list[Any]:
    try:
        return cursor.fetchmany(_ROWS_A_FETCH)
    except duckdb.Error as error:
        raise QuotesError(f"the recorded quotes cannot be read on: {str(error).splitlines()[0]}") from error
