"""What is said through the door: one command as a line of JSON, and one line that answers it."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from options.book import Book
from options.command_checks import text_faults
from options.command_desk import ID_CHARACTERS
from options.commands import Command
from options.events import CommandRefused, CommandTaken, TradeEvent
from storage.ledger_reader import read

SOCKET_NAME = "control.sock"
REQUEST_BYTES_MAX = 64 * 1024

_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_encoder = msgspec.json.Encoder(decimal_format="number")


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a command, said once it is durable.

    ``seq`` is the ledger's line that says so; the statuses are those of the trade afterwards. ``repeated``: the command
    had come before, and this is what became of it then. A request that was no command has no ``seq``: nothing was
    written down.
    """

    taken: bool
    command_id: str = ""
    verb: str = ""
    trade_id: str = ""
    seq: int = 0
    order_status: str = ""
    trade_status: str = ""
    reasons: tuple[str, ...] = ()
    repeated: bool = False


class BadRequest(Exception):
    """A line that is no command; the text says why."""


_answer_decoder = msgspec.json.Decoder(Answer)


def encode_command(command: Command) -> bytes:
    """A command as one line, without its newline.

    :raises BadRequest: it does not say which it is and who gives it, or holds what cannot be sent.
    """
    _check_named(command)
    try:
        line = _command_line(command)
    except (UnicodeEncodeError, OverflowError) as error:
        raise BadRequest(f"the command cannot be sent: {error}") from error
    if len(line) > REQUEST_BYTES_MAX:
        raise BadRequest(f"the command has {len(line):,} bytes; at most {REQUEST_BYTES_MAX:,} can be sent")
    return line


def _command_line(command: Command) -> bytes:
    return msgspec.json.encode(command)  # decimals as texts: that holds what is no number too


def decode_command(line: bytes) -> Command:
    """The command of a line.

    :raises BadRequest: it is none, or does not say which it is and who gives it.
    """
    try:
        command = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"that is no command: {error}") from error
    _check_named(command)
    return command


def _check_named(command: Command) -> None:
    faults = text_faults("the command's id", command.command_id, ID_CHARACTERS)
    faults += text_faults("the name of who asks", command.who, ID_CHARACTERS)
    if faults:
        raise BadRequest("; ".join(faults))


def encode_answer(answer: Answer) -> bytes:
    """An answer as one line, without its newline."""
    return _encoder.encode(answer)


def decode_answer(line: bytes) -> Answer:
    """The answer of a line.

    :raises BadRequest: it is none.
    """
    try:
        return _answer_decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"that is no answer: {error}") from error


def command_cause(command: Command) -> str:
    """The cause that the events of a command carry."""
    return f"command {command.command_id}"


def answer_of(
    command: Command, events: Sequence[TradeEvent], first_seq: int, book: Book, path: Path
) -> Answer:
    """The answer to a command that led to ``events``, the first of them numbered ``first_seq``.

    Without events the command had come before: what became of it is looked up in the ledger at ``path``.
    """
    repeated = not events
    seq, event = (first_seq, events[0]) if events else _found(path, command.command_id)
    assert isinstance(event, CommandTaken | CommandRefused), "a command's record begins with its fate"
    trade = book.trade(event.trade_id)
    return Answer(
        taken=isinstance(event, CommandTaken),
        command_id=event.command_id,
        verb=event.verb,
        trade_id=event.trade_id,
        seq=seq,
        order_status="" if trade is None else str(trade.order_status),
        trade_status="" if trade is None else str(trade.trade_status),
        reasons=event.reasons if isinstance(event, CommandRefused) else (),
        repeated=repeated,
    )


def _found(path: Path, command_id: str) -> tuple[int, TradeEvent]:
    for first_seq, events in read(path):
        for seq, event in enumerate(events, first_seq):
            if isinstance(event, CommandTaken | CommandRefused) and event.command_id == command_id:
                return seq, event
    raise AssertionError(f"the book knows command {command_id}, its ledger {path} does not")
