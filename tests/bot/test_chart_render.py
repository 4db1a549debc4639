"""Charts become pictures in a process of its own; whatever happens to it, whoever asked is told and nothing waits."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from struct import unpack

import pytest

from bot.chart import HEIGHT_PX, WIDTH_PX, Figure, figure_of
from bot.chart_render import WAITING_MAX, ChartRenderer, drawing_command, find_browser, plain_environment
from tests.bot.test_chart import chart_of
from tests.bot.whole_trade import TradeScript, day_opened, whole
from tests.chromium import NONE_FOUND

ECHO = """
import sys
for line in sys.stdin.buffer:
    sys.stdout.buffer.write(len(line).to_bytes(4, "big") + line)
    sys.stdout.buffer.flush()
"""
"""A process that gives the figure itself for a picture."""


def python(script: str) -> tuple[str, ...]:
    """A process of our own."""
    return sys.executable, "-c", script


@contextmanager
def drawing(renderer: ChartRenderer) -> Iterator["asyncio.Task[None]"]:
    """The renderer at work."""
    task = asyncio.create_task(renderer.run())
    try:
        yield task
    finally:
        task.cancel()


def asked(renderer: ChartRenderer, name: str, figure: Figure) -> "asyncio.Future[bytes | None]":
    """Ask for a picture."""
    answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
    renderer.ask(name, figure, answer.set_result)
    return answer


async def ended(task: "asyncio.Task[None]") -> None:
    """Wait for the end of what was cancelled."""
    await asyncio.gather(task, return_exceptions=True)


async def test_a_real_picture() -> None:
    """The chart of a whole trade becomes a PNG of twice 800 by 400 pixels, drawn by the browser of this machine."""
    browser = find_browser()
    if browser is None:
        pytest.skip(NONE_FOUND)
    figure = figure_of(chart_of([*day_opened(), *whole(TradeScript())]))
    assert figure is not None
    said: list[str] = []
    renderer = ChartRenderer(drawing_command(browser), said.append, limit_s=240)
    with drawing(renderer) as task:
        picture = await asked(renderer, "T1-1", figure)
    await ended(task)
    assert said == []
    assert picture is not None
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert unpack(">II", picture[16:24]) == (2 * WIDTH_PX, 2 * HEIGHT_PX)
    assert len(picture) > 20_000, "there is something in it"


async def test_without_a_browser_one_sentence_and_no_picture() -> None:
    """Where no browser is found that is said once, and every request is answered at once with none."""
    said: list[str] = []
    renderer = ChartRenderer(drawing_command(find_browser("/nowhere")), said.append)
    answers = [asked(renderer, name, {}) for name in ("T1-1", "T2-1")]
    assert [answer.result() for answer in answers] == [None, None]
    assert renderer.off
    assert len(said) == 1
    assert "discord.charts" in said[0]
    await renderer.run()


async def test_of_one_name_the_newest_is_drawn() -> None:
    """What waits is replaced by what is newer; who asked before is told that there is none."""
    renderer = ChartRenderer(python(ECHO), lambda _: None)
    older, newer = asked(renderer, "T1-1", {"n": 1}), asked(renderer, "T1-1", {"n": 2})
    with drawing(renderer) as task:
        assert await newer == b'{"n":2}\n'
    assert older.result() is None
    await ended(task)


async def test_too_much_waiting_drops_the_oldest() -> None:
    """More names than the queue holds: the first to have waited gets no picture, the others do."""
    renderer = ChartRenderer(python(ECHO), lambda _: None)
    answers = [asked(renderer, f"T{n}", {"n": n}) for n in range(WAITING_MAX + 1)]
    with drawing(renderer) as task:
        pictures = await asyncio.gather(*answers)
    assert [number for number, picture in enumerate(pictures) if picture is None] == [0]
    await ended(task)


async def test_a_picture_that_comes_too_late_holds_nothing_up() -> None:
    """However much a process still writes when it is told to end, the renderer ends with it."""
    late = "import sys; [0 for _ in sys.stdin]; sys.stdout.buffer.write(bytes(3_000_000))"
    renderer = ChartRenderer(python(late), lambda _: None, limit_s=0.2)
    with drawing(renderer) as task:
        async with asyncio.timeout(60):
            assert await asked(renderer, "T1-1", {"n": 1}) is None
    await ended(task)


@pytest.mark.parametrize(
    ("script", "limit_s"),
    [("raise SystemExit(3)", 20.0), ("import sys; [0 for _ in sys.stdin]", 0.2), (ECHO[:15], 20.0)],
    ids=["dies", "hangs", "ends without a picture"],
)
async def test_a_process_that_fails_again_and_again_is_given_up(script: str, limit_s: float) -> None:
    """Each failure is answered with none; after the third that is said once and nothing more is started."""
    said: list[str] = []
    renderer = ChartRenderer(python(script), said.append, limit_s=limit_s)
    with drawing(renderer) as task:
        for _ in range(3):
            assert not renderer.off
            assert await asked(renderer, "T1-1", {}) is None
        await task
    assert renderer.off
    assert len(said) == 1
    assert asked(renderer, "T1-1", {}).result() is None


async def test_a_picture_after_a_failure_counts_anew() -> None:
    """A process that dies after each picture is begun anew each time and never given up."""
    said: list[str] = []
    once = ECHO.replace("flush()", "flush(); break")
    renderer = ChartRenderer(python(once), said.append)
    got: list[bool] = []
    with drawing(renderer) as task:
        while got.count(True) < 4:
            got.append(await asked(renderer, "T1-1", {"n": 1}) is not None)
    await ended(task)
    assert said == []


async def test_what_waits_at_the_end_is_answered() -> None:
    """When the renderer is stopped, nobody is left waiting."""
    renderer = ChartRenderer(python("import sys; [0 for _ in sys.stdin]"), lambda _: None)
    answers = [asked(renderer, name, {}) for name in ("T1-1", "T2-1")]
    with drawing(renderer) as task:
        await asyncio.sleep(0)
    await ended(task)
    assert [answer.result() for answer in answers] == [None, None]


async def test_a_process_ends_with_us_even_if_there_is_no_time_for_its_goodbye() -> None:
    """Cancelled again while it waits for what draws to end by itself, it is gone when the renderer is."""
    stays = """
import os, sys, time
for line in sys.stdin.buffer:
    said = b"%d" % os.getpid()
    sys.stdout.buffer.write(len(said).to_bytes(4, "big") + said)
    sys.stdout.buffer.flush()
time.sleep(600)
"""
    renderer = ChartRenderer(python(stays), print)
    with drawing(renderer) as task:
        said = await asked(renderer, "T1-1", {})
        assert said is not None
        task.cancel()
        await asyncio.sleep(0)
    await ended(task)
    with pytest.raises(ProcessLookupError):
        os.kill(int(said), 0)


def test_what_draws_knows_no_setting_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The token and every other setting in the environment stay here."""
    monkeypatch.setenv("CALLBOARD_DISCORD__TOKEN", "secret")
    monkeypatch.setenv("OF_THE_MACHINE", "1")
    environment = plain_environment()
    assert environment["OF_THE_MACHINE"] == "1"
    assert "secret" not in environment.values()
