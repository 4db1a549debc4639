"""How many edits a channel's limit leaves, as Discord's answers tell, and when a mark may take one.

A trade's news must not wait for a limit that marks used up. So marks spread over each window, and what is left at any
moment is enough for the trades that come: only half a mark's step before a window's end is the last edit given away.
"""

import asyncio
import re
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp

_EDIT = re.compile(r"/channels/(\d+)/messages/\d+\Z")


@dataclass(slots=True)
class _Window:
    """``limit`` edits in ``lasts_s``, the longest that was seen; ``left`` of them until ``ends_s``."""

    limit: int
    lasts_s: float
    left: int
    ends_s: float


class EditRoom:
    """Listens to the answers that edits get. A channel that none was heard of has room. Times of the event loop."""

    def __init__(self) -> None:
        self._windows: dict[int, _Window] = {}

    def trace(self) -> aiohttp.TraceConfig:
        """What the client's requests are to be followed with."""
        config = aiohttp.TraceConfig()
        config.on_request_end.append(self._answered)
        return config

    async def _answered(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, told: aiohttp.TraceRequestEndParams
    ) -> None:
        edit = _EDIT.search(told.url.path) if told.method == "PATCH" else None
        headers = told.response.headers
        if edit is None or "X-RateLimit-Reset-After" not in headers:
            return
        limit, left = int(headers.get("X-RateLimit-Limit", 1)), int(headers.get("X-RateLimit-Remaining", 0))
        lasts_s, channel_id = float(headers["X-RateLimit-Reset-After"]), int(edit[1])
        known = self._windows.get(channel_id)
        longest_s = known.lasts_s if known is not None and known.limit == limit else 0.0
        ends_s = asyncio.get_running_loop().time() + lasts_s
        self._windows[channel_id] = _Window(limit, max(lasts_s, longest_s), left, ends_s)

    def marks_from_s(self, channel_id: int, under_way: int = 0) -> float:
        """From when on a mark may be edited into a message of the channel, while so many other edits are under way."""
        window = self._windows.get(channel_id)
        if window is None or window.limit <= 0:
            return 0.0
        left = window.left - under_way
        return window.ends_s if left <= 0 else window.ends_s - (left - 0.5) * window.lasts_s / window.limit
