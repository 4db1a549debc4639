"""For a while without the rights of whoever runs the tests."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_NOBODY = 65_534


@contextmanager
def as_nobody() -> Iterator[None]:
    """For a while without the superuser's rights, whom no folder refuses."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if user == 0:
            os.seteuid(0)
