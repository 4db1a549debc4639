"""How the book remembers inputs that failed, and strategies that gave no answer."""

from collections.abc import Callable
from typing import Any

from options.book import Book
from options.input_events import InputFailed, InputSetAside, StrategyStalled
from options.trade_event import TradeEvent


def _failed(book: Book, event: InputFailed) -> None:
    book.failed_inputs[event.given] = (*book.failed_inputs.get(event.given, ()), event.error)


def _set_aside(book: Book, event: InputSetAside) -> None:
    book.set_aside.add(event.given)


def _stalled(book: Book, event: StrategyStalled) -> None:
    book.stalled[event.strategy, event.signal_id] = event.where


HANDLERS: dict[type[TradeEvent], Callable[[Book, Any], None]] = {
    InputFailed: _failed,
    InputSetAside: _set_aside,
    StrategyStalled: _stalled,
}
