"""Every request and its answer, as they went over the wire."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from options.values import Micros


@dataclass
class Exchange:
    """One request and what was answered; ``template`` is the path as Discord's own documents write it."""

    number: int
    at: Micros
    method: str
    path: str
    template: str
    query: dict[str, str]
    content_type: str
    form: Any = None
    """The JSON of the request, that of ``payload_json`` where files came with it."""
    filenames: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    """The request's headers without the authorization."""
    status: int | None = None
    """None: the connection was dropped without an answer."""
    answer: Any = None
    answer_headers: dict[str, str] = field(default_factory=dict)
    fault: str | None = None
    """The fault that was played, if one was."""
    took_effect: bool = False
    """True if the request was carried out, whatever was answered."""


class Journal:
    """The last exchanges, and how many there were of each kind."""

    def __init__(self, size: int) -> None:
        self.exchanges: deque[Exchange] = deque(maxlen=size)
        self.requests: Counter[str] = Counter()
        """By method and template, e.g. ``POST /channels/{channel_id}/messages``."""
        self.statuses: Counter[int | None] = Counter()
        self._listeners: list[Callable[[Exchange], None]] = []
        self._number = 0

    def number(self) -> int:
        """The next request's number."""
        self._number += 1
        return self._number

    def listen(self, listener: Callable[[Exchange], None]) -> None:
        """Call ``listener`` with every finished exchange."""
        self._listeners.append(listener)

    def add(self, exchange: Exchange) -> None:
        """Note a finished exchange."""
        self.exchanges.append(exchange)
        self.requests[f"{exchange.method} {exchange.template}"] += 1
        self.statuses[exchange.status] += 1
        for listener in self._listeners:
            listener(exchange)

    def of(self, method: str, template_end: str) -> list[Exchange]:
        """The exchanges of a method whose template ends so, e.g. ``("PATCH", "/messages/{message_id}")``."""
        return [e for e in self.exchanges if e.method == method and e.template.endswith(template_end)]
