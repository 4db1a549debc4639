"""Sets of recorded quotes: the Parquet files of one underlying's day in a folder, and what each must hold.

A set is named for its root and its day, ``goog_20151224``. Its files are ``NAME_KIND_1m.parquet``, one a kind.
"""

import re
from datetime import date, datetime
from pathlib import Path

import msgspec

TIME = "TIMESTAMP WITH TIME ZONE"
_SERIES = {"expiry": "VARCHAR", "strike": "DOUBLE", "right": "VARCHAR"}
_SIDES = {"bid_c": "DOUBLE", "bid_sz": "BIGINT", "ask_c": "DOUBLE", "ask_sz": "BIGINT"}

# The columns that are read, with their types; a file may have more.
COLUMNS: dict[str, dict[str, str]] = {
    "opt_quote": {"ts": TIME, **_SERIES, **_SIDES},
    "opt_trade": {"ts": TIME, **_SERIES, "close": "DOUBLE"},
    "opt_openinterest": {"ts": TIME, **_SERIES, "open_interest": "BIGINT"},
    "eq_quote": {"ts": TIME, **_SIDES},
    "eq_trade": {"ts": TIME, "close": "DOUBLE"},
}
KINDS = tuple(COLUMNS)
_FILE = re.compile(rf"(?P<name>.+)_(?:{'|'.join(KINDS)})_1m\.parquet")
_NAME = re.compile(r"(?P<root>[a-z]{1,6}[0-9]?)_(?P<day>\d{8})")
_GLOB = frozenset("*?[]")


class QuotesError(Exception):
    """Recorded quotes cannot be read; the text says what is wrong, where, and what would be right."""


class QuoteSet(msgspec.Struct, frozen=True):
    """Where one set lies: its name, the options' root, the day in New York, and the files there are, by kind."""

    name: str
    root: str
    day: date
    files: dict[str, Path]


def list_sets(folder: Path) -> tuple[str, ...]:
    """The names of the sets in a folder, in order.

    :raises QuotesError: there is no such folder, or it cannot be read.
    """
    try:
        names = {match["name"] for path in folder.iterdir() if (match := _FILE.fullmatch(path.name))}
    except FileNotFoundError as error:
        raise QuotesError(
            f"no folder {folder}: name the one that holds the sets of recorded quotes"
        ) from error
    except NotADirectoryError as error:
        raise QuotesError(
            f"{folder} is a file: name the folder that holds the sets of recorded quotes"
        ) from error
    except OSError as error:
        raise QuotesError(f"folder {folder} cannot be read: {error.strerror}") from error
    return tuple(sorted(names))


def find_set(folder: Path, name: str) -> QuoteSet:
    """Find a set's files; nothing is opened yet.

    Option quotes and the underlying's quotes or trades must be there; option trades and open interest may be
    missing.

    :raises QuotesError: no such folder or set, a name that names no day, or a file that is missing.
    """
    if _GLOB & set(str(folder)):
        raise QuotesError(f"folder {folder} has one of * ? [ ] in its name, which would be read as a pattern")
    there = list_sets(folder)
    if name not in there:
        known = ", ".join(there) or "none (a set is files like goog_20151224_opt_quote_1m.parquet)"
        raise QuotesError(f"no set {name!r} in {folder}; there: {known}")
    match = _NAME.fullmatch(name)
    if match is None:
        raise QuotesError(f"set {name!r} is not named for its root and day, like goog_20151224")
    try:
        day = datetime.strptime(match["day"], "%Y%m%d").date()  # noqa: DTZ007 (a date has no zone)
    except ValueError as error:
        raise QuotesError(f"set {name!r} ends in no date: expected yyyymmdd, like goog_20151224") from error
    paths = {kind: folder / f"{name}_{kind}_1m.parquet" for kind in KINDS}
    files = {kind: path for kind, path in paths.items() if path.is_file()}
    if "opt_quote" not in files:
        raise QuotesError(f"set {name!r} has no option quotes: expected {paths['opt_quote']}")
    if not {"eq_quote", "eq_trade"} & files.keys():
        raise QuotesError(
            f"set {name!r} has nothing on the underlying: expected {paths['eq_quote'].name} or "
            f"{paths['eq_trade'].name} in {folder}"
        )
    return QuoteSet(name, match["root"].upper(), day, files)
