"""How the loopback Discord says no: Discord's own statuses, codes and sentences."""

from typing import Any


class Refused(Exception):
    """A request is answered with an error, shaped as Discord shapes it."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        return body


_UNKNOWN = {
    "Channel": 10003,
    "Guild": 10004,
    "Member": 10007,
    "Message": 10008,
    "User": 10013,
    "Webhook": 10015,
    "interaction": 10062,
    "application command": 10063,
}


def unknown(what: str) -> Refused:
    """404 for a thing that does not exist, e.g. ``unknown("Message")`` is code 10008."""
    return Refused(404, _UNKNOWN[what], f"Unknown {what}")


def missing_access() -> Refused:
    """403: the channel cannot be seen."""
    return Refused(403, 50001, "Missing Access")


def missing_permissions() -> Refused:
    """403: the channel can be seen, but this may not be done there."""
    return Refused(403, 50013, "Missing Permissions")


def directs_closed() -> Refused:
    """403: the person takes no direct messages from the bot."""
    return Refused(403, 50007, "Cannot send messages to this user")


def opening_too_fast() -> Refused:
    """403: the bot opened too many direct messages in a short time."""
    return Refused(403, 40003, "You are opening direct messages too fast.")


class FormProblems:
    """Gathers what is wrong with a form, in the tree that Discord answers with."""

    def __init__(self) -> None:
        self.tree: dict[str, Any] = {}

    def add(self, path: str, code: str, message: str) -> None:
        """Note a fault; ``path`` is dotted, e.g. ``embeds.0.title``."""
        node = self.tree
        for part in path.split("."):
            node = node.setdefault(part, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def raise_any(self) -> None:
        """Refuse the form if anything was noted.

        :raises Refused: 400 with code 50035.
        """
        if self.tree:
            raise Refused(400, 50035, "Invalid Form Body", self.tree)
