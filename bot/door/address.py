"""Where the door of a data folder is."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.door.protocol import SOCKET_NAME
from storage.files import FolderUnusable, open_for_reading

# What a socket's address holds on every system: 104 bytes on macOS, 108 on Linux, one of them the end.
_ADDRESS_BYTES_MAX = 103
_OPEN_FILES = Path("/proc/self/fd")


@contextmanager
def door_address(folder: Path) -> Iterator[str]:
    """An address of the folder's socket that is short enough to be one, for as long as it is needed.

    :raises FolderUnusable: the folder is missing, or its path is too long for a socket on this system.
    """
    address = str(folder / SOCKET_NAME)
    if len(os.fsencode(address)) <= _ADDRESS_BYTES_MAX:
        yield address
        return
    if not _OPEN_FILES.is_dir():
        raise FolderUnusable(
            f"{folder} has too long a path for a socket; use a data folder with a shorter one"
        )
    descriptor = open_for_reading(folder)
    try:
        yield str(_OPEN_FILES / str(descriptor) / SOCKET_NAME)
    finally:
        os.close(descriptor)
