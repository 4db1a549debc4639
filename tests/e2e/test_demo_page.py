"""The demo as a person meets it: the real command, the address that it prints, a real browser at that address."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tests.chromium import CHROMIUM, FLAGS, NONE_FOUND
from tests.e2e.day_runs import command

# Notes every state that each position's card shows, as a person who watches the channel sees them one after the other.
WATCH = """
window.seen = {};
setInterval(() => {
  for (const card of document.querySelectorAll(".embed")) {
    const id = card.querySelector(".embed-footer")?.textContent.split(" · ")[0];
    const left = /(\\d+) of (\\d+)/.exec(card.textContent);
    const closed = card.querySelector(".embed-title")?.textContent.includes("Closed");
    const state = closed ? "closed" : !left ? "waiting" : left[1] === left[2] ? "open" : "trimmed";
    const states = (window.seen[id] ??= []);
    if (states[states.length - 1] !== state) states.push(state);
  }
}, 50);
"""
WHOLE_LIFE = """
() => Object.values(window.seen).some((states) => {
  const [open, trimmed, closed] = ["open", "trimmed", "closed"].map((state) => states.indexOf(state));
  return open >= 0 && trimmed > open && closed > trimmed;
})
"""


async def test_a_person_watches_a_position_open_trim_and_close(tmp_path: Path) -> None:
    """The printed page shows a position's one card go from open over trimmed to closed while the day plays."""
    if CHROMIUM is None:
        pytest.skip(NONE_FOUND)
    words = command("demo", "--data", tmp_path / "demo")
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    complaints: list[str] = []
    try:
        address = re.search(rb"http://127\.0\.0\.1:\d+/", await process.stdout.readline())
        assert address is not None, "the demo prints the address of its page first"
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = await browser.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await page.add_init_script(WATCH)
            await page.goto(address[0].decode())
            await page.wait_for_function(WHOLE_LIFE, timeout=90_000)
            ids = await page.locator(".embed-footer").all_inner_texts()
            await browser.close()
        assert len(ids) == len({text.split(" · ")[0] for text in ids}), "a position has one message"
        rest = await process.stdout.read()
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert b"The day ended." in rest
    assert complaints == []
