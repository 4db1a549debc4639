"""The facts of an input that could not be decided on, and of a strategy that gave no answer to a signal."""

from options.trade_event import TradeEvent

# --- inputs that fail -------------------------------------------------------------------------------------------


class InputFailed(TradeEvent, frozen=True, kw_only=True):
    """Deciding on an input raised, and the process ended; nothing of the input has happened.

    ``given`` names the input (``market 2015-12-24T15:04:00.000000Z``, ``signal A-17``, ``command …``), ``error`` says
    what was raised in which line. The next start takes the input once more.
    """

    given: str
    error: str


class InputSetAside(TradeEvent, frozen=True, kw_only=True):
    """An input that failed before, and failed again, is never decided on any more: it counts as if it had not come.

    Trading is halted by it until a person has looked. A signal or a command among them is refused besides.
    """

    given: str
    error: str


class StrategyStalled(TradeEvent, frozen=True, kw_only=True):
    """A strategy gave no answer to a signal for so long that the process was ended; ``where`` is what it was at.

    The next start hands the signal on again, to the other strategies: this one counts as having failed at it.
    """

    signal_id: str
    strategy: str
    where: str


INPUT_EVENTS: tuple[type[TradeEvent], ...] = (InputFailed, InputSetAside, StrategyStalled)
