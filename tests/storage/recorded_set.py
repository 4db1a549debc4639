"""Writes small sets of recorded quotes, so that a test can say in a few rows what stands in them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from bot.sessions import NEW_YORK
from options.values import Micros, micros_of
from storage.quote_sets import COLUMNS

DAY = "20151224"
NAME = f"goog_{DAY}"
OPEN = "09:30"
CLOSE = "13:00"

Row = tuple[object, ...]


def at(clock: str) -> Micros:
    """Microseconds of a New York clock time on the day of the sets."""
    return micros_of(datetime.strptime(f"{DAY} {clock}", "%Y%m%d %H:%M").replace(tzinfo=NEW_YORK))


def write_file(folder: Path, kind: str, rows: Sequence[Row], name: str = NAME, **types: str) -> Path:
    """Write one file of a set. A row's first value is the bar's start as a New York clock time.

    ``types`` replaces a column's type, or leaves the column out with an empty text.
    """
    wanted = COLUMNS[kind] | types
    path = folder / f"{name}_{kind}_1m.parquet"
    with duckdb.connect() as connection:
        columns = ", ".join(f'"{column}" {type_}' for column, type_ in COLUMNS[kind].items())
        connection.execute(f"CREATE TABLE bars ({columns})")
        marks = ", ".join(["make_timestamptz(?::BIGINT)", *["?"] * (len(COLUMNS[kind]) - 1)])
        for clock, *values in rows:
            start = None if clock is None else at(str(clock))
            connection.execute(f"INSERT INTO bars VALUES ({marks})", [start, *values])
        kept = ", ".join(f'"{column}"::{type_} AS "{column}"' for column, type_ in wanted.items() if type_)
        connection.execute(f"COPY (SELECT {kept} FROM bars) TO '{path}' (FORMAT parquet)")
    return path


def write_set(folder: Path, name: str = NAME, **rows: Sequence[Row]) -> Path:
    """Write a set from rows by kind; a share's trade before the open is there if nothing is said of the share."""
    if not {"eq_quote", "eq_trade"} & rows.keys():
        rows["eq_trade"] = [("09:00", 748.0)]
    for kind, of_kind in rows.items():
        write_file(folder, kind, of_kind, name)
    return folder
