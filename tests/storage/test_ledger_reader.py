"""Reading a ledger in blocks: every line comes whole and once, however long it is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import ledger_reader
from storage.files import FolderUnusable
from storage.ledger_reader import whole_blocks

BLOCK_BYTES = 64


@given(lengths=st.lists(st.integers(0, 3 * BLOCK_BYTES), min_size=1, max_size=12))
def test_blocks_hold_whole_lines_and_all_of_them(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int]
) -> None:
    """Lines shorter and longer than a block, ending at its edge or next to it; what comes after the end is left out."""
    path = tmp_path_factory.getbasetemp() / "blocks"
    lines = b"".join(b"x" * length + b"\n" for length in lengths)
    path.write_bytes(lines + b"unfinished")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ledger_reader, "_BLOCK_BYTES", BLOCK_BYTES)
        blocks = list(whole_blocks(path, len(lines)))
    assert b"".join(blocks) == lines
    assert all(block.endswith(b"\n") for block in blocks)


def test_a_file_that_shrinks_while_it_is_read_is_refused(tmp_path: Path) -> None:
    """Lines that were there when reading began are gone: that is said, and nothing shorter is taken for the whole."""
    path = tmp_path / "ledger"
    path.write_bytes(b"one line\n" * 10)
    with pytest.raises(FolderUnusable, match="shrank"):
        list(whole_blocks(path, 200))
