"""What people do with the bot: slash commands, completions, buttons, menus and forms, until they are answered."""

from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from typing import Any

from bot.discord.loopback.announcements import Announcement
from bot.discord.loopback.board import Board
from bot.discord.loopback.command_call import command_call
from bot.discord.loopback.commands import Commands
from bot.discord.loopback.message_payload import announced_message
from bot.discord.loopback.payloads import Payload, channel_payload, member_payload, user_payload
from bot.discord.loopback.permissions import Permission, channel_permissions, may
from bot.discord.loopback.world import Channel, Message, World
from options.values import MINUTE, SECOND, Micros

ACKNOWLEDGE_WITHIN = 3 * SECOND
TOKEN_LIVES = 15 * MINUTE


class InteractionKind(IntEnum):
    """What a person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


@dataclass
class Interaction:
    """One deed of a person, and what became of it."""

    id: int
    token: str
    kind: InteractionKind
    user_id: int
    channel_id: int
    data: dict[str, Any]
    created: Micros
    message: Message | None = None
    """The message whose button was pressed."""
    answer_type: int | None = None
    """The callback type by which the bot acknowledged; None until then."""
    original: Message | None = None
    """What ``@original`` means."""
    messages: list[Message] = field(default_factory=list)
    """Every message that answered, in order."""
    choices: list[dict[str, Any]] = field(default_factory=list)
    modal: dict[str, Any] | None = None
    ephemeral: bool = False

    @property
    def answered(self) -> bool:
        """True once the bot acknowledged in any way."""
        return self.answer_type is not None

    @property
    def name(self) -> str:
        """The command with its subcommands, or the custom id."""
        words, level = [str(self.data.get("name", self.data.get("custom_id", "")))], self.data
        while level.get("options") and level["options"][0]["type"] in {1, 2}:
            level = level["options"][0]
            words.append(level["name"])
        return " ".join(words)


class Interactions:
    """Makes a person's deeds into INTERACTION_CREATE, and remembers them for the answer."""

    def __init__(self, world: World, board: Board, commands: Commands) -> None:
        self._world = world
        self._board = board
        self._commands = commands
        self.by_token: dict[str, Interaction] = {}

    def command(
        self, user_id: int, channel_id: int, name: str, options: dict[str, Any] | None = None
    ) -> Interaction:
        """A person sends a slash command, e.g. ``"trade new"``.

        :raises LookupError: the command is not shown to that person.
        :raises CallRefused: the options are not such as Discord's client would send.
        """
        channel = self._usable_channel(user_id, channel_id)
        first, *path = name.split()
        command = self._commands.find(channel.guild_id, user_id, first)
        data = command_call(self._world, command, path, options or {}, guild_id=channel.guild_id)
        return self._send(InteractionKind.COMMAND, user_id, channel, data)

    def autocomplete(
        self, user_id: int, channel_id: int, name: str, options: dict[str, Any], focused: str
    ) -> Interaction:
        """A person types into the option ``focused``; the others hold what was typed before."""
        channel = self._usable_channel(user_id, channel_id)
        first, *path = name.split()
        command = self._commands.find(channel.guild_id, user_id, first)
        data = command_call(self._world, command, path, options, guild_id=channel.guild_id, focused=focused)
        return self._send(InteractionKind.AUTOCOMPLETE, user_id, channel, data)

    def press(
        self, user_id: int, message: Message, custom_id: str, values: list[str] | None = None
    ) -> Interaction:
        """A person presses a button, or chooses ``values`` in a menu.

        :raises LookupError: there is no such component, it is disabled, or that person cannot see it.
        """
        if message.seen_only_by not in {None, user_id}:
            raise LookupError(f"message {message.id} is seen by another person only")
        parts = [part for row in message.components for part in row["components"]]
        found = [p for p in parts if p.get("custom_id") == custom_id and not p.get("disabled")]
        if not found:
            raise LookupError(f"message {message.id} has no component {custom_id!r} that can be used")
        channel = self._usable_channel(user_id, message.channel_id, command=False)
        data = {"custom_id": custom_id, "component_type": found[0]["type"], "id": found[0]["id"]}
        if values is not None:
            data["values"] = values
        return self._send(InteractionKind.COMPONENT, user_id, channel, data, message)

    def submit(self, asked: Interaction, values: dict[str, str]) -> Interaction:
        """A person sends the form that ``asked`` was answered with; ``values`` are by custom id.

        :raises LookupError: it was not answered with a form.
        """
        if asked.modal is None:
            raise LookupError("the interaction was not answered with a form")
        channel = self._world.channel(asked.channel_id)
        rows = [_filled(row, values) for row in asked.modal["components"]]
        data = {"custom_id": asked.modal["custom_id"], "components": rows}
        return self._send(InteractionKind.MODAL_SUBMIT, asked.user_id, channel, data, asked.message)

    def _usable_channel(self, user_id: int, channel_id: int, *, command: bool = True) -> Channel:
        channel = self._world.channel(channel_id)
        wanted = Permission.VIEW_CHANNEL | (Permission.USE_APPLICATION_COMMANDS if command else 0)
        if not may(self._world, channel, user_id, Permission(wanted)):
            raise LookupError(f"user {user_id} may not do that in channel {channel_id}")
        return channel

    def _send(
        self,
        kind: InteractionKind,
        user_id: int,
        channel: Channel,
        data: dict[str, Any],
        message: Message | None = None,
    ) -> Interaction:
        made = self._world.snowflakes.next()
        token = sha256(f"interaction {made} {self._world.token}".encode()).hexdigest()
        interaction = Interaction(
            made, token, kind, user_id, channel.id, data, self._world.clock.now(), message=message
        )
        self._forget_old()
        self.by_token[token] = interaction
        self._board.announcements.tell(
            Announcement("INTERACTION_CREATE", self._payload(interaction, channel))
        )
        return interaction

    def _forget_old(self) -> None:
        """Keep no deed whose token has been dead for as long as it lived."""
        oldest = self._world.clock.now() - 2 * TOKEN_LIVES
        while self.by_token and next(iter(self.by_token.values())).created < oldest:
            del self.by_token[next(iter(self.by_token))]

    def _payload(self, interaction: Interaction, channel: Channel) -> Payload:
        world, user_id = self._world, interaction.user_id
        bits = channel_permissions(world, channel, user_id)
        payload: Payload = {
            "id": str(interaction.id),
            "application_id": str(world.application_id),
            "type": int(interaction.kind),
            "data": interaction.data,
            "channel_id": str(channel.id),
            "channel": channel_payload(world, channel) | {"permissions": str(bits)},
            "token": interaction.token,
            "version": 1,
            "app_permissions": str(channel_permissions(world, channel, world.bot_id)),
            "locale": "en-US",
            "entitlements": [],
            "attachment_size_limit": 10 * 1024 * 1024,
        }
        if interaction.message:
            payload["message"] = announced_message(world, self._board.files_base, interaction.message)
        if channel.guild_id is None:
            payload["authorizing_integration_owners"] = {"1": str(user_id)}
            return payload | {"user": user_payload(world.users[user_id]), "context": 1}
        member = member_payload(world, world.member(channel.guild_id, user_id))
        return payload | {
            "guild_id": str(channel.guild_id),
            "guild": {"id": str(channel.guild_id), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": member | {"permissions": str(bits)},
            "authorizing_integration_owners": {"0": str(channel.guild_id)},
            "context": 0,
        }


def _filled(row: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    """A row or a label of a form with what the person wrote; what was not touched keeps its preset."""
    if "component" in row:
        return {"type": row["type"], "id": row.get("id", 0), "component": _input(row["component"], values)}
    inside = [_input(part, values) for part in row.get("components", [])]
    return {"type": row["type"], "id": row.get("id", 0), "components": inside}


def _input(part: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    custom_id = part["custom_id"]
    answer: dict[str, Any] = {"type": part["type"], "id": part.get("id", 0), "custom_id": custom_id}
    if "options" in part:
        return answer | {"values": [values[custom_id]] if custom_id in values else []}
    return answer | {"value": values.get(custom_id, part.get("value") or "")}
