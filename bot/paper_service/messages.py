"""What the paper service and its client say to each other: one JSON line a request, one JSON line an answer."""

import msgspec

from options.execution.port import OrderTicket
from options.inputs import BrokerReport
from options.quote import Quote
from options.values import Micros

SOCKET_NAME = "paper.sock"
JOURNAL_NAME = "paper_orders.jsonl"
# The shortest limit among the systems that this runs on is 104 bytes, and one of them ends the name.
SOCKET_PATH_MAX = 103


class Submit(msgspec.Struct, frozen=True, tag=True):
    """Take an order. ``quote`` is what is quoted of its instrument now."""

    at: Micros
    feed_ts: Micros
    ticket: OrderTicket
    quotes: list[tuple[str, Quote]]


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """Take an order back."""

    at: Micros
    client_ref: str


class NewQuotes(msgspec.Struct, frozen=True, tag=True):
    """What is quoted of every contract that an order rests in."""

    at: Micros
    feed_ts: Micros
    quotes: list[tuple[str, Quote]]


class CloseDay(msgspec.Struct, frozen=True, tag=True):
    """The session is over."""


class Look(msgspec.Struct, frozen=True, tag=True):
    """Tell all that there is: what rests, what traded lately, and what became of ``client_refs`` at any time."""

    at: Micros
    client_refs: list[str]


Request = Submit | Cancel | NewQuotes | CloseDay | Look


class Answer(msgspec.Struct, frozen=True):
    """What happened, in order. ``refused`` says why a request was not followed; nothing has changed by it."""

    reports: list[BrokerReport] = []
    refused: str = ""


request_decoder = msgspec.json.Decoder(Request)
answer_decoder = msgspec.json.Decoder(Answer)
