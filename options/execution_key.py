"""Execution ids: a base that names the execution, and which saying of it this is.

Interactive Brokers tells of a correction under the same id with a higher number after the last point (``….01`` becomes
``….02``), and so does the paper broker. An id without two digits there has no other revision than its first.
"""

from typing import NamedTuple

_REVISION_LENGTH = len(".01")


class ExecutionKey(NamedTuple):
    """The part of an execution id that stays, and the number of the revision, from 1."""

    base: str
    revision: int


def execution_key(exec_id: str) -> ExecutionKey:
    """The base and the revision of an execution id, as a broker gives it."""
    base = execution_base(exec_id)
    return ExecutionKey(base, 1 if base == exec_id else int(exec_id[-2:]))


def execution_base(exec_id: str) -> str:
    """The part of an execution id that stays, as :func:`execution_key` has it."""
    if exec_id[-3:-2] != "." or len(exec_id) == _REVISION_LENGTH:
        return exec_id
    revision = exec_id[-2:]
    return exec_id[:-_REVISION_LENGTH] if revision.isascii() and revision.isdigit() else exec_id
