"""A direct message to a follower: what happened as its text, what is true now as its embed, and how to stop it."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.card import card_of
from bot.card_text import clip, dollars_text, percent_text, price_text, safe_text
from bot.discord.commands.buttons import custom_id
from bot.discord.commands.replies import no_more
from bot.discord.following.news import Line, headline, line_texts
from bot.position_view import PositionView
from storage.follows import Follow, FollowKind

STOP_KIND = "unfollow"
CONTENT_MAX = 1_900
_SEPARATOR = " · "
_MARK = "№"
_LABEL_MAX = 80
_NAME_MAX = 40
_TARGETS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class DirectText:
    """What is sent: ``through_seq`` is the last event that it tells, which its embed's footer says too."""

    content: str
    embed: discord.Embed
    view: discord.ui.View | None
    through_seq: int


def direct_text(
    view: PositionView, news: tuple[Sequence[Line], int], follows: Sequence[Follow], ledger: str
) -> DirectText:
    """The news about a position to somebody who follows it for these reasons."""
    lines, left_out = news
    causes = {line.order_id: line.by for line in view.history}
    texts = [headline(view, lines), *(f"– {text}" for text in line_texts(lines, left_out, causes))]
    through_seq = max(line.seq for line in lines)
    card = card_of(view)
    embed = discord.Embed(title=card.title, description=_truth(view), colour=card.colour)
    embed.set_footer(text=footer(view.position_id, through_seq, ledger))
    going_on = [one for one in follows if one.kind is FollowKind.STRATEGY or not view.closed]
    if view.closed and len(going_on) < len(follows):
        texts.append("You follow it no more: it is over.")
    return DirectText(clip("\n".join(texts), CONTENT_MAX), embed, stop_view(going_on), through_seq)


def _truth(view: PositionView) -> str:
    """Where the position stands, in one line as ``/positions`` has it."""
    parts = []
    if view.qty_in:
        now = view.exit_average if view.closed else view.mark
        parts.append(f"{price_text(view.entry_average)} → {price_text(now)}")
        parts.append(f"**{percent_text(view.pnl_fraction)}** ({dollars_text(view.pnl)})")
    if view.qty:
        parts.append(f"{abs(view.qty)} of {view.qty_in} left")
        stops, targets = view.stop_levels(), view.target_levels()[:_TARGETS_SHOWN]
        parts.append(f"stop {price_text(round(stops[0], 2))}" if stops else "no stop")
        if targets:
            parts.append(f"targets {', '.join(price_text(round(level, 2)) for level in targets)}")
    parts.append(safe_text(view.strategy, _NAME_MAX))
    return _SEPARATOR.join(parts)


def footer(position_id: str, through_seq: int, ledger: str) -> str:
    """What a message is found again by."""
    return _SEPARATOR.join((safe_text(position_id, _LABEL_MAX), f"{_MARK}{through_seq}", ledger))


def told_by(message: discord.Message, position_id: str, ledger: str) -> int:
    """Through which event a message tells of a position; 0 if it is none of ours about it."""
    for embed in message.embeds:
        parts = (embed.footer.text or "").split(_SEPARATOR)
        if len(parts) == len(("position", "seq", "ledger")) and parts[2] == ledger:
            number = parts[1].removeprefix(_MARK)
            if parts[0] == safe_text(position_id, _LABEL_MAX) and number.isdigit():
                return int(number)
    return 0


def stop_view(follows: Sequence[Follow]) -> discord.ui.View | None:
    """A button to stop each of these follows; its id says everything."""
    buttons: list[discord.ui.Button[discord.ui.View]] = [
        discord.ui.Button(
            label=clip(f"Stop: {follow_words(one.kind, one.name)}", _LABEL_MAX),
            style=discord.ButtonStyle.secondary,
            custom_id=custom_id(STOP_KIND, f"{one.kind}/{one.name}"),
        )
        for one in follows
    ]
    return no_more(buttons) if buttons else None


def follow_words(kind: FollowKind, name: str) -> str:
    """What is followed, in words: a trade's id, or a strategy."""
    if kind is FollowKind.POSITION:
        return safe_text(name.rpartition("-")[0] or name, _NAME_MAX)
    return f"all of {safe_text(name, _NAME_MAX)}"
