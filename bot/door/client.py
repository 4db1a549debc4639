"""Asking: through the door of the running instance, or on the ledger where none runs."""

import socket
from pathlib import Path
from typing import NamedTuple

from bot.clock import Clock
from bot.door.address import door_address
from bot.door.ledger_desk import LedgerRules, act_on_ledger, preview_on_ledger
from bot.door.protocol import SOCKET_NAME, Answer, BadRequest, decode_answer, encode_command
from options.commands import Command
from storage.files import DataFolderInUse
from storage.presence import is_there

ANSWER_S = 15.0
PATIENCE_S = 10.0
_AGAIN_S = 0.05
_READ_BYTES = 64 * 1024


class NotAsked(Exception):
    """Nobody could be asked, or nobody answered; the text says what to do."""


class Heard(NamedTuple):
    """What became of a command, and whether an instance said so: one that runs has settings of its own."""

    answer: Answer
    by_instance: bool


def ask(data: Path, command: Command, clock: Clock, rules: LedgerRules, *, preview: bool = False) -> Heard:
    """Give a command and return what became of it. Asking again with the same command id is safe.

    ``rules`` hold where nobody runs. With ``preview`` nothing is done: the answer says what would be.

    An instance that is just starting or ending has the data folder and no door: it is given some seconds.

    :raises NotAsked: the command cannot be sent, or the instance does not answer.
    :raises StorageError: the ledger cannot be used. :raises WrongAccount: the rules are for another account than its.
    """
    try:
        request = encode_command(command, preview=preview)
    except BadRequest as error:
        raise NotAsked(str(error)) from error
    until_s = clock.monotonic_s() + PATIENCE_S
    while True:
        answer = _through_door(data, command.command_id, request)
        if answer is not None:
            return Heard(answer, by_instance=True)
        try:
            act = preview_on_ledger if preview else act_on_ledger
            return Heard(act(data, command, clock, rules), by_instance=False)
        except DataFolderInUse as error:
            if clock.monotonic_s() > until_s:
                raise NotAsked(
                    f"{error}, and it takes no commands: its day is over or has not begun; ask again once it has ended"
                ) from error
            clock.wait(_AGAIN_S)


def _through_door(data: Path, command_id: str, request: bytes) -> Answer | None:
    """The running instance's answer; ``None`` if nobody is behind the door, or leaves before answering."""
    if not is_there(data / SOCKET_NAME):
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(ANSWER_S)
        try:
            with door_address(data) as address:
                link.connect(address)
            link.sendall(request + b"\n")
            line = _line(link)
        except (FileNotFoundError, ConnectionError):
            return None
        except PermissionError as error:
            raise NotAsked(
                f"the instance on {data} cannot be asked by this user: {error.strerror}"
            ) from error
        except TimeoutError as error:
            raise NotAsked(
                f"the instance on {data} has not answered within {ANSWER_S:g} s; it may still take the command, "
                f"which callboard events --data {data} will show as {command_id}"
            ) from error
    if not line:
        return None
    try:
        return decode_answer(line)
    except BadRequest as error:
        raise NotAsked(f"the instance on {data} said what is no answer: {error}") from error


def _line(link: socket.socket) -> bytes:
    heard = bytearray()
    while b"\n" not in heard:
        part = link.recv(_READ_BYTES)
        if not part:
            return b""
        heard += part
    return bytes(heard.partition(b"\n")[0])
