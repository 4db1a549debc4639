"""Charts made into pictures beside everything else: a process draws them, and whoever asked is told when one is ready.

Nothing waits for it. Of what waits to be drawn the newest of each name counts, and of too much the oldest is dropped.
A process that hangs or dies is ended and begun anew; if that keeps happening there are no pictures, which is said once.
"""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import orjson

from bot.chart import Figure

WAITING_MAX = 32
PICTURE_BYTES_MAX = 4_000_000
_LENGTH_BYTES = 4
_LIMIT_S = 20.0
"""For one picture, and with the browser's start."""
_GOODBYE_S = 2.0
_FAILURES_MAX = 3
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_BUNDLES = (Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),)

Done = Callable[[bytes | None], None]
"""Is given the PNG; ``None`` if there is none."""


class PictureFailed(Exception):
    """The process did not give a picture."""


def find_browser(path: str | None = None) -> str | None:
    """Where Chromium or Chrome is on this machine; ``path`` stands for the environment's ``PATH``."""
    found = (shutil.which(name, path=path) for name in _BROWSERS)
    bundles = (str(bundle) for bundle in _BUNDLES if path is None and bundle.exists())
    return next((one for one in found if one), None) or next(bundles, None)


def drawing_command(browser: str | None) -> tuple[str, ...]:
    """How the process that draws is started; empty without a browser."""
    return (sys.executable, "-m", "bot.chart_process", browser) if browser else ()


class ChartRenderer:
    """Draws one figure after the other while :meth:`run` runs, on that loop.

    :param command: starts the process that draws; empty: there is no browser, and so no picture.
    :param say: is told, once, why there are no pictures.
    """

    def __init__(
        self, command: Sequence[str], say: Callable[[str], None], *, limit_s: float = _LIMIT_S
    ) -> None:
        self.off = False
        """True once there will be no more pictures."""
        self._command = tuple(command)
        self._say = say
        self._limit_s = limit_s
        self._waiting: dict[str, tuple[Figure, Done]] = {}
        self._drawing: Done | None = None
        self._wake = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._failures = 0
        if not command:
            self._end(
                "no Chromium was found on this machine, so cards come without charts: install it (on Debian and "
                "Ubuntu: apt-get install chromium), or set discord.charts = false"
            )

    def ask(self, name: str, figure: Figure, done: Done) -> None:
        """Have a figure drawn in place of any of this name that still waits. ``done`` is called from the loop."""
        if self.off:
            done(None)
            return
        dropped = [self._waiting.pop(name, None)]
        self._waiting[name] = figure, done
        if len(self._waiting) > WAITING_MAX:
            dropped.append(self._waiting.pop(next(iter(self._waiting))))
        for one in dropped:
            if one is not None:
                one[1](None)
        self._wake.set()

    async def run(self) -> None:
        """Draw until cancelled, or until there are no pictures to be had."""
        try:
            while not self.off:
                if not self._waiting:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                name = next(iter(self._waiting))
                figure, self._drawing = self._waiting.pop(name)
                picture = await self._tried(figure)
                done, self._drawing = self._drawing, None
                if done is not None:  # else it was told that there are no pictures any more
                    done(picture)
        finally:
            self.off = True
            self._tell_waiting()
            await self._stop_process()

    async def _tried(self, figure: Figure) -> bytes | None:
        try:
            async with asyncio.timeout(self._limit_s):
                picture = await self._drawn(figure)
        except (PictureFailed, TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            await self._stop_process()
            self._failures += 1
            if self._failures >= _FAILURES_MAX:
                self._end(f"charts cannot be drawn ({_cause(error)}), so cards come without them from now on")
            return None
        self._failures = 0
        return picture

    async def _drawn(self, figure: Figure) -> bytes:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=plain_environment(),
                start_new_session=True,
            )
        into, out = self._process.stdin, self._process.stdout
        assert into is not None
        assert out is not None
        into.write(orjson.dumps(figure) + b"\n")
        await into.drain()
        size = int.from_bytes(await out.readexactly(_LENGTH_BYTES))
        if size > PICTURE_BYTES_MAX:
            raise PictureFailed(f"the process says that a picture has {size} bytes")
        return await out.readexactly(size)

    async def _stop_process(self) -> None:
        """End the process and the browser that it began: both are of a session of their own."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        # Unread, a part of a picture would keep the pipe open, and asyncio waits for its end as for the process's.
        rest = asyncio.create_task(_read_away(process.stdout))
        try:
            with suppress(TimeoutError):  # left alone it tidies up after the browser
                await asyncio.wait_for(process.wait(), _GOODBYE_S)
        finally:  # also where who stops us has no patience for that: nothing of it may outlive us
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            try:
                with suppress(TimeoutError):  # what left the session may hold the pipe: nobody waits for that
                    await asyncio.wait_for(process.wait(), _GOODBYE_S)
            finally:
                rest.cancel()
                await asyncio.gather(rest, return_exceptions=True)

    def _end(self, sentence: str) -> None:
        self.off = True
        self._say(sentence[0].upper() + sentence[1:] + ".")
        self._tell_waiting()

    def _tell_waiting(self) -> None:
        left = [done for _, done in self._waiting.values()]
        if self._drawing is not None:
            left.append(self._drawing)
        self._waiting, self._drawing = {}, None
        for done in left:
            done(None)


async def _read_away(out: asyncio.StreamReader) -> None:
    while await out.read(PICTURE_BYTES_MAX):
        pass


def _cause(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the process that draws does not answer"
    if isinstance(error, asyncio.IncompleteReadError | ConnectionError):
        return "the process that draws ends: see that Chromium starts on this machine"
    return str(error)


def plain_environment() -> dict[str, str]:
    """Our environment without our settings: what draws pictures knows no token."""
    return {name: value for name, value in os.environ.items() if not name.upper().startswith("CALLBOARD_")}
