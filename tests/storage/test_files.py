"""A file that failed once is not used again, and only one instance runs on a folder."""

import errno
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.files import (
    AppendFile,
    DataFolderInUse,
    FolderUnusable,
    InstanceLock,
    StorageFailed,
    make_folder,
    measure_sync_s,
    read_chunks,
    replace_file,
)

HOLD_LOCK = """
import sys
from pathlib import Path
from storage.files import InstanceLock
lock = InstanceLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path) -> Iterator[AppendFile]:
    file = AppendFile(tmp_path / "data.jsonl")
    file.append(b"one\n")
    yield file
    file.close()


def failing(code: int) -> Callable[..., int]:
    """A system call that always fails with this code."""

    def call(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    return call


def append_for_ever(file: AppendFile) -> None:
    """Until the disk is full."""
    while True:
        file.append(bytes(3000))


def assert_poisoned(file: AppendFile) -> None:
    """Neither append nor sync works any more, though the disk is well again."""
    uses: list[Callable[[], None]] = [lambda: file.append(b"more\n"), file.sync, lambda: file.truncate_to(0)]
    for use in uses:
        with pytest.raises(StorageFailed, match="not used any more"):
            use()


def test_appends_follow_each_other(file: AppendFile) -> None:
    """What is appended stands at the end, in a file that its owner alone can read."""
    file.append(b"two\n")
    file.sync()
    assert file.path.read_bytes() == b"one\ntwo\n"
    assert file.size == 8
    assert file.path.stat().st_mode & 0o777 == 0o600


def test_a_file_goes_on_where_it_ended(file: AppendFile) -> None:
    """Opening it again appends after what is there."""
    file.close()
    again = AppendFile(file.path)
    again.append(b"two\n")
    again.close()
    assert file.path.read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize("possible", [True, False])
def test_room_set_aside_never_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, possible: bool) -> None:
    """Reserved room changes neither the bytes nor the size, is given back on closing, and can be done without."""
    if not possible:
        monkeypatch.setattr("storage.files.set_room_aside", lambda *_: False)
    file = AppendFile(tmp_path / "data", reserve_bytes=1 << 20)
    for number in range(100):
        file.append(b"%4d" % number * 8000)
    file.sync()
    assert file.path.stat().st_size == file.size == 100 * 32_000
    file.close()
    assert file.path.read_bytes() == b"".join(b"%4d" % number * 8000 for number in range(100))
    assert file.path.stat().st_blocks * 512 < file.size + 65_536


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS])
def test_f3_a_failed_write_ends_the_use_of_the_file(
    file: AppendFile, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """One failed write says why, and the file is refused from then on even if the next would go through."""
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", failing(code))
        with pytest.raises(StorageFailed, match=os.strerror(code)):
            file.append(b"two\n")
    assert_poisoned(file)


def test_f3_a_short_write_ends_the_use_of_the_file(file: AppendFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that took only a part is a failure, not something to complete."""
    whole = os.write
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", lambda descriptor, data: whole(descriptor, data[:3]))
        with pytest.raises(StorageFailed, match="only 3 of 10 bytes"):
            file.append(b"0123456789")
    assert_poisoned(file)


def test_f3_a_real_size_limit_gives_a_short_write(file: AppendFile) -> None:
    """The system's own limit on a file's size is met as a failure, with no signal that ends the process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6, hard))
    try:
        with pytest.raises(StorageFailed, match="only 2 of 4 bytes"):
            file.append(b"two\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert_poisoned(file)


def test_f4_a_failed_sync_is_never_tried_again(file: AppendFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second sync could say yes about data that is gone, so there is none."""
    calls: list[int] = []

    def fail_once(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fdatasync", fail_once)
    with pytest.raises(StorageFailed, match="durable"):
        file.sync()
    assert_poisoned(file)
    assert len(calls) == 1


def test_f4_a_failed_close_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that the system kept until the end is not lost."""
    file = AppendFile(tmp_path / "data")
    with monkeypatch.context() as broken:
        broken.setattr(os, "close", failing(errno.EIO))
        with pytest.raises(StorageFailed, match="closed"):
            file.close()
    file.close()


def test_f4_a_failed_folder_sync_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new file whose name may be lost is no place for facts."""
    monkeypatch.setattr(os, "fsync", failing(errno.EIO))
    with pytest.raises(StorageFailed, match="durable"):
        AppendFile(tmp_path / "data")


def remove(path: Path) -> None:
    path.unlink()


def rename(path: Path) -> None:
    path.rename(path.with_suffix(".moved"))


def replace(path: Path) -> None:
    copy = path.with_suffix(".copy")
    copy.write_bytes(path.read_bytes())
    copy.rename(path)


def truncate(path: Path) -> None:
    os.truncate(path, 2)


def grow(path: Path) -> None:
    with path.open("ab") as other:
        other.write(b"x")


@pytest.mark.parametrize("meddle", [remove, rename, replace, truncate, grow])
def test_f5_a_file_changed_under_us_is_noticed(file: AppendFile, meddle: Callable[[Path], None]) -> None:
    """Removed, renamed, replaced, cut or grown by somebody else: the next append fails and adds nothing."""
    meddle(file.path)
    before = file.path.read_bytes() if file.path.exists() else None
    with pytest.raises(StorageFailed, match=r"under us|somebody else"):
        file.append(b"two\n")
    assert (file.path.read_bytes() if file.path.exists() else None) == before
    assert_poisoned(file)


def test_f3_a_full_disk_is_a_failure(tmp_path: Path) -> None:
    """On a real file system without room, the append fails and the file is done with."""
    mounted = tmp_path / "small"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mounted)]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command here")
    if result.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {result.stderr.strip()}")
    try:
        file = AppendFile(mounted / "data")
        with pytest.raises(StorageFailed, match=r"only \d+ of|No space left"):
            append_for_ever(file)
        assert_poisoned(file)
        file.close()
    finally:
        subprocess.run(["umount", str(mounted)], check=True)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """A file is not opened where there is no folder; the error names the path in one sentence."""
    with pytest.raises(FolderUnusable, match="nowhere/data cannot be opened for writing: No such file"):
        AppendFile(tmp_path / "nowhere" / "data")
    with pytest.raises(FolderUnusable, match="cannot be read"):
        list(read_chunks(tmp_path / "data"))
    with pytest.raises(FolderUnusable, match="opened for writing"):
        InstanceLock(tmp_path / "nowhere")


def test_a_folder_is_made_with_those_above(tmp_path: Path) -> None:
    """A data folder is made on first use, for its owner alone; a file in its place is refused."""
    folder = tmp_path / "a" / "b"
    make_folder(folder)
    make_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    (tmp_path / "plain").write_bytes(b"")
    with pytest.raises(FolderUnusable, match="plain cannot be made"):
        make_folder(tmp_path / "plain")


def test_a_file_is_read_in_pieces(tmp_path: Path) -> None:
    """The pieces between two offsets, joined, are the file's bytes there; a file that shrinks is told."""
    path = tmp_path / "data"
    path.write_bytes(bytes(range(100)))
    assert b"".join(read_chunks(path, size=7)) == bytes(range(100))
    assert b"".join(read_chunks(path, start=10, end=95, size=20)) == bytes(range(10, 95))
    with pytest.raises(FolderUnusable, match="shrank"):
        list(read_chunks(path, end=101))


def test_a_file_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report is the old one or the new one; a failure leaves the old one and nothing beside it."""
    path = tmp_path / "report.json"
    replace_file(path, b"old")
    replace_file(path, b"new")
    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", failing(errno.EIO))
        with pytest.raises(StorageFailed, match="durable"):
            replace_file(path, b"never")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(FolderUnusable, match="there is no folder"):
        replace_file(tmp_path / "none" / "report.json", b"new")


def test_measuring_the_disk_leaves_nothing(tmp_path: Path) -> None:
    """The probe gives a time above zero and removes its file."""
    assert measure_sync_s(tmp_path, time.perf_counter, rounds=3) > 0
    assert not list(tmp_path.iterdir())


def hold_lock(folder: Path) -> subprocess.Popen[str]:
    """Another process that holds the folder's lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_i25_one_instance_per_folder(tmp_path: Path) -> None:
    """A second process is refused and told who is there; killed without mercy, the first leaves the folder free."""
    holder = hold_lock(tmp_path)
    try:
        with pytest.raises(DataFolderInUse, match=f"in use by process {holder.pid}"):
            InstanceLock(tmp_path)
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    with InstanceLock(tmp_path) as lock:
        assert lock.path.read_text() == f"{os.getpid()}\n"
        with pytest.raises(DataFolderInUse, match=f"in use by process {os.getpid()}"):
            InstanceLock(tmp_path)
    InstanceLock(tmp_path).close()


def test_i25_a_folder_without_locks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file system cannot lock, nobody can promise one instance, so none runs."""
    monkeypatch.setattr("fcntl.flock", failing(errno.ENOLCK))
    with pytest.raises(FolderUnusable, match="locked"):
        InstanceLock(tmp_path)
