"""The application commands that the bot registered, held to Discord's limits, and how a person's call of one looks."""

import re
from enum import IntEnum
from typing import Any

from bot.discord.loopback.permissions import EVERYTHING, guild_permissions
from bot.discord.loopback.refusals import FormProblems, unknown
from bot.discord.loopback.world import World

COMMANDS_MAX = 100
OPTIONS_MAX = 25
CHOICES_MAX = 25
DESCRIPTION_MAX = 100
_NAME = re.compile(r"[-_\w]{1,32}\Z")
_CHAT_INPUT = 1


class OptionKind(IntEnum):
    """Discord's option types."""

    SUBCOMMAND = 1
    GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


NESTING = (OptionKind.SUBCOMMAND, OptionKind.GROUP)


class Commands:
    """Registers and finds commands; ``guild_id`` None is everywhere."""

    def __init__(self, world: World) -> None:
        self._world = world

    def all(self, guild_id: int | None) -> list[dict[str, Any]]:
        """What is registered there."""
        return list(self._world.commands.get(guild_id, {}).values())

    def one(self, guild_id: int | None, command_id: int) -> dict[str, Any]:
        """A command, or 10063."""
        found = self._world.commands.get(guild_id, {})
        if command_id not in found:
            raise unknown("application command")
        return found[command_id]

    def replace_all(self, guild_id: int | None, forms: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Register these and no others; one that was there keeps its id."""
        problems = FormProblems()
        if len(forms) > COMMANDS_MAX:
            problems.add("_", "APPLICATION_COMMAND_TOO_MANY", f"At most {COMMANDS_MAX} commands.")
        for index, form in enumerate(forms):
            _check(form, str(index), problems)
        problems.raise_any()
        kept = {(c["type"], c["name"]): c for c in self.all(guild_id)}
        commands = [self._made(guild_id, form, kept) for form in forms]
        self._world.commands[guild_id] = {int(command["id"]): command for command in commands}
        return commands

    def put(self, guild_id: int | None, form: dict[str, Any]) -> dict[str, Any]:
        """Register one, or replace the one of its name."""
        problems = FormProblems()
        _check(form, "command", problems)
        problems.raise_any()
        command = self._made(guild_id, form, {(c["type"], c["name"]): c for c in self.all(guild_id)})
        self._world.commands.setdefault(guild_id, {})[int(command["id"])] = command
        return command

    def delete(self, guild_id: int | None, command_id: int) -> None:
        """Forget a command, or 10063."""
        self.one(guild_id, command_id)
        del self._world.commands[guild_id][command_id]

    def _made(
        self, guild_id: int | None, form: dict[str, Any], kept: dict[tuple[int, str], dict[str, Any]]
    ) -> dict[str, Any]:
        kind = form.get("type") or _CHAT_INPUT
        before = kept.get((kind, form["name"]))
        permissions = form.get("default_member_permissions")
        command = {
            "id": before["id"] if before else str(self._world.snowflakes.next()),
            "application_id": str(self._world.application_id),
            "version": str(self._world.snowflakes.next()),
            "type": kind,
            "name": form["name"],
            "description": form.get("description") or "",
            "default_member_permissions": None if permissions is None else str(permissions),
            "nsfw": bool(form.get("nsfw")),
            "options": [_answered(option) for option in form.get("options") or []],
            "integration_types": form.get("integration_types") or [0],
            "contexts": form.get("contexts"),
        }
        if guild_id is not None:
            command["guild_id"] = str(guild_id)
        return command

    def usable(self, guild_id: int | None, user_id: int) -> list[dict[str, Any]]:
        """The commands that a person is shown: those whose required permissions he has."""
        bits = EVERYTHING if guild_id is None else guild_permissions(self._world, guild_id, user_id)
        shown = [*self.all(None), *(self.all(guild_id) if guild_id is not None else [])]
        return [c for c in shown if _shown_to(c, bits)]

    def find(self, guild_id: int | None, user_id: int, name: str) -> dict[str, Any]:
        """The command of a name that a person may use.

        :raises LookupError: there is none, or it is hidden from that person.
        """
        for command in self.usable(guild_id, user_id):
            if command["name"] == name:
                return command
        raise LookupError(f"/{name} is not registered here, or user {user_id} may not use it")


def _shown_to(command: dict[str, Any], bits: int) -> bool:
    wanted = command["default_member_permissions"]
    if wanted is None or bits == EVERYTHING:
        return True
    return wanted != "0" and bits & int(wanted) == int(wanted)


def _answered(option: dict[str, Any]) -> dict[str, Any]:
    """An option as Discord hands it out: nulls left out."""
    kept = {name: value for name, value in option.items() if value is not None and name != "options"}
    if option.get("options"):
        kept["options"] = [_answered(inner) for inner in option["options"]]
    return kept


def _check(form: dict[str, Any], path: str, problems: FormProblems) -> None:
    _check_words(form, path, problems, described=(form.get("type") or 1) == _CHAT_INPUT)
    _check_options(form.get("options") or [], f"{path}.options", problems)


def _check_words(form: dict[str, Any], path: str, problems: FormProblems, *, described: bool) -> None:
    name = str(form.get("name", ""))
    if not _NAME.match(name) or name != name.lower():
        text = "Command name is invalid"
        problems.add(f"{path}.name", "APPLICATION_COMMAND_INVALID_NAME", text)
    if described and not 1 <= len(str(form.get("description") or "")) <= DESCRIPTION_MAX:
        text = f"Must be between 1 and {DESCRIPTION_MAX} in length."
        problems.add(f"{path}.description", "BASE_TYPE_BAD_LENGTH", text)


def _check_options(options: list[dict[str, Any]], path: str, problems: FormProblems) -> None:
    if len(options) > OPTIONS_MAX:
        problems.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {OPTIONS_MAX} or fewer in length.")
    names = [option.get("name") for option in options]
    if len(set(names)) != len(names):
        text = "Option names must be unique"
        problems.add(path, "APPLICATION_COMMAND_OPTIONS_NAME_NOT_UNIQUE", text)
    optional_seen = False
    for index, option in enumerate(options):
        here = f"{path}.{index}"
        _check_words(option, here, problems, described=True)
        if option.get("type") not in set(OptionKind):
            problems.add(f"{here}.type", "BASE_TYPE_CHOICES", "Value must be one of 1 to 11.")
        elif option["type"] not in NESTING:
            if option.get("required") and optional_seen:
                text = "Required options must be placed before non-required options"
                problems.add(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
            optional_seen = optional_seen or not option.get("required")
        choices = option.get("choices") or []
        if len(choices) > CHOICES_MAX:
            problems.add(
                f"{here}.choices", "BASE_TYPE_MAX_LENGTH", f"Must be {CHOICES_MAX} or fewer in length."
            )
        if choices and option.get("autocomplete"):
            text = "Choices and autocomplete exclude each other"
            problems.add(here, "APPLICATION_COMMAND_AUTOCOMPLETE_WITH_CHOICES", text)
        _check_options(option.get("options") or [], f"{here}.options", problems)
