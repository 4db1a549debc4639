"""Execution ids: a base that names the execution, and which saying of it this is.

Interactive Brokers tells of a correction under the same id with a higher number after the last point (``….01`` becomes
``….02``), and so does the paper broker. An id without two digits there has no other revision than its first.
"""

import re
from typing import NamedTuple

_REVISED = re.compile(r"(?P<base>.+)\.(?P<revision>[0-9]{2})", re.ASCII)


class ExecutionKey(NamedTuple):
    """The part of an execution id that stays, and the number of the revision, from 1."""

    base: str
    revision: int


def execution_key(exec_id: str) -> ExecutionKey:
    """The base and the revision of an execution id, as a broker gives it."""
    found = _REVISED.fullmatch(exec_id)
    return ExecutionKey(exec_id, 1) if found is None else ExecutionKey(found["base"], int(found["revision"]))
