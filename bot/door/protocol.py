"""What is said through the door: one command as a line of JSON, and one line that answers it."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from bot.door.shape import PREVIEW, shape_faults, unsendable
from bot.typed_name import typed_name
from options.book import Book
from options.command_desk import ID_CHARACTERS
from options.commands import Command, NewTrade
from options.events import (
    CommandRefused,
    CommandTaken,
    IntentDecided,
    TradeCancelled,
    TradeEvent,
    TradeSaved,
)
from options.preview import Preview
from options.shown_text import WORD_CHARACTERS, printable, text_faults
from options.values import to_iso
from storage.ledger_reader import read

SOCKET_NAME = "control.sock"
REQUEST_BYTES_MAX = 64 * 1024


class PreviewRequest(msgspec.Struct, frozen=True, tag_field="verb", tag=PREVIEW, forbid_unknown_fields=True):
    """Only say what a command would do."""

    command: Command


_decoder: msgspec.json.Decoder[Command | PreviewRequest] = msgspec.json.Decoder(Command | PreviewRequest)
_encoder = msgspec.json.Encoder(decimal_format="number")


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a command, said once it is durable.

    ``seq`` is the ledger's line that says so; the statuses are those of the trade afterwards. ``repeated``: the command
    had come before, and this is what became of it then. A request that was no command has no ``seq``: nothing was
    written down. ``also`` are the other trades that it opens, closes or cancels. ``flat_before_expiry`` (ISO 8601 UTC)
    is when a new trade must be out for that reason. ``later``: what it asks of the broker waits for a run.
    A ``preview`` has no ``seq`` either: nothing has been done, and ``taken`` says that it would be.
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
    also: tuple[str, ...] = ()
    preview: Preview | None = None
    flat_before_expiry: str = ""
    later: bool = False


class BadRequest(Exception):
    """A line that is no command; ``reasons`` are all that is wrong with it."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


_answer_decoder = msgspec.json.Decoder(Answer)


def encode_command(command: Command, *, preview: bool = False) -> bytes:
    """A command, or the wish to see what it would do, as one line without its newline.

    :raises BadRequest: it does not say which it is and who gives it, or holds what cannot be sent.
    """
    _check_named(command)
    faults = list(unsendable(command))
    if faults:
        raise BadRequest(*faults)
    try:
        line = _request_line(PreviewRequest(command) if preview else command)
    except (UnicodeEncodeError, OverflowError) as error:
        raise BadRequest(f"the command cannot be sent: {error}") from error
    if len(line) > REQUEST_BYTES_MAX:
        raise BadRequest(f"the command has {len(line):,} bytes; at most {REQUEST_BYTES_MAX:,} can be sent")
    return line


def _request_line(request: Command | PreviewRequest) -> bytes:
    return msgspec.json.encode(request)  # decimals as texts: that holds what is no number too


def decode_command(line: bytes) -> Command:
    """The command of a line that must be one.

    :raises BadRequest: it is none, or does not say which it is and who gives it.
    """
    request = decode_request(line)
    if isinstance(request, PreviewRequest):
        raise BadRequest("that asks for a preview, and is no command")
    return request


def preview_answer(command: Command, preview: Preview) -> Answer:
    """The answer to who wants to see what a command would do."""
    return Answer(
        taken=not preview.reasons,
        command_id=command.command_id,
        verb=command.verb,
        trade_id=getattr(command, "trade_id", ""),
        reasons=preview.reasons,
        preview=preview,
    )


def decode_request(line: bytes) -> Command | PreviewRequest:
    """The request of a line.

    :raises BadRequest: it is none, or does not say which it is and who gives it.
    """
    try:
        request = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        first, *more = shape_faults(line) or [str(error)]
        raise BadRequest(f"that is no command: {first}", *more) from error
    _check_named(request.command if isinstance(request, PreviewRequest) else request)
    if isinstance(request, PreviewRequest):
        return PreviewRequest(_with_its_name(request.command))
    return _with_its_name(request)


def _with_its_name(command: Command) -> Command:
    """A command about a trade that is named in another case, or with blanks, is about that trade."""
    given = getattr(command, "trade_id", "")
    name = typed_name(given)
    return command if name == given else msgspec.structs.replace(command, trade_id=name)


def _check_named(command: Command) -> None:
    faults = text_faults("the command's id", command.command_id, ID_CHARACTERS)
    faults += text_faults("the name of who asks", command.who, ID_CHARACTERS)
    if faults:
        raise BadRequest(*faults)


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

    Without its fate among the events the command had come before: what became of it is looked up in the ledger at
    ``path``. Where another command came under its id, nobody has obeyed this one, and it is refused.
    """
    found = _fate(command.command_id, first_seq, events)
    repeated = found is None
    seq, event, after = found or _found(path, command.command_id)
    if repeated and not _is_same(command, event):
        was = f"{event.verb} {event.trade_id}".strip()
        return Answer(
            taken=False,
            command_id=command.command_id,
            verb=command.verb,
            trade_id=getattr(command, "trade_id", ""),
            seq=seq,
            reasons=(f"its id was given to another command before, {was}: give this one an id of its own",),
        )
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
        also=_others(event, after),
        flat_before_expiry=_sold_by(after, book),
    )


def _sold_by(after: Sequence[TradeEvent], book: Book) -> str:
    """When the trade that a command has saved must be sold before it expires."""
    saved = next((one for one in after if isinstance(one, TradeSaved)), None)
    trade = None if saved is None else book.trade(saved.trade_id)
    cut_off = None if trade is None else trade.exits.flat_before_expiry
    return "" if trade is None or cut_off is None or cut_off != trade.exits.out_by else to_iso(cut_off)


_Fate = tuple[int, CommandTaken | CommandRefused, Sequence[TradeEvent]]


def _fate(command_id: str, first_seq: int, events: Sequence[TradeEvent]) -> _Fate | None:
    """What became of a command, its number, and what followed; an order may have come into doubt just before it."""
    for at, event in enumerate(events):
        if isinstance(event, CommandTaken | CommandRefused) and event.command_id == command_id:
            return first_seq + at, event, events[at + 1 :]
    return None


def _is_same(command: Command, event: CommandTaken | CommandRefused) -> bool:
    """Whether what came under a command's id was this command; its plans may have been filled in otherwise then."""
    if command.verb != event.verb:
        return False
    if not isinstance(command, NewTrade):
        return printable(getattr(command, "trade_id", ""), WORD_CHARACTERS) == event.trade_id
    try:
        said = msgspec.json.decode(event.text)
    except msgspec.DecodeError:
        return True  # too long to be kept whole
    asked = (command.instrument, command.qty, command.direction)
    return asked == (said.get("instrument"), said.get("qty"), said.get("direction", 1))


def _others(event: CommandTaken | CommandRefused, after: Sequence[TradeEvent]) -> tuple[str, ...]:
    steered = (one.trade_id for one in after if isinstance(one, TradeSaved | IntentDecided | TradeCancelled))
    return tuple(dict.fromkeys(trade_id for trade_id in steered if trade_id != event.trade_id))


def _found(path: Path, command_id: str) -> _Fate:
    for first_seq, events in read(path):
        found = _fate(command_id, first_seq, events)
        if found is not None:
            return found
    raise AssertionError(f"the book knows command {command_id}, its ledger {path} does not")
