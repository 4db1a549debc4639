"""The life of a trade: its two statuses and the one table that says which step leads where.

Checks, docs and tests all read :data:`TRANSITIONS`; nothing else decides a status. Fills drive it: a step such as
``ENTRY_FILLED`` is taken because an execution was booked, never because a broker's status text said so.
"""

from enum import StrEnum


class OrderStatus(StrEnum):
    """The order side of a trade, in the words a trader reads."""

    DRAFT = "Draft"
    WORKING = "Working"
    ENTRY_SUBMITTED = "Entry Order Submitted"
    CONTINGENT_SUBMITTED = "Contingent Order Submitted"
    CONTINGENT_WORKING = "Contingent Order Working"
    INACTIVE = "Inactive"
    CANCELLED = "Cancelled"
    REJECTED = "Rejected"


class TradeStatus(StrEnum):
    """The risk side of a trade: nothing yet, waiting, on, or over."""

    NONE = "–"
    PENDING = "Pending"
    FILLED = "Filled"
    CLOSED = "Closed"


class ContingentStatus(StrEnum):
    """The life of one exit beside its trade's."""

    PENDING = "Pending"
    READY = "Ready"
    SUBMITTED = "Contingent Order Submitted"
    WORKING = "Contingent Order Working"
    FILLED = "Filled"
    CANCELLED = "Cancelled"


class Step(StrEnum):
    """What may happen to a trade."""

    ACTIVATED = "activated"
    ENTRY_SENT = "entry sent"
    ENTRY_REJECTED = "entry rejected"
    ENTRY_FILLED = "entry filled in part"
    ENTRY_DONE = "entry done"
    EXIT_SENT = "exit sent"
    EXIT_ACCEPTED = "exit accepted"
    EXIT_ENDED = "exit ended with a rest"
    HELD = "held inactive"
    CLOSED = "last contract out"
    CANCELLED = "cancelled"
    LATE_FILL = "late fill"


class TransitionError(ValueError):
    """A step was asked for that the table does not hold."""


Status = tuple[OrderStatus, TradeStatus]

_O, _T, _S = OrderStatus, TradeStatus, Step

DRAFT: Status = (_O.DRAFT, _T.NONE)
WORKING: Status = (_O.WORKING, _T.PENDING)
ENTERING: Status = (_O.ENTRY_SUBMITTED, _T.PENDING)
ENTERING_FILLED: Status = (_O.ENTRY_SUBMITTED, _T.FILLED)
GUARDED: Status = (_O.CONTINGENT_WORKING, _T.FILLED)
EXITING: Status = (_O.CONTINGENT_SUBMITTED, _T.FILLED)
HELD_PENDING: Status = (_O.INACTIVE, _T.NONE)
HELD_FILLED: Status = (_O.INACTIVE, _T.FILLED)
CLOSED: Status = (_O.INACTIVE, _T.CLOSED)
CANCELLED: Status = (_O.CANCELLED, _T.NONE)
FLATTENED: Status = (_O.CANCELLED, _T.CLOSED)
REJECTED: Status = (_O.REJECTED, _T.NONE)

TRANSITIONS: dict[tuple[Status, Step], Status] = {
    # Into the market, and out of it again before anything filled.
    (DRAFT, _S.ACTIVATED): WORKING,
    (HELD_PENDING, _S.ACTIVATED): WORKING,
    (CANCELLED, _S.ACTIVATED): WORKING,
    (REJECTED, _S.ACTIVATED): WORKING,
    (HELD_FILLED, _S.ACTIVATED): GUARDED,
    (WORKING, _S.HELD): HELD_PENDING,
    (ENTERING, _S.HELD): HELD_PENDING,
    (GUARDED, _S.HELD): HELD_FILLED,
    (DRAFT, _S.CANCELLED): CANCELLED,
    (WORKING, _S.CANCELLED): CANCELLED,
    (ENTERING, _S.CANCELLED): CANCELLED,
    (HELD_PENDING, _S.CANCELLED): CANCELLED,
    # The entry.
    (WORKING, _S.ENTRY_SENT): ENTERING,
    (ENTERING, _S.ENTRY_SENT): ENTERING,  # repriced: another attempt under the same parent
    (ENTERING_FILLED, _S.ENTRY_SENT): ENTERING_FILLED,
    (GUARDED, _S.ENTRY_SENT): ENTERING_FILLED,  # a scale-in
    (ENTERING, _S.ENTRY_REJECTED): REJECTED,
    (WORKING, _S.ENTRY_REJECTED): REJECTED,  # refused by our own risk before it was sent
    (ENTERING, _S.ENTRY_FILLED): ENTERING_FILLED,
    (ENTERING_FILLED, _S.ENTRY_FILLED): ENTERING_FILLED,
    (ENTERING_FILLED, _S.ENTRY_DONE): GUARDED,
    # The exits. One may fire while the rest of the entry is still on its way.
    (GUARDED, _S.EXIT_SENT): EXITING,
    (EXITING, _S.EXIT_SENT): EXITING,
    (ENTERING_FILLED, _S.EXIT_SENT): EXITING,
    (HELD_FILLED, _S.EXIT_SENT): EXITING,
    (EXITING, _S.EXIT_ACCEPTED): GUARDED,
    (EXITING, _S.EXIT_ENDED): GUARDED,
    (EXITING, _S.CLOSED): CLOSED,  # crossed inside the house: there is no acknowledgement
    (GUARDED, _S.CLOSED): CLOSED,
    (HELD_FILLED, _S.CLOSED): CLOSED,
    (EXITING, _S.CANCELLED): FLATTENED,
    (GUARDED, _S.CANCELLED): FLATTENED,
    (HELD_FILLED, _S.CANCELLED): FLATTENED,
    # Real if ugly: the entry's last contracts fill while an exit is out.
    (EXITING, _S.ENTRY_FILLED): EXITING,
    (GUARDED, _S.ENTRY_FILLED): GUARDED,
    (EXITING, _S.ENTRY_DONE): EXITING,
    (GUARDED, _S.ENTRY_DONE): GUARDED,
    (HELD_FILLED, _S.ENTRY_FILLED): HELD_FILLED,
    (HELD_FILLED, _S.ENTRY_DONE): HELD_FILLED,
    # Real and uglier: an execution arrives after the order was believed dead. The risk is on again, so exits are.
    (WORKING, _S.LATE_FILL): GUARDED,
    (CANCELLED, _S.LATE_FILL): GUARDED,
    (REJECTED, _S.LATE_FILL): GUARDED,
    (HELD_PENDING, _S.LATE_FILL): GUARDED,
    (CLOSED, _S.LATE_FILL): GUARDED,
    (FLATTENED, _S.LATE_FILL): GUARDED,
}


def advance(status: Status, step: Step) -> Status:
    """The status that a step leads to.

    :raises TransitionError: the table has no such row.
    """
    try:
        return TRANSITIONS[status, step]
    except KeyError:
        raise TransitionError(f"a trade that is {status[0]} / {status[1]} cannot be {step}") from None
