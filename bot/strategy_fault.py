"""What becomes of a strategy that fails at a signal: the signal is answered with the failure, then the process ends.

The answer is durable before that, so the same signal never reaches the strategy again and cannot end every restart.
"""

from types import TracebackType

from bot.raised_text import raised_text
from bot.strategy_watch import NoAnswer, Watch
from options.intent import Decision, Outcome
from options.shown_text import REASON_CHARACTERS, printable
from options.signal import Signal
from strategies.base import MarketView, Strategy


class StrategyFailed(Exception):
    """A strategy raised, or its answer is no decision; the signal it was asked about is answered in the ledger."""


class SignalAsked:
    """Asks strategies about one signal, and holds failures until :meth:`end`.

    A strategy that fails, or gives no answer in time, is answered for: nothing follows from the signal by it, and why.
    One that ended the process by its silence is not asked again. What is no ``Exception`` (an interrupt, an exit) is no
    failure and passes through at once.
    """

    def __init__(self, view: MarketView, signal: Signal, watch: Watch) -> None:
        self._view = view
        self._signal = signal
        self._watch = watch
        self._strategy = ""
        self._failures: list[tuple[str, str, BaseException]] = []

    def of(self, strategy: Strategy) -> Decision:
        """The strategy's decision, or the refusal that stands for it."""
        name, signal_id = strategy.name, self._signal.signal_id
        stalled_at = self._view.book.stalled.get((name, signal_id))
        if stalled_at is not None:
            return _failed(name, stalled_at)
        self._strategy = name
        failed = len(self._failures)
        with self, self._watch.over(name, signal_id):
            return _checked(strategy.on_signal(self._view, self._signal))
        return _failed(name, self._failures[failed][1])

    def end(self) -> None:
        """Let the failures out, once the answers are durable.

        :raises StrategyFailed: a strategy failed; it names each one, the signal, and what went wrong where.
        """
        if not self._failures:
            return
        name = printable(self._signal.signal_id, REASON_CHARACTERS)
        what = " and ".join(f"{strategy} failed: {said}" for strategy, said, _ in self._failures)
        raise StrategyFailed(
            f"at signal {name} {what}. The signal is answered by that and not given to it again; "
            "start again, and all else goes on"
        ) from self._failures[0][2]

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception | NoAnswer):
            return False
        # Held, not swallowed: it ends the process when its answer is durable; before that it would come again for ever.
        self._failures.append(
            (self._strategy, str(error) if isinstance(error, NoAnswer) else raised_text(error), error)
        )
        return True


def _failed(strategy: str, said: str) -> Decision:
    """What stands for the answer of a strategy that gave none."""
    return Decision(strategy=strategy, outcome=Outcome.REFUSED, reason=f"the strategy failed: {said}")


def _checked(decision: object) -> Decision:
    """A strategy's answer, if it is one that can be written down at all; what it wants is checked by the core."""
    if not isinstance(decision, Decision):
        raise TypeError(f"on_signal gave {type(decision).__name__}, not a Decision")
    name: object = decision.strategy
    if not isinstance(name, str) or not name.isprintable():
        raise ValueError("the Decision's strategy is not a name that can be written down")
    return decision
