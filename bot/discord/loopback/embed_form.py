"""Embeds held to Discord's limits, and given the shape in which Discord hands them out."""

import re
from typing import Any

from bot.discord.loopback.json_value import JsonValue
from bot.discord.loopback.refusals import FormProblems

EMBEDS_MAX = 10
TOTAL_MAX = 6000
FIELDS_MAX = 25
COLOUR_MAX = 0xFFFFFF
TEXT_LIMITS = {"title": 256, "description": 4096}
PART_LIMITS = {"footer": ("text", 2048), "author": ("name", 256)}
FIELD_LIMITS = {"name": 256, "value": 1024}
_PICTURES = ("image", "thumbnail")
_SCHEME = re.compile(r"(https?|attachment)://\S+\Z", re.ASCII)


def units(text: str) -> int:
    """The length of a text in UTF-16 units: the stricter reading of what Discord counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def checked_embeds(embeds: list[Any], problems: FormProblems) -> list[dict[str, Any]]:
    """The embeds as Discord would keep them: texts trimmed, what is empty left out."""
    if len(embeds) > EMBEDS_MAX:
        problems.add("embeds", "BASE_TYPE_MAX_LENGTH", f"Must be {EMBEDS_MAX} or fewer in length.")
    kept = [_embed(embed, f"embeds.{index}", problems) for index, embed in enumerate(embeds)]
    if sum(_size(embed) for embed in kept) > TOTAL_MAX:
        problems.add(
            "embeds",
            "MAX_EMBED_SIZE_EXCEEDED",
            f"Embed size exceeds maximum size of {TOTAL_MAX}",
        )
    return kept


def _embed(embed: JsonValue, path: str, problems: FormProblems) -> dict[str, Any]:
    if not isinstance(embed, dict):
        problems.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return {}
    kept: dict[str, Any] = {"type": "rich"}
    for name, limit in TEXT_LIMITS.items():
        text = _text(embed.get(name), limit, f"{path}.{name}", problems)
        if text:
            kept[name] = text
    if embed.get("url"):
        kept["url"] = _url(embed["url"], f"{path}.url", problems)
    if embed.get("timestamp"):
        kept["timestamp"] = embed["timestamp"]
    if embed.get("color") is not None:
        kept["color"] = _colour(embed["color"], f"{path}.color", problems)
    for name in _PICTURES:
        if (embed.get(name) or {}).get("url"):
            url = _url(embed[name]["url"], f"{path}.{name}.url", problems)
            kept[name] = {"url": url}
    for name, (word, limit) in PART_LIMITS.items():
        if part := embed.get(name):
            kept_part = _part(part, word, limit, f"{path}.{name}", problems)
            if kept_part:
                kept[name] = kept_part
    fields = _fields(embed.get("fields") or [], f"{path}.fields", problems)
    if fields:
        kept["fields"] = fields
    return kept


def _part(part: dict[str, Any], word: str, limit: int, path: str, problems: FormProblems) -> dict[str, Any]:
    text = _text(part.get(word), limit, f"{path}.{word}", problems)
    if not text:
        return {}
    kept = {word: text}
    for name in ("url", "icon_url"):
        if part.get(name):
            kept[name] = _url(part[name], f"{path}.{name}", problems)
    return kept


def _fields(fields: list[Any], path: str, problems: FormProblems) -> list[dict[str, Any]]:
    if len(fields) > FIELDS_MAX:
        problems.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {FIELDS_MAX} or fewer in length.")
    kept = []
    for index, one in enumerate(fields):
        texts: dict[str, Any] = {}
        for name, limit in FIELD_LIMITS.items():
            texts[name] = _text(one.get(name), limit, f"{path}.{index}.{name}", problems)
            if not texts[name]:
                problems.add(f"{path}.{index}.{name}", "BASE_TYPE_REQUIRED", "This field is required")
        kept.append(texts | {"inline": bool(one.get("inline", False))})
    return kept


def _text(value: JsonValue, limit: int, path: str, problems: FormProblems) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        problems.add(path, "STRING_TYPE_CONVERT", "Could not interpret the value as string.")
        return ""
    text = value.strip()
    if units(text) > limit:
        problems.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")
    return text


def _url(value: JsonValue, path: str, problems: FormProblems) -> str:
    if not isinstance(value, str) or not _SCHEME.match(value):
        problems.add(
            path,
            "URL_TYPE_INVALID_SCHEME",
            "Scheme must be one of ('http', 'https', 'attachment').",
        )
        return ""
    return value


def _colour(value: JsonValue, path: str, problems: FormProblems) -> int:
    if not isinstance(value, int) or not 0 <= value <= COLOUR_MAX:
        problems.add(path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {COLOUR_MAX}.")
        return 0
    return value


def _size(embed: dict[str, Any]) -> int:
    total = sum(units(embed.get(name, "")) for name in TEXT_LIMITS)
    total += sum(units(embed.get(name, {}).get(word, "")) for name, (word, _) in PART_LIMITS.items())
    total += sum(units(one["name"]) + units(one["value"]) for one in embed.get("fields", []))
    return total
