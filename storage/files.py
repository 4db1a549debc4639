"""The only place that appends, syncs, truncates, replaces and locks files.

A file that failed once is never used again through the same descriptor: after a failed write or sync nobody can say
what is on the disk, so the process stops trading and the next one reads the file anew.
"""

import ctypes
import errno
import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

READ_BYTES = 128 * 1024
OWNER_ONLY = 0o600
_OWNER_ONLY_FOLDER = 0o700
_LOCK_NAME = "callboard.lock"
_PROBE_BYTES = 1024
_KEEP_SIZE = 1  # FALLOC_FL_KEEP_SIZE of Linux


class StorageError(Exception):
    """Something about the data folder or the disk; the text is one sentence for a person."""


class StorageFailed(StorageError):
    """A write or a sync failed, or the file was changed under us: nothing more may be traded by this process."""


class DataFolderInUse(StorageError):
    """Another instance runs on this data folder."""


class FolderUnusable(StorageError):
    """A folder or file is missing, cannot be read or cannot be written."""


class NoLedger(FolderUnusable):
    """There is no ledger where one was looked for."""


class AppendFile:
    """A file that only grows, open for as long as the process writes it (mode 0600).

    With ``reserve_bytes`` the disk sets room aside that much at a time where the system can do that: the file's
    size is what was written all the same, but a sync has less to settle (a tenth to a half of its time).

    :raises FolderUnusable: its folder is missing, or the file cannot be opened for writing.
    """

    __slots__ = ("_descriptor", "_inode", "_name", "_reserve_bytes", "_reserved", "_trouble", "path", "size")

    def __init__(self, path: Path, *, reserve_bytes: int = 0) -> None:
        self.path = path
        self._name = str(path)
        self._trouble = ""
        self._reserve_bytes = reserve_bytes
        try:
            self._descriptor = os.open(
                path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY
            )
        except OSError as error:
            raise unusable(path, "opened for writing", error) from error
        state = os.fstat(self._descriptor)
        self._inode = (state.st_dev, state.st_ino)
        self.size = state.st_size
        self._reserved = 0 if reserve_bytes else sys.maxsize
        try:
            if not self.size:
                sync_folder(path.parent)
        except StorageFailed:
            os.close(self._descriptor)
            raise

    def append(self, data: bytes | bytearray) -> None:
        """Add ``data`` to the end by one write; it is durable only after :meth:`sync`.

        :raises StorageFailed: the disk is full, the write failed or was cut short, or somebody else changed, replaced
            or removed the file. From then on every call fails.
        """
        self._refuse_if_failed()
        self._check_untouched()
        if self.size + len(data) > self._reserved:
            self._reserve(len(data))
        try:
            written = os.write(self._descriptor, data)
        except OSError as error:
            raise self._fail(f"could not be appended to: {_cause(error)}") from error
        if written != len(data):
            raise self._fail(
                f"took only {written} of {len(data)} bytes: the disk is full or a size limit is reached"
            )
        self.size += written

    def sync(self) -> None:
        """Return when everything appended is on the disk.

        :raises StorageFailed: the sync failed. It is never tried again: a second one may lie.
        """
        self._refuse_if_failed()
        try:
            os.fdatasync(self._descriptor)
        except OSError as error:
            raise self._fail(f"could not be made durable: {_cause(error)}") from error

    def truncate_to(self, size: int) -> None:
        """Cut an unfinished end off, leaving ``size`` bytes. Only the repair on opening may do this."""
        assert 0 <= size <= self.size, f"cannot cut {self.path} from {self.size} to {size} bytes"
        self._refuse_if_failed()
        self._check_untouched()
        try:
            os.ftruncate(self._descriptor, size)
        except OSError as error:
            raise self._fail(f"could not be cut to {size} bytes: {_cause(error)}") from error
        self.size = size

    def close(self) -> None:
        """Give the descriptor back. Closing twice is allowed.

        :raises StorageFailed: the system reports an error that it had kept until now.
        """
        if self._descriptor < 0:
            return
        descriptor, self._descriptor = self._descriptor, -1
        failed = bool(self._trouble)
        self._trouble = self._trouble or "is closed"
        try:
            if self._reserve_bytes and not failed and os.fstat(descriptor).st_size == self.size:
                os.ftruncate(descriptor, self.size)  # gives the reserved room back
        except OSError as error:
            raise StorageFailed(f"{self.path} could not be closed: {_cause(error)}") from error
        finally:
            self._release(descriptor)

    def _release(self, descriptor: int) -> None:
        try:
            os.close(descriptor)
        except OSError as error:
            raise StorageFailed(f"{self.path} could not be closed: {_cause(error)}") from error

    def _reserve(self, size: int) -> None:
        """Set room aside for ``size`` bytes and more to come; where that cannot be done, writing does without."""
        wanted = max(size, self._reserve_bytes)
        self._reserved = (
            self.size + wanted if set_room_aside(self._descriptor, self.size, wanted) else sys.maxsize
        )

    def _refuse_if_failed(self) -> None:
        if self._trouble:
            raise StorageFailed(f"{self.path} {self._trouble}; it is not used any more")

    def _check_untouched(self) -> None:
        """Two stat calls, about 2 µs: the name still leads to our file and the file ends where we left it."""
        try:
            size = os.fstat(self._descriptor).st_size
            named = os.stat(self._name)  # noqa: PTH116 - a third of the time of Path.stat
        except OSError as error:
            raise self._fail(f"was removed or renamed under us: {_cause(error)}") from error
        if (named.st_dev, named.st_ino) != self._inode:
            raise self._fail("was replaced by another file under us")
        if size != self.size:
            raise self._fail(f"has {size} bytes where we had written {self.size}: somebody else changed it")

    def _fail(self, trouble: str) -> StorageFailed:
        self._trouble = trouble
        return StorageFailed(f"{self.path} {trouble}")


class NoteFile:
    """A small file whose whole content is exchanged (mode 0600); it survives the process, not the machine.

    ``descriptor`` stands behind what was written last.

    :raises FolderUnusable: it cannot be opened.
    """

    __slots__ = ("descriptor", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, OWNER_ONLY)
        except OSError as error:
            raise unusable(path, "opened for writing", error) from error

    def read(self, size: int) -> bytes:
        """The first ``size`` bytes."""
        return read_at(self.descriptor, size, 0)

    def write(self, data: bytes) -> None:
        """Put ``data`` in place of what is there.

        :raises StorageFailed: the disk is full, or the write failed.
        """
        try:
            os.ftruncate(self.descriptor, 0)
            written = os.write(self.descriptor, data) if data else 0
        except OSError as error:
            raise StorageFailed(f"{self.path} could not be written: {_cause(error)}") from error
        if written != len(data):
            raise StorageFailed(f"{self.path} took only {written} of {len(data)} bytes: the disk is full")

    def close(self) -> None:
        """Give the descriptor back. Closing twice is allowed."""
        if self.descriptor >= 0:
            descriptor, self.descriptor = self.descriptor, -1
            os.close(descriptor)


class InstanceLock:
    """Held by the one running instance of a data folder; the system frees it when the process ends, however it ends.

    :raises DataFolderInUse: another process holds it, named by its pid.
    :raises FolderUnusable: the folder cannot be written, or its file system has no locks.
    """

    __slots__ = ("_descriptor", "path")

    def __init__(self, folder: Path) -> None:
        self.path = folder / _LOCK_NAME
        try:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
        except OSError as error:
            raise unusable(self.path, "opened for writing", error) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, b"%d\n" % os.getpid(), 0)
        except OSError as error:
            holder = os.pread(self._descriptor, 32, 0).strip().decode("ascii", "replace")
            self.close()
            if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
                who = f"process {holder}" if holder else "another process"
                raise DataFolderInUse(
                    f"{folder} is in use by {who}: one instance runs on a data folder"
                ) from error
            raise unusable(self.path, "locked", error) from error

    def close(self) -> None:
        """Let the next instance in. Closing twice is allowed; the file stays."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def make_folder(folder: Path) -> None:
    """Make a folder (mode 0700) with those above it, durably, and see that it can be written and read.

    :raises FolderUnusable: it cannot be made, or it is there and cannot be used.
    """
    try:
        missing = [step for step in (folder, *folder.parents) if not step.exists()]
        folder.mkdir(mode=_OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(folder, "made", error) from error
    for step in reversed(missing):
        sync_folder(step.parent)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise FolderUnusable(f"{folder} cannot be read and written by this user")


def sync_folder(folder: Path) -> None:
    """Make new, renamed and removed names in a folder durable.

    :raises FolderUnusable: it cannot be opened. :raises StorageFailed: the sync failed.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise unusable(folder, "opened", error) from error
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise StorageFailed(f"{folder} could not be made durable: {_cause(error)}") from error
    finally:
        os.close(descriptor)


def set_room_aside(descriptor: int, offset: int, size: int) -> bool:
    """Reserve disk blocks behind a file's end without making it longer; False where the system has no such call."""
    fallocate = (
        getattr(ctypes.CDLL(None), "fallocate", None)
        if sys.platform == "linux" and sys.maxsize > 2**32
        else None
    )
    if fallocate is None:
        return False
    return not fallocate(descriptor, _KEEP_SIZE, ctypes.c_int64(offset), ctypes.c_int64(size))


def open_for_reading(path: Path) -> int:
    """A read-only descriptor; the caller closes it.

    :raises FolderUnusable: the file is missing or cannot be read.
    """
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise unusable(path, "read", error) from error


def read_at(descriptor: int, size: int, offset: int) -> bytes:
    """Up to ``size`` bytes from ``offset``; fewer at the file's end.

    :raises FolderUnusable: the read failed.
    """
    try:
        return os.pread(descriptor, size, offset)
    except OSError as error:
        raise FolderUnusable(f"a file could not be read at byte {offset}: {_cause(error)}") from error


def read_chunks(
    path: Path, *, start: int = 0, end: int | None = None, size: int = READ_BYTES
) -> Iterator[bytes]:
    """The bytes of a file from ``start`` to ``end`` (its length now when ``None``), ``size`` at a time.

    :raises FolderUnusable: the file is missing, cannot be read, or is shorter than ``end``.
    """
    descriptor = open_for_reading(path)
    try:
        stop = os.fstat(descriptor).st_size if end is None else end
        offset = start
        while offset < stop:
            chunk = read_at(descriptor, min(size, stop - offset), offset)
            if not chunk:
                raise FolderUnusable(
                    f"{path} ended at byte {offset} while {stop} were expected: it shrank under us"
                )
            yield chunk
            offset += len(chunk)
    finally:
        os.close(descriptor)


def replace_file(path: Path, data: bytes) -> None:
    """Write a whole file so that a reader sees the old or the new one, never a part, whatever happens meanwhile.

    :raises FolderUnusable: the folder cannot be written. :raises StorageFailed: a write or a sync failed.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    try:
        file = AppendFile(temporary)
    except FolderUnusable as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise FolderUnusable(f"{path} cannot be written: there is no folder {path.parent}") from error
        raise
    try:
        file.append(data)
        file.sync()
        file.close()
        temporary.rename(path)
    except OSError as error:
        raise unusable(path, "replaced", error) from error
    finally:
        file.close()
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def measure_sync_s(folder: Path, clock_s: Callable[[], float], rounds: int = 15) -> float:
    """How long this disk takes to make one small append durable: the median of ``rounds`` tries, in seconds.

    ``clock_s`` is a monotonic clock.

    :raises FolderUnusable: the folder cannot be written. :raises StorageFailed: a write or a sync failed.
    """
    path = folder / f".probe.{os.getpid()}"
    path.unlink(missing_ok=True)
    file = AppendFile(path)
    taken: list[float] = []
    try:
        for _ in range(rounds):
            started = clock_s()
            file.append(bytes(_PROBE_BYTES))
            file.sync()
            taken.append(clock_s() - started)
    finally:
        path.unlink(missing_ok=True)
        file.close()
    return sorted(taken)[rounds // 2]


def unusable(path: Path, what: str, error: OSError) -> FolderUnusable:
    """The error for a path that cannot be ``opened for writing``, ``read`` and so on, with the system's reason."""
    return FolderUnusable(f"{path} cannot be {what}: {_cause(error)}")


def _cause(error: OSError) -> str:
    return error.strerror or str(error)
