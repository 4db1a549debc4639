"""The pictures on one channel's messages: when a position's chart is drawn anew, and which wait to be shown.

The text never waits for them: a picture that is ready rides on an edit of its own, at the pace of marks.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.chart import Chart, figure_of
from bot.chart_render import ChartRenderer
from bot.discord.backlog import Urgency


@dataclass(frozen=True, slots=True)
class Charting:
    """Who draws, and the fewest seconds between two charts of a position while only its mark moves."""

    renderer: ChartRenderer
    every_s: float


class Pictures:
    """Asks for pictures and keeps them until they are shown. Without ``charting`` there are none.

    :param channel: tells this channel's pictures from others'.
    :param chart_of: a position's chart as it is now. :param ready: is told of every answer.
    """

    def __init__(
        self,
        charting: Charting | None,
        channel: int,
        chart_of: Callable[[str], Chart],
        ready: Callable[[str], None],
    ) -> None:
        self._charting = charting
        self._channel = channel
        self._chart_of = chart_of
        self._ready = ready
        self._drawing: dict[str, int] = {}
        self._asked_seq: dict[str, int] = {}
        self._due_s: dict[str, float] = {}
        self._waiting: dict[str, bytes] = {}

    @property
    def busy(self) -> bool:
        """True while something is being drawn."""
        return bool(self._drawing)

    def picture(self, position_id: str, urgency: Urgency) -> bytes | None:
        """The picture that may go out now: news of a trade goes without one, which comes after it."""
        return self._waiting.get(position_id) if urgency is Urgency.MARK else None

    def waits(self, position_id: str) -> bool:
        """Whether a picture is ready and not shown."""
        return position_id in self._waiting

    def shown(self, position_id: str, urgency: Urgency, seq: int, now_s: float) -> None:
        """The message shows event ``seq``, with the picture that :meth:`picture` gave: draw the next if it is due."""
        self._waiting.pop(position_id, None)
        if self._charting is None or self._charting.renderer.off:
            return
        if urgency is Urgency.MARK and (
            now_s < self._due_s.get(position_id, 0.0) or self._asked_seq.get(position_id) == seq
        ):
            return
        figure = figure_of(self._chart_of(position_id))
        if figure is None:
            return
        self._asked_seq[position_id] = seq
        self._due_s[position_id] = now_s + self._charting.every_s
        self._drawing[position_id] = self._drawing.get(position_id, 0) + 1
        name = f"{self._channel} {position_id}"
        self._charting.renderer.ask(name, figure, lambda png: self._drawn(position_id, seq, png))

    def off(self) -> None:
        """The channel takes no pictures: ask for none."""
        self._charting = None
        self._waiting.clear()

    def forget(self, position_id: str) -> None:
        """Nothing more comes of a position."""
        for kept in (self._asked_seq, self._due_s, self._waiting):
            kept.pop(position_id, None)

    def _drawn(self, position_id: str, seq: int, png: bytes | None) -> None:
        left = self._drawing[position_id] - 1
        if left:
            self._drawing[position_id] = left
        else:
            del self._drawing[position_id]
        if png is not None and self._charting is not None and self._asked_seq.get(position_id) == seq:
            self._waiting[position_id] = png
        self._ready(position_id)
