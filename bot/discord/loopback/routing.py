"""What a route is: Discord's own path template, its limit, and what it does with a call."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bot.discord.loopback.drafts import Upload
from bot.discord.loopback.json_value import JsonValue
from bot.discord.loopback.parts import Parts
from bot.discord.loopback.refusals import FormProblems


class Bucket(Enum):
    """Which limit a route counts against."""

    POST_MESSAGE = "post_message"
    EDIT_MESSAGE = "edit_message"
    DELETE_MESSAGE = "delete_message"
    WEBHOOK = "webhook"
    OTHER = "other"
    NONE = "none"


@dataclass(frozen=True)
class Call:
    """One request, read."""

    parts: Parts
    ids: dict[str, str]
    """The parts of the path by their names in the template."""
    query: dict[str, str]
    form: JsonValue
    files: dict[int, Upload]

    def id(self, name: str) -> int:
        """An id of the path; what is no number is 50035."""
        if not self.ids[name].isdigit():
            problems = FormProblems()
            text = f'Value "{self.ids[name]}" is not snowflake.'
            problems.add(name, "NUMBER_TYPE_COERCE", text)
            problems.raise_any()
        return int(self.ids[name])

    @property
    def fields(self) -> dict[str, Any]:
        """The form as an object; an empty one if there was none."""
        if self.form is None:
            return {}
        if not isinstance(self.form, dict):
            problems = FormProblems()
            problems.add("_", "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            problems.raise_any()
        assert isinstance(self.form, dict), "anything else was refused"
        return self.form


@dataclass(frozen=True)
class Answer:
    """A status and its JSON; None is an empty body."""

    status: int
    payload: JsonValue = None


@dataclass(frozen=True)
class Route:
    """One operation of Discord's REST API."""

    method: str
    template: str
    handle: Callable[[Call], Answer]
    bucket: Bucket = Bucket.OTHER
    authorised: bool = True
    counts_overall: bool = True

    def major(self, ids: dict[str, str]) -> str:
        """What gives this call a bucket of its own."""
        names = ("channel_id", "guild_id", "webhook_id", "webhook_token")
        return ":".join(ids[name] for name in names if name in ids)
