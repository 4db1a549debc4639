"""Buttons and menus of a message held to Discord's limits, and numbered as Discord numbers them."""

from itertools import count
from typing import Any

from bot.discord.loopback.json_value import JsonValue
from bot.discord.loopback.refusals import FormProblems

ROWS_MAX = 5
BUTTONS_MAX = 5
LABEL_MAX = 80
CUSTOM_ID_MAX = 100
OPTIONS_MAX = 25
OPTION_TEXT_MAX = 100
PLACEHOLDER_MAX = 150
URL_MAX = 512

ROW, BUTTON, MENU = 1, 2, 3
LINK_STYLE = 5
_STYLES = range(1, 6)


def checked_components(rows: list[Any], problems: FormProblems) -> list[dict[str, Any]]:
    """The rows as Discord would hand them out; every component gets a number of its own."""
    if len(rows) > ROWS_MAX:
        problems.add("components", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {ROWS_MAX} in length.")
    numbers = count(1)
    custom_ids: set[str] = set()
    kept = []
    for index, row in enumerate(rows):
        path = f"components.{index}"
        if not isinstance(row, dict) or row.get("type") != ROW:
            problems.add(f"{path}.type", "BASE_TYPE_CHOICES", f"Value must be one of ({ROW},).")
            continue
        number = next(numbers)
        parts = row.get("components") or []
        if not 1 <= len(parts) <= BUTTONS_MAX:
            text = f"Must be between 1 and {BUTTONS_MAX} in length."
            problems.add(f"{path}.components", "BASE_TYPE_BAD_LENGTH", text)
        if len(parts) > 1 and any(part.get("type") == MENU for part in parts):
            text = "The specified component exceeds the maximum width"
            problems.add(f"{path}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", text)
        inside = [
            _part(part, f"{path}.components.{place}", problems, custom_ids) | {"id": next(numbers)}
            for place, part in enumerate(parts)
        ]
        kept.append({"type": ROW, "id": number, "components": inside})
    return kept


def _part(part: dict[str, Any], path: str, problems: FormProblems, seen: set[str]) -> dict[str, Any]:
    kind = part.get("type")
    if kind == BUTTON:
        kept = _button(part, path, problems)
    elif kind == MENU:
        kept = _menu(part, path, problems)
    else:
        problems.add(f"{path}.type", "BASE_TYPE_CHOICES", f"Value must be one of ({BUTTON}, {MENU}).")
        return {}
    custom_id = kept.get("custom_id")
    if custom_id is not None:
        if custom_id in seen:
            text = "Component custom id cannot be duplicated"
            problems.add(f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", text)
        seen.add(custom_id)
        _length(custom_id, 1, CUSTOM_ID_MAX, f"{path}.custom_id", problems)
    if part.get("disabled"):
        kept["disabled"] = True
    return kept


def _button(part: dict[str, Any], path: str, problems: FormProblems) -> dict[str, Any]:
    style = part.get("style")
    kept: dict[str, Any] = {"type": BUTTON, "style": style}
    if style not in _STYLES:
        problems.add(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5).")
    if label := part.get("label"):
        _length(label, 1, LABEL_MAX, f"{path}.label", problems)
        kept["label"] = label
    if emoji := part.get("emoji"):
        own = {"id": emoji["id"]} if emoji.get("id") else {}
        kept["emoji"] = {"name": emoji.get("name"), "animated": False} | own
    if not label and not emoji:
        text = "A button component must have a label, an emoji, or both"
        problems.add(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", text)
    if style == LINK_STYLE:
        url = str(part.get("url") or "")
        if not url.startswith(("http://", "https://")) or len(url) > URL_MAX:
            problems.add(f"{path}.url", "URL_TYPE_INVALID_URL", "Not a well formed URL.")
        kept["url"] = url
    elif not part.get("custom_id"):
        text = "A custom id is required"
        problems.add(f"{path}.custom_id", "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", text)
    else:
        kept["custom_id"] = part["custom_id"]
    return kept


def _menu(part: dict[str, Any], path: str, problems: FormProblems) -> dict[str, Any]:
    options = part.get("options") or []
    _length(options, 1, OPTIONS_MAX, f"{path}.options", problems)
    for index, option in enumerate(options):
        for name in ("label", "value"):
            _length(str(option.get(name, "")), 1, OPTION_TEXT_MAX, f"{path}.options.{index}.{name}", problems)
    values = [option.get("value") for option in options]
    if len(set(values)) != len(values):
        text = "The specified option value is already used"
        problems.add(f"{path}.options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", text)
    kept = {
        "type": MENU,
        "custom_id": part.get("custom_id") or "",
        "min_values": part.get("min_values", 1),
        "max_values": part.get("max_values", 1),
        "options": [
            {name: option[name] for name in ("label", "value", "description", "default") if option.get(name)}
            for option in options
        ],
    }
    if placeholder := part.get("placeholder"):
        _length(placeholder, 1, PLACEHOLDER_MAX, f"{path}.placeholder", problems)
        kept["placeholder"] = placeholder
    return kept


def _length(value: JsonValue, least: int, most: int, path: str, problems: FormProblems) -> None:
    if not least <= len(value) <= most:
        problems.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
