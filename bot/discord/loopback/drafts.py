"""What a request wants a message to be, read from its form and held to Discord's limits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.discord.loopback.component_form import checked_components
from bot.discord.loopback.embed_form import checked_embeds, units
from bot.discord.loopback.json_value import JsonValue
from bot.discord.loopback.refusals import FormProblems, Refused

CONTENT_MAX = 2000
NONCE_MAX = 25
FILES_MAX = 10
FILE_BYTES_MAX = 10 * 1024 * 1024
ALLOWED_IDS_MAX = 100

EPHEMERAL = 1 << 6
SUPPRESS_EMBEDS = 1 << 2
SUPPRESS_NOTIFICATIONS = 1 << 12
LOADING = 1 << 7
_FLAGS_TAKEN = EPHEMERAL | SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS
_PARSE_WORDS = ("everyone", "roles", "users")


@dataclass(frozen=True)
class Upload:
    """A file that came with a request."""

    filename: str
    content: bytes
    content_type: str


@dataclass(frozen=True)
class AllowedMentions:
    """Which mentions of a text may resolve; lists are of ids, in addition to what ``parse`` names."""

    parse: frozenset[str] = frozenset(_PARSE_WORDS)
    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    replied_user: bool = True


@dataclass(frozen=True)
class Draft:
    """A message form that keeps all limits. ``None`` means that the form did not say."""

    content: str | None = None
    embeds: list[dict[str, Any]] | None = None
    components: list[dict[str, Any]] | None = None
    flags: int | None = None
    allowed: AllowedMentions = field(default_factory=AllowedMentions)
    nonce: str | int | None = None
    enforce_nonce: bool = False
    reply_to: tuple[int, bool] | None = None
    """Message replied to, and whether it must still be there."""
    kept_attachment_ids: list[int] | None = None
    uploads: list[tuple[Upload, str | None]] = field(default_factory=list)
    """Files and their descriptions."""

    @property
    def is_empty(self) -> bool:
        """True if nothing would be seen."""
        return not (self.content or self.embeds or self.components or self.uploads)


def read_draft(form: dict[str, Any], files: dict[int, Upload]) -> Draft:
    """Read a message form as Discord does.

    :raises Refused: 50035 with every fault in its place; 40005 for a file that is too large.
    """
    problems = FormProblems()
    kept, uploads = _attachments(form, files, problems)
    draft = Draft(
        content=_content(form, problems),
        embeds=_listed(form, "embeds", checked_embeds, problems),
        components=_listed(form, "components", checked_components, problems),
        flags=_flags(form, problems),
        allowed=_allowed_mentions(form.get("allowed_mentions"), problems),
        nonce=_nonce(form, problems),
        enforce_nonce=bool(form.get("enforce_nonce")),
        reply_to=_reply(form),
        kept_attachment_ids=kept,
        uploads=uploads,
    )
    problems.raise_any()
    return draft


def _content(form: dict[str, Any], problems: FormProblems) -> str | None:
    if "content" not in form:
        return None
    content = form["content"] or ""
    if not isinstance(content, str):
        problems.add("content", "STRING_TYPE_CONVERT", "Could not interpret the value as string.")
        return ""
    content = content.strip()
    if units(content) > CONTENT_MAX:
        problems.add("content", "BASE_TYPE_MAX_LENGTH", f"Must be {CONTENT_MAX} or fewer in length.")
    return content


def _listed(
    form: dict[str, Any],
    name: str,
    check: Callable[[list[JsonValue], FormProblems], list[dict[str, Any]]],
    problems: FormProblems,
) -> list[dict[str, Any]] | None:
    if name not in form:
        return None
    value = form[name] or []
    if not isinstance(value, list):
        problems.add(name, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return []
    return check(value, problems)


def _flags(form: dict[str, Any], problems: FormProblems) -> int | None:
    flags = form.get("flags")
    if flags is None:
        return None
    if not isinstance(flags, int) or flags & ~_FLAGS_TAKEN:
        problems.add("flags", "BASE_TYPE_CHOICES", f"Only the flags {_FLAGS_TAKEN} are spoken here.")
        return 0
    return flags


def _nonce(form: dict[str, Any], problems: FormProblems) -> str | int | None:
    nonce = form.get("nonce")
    if isinstance(nonce, str) and len(nonce) > NONCE_MAX:
        problems.add("nonce", "NONCE_TYPE_TOO_LONG", f"Must be {NONCE_MAX} or fewer in length.")
    assert nonce is None or isinstance(nonce, str | int), "a nonce is a text or a number"
    return nonce


def _reply(form: dict[str, Any]) -> tuple[int, bool] | None:
    reference = form.get("message_reference")
    if not reference or reference.get("message_id") is None:
        return None
    return int(reference["message_id"]), bool(reference.get("fail_if_not_exists", True))


def _allowed_mentions(form: dict[str, Any] | None, problems: FormProblems) -> AllowedMentions:
    if form is None:
        return AllowedMentions()
    parse = form.get("parse") or []
    for index, word in enumerate(parse):
        if word not in _PARSE_WORDS:
            problems.add(
                f"allowed_mentions.parse.{index}",
                "BASE_TYPE_CHOICES",
                "Value must be one of ('everyone', 'users', 'roles').",
            )
    for name in ("users", "roles"):
        listed = form.get(name) or []
        if listed and name in parse:
            problems.add(
                "allowed_mentions",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.',
            )
        if len(listed) > ALLOWED_IDS_MAX:
            problems.add(
                f"allowed_mentions.{name}",
                "BASE_TYPE_MAX_LENGTH",
                f"Must be {ALLOWED_IDS_MAX} or fewer in length.",
            )
    return AllowedMentions(
        frozenset(parse),
        frozenset(int(i) for i in form.get("users") or []),
        frozenset(int(i) for i in form.get("roles") or []),
        bool(form.get("replied_user", False)),
    )


def _attachments(
    form: dict[str, Any], files: dict[int, Upload], problems: FormProblems
) -> tuple[list[int] | None, list[tuple[Upload, str | None]]]:
    """Ids that stay (None: all), and the files to add. A small id means the n-th file of this request."""
    if any(len(upload.content) > FILE_BYTES_MAX for upload in files.values()):
        raise Refused(413, 40005, "Request entity too large")
    listed = form.get("attachments")
    described = {int(a["id"]): a for a in listed or [] if isinstance(a, dict) and "id" in a}
    uploads = []
    for index, upload in sorted(files.items()):
        about = described.get(index, {})
        named = Upload(str(about.get("filename") or upload.filename), upload.content, upload.content_type)
        uploads.append((named, about.get("description")))
    if listed is None:
        return None, uploads
    kept = [i for i in described if i not in files]
    if len(kept) + len(uploads) > FILES_MAX:
        problems.add("attachments", "BASE_TYPE_MAX_LENGTH", f"Must be {FILES_MAX} or fewer in length.")
    return kept, uploads
