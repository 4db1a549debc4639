"""How the bot may answer a deed: within 3 seconds, once, and for 15 minutes after that by the deed's token."""

from enum import IntEnum
from typing import Any

from bot.discord.loopback.announcements import Announcement
from bot.discord.loopback.board import Board
from bot.discord.loopback.drafts import EPHEMERAL, LOADING, Draft, Upload, read_draft
from bot.discord.loopback.interactions import (
    ACKNOWLEDGE_WITHIN,
    TOKEN_LIVES,
    Interaction,
    InteractionKind,
    Interactions,
)
from bot.discord.loopback.message_payload import message_payload
from bot.discord.loopback.payloads import Payload, user_payload
from bot.discord.loopback.refusals import FormProblems, Refused, unknown
from bot.discord.loopback.world import Message, World

CHOICES_MAX = 25
CHOICE_MAX = 100
MODAL_ROWS_MAX = 5
MODAL_TITLE_MAX = 45


class AnswerType(IntEnum):
    """Discord's callback types."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


_FITTING = {
    InteractionKind.COMMAND: {AnswerType.MESSAGE, AnswerType.DEFERRED_MESSAGE, AnswerType.MODAL},
    InteractionKind.AUTOCOMPLETE: {AnswerType.CHOICES},
    InteractionKind.COMPONENT: set(AnswerType) - {AnswerType.CHOICES},
    InteractionKind.MODAL_SUBMIT: set(AnswerType) - {AnswerType.CHOICES, AnswerType.MODAL},
}


class Answers:
    """Takes the bot's answers."""

    def __init__(self, world: World, board: Board, interactions: Interactions) -> None:
        self._world = world
        self._board = board
        self._interactions = interactions

    def acknowledge(
        self, interaction_id: int, token: str, form: dict[str, Any], files: dict[int, Upload]
    ) -> Payload:
        """The first answer. Returns what ``with_response`` asks for.

        :raises Refused: 10062 when it is late or unknown, 40060 when there was one before, 50035.
        """
        interaction = self._interactions.by_token.get(token)
        now = self._world.clock.now()
        if interaction is None or interaction.id != interaction_id:
            raise unknown("interaction")
        if interaction.answered:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        if now - interaction.created > ACKNOWLEDGE_WITHIN:
            raise unknown("interaction")
        answer_type: int = form.get("type") or 0
        if answer_type not in _FITTING[interaction.kind]:
            problems = FormProblems()
            fitting = ", ".join(str(int(t)) for t in sorted(_FITTING[interaction.kind]))
            problems.add("type", "BASE_TYPE_CHOICES", f"Value must be one of ({fitting}).")
            problems.raise_any()
        data = form.get("data") or {}
        self._carry_out(interaction, AnswerType(answer_type), data, files)
        interaction.answer_type = answer_type
        self._tell_person(interaction)
        return self._callback_payload(interaction)

    def _carry_out(
        self, interaction: Interaction, answer: AnswerType, data: dict[str, Any], files: dict[int, Upload]
    ) -> None:
        if answer is AnswerType.CHOICES:
            interaction.choices = _checked_choices(data.get("choices") or [])
        elif answer is AnswerType.MODAL:
            interaction.modal = _checked_modal(data)
        elif answer is AnswerType.DEFERRED_UPDATE:
            interaction.original = interaction.message
        elif answer is AnswerType.UPDATE:
            if interaction.message is None:
                raise unknown("Message")
            interaction.original = self._board.edit(
                self._living(interaction.message), read_draft(data, files)
            )
        else:
            draft = read_draft(data, files)
            interaction.ephemeral = bool((draft.flags or 0) & EPHEMERAL)
            loading = answer is AnswerType.DEFERRED_MESSAGE
            interaction.original = self._post(interaction, draft, loading=loading)

    def _post(self, interaction: Interaction, draft: Draft, *, loading: bool = False) -> Message:
        ephemeral = bool((draft.flags or 0) & EPHEMERAL)
        message = self._board.post(
            self._world.channel(interaction.channel_id),
            self._world.bot_id,
            draft,
            interaction=self._metadata(interaction),
            seen_only_by=interaction.user_id if ephemeral else None,
            loading=loading,
        )
        interaction.messages.append(message)
        return message

    def _metadata(self, interaction: Interaction) -> Payload:
        guild_id = self._world.channel(interaction.channel_id).guild_id
        owner = {"0": str(guild_id)} if guild_id is not None else {"1": str(interaction.user_id)}
        metadata: Payload = {
            "id": str(interaction.id),
            "type": int(interaction.kind),
            "user": user_payload(self._world.users[interaction.user_id]),
            "authorizing_integration_owners": owner,
        }
        if interaction.kind is InteractionKind.COMPONENT and interaction.message:
            metadata["interacted_message_id"] = str(interaction.message.id)
        if interaction.kind is InteractionKind.COMMAND:
            metadata["name"] = interaction.name
        if interaction.kind is InteractionKind.MODAL_SUBMIT:
            inner = {k: v for k, v in metadata.items() if k != "triggering_interaction_metadata"} | {
                "type": 2
            }
            metadata["triggering_interaction_metadata"] = inner
        return metadata

    def _callback_payload(self, interaction: Interaction) -> Payload:
        about: Payload = {
            "id": str(interaction.id),
            "type": int(interaction.kind),
            "channel_id": str(interaction.channel_id),
        }
        guild_id = self._world.channel(interaction.channel_id).guild_id
        if guild_id is not None:
            about["guild_id"] = str(guild_id)
        answer: Payload = {"interaction": about}
        if interaction.original is not None:
            about["response_message_id"] = str(interaction.original.id)
            about["response_message_loading"] = bool(interaction.original.flags & LOADING)
            about["response_message_ephemeral"] = bool(interaction.original.flags & EPHEMERAL)
            if interaction.answer_type in {
                AnswerType.MESSAGE,
                AnswerType.UPDATE,
                AnswerType.DEFERRED_MESSAGE,
            }:
                shown = message_payload(self._world, self._board.files_base, interaction.original)
                kind = (
                    AnswerType.UPDATE if interaction.answer_type == AnswerType.UPDATE else AnswerType.MESSAGE
                )
                answer["resource"] = {"type": int(kind), "message": shown}
        return answer

    def _tell_person(self, interaction: Interaction) -> None:
        payload = {
            "id": str(interaction.id),
            "answer": interaction.answer_type,
            "choices": interaction.choices,
            "modal": interaction.modal,
        }
        announcement = Announcement(
            "INTERACTION_ANSWERED", payload, to_bot=False, only_user_id=interaction.user_id
        )
        self._board.announcements.tell(announcement)

    def by_webhook(self, token: str) -> Interaction:
        """The deed that a webhook token stands for.

        :raises Refused: 10015 before the first answer, 401 with 50027 after 15 minutes.
        """
        interaction = self._interactions.by_token.get(token)
        if interaction is None or not interaction.answered:
            raise unknown("Webhook")
        if self._world.clock.now() - interaction.created > TOKEN_LIVES:
            raise Refused(401, 50027, "Invalid Webhook Token")
        return interaction

    def follow_up(self, token: str, form: dict[str, Any], files: dict[int, Upload]) -> Message:
        """A further message; the first after a deferral takes the place of the loading one."""
        interaction = self.by_webhook(token)
        draft = read_draft(form, files)
        if interaction.original is not None and interaction.original.flags & LOADING:
            if draft.is_empty:
                raise Refused(400, 50006, "Cannot send an empty message")
            return self._board.edit(self._living(interaction.original), draft)
        return self._post(interaction, draft)

    def message(self, token: str, which: str) -> Message:
        """The message that ``@original`` or an id means, or 10008."""
        interaction = self.by_webhook(token)
        if which == "@original":
            if interaction.original is None:
                raise unknown("Message")
            return self._living(interaction.original)
        for message in interaction.messages:
            if str(message.id) == which:
                return self._living(message)
        if interaction.message is not None and str(interaction.message.id) == which:
            return self._living(interaction.message)
        raise unknown("Message")

    def edit(self, token: str, which: str, form: dict[str, Any], files: dict[int, Upload]) -> Message:
        """Change an answer."""
        return self._board.edit(self.message(token, which), read_draft(form, files))

    def delete(self, token: str, which: str) -> None:
        """Take an answer away."""
        self._board.delete(self.message(token, which))

    def _living(self, message: Message) -> Message:
        return self._world.message(message.channel_id, message.id)


def _checked_choices(choices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    problems = FormProblems()
    if len(choices) > CHOICES_MAX:
        problems.add("data.choices", "BASE_TYPE_MAX_LENGTH", f"Must be {CHOICES_MAX} or fewer in length.")
    for index, choice in enumerate(choices):
        for name in ("name", "value"):
            value = choice.get(name)
            if isinstance(value, str) and not 1 <= len(value) <= CHOICE_MAX:
                text = f"Must be between 1 and {CHOICE_MAX} in length."
                problems.add(f"data.choices.{index}.{name}", "BASE_TYPE_BAD_LENGTH", text)
    problems.raise_any()
    return choices


def _checked_modal(data: dict[str, Any]) -> dict[str, Any]:
    problems = FormProblems()
    rows = data.get("components") or []
    if not 1 <= len(rows) <= MODAL_ROWS_MAX:
        text = f"Must be between 1 and {MODAL_ROWS_MAX} in length."
        problems.add("data.components", "BASE_TYPE_BAD_LENGTH", text)
    if not 1 <= len(data.get("title") or "") <= MODAL_TITLE_MAX:
        text = f"Must be between 1 and {MODAL_TITLE_MAX} in length."
        problems.add("data.title", "BASE_TYPE_BAD_LENGTH", text)
    problems.raise_any()
    return data
