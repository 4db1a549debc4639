"""What becomes of an input at which deciding fails: it is written down, the process ends, and twice is enough.

When deciding raises, the book in memory may be half changed, so the process has to end; nothing of the input is on the
disk, so nothing of it has happened. That it failed is on the disk: the next start takes the input once more, as the
cause may have been the machine, and the start after that sets it aside with an alarm. So no input can end every start,
with every exit of the house unwatched in between.
"""

from types import TracebackType

from bot.decision_watch import DecisionStalled, DecisionWatch
from bot.raised_text import raised_text
from options.events import TradeEvent
from options.input_events import InputFailed
from options.inputs import Input
from options.order_manager import OptionsOrderManager
from options.set_aside import input_names, is_poison, one_by_one, set_aside
from options.values import Micros, to_iso
from storage.ledger import Ledger


class DecisionFailed(Exception):
    """Deciding on an input raised; that is in the ledger, and nothing of the input is."""


class Deciding:
    """Decides on inputs, and answers for those at which that fails, or never ends as the ``watch`` has it."""

    def __init__(self, manager: OptionsOrderManager, ledger: Ledger, watch: DecisionWatch) -> None:
        self._watch = watch
        self._manager = manager
        self._ledger = ledger
        self._input: tuple[Micros, str, Input] | None = None

    def on(self, at: Micros, cause: str, given: Input) -> list[TradeEvent]:
        """The events of an input, not yet durable; of one that is set aside, that and nothing else.

        :raises DecisionFailed: deciding raised. The input's name is durable then, and the process must end.
        """
        manager = self._manager
        self._input = (at, cause, given)
        with self:
            if not manager.book.failed_inputs:
                return manager.decide(at, cause, given)
            events: list[TradeEvent] = []
            for part in one_by_one(given):
                (name,) = input_names(at, cause, part)
                self._input = (at, cause, part)
                if is_poison(manager.book, name):
                    events += set_aside(manager, at, cause, part, name)
                else:
                    events += manager.decide(at, cause, part)
            return events

    def __enter__(self) -> None:
        self._watch.begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._watch.end()
        if not isinstance(error, Exception) or self._input is None:
            return
        at, cause, given = self._input
        names, ledger = input_names(at, cause, given), self._ledger
        said = str(error) if isinstance(error, DecisionStalled) else raised_text(error)
        # Dated by the line before: the input has not happened, and its moment has not come.
        ts = ledger.last_ts or to_iso(at)
        ledger.write([InputFailed(ts, given=name, error=said) for name in names])
        ledger.sync()
        raise DecisionFailed(
            f"deciding on {' and '.join(names)} failed: {said}. Nothing of it has happened; start again: it is taken "
            "once more, and set aside if it fails again"
        ) from error
