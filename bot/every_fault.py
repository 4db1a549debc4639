"""Everything that is wrong with a command of which some words cannot be read: those words, and what the desk refuses.

The desk is asked about two readings of the command: in one what cannot be read is left out, in the other it stands for
something that is right. What is refused in both has nothing to do with those words, and is told beside them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec

from bot.trade_words import PlanReader, PlanWords
from bot.typed_contract import contract_key
from bot.word_fault import WordFault
from options.commands import Command, ModifyTrade, NewTrade
from options.plan import EntryPlan, ExitPlan
from options.plan_check import QTY_CEILING
from options.trade import Trade

_FIELDS = {"target": "targets", "scale_in": "scale_ins"}
STAND_IN_CONTRACTS = ("XYZ", contract_key("buy XYZ 2099-01-16 100 C / sell 101 C"))
"""A contract that cannot be read may have a price above zero, or be a combo of any."""
STAND_IN_QTYS = (1, QTY_CEILING)
"""A quantity that cannot be read may be too small for its ladder, or large enough for any."""

Readings = tuple[Command, Command]
Refused = Callable[[Command], Sequence[str]]
"""Why the desk would refuse a command."""


def new_trade(
    reader: PlanReader, contract: str, qty: str | int, words: PlanWords, plain: NewTrade
) -> Readings:
    """A new trade in both readings; where ``reader`` has no faults afterwards they are the same."""
    try:
        keys = (contract_key(contract),) * 2
    except WordFault as fault:
        reader.faults.append(str(fault))
        keys = STAND_IN_CONTRACTS
    counts = _counts(reader, "QTY", qty)
    first = _plans(reader, words)
    second = _plans(PlanReader(reader.day), _stood_in(words, reader.faults)) if reader.faults else first
    made = [
        _with(plain, instrument=key, qty=count, entry=entry, exits=exits)
        for key, count, (entry, exits) in zip(keys, counts, (first, second), strict=True)
    ]
    return made[0], made[1]


def changed_trade(
    reader: PlanReader, trade: Trade | None, qty: str | int | None, words: PlanWords, plain: ModifyTrade
) -> Readings:
    """A modification in both readings, as :func:`new_trade`."""
    counts = (None, None) if qty is None else _counts(reader, "--qty", qty)
    first = reader.changed(words, trade)
    second = first
    if reader.faults:
        second = PlanReader(reader.day).changed(_stood_in(words, reader.faults), trade)
    made = [
        _with(plain, qty=count, entry=entry, exits=exits)
        for count, (entry, exits) in zip(counts, (first, second), strict=True)
    ]
    return made[0], made[1]


def refused_in_both(readings: Readings, refused: Refused) -> list[str]:
    """What the desk refuses whatever the words mean that cannot be read."""
    first, second = (refused(one) for one in readings)
    return [reason for reason in first if reason in second]


def _with(plain: Command, **parts: object) -> Command:
    return msgspec.structs.replace(plain, **parts)


def _plans(reader: PlanReader, words: PlanWords) -> tuple[EntryPlan, ExitPlan]:
    return reader.entry(words, EntryPlan()), reader.exits(words, ExitPlan())


def _counts(reader: PlanReader, name: str, qty: str | int) -> tuple[int, int]:
    found = reader.count(name, qty)
    return STAND_IN_QTYS if found is None else (found, found)


def _stood_in(words: PlanWords, faults: Sequence[str]) -> PlanWords:
    """Words in which each that cannot be read is not there, or right where others need it."""
    names = {fault.partition(": ")[0].removeprefix("--").replace("-", "_") for fault in faults}
    unread = {_FIELDS.get(name, name) for name in names} & words.given()
    right: dict[str, object] = {
        "limit": "1",
        "give_up": 60.0,
        "trail": "25%",
        "targets": tuple(f"{number}%:0.01" for number, _ in enumerate(words.targets, start=1)),
        "scale_ins": (),
    }
    return replace(words, **{name: right.get(name) for name in unread})  # type: ignore[arg-type] # each as its field
