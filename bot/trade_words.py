"""A trade's plans as a person types them: every word that cannot be right is said, all of them at once."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import TypeVar

import msgspec

from bot.exit_words import exit_order
from bot.held_words import held_by_all, split_holder
from bot.typed_amount import fraction, part_of_entry, part_of_mid, part_or_price, price, share
from bot.typed_moment import moment
from bot.typed_number import number, whole
from bot.word_fault import SHOWN_CHARACTERS, WordFault
from options.plan import (
    AT_MARKET,
    Algo,
    Basis,
    EntryCondition,
    EntryPlan,
    ExitOrder,
    ExitPlan,
    Held,
    ScaleInPlan,
    TargetPlan,
    TimeInForce,
    Unfilled,
    Watch,
)
from options.trade import Trade
from options.values import Micros

NONE = "none"
NEVER = "never"
"""Said of the time to be out by: not even before it expires."""
_Read = TypeVar("_Read")
_Choice = TypeVar("_Choice", Algo, Basis, Held, TimeInForce, Unfilled)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWords:
    """What was typed of a trade's plans; ``None`` was not typed and stays as it is, ``none`` takes away."""

    limit: str | None = None
    algo: str | None = None
    every: float | str | None = None
    steps: int | str | None = None
    bound: str | None = None
    give_up: float | str | None = None
    then: str | None = None
    tif: str | None = None
    when_option: str | None = None
    when_underlying: str | None = None
    when_spread: float | str | None = None
    at: str | None = None
    stop: str | None = None
    targets: tuple[str, ...] = ()
    trail: str | None = None
    trail_after: str | None = None
    break_even_after: int | str | None = None
    hold_max: float | str | None = None
    flat_at: str | None = None
    scale_ins: tuple[str, ...] = ()
    average_down: bool | None = None
    basis: str | None = None
    held: str | None = None
    stop_by: str | None = None
    target_by: str | None = None
    time_by: str | None = None

    def given(self) -> set[str]:
        """The names of what was typed."""
        return {one.name for one in fields(self) if getattr(self, one.name) not in (None, ())}


_CONDITION_WORDS = frozenset({"when_option", "when_underlying", "when_spread", "at"})
ENTRY_WORDS = _CONDITION_WORDS | {"limit", "algo", "every", "steps", "bound", "give_up", "then", "tif"}


class PlanReader:
    """Turns words into plans; ``faults`` gathers what could not be read. ``day`` is that of a time without a date."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.faults: list[str] = []

    def changed(self, words: PlanWords, trade: Trade | None) -> tuple[EntryPlan | None, ExitPlan | None]:
        """The plans of a trade that were typed anew, each whole; those of one that is not there begin as new ones."""
        given = words.given()
        old_entry, old_exits = (EntryPlan(), ExitPlan()) if trade is None else (trade.entry, trade.exits)
        entry = self.entry(words, old_entry) if given & ENTRY_WORDS else None
        return entry, self.exits(words, old_exits) if given - ENTRY_WORDS else None

    def entry(self, words: PlanWords, old: EntryPlan) -> EntryPlan:
        """The entry plan with what was typed in place of what was there."""
        changes: dict[str, object] = {}
        if words.limit is not None:
            changes["limit_price"] = self._maybe("--limit", words.limit, price)
        if words.bound is not None:
            changes["limit_bound"] = self._maybe("--bound", words.bound, price)
        if words.algo is not None:
            changes["algo"] = self._choice("--algo", words.algo, Algo)
        elif words.bound is not None and not _is_none(words.bound):
            changes["algo"] = Algo.WALK
        elif words.limit is not None and old.algo in (Algo.MARKET, Algo.LIMIT):
            changes["algo"] = Algo.MARKET if _is_none(words.limit) else Algo.LIMIT
        plain = EntryPlan()  # whose pace it is where none is wished for
        if words.every is not None:
            every = self._span("--every", words.every)
            changes["every_s"] = plain.every_s if every is None else every
        if words.steps is not None:
            steps = None if _is_none(words.steps) else self.count("--steps", words.steps)
            changes["steps"] = plain.steps if steps is None else steps
        if words.give_up is not None:
            changes["give_up_after_s"] = self._span("--give-up", words.give_up)
        if words.then is not None:
            changes["unfilled"] = self._choice("--then", words.then, Unfilled)
        if words.tif is not None:
            changes["tif"] = self._choice("--tif", words.tif, TimeInForce)
        if words.given() & _CONDITION_WORDS:
            changes["condition"] = self._condition(words)
        return msgspec.structs.replace(old, **changes)

    def exits(self, words: PlanWords, old: ExitPlan) -> ExitPlan:
        """The exit plan with what was typed in place of what was there."""
        changes: dict[str, object] = {}
        if words.held is not None:
            changes |= held_by_all(self._choice("--held", words.held, Held), old)
        if words.stop is not None:
            text, own = split_holder(words.stop)
            is_level = text.startswith("@")
            found = self._maybe("--stop", text, price if is_level else part_or_price)
            changes |= {"stop": None if is_level else found, "stop_level": found if is_level else None}
            changes |= {"stop_held": own} if own is not None or found is None else {}
        if words.trail is not None:
            changes |= self._trail(words.trail)
        if words.trail_after is not None:
            changes["trail_after"] = self._maybe("--trail-after", words.trail_after, part_of_entry)
        if words.targets:
            ladder = () if _all_none(words.targets) else words.targets
            changes["targets"] = tuple(one for one in map(self._target, ladder) if one is not None)
        if words.scale_ins:
            rungs = () if _all_none(words.scale_ins) else words.scale_ins
            changes["scale_ins"] = tuple(one for one in map(self._scale_in, rungs) if one is not None)
        if words.break_even_after is not None:
            after = None if _is_none(words.break_even_after) else words.break_even_after
            changes["break_even_after"] = self.count("--break-even-after", after)
        if words.hold_max is not None:
            minutes = self._span("--hold-max", words.hold_max)
            changes["hold_max_s"] = None if minutes is None else minutes * 60
        if words.flat_at is not None:
            never = words.flat_at.strip().lower() == NEVER
            taken_away = never or _is_none(words.flat_at)
            at = None if taken_away else self._read("--flat-at", words.flat_at, self._moment)
            changes |= {"flat_at": at, "flat_before_expiry": None, "hold_through_expiry": never}
        if words.average_down is not None:
            changes["average_down"] = words.average_down
        if words.basis is not None:
            changes["basis"] = self._choice("--basis", words.basis, Basis)
        for name in ("stop", "target", "time"):
            by = getattr(words, f"{name}_by")
            if by is not None:
                order = None if _is_none(by) else self._read(f"--{name}-by", by, way_out)
                changes[f"{name}_order"] = order or AT_MARKET
        return msgspec.structs.replace(old, **changes)

    def count(self, name: str, typed: int | str | None) -> int | None:
        """A whole number, if one was typed that can be read."""
        return self._read(name, typed, whole) if isinstance(typed, str) else typed

    def _span(self, name: str, typed: float | str | None) -> float | None:
        if _is_none(typed):
            return None
        return self._read(name, typed, number) if isinstance(typed, str) else typed

    def _maybe(self, name: str, text: str, read: Callable[[str], Decimal]) -> Decimal | None:
        return None if _is_none(text) else self._read(name, text, read)

    def _read(self, name: str, text: str, read: Callable[[str], _Read]) -> _Read | None:
        try:
            return read(text)
        except WordFault as fault:
            self.faults.append(f"{name}: {fault}")
            return None

    def _choice(self, name: str, text: str, kind: type[_Choice]) -> _Choice:
        known = [one for one in kind if one not in (Algo.CROSS, Algo.REST)]
        for one in known:
            if one.value.lower() == text.strip().lower():
                return one
        self.faults.append(f"{name}: {text[:SHOWN_CHARACTERS]!r} is none of {', '.join(known)}")
        return known[0]

    def _trail(self, whole: str) -> dict[str, object]:
        text, own = split_holder(whole)
        by_amount = text.startswith(("$", "@"))
        found = self._maybe("--trail", text, price if by_amount else fraction)
        changes: dict[str, object] = {"trail": None, "trail_amount": None}
        changes["trail_amount" if by_amount else "trail"] = found
        return changes | ({"trail_held": own} if own is not None or found is None else {})

    def _target(self, whole: str) -> TargetPlan | None:
        text, own = split_holder(whole)
        where, colon, part = text.partition(":")
        taken = self._read("--target", part, share) if colon else Decimal(1)
        is_level = where.startswith("@")
        found = self._read("--target", where, price if is_level else part_or_price)
        if found is None or taken is None:
            return None
        level = found if is_level else None
        return TargetPlan(gain=None if is_level else found, level=level, share=taken, held=own)

    def _scale_in(self, text: str) -> ScaleInPlan | None:
        where, _, qty = text.partition(":")
        if not re.fullmatch(r"[0-9]{1,40}", qty):
            self.faults.append(f"--scale-in: {text[:SHOWN_CHARACTERS]!r} is no gain and quantity, e.g. 0.2:2")
            return None
        gain = self._read("--scale-in", where, part_of_entry)
        return None if gain is None else ScaleInPlan(gain=gain, qty=int(qty))

    def _moment(self, text: str) -> Micros:
        return moment(text, self.day)

    def _condition(self, words: PlanWords) -> EntryCondition | None:
        """What the entry waits for; ``None`` where all that was typed of it is taken away."""
        read = [
            self._level("--when-option", words.when_option, Watch.OPTION),
            self._level("--when-underlying", words.when_underlying, Watch.UNDERLYING),
            self._spread(words.when_spread),
        ]
        if words.at is not None and not _is_none(words.at):
            at = self._read("--at", words.at, self._moment)
            read.append(None if at is None else EntryCondition(at=at))
        found = [one for one in read if one is not None]
        if len(found) > 1:
            self.faults.append(
                "an entry waits for one thing: an option price, an underlying price, a spread or a time"
            )
        return found[0] if found else None

    def _spread(self, typed: float | str | None) -> EntryCondition | None:
        if typed is None or _is_none(typed):
            return None
        part = self._read("--when-spread", typed, part_of_mid) if isinstance(typed, str) else typed
        return None if part is None else EntryCondition(spread_max=part)

    def _level(self, name: str, text: str | None, watch: Watch) -> EntryCondition | None:
        if text is None or _is_none(text):
            return None
        side, _, level = text.partition(":")
        side = side.strip().lower()
        if side not in ("above", "below") or not level:
            self.faults.append(f"{name}: {text[:SHOWN_CHARACTERS]!r} is neither above:PRICE nor below:PRICE")
            return None
        found = self._read(name, level, price)
        return None if found is None else EntryCondition(watch=watch, level=found, above=side == "above")


def _is_none(typed: object) -> bool:
    """Whether the word that takes a part of a plan away was typed."""
    return isinstance(typed, str) and typed.strip().lower() == NONE


def _all_none(typed: tuple[str, ...]) -> bool:
    return len(typed) == 1 and _is_none(typed[0])


def way_out(text: str) -> ExitOrder:
    """How an exit is worked, see :func:`bot.exit_words.exit_order`.

    :raises WordFault: the words are no way to work one.
    """
    try:
        return exit_order(text)
    except ValueError as fault:
        raise WordFault(str(fault)) from None
