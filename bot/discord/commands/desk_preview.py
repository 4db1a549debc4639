"""What a command would do, from the desk's own preview, as the question before it is done."""

from dataclasses import dataclass

from bot.door.day_desk import SteeredDay, guarded_for
from bot.preview_text import preview_lines
from bot.refusal_text import reason_text
from options.commands import Command
from options.preview import preview

_REASON_MAX = 300


@dataclass(frozen=True, slots=True)
class Words:
    """A preview that is plain words."""

    lines: tuple[str, ...]
    refused: bool = False
    seen: str = ""


def desk_preview(day: SteeredDay, command: Command) -> Words:
    """What would be sent, what it would bring, what remains, and which exits change; or why nothing would be done."""
    found = preview(day.manager, day.at, guarded_for(day, command))
    if found.reasons:
        return Words(
            tuple(f"– {reason_text(reason, _REASON_MAX)}" for reason in found.reasons),
            refused=True,
        )
    about = f"{command.verb} {getattr(command, 'trade_id', '')}".strip()
    first, *rest = preview_lines(found, about)
    return Words((f"**{first}**", *rest), seen=found.seen)
