"""What every table of the settings has in common: nothing unknown in it, and no number that was given as a word."""

from decimal import Decimal
from typing import get_args

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

_NUMBERS = frozenset({int, float, Decimal})


class SettingsTable(BaseModel):
    """One table of a settings file. It cannot be changed, and each of its values is checked, the defaults too."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _number_is_no_word(cls, given: object, info: ValidationInfo) -> object:
        """Refuse ``true`` and ``false`` for a number, also in a list: they would count as 1 and 0."""
        field = cls.model_fields[info.field_name or ""]
        values = given if isinstance(given, list | tuple) else (given,)
        word = next((str(value).lower() for value in values if isinstance(value, bool)), None)
        if word is None or _NUMBERS.isdisjoint(_types(field.annotation)):
            return given
        example = f", e.g. {field.default}" if isinstance(field.default, int | float | Decimal) else ""
        raise ValueError(f"{word} is no number; give one{example}")


def _types(annotation: object) -> set[object]:
    """The plain types that an annotation is made of, whatever stands around them."""
    parts = get_args(annotation)
    return {annotation} if not parts else {kind for part in parts for kind in _types(part)}
