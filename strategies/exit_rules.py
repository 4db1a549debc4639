"""The exits that strategies share, from settings to the plan that is written down with each trade."""

from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated

import msgspec
from pydantic import BeforeValidator, Field, model_validator

from options.plan import ExitPlan, TargetPlan
from options.session import Session
from options.values import MINUTE, Micros
from strategies.settings_table import SettingsTable

OFF = "off"
"""How a settings file, which knows no empty value, leaves a part out."""

_PLANS_KEPT = 256

Fraction = Annotated[Decimal, Field(gt=0, lt=1)]
CanBeOff = BeforeValidator(lambda given: None if given == OFF else given)


class FlatPolicy(StrEnum):
    """When nothing may be left over night."""

    EXPIRY_DAY = "expiry_day"
    EVERY_DAY = "every_day"
    NEVER = "never"


class TargetSettings(SettingsTable):
    """One take-profit level."""

    gain: Annotated[Decimal, Field(gt=0, le=100)] = Field(
        description="Gain over the entry price; 0.30 is 30%."
    )
    share: Annotated[Decimal, Field(gt=0, le=1)] = Field(
        description="Part of the position to sell there; 0.5 is half."
    )


class ExitSettings(SettingsTable):
    """How trades are left. Stop, trailing stop and time can each be switched off by the word ``off``."""

    targets: tuple[TargetSettings, ...] = Field(
        default=(
            TargetSettings(gain=Decimal("0.30"), share=Decimal("0.5")),
            TargetSettings(gain=Decimal("0.60"), share=Decimal("0.5")),
        ),
        max_length=10,
        description="Take-profit levels, nearest first; their shares add up to at most 1.",
    )
    stop: Annotated[Fraction | None, CanBeOff] = Field(
        default=Decimal("0.30"),
        description='Loss from the entry at which all is sold; 0.30 is 30%, or "off".',
    )
    trail: Annotated[Fraction | None, CanBeOff] = Field(
        default=Decimal("0.25"),
        description='Trailing stop: distance below the best mark since the entry, or "off".',
    )
    hold_max_minutes: Annotated[Annotated[float, Field(gt=0, le=525_600)] | None, CanBeOff] = Field(
        default=None, description='Minutes after the first fill at which all is sold, or "off".'
    )
    flat: FlatPolicy = Field(
        default=FlatPolicy.EXPIRY_DAY,
        description='When all is sold before the close: "expiry_day", "every_day" or "never".',
    )
    flat_before_close_minutes: Annotated[float, Field(gt=0, lt=390)] = Field(
        default=10, description="How many minutes before that close."
    )

    @cached_property
    def ladder(self) -> tuple[TargetPlan, ...]:
        """The take-profit levels as a plan has them."""
        return tuple(TargetPlan(gain=target.gain, share=target.share) for target in self.targets)

    @model_validator(mode="after")
    def _ladder_makes_sense(self) -> "ExitSettings":
        total = sum((target.share for target in self.targets), Decimal(0))
        if total > 1:
            raise ValueError(f"the shares of the targets add up to {total}; at most 1 can be sold")
        gains = [target.gain for target in self.targets]
        if gains != sorted(set(gains)):
            raise ValueError("the gains of the targets must rise from one to the next")
        return self


def ladder_for(ladder: tuple[TargetPlan, ...], qty: int) -> tuple[TargetPlan, ...]:
    """A ladder for so many contracts: rungs that could never sell anything are left out.

    Each rung sells at least one contract. Where all was to be sold, the last of those that are left takes the rest.
    """
    kept = ladder[:qty]
    if len(kept) == len(ladder) or sum((rung.share for rung in ladder), Decimal(0)) < 1:
        return kept
    before = sum((rung.share for rung in kept[:-1]), Decimal(0))
    return (*kept[:-1], msgspec.structs.replace(kept[-1], share=1 - before))


def exit_plan(settings: ExitSettings, today: Session, last: Session) -> ExitPlan:
    """The plan for a position opened in session ``today`` in a contract that trades last in session ``last``."""
    return ExitPlan(
        targets=settings.ladder,
        stop=settings.stop,
        trail=settings.trail,
        hold_max_s=None if settings.hold_max_minutes is None else settings.hold_max_minutes * 60,
        flat_at=_before(today, settings) if settings.flat is FlatPolicy.EVERY_DAY else None,
        flat_before_expiry=None if settings.flat is FlatPolicy.NEVER else _before(last, settings),
        hold_through_expiry=settings.flat is FlatPolicy.NEVER,
    )


class ExitPlans:
    """The exit plans of one strategy: the very same object while nothing that it depends on moves."""

    def __init__(self, settings: ExitSettings) -> None:
        self._settings = settings
        self._plans: dict[tuple[Micros, Micros, int], ExitPlan] = {}

    def plan(self, today: Session, last: Session, qty: int) -> ExitPlan:
        """:func:`exit_plan` with its ladder for ``qty`` contracts."""
        key = (today.close, last.close, qty)
        found = self._plans.get(key)
        if found is None:
            if len(self._plans) >= _PLANS_KEPT:
                self._plans.clear()
            whole = exit_plan(self._settings, today, last)
            found = msgspec.structs.replace(whole, targets=ladder_for(whole.targets, qty))
            self._plans[key] = found
        return found


def _before(session: Session, settings: ExitSettings) -> Micros:
    return session.close - round(settings.flat_before_close_minutes * MINUTE)
