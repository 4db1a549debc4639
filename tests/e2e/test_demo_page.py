"""The demo as a person meets it: the real command, the address that it prints, a real browser at that address."""

import asyncio
import json
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from bot.discord.loopback.cast import ADMIN_ID, DESK_CHANNEL_ID
from bot.discord.loopback.journal import Exchange
from tests.bot.discord.openapi_check import OpenApiCheck, document_here
from tests.chromium import CHROMIUM, FLAGS, NONE_FOUND
from tests.e2e.day_runs import command, facts, of_type

# The real command, whose own Discord writes every exchange of its journal down.
WITH_JOURNAL = """
import json, sys
from dataclasses import asdict
from bot.discord.loopback.server import LoopbackDiscord
journal = open(sys.argv.pop(1), "w", encoding="utf-8")
start = LoopbackDiscord.start
async def written_down(server):
    server.journal.listen(lambda exchange: print(json.dumps(asdict(exchange)), file=journal, flush=True))
    await start(server)
LoopbackDiscord.start = written_down
from bot.cli import main
main()
"""

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


@dataclass
class Demo:
    """The demo that runs: its page in a browser, and what it says after its day."""

    process: asyncio.subprocess.Process
    page: Page

    async def rest(self) -> bytes:
        """Wait for the day's end; what was said until then."""
        assert self.process.stdout is not None
        told = await self.process.stdout.read()
        assert await self.process.wait() == 0
        return told


@asynccontextmanager
async def demo(data: Path) -> AsyncIterator[Demo]:
    """The real command and a browser at the address it prints; anything the browser complains of fails the test."""
    if CHROMIUM is None:
        pytest.skip(NONE_FOUND)
    journal = data.parent / "journal.jsonl"
    words = [sys.executable, "-c", WITH_JOURNAL, str(journal), *command("demo", "--data", data)[3:]]
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
            yield Demo(process, page)
            await browser.close()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert complaints == []
    hold_to_document(journal)


def hold_to_document(journal: Path) -> None:
    """What went between the demo and its own Discord is as Discord's document says, where that is at hand."""
    exchanges = [Exchange(**json.loads(line)) for line in journal.read_text(encoding="utf-8").splitlines()]
    assert exchanges
    assert sorted(one.number for one in exchanges) == list(range(1, len(exchanges) + 1))
    document = document_here()
    if document is None:
        return
    check = OpenApiCheck(document)
    for exchange in exchanges:
        check.listen(exchange)
    assert not check.faults, "\n".join(["", *check.faults[:20]])


async def test_a_person_watches_a_position_open_trim_and_close(tmp_path: Path) -> None:
    """The printed page shows a position's one card go from open over trimmed to closed, and its thread call a role."""
    async with demo(tmp_path / "demo") as shown:
        await shown.page.wait_for_function(WHOLE_LIFE, timeout=90_000)
        ids = await shown.page.locator(".embed-footer").all_inner_texts()
        assert len(ids) == len({text.split(" · ")[0] for text in ids}), "a position has one message"
        await shown.page.locator(".thread-card").first.click()
        news = shown.page.locator(".message").first
        await expect(news).to_contain_text(re.compile(r"@Followers (Added|Trimmed|Closed) \d+"))
        await expect(news).to_contain_text(re.compile(r"\d\d:\d\d:\d\d ET · T\d+-1 · 1 · "))
        assert b"The day ended." in await shown.rest()


async def test_an_admin_presses_a_button_and_the_trade_follows(tmp_path: Path) -> None:
    """Ada halves a position by its card: the preview, her yes, the card and the ledger all tell of the one trim."""
    async with demo(tmp_path / "demo") as shown:
        page = shown.page
        await page.get_by_label("Act as Ada").click()
        await page.locator(f'[data-channel-id="{DESK_CHANNEL_ID}"]').click()
        async with asyncio.timeout(60):
            while (trimmed := await halved(page)) is None:
                continue
        position_id, card, question = trimmed
        await expect(card).to_contain_text(re.compile(r"trim\s*−\d"), timeout=30_000)
        assert "by Ada" in await question.inner_text()
        shown.process.send_signal(signal.SIGINT)
        assert b"Stopped on request." in await shown.rest()
    told = facts(tmp_path / "demo")
    (taken,) = [one for one in of_type(told, "CommandTaken") if one["verb"] == "trim"]
    assert taken["who"] == f"Ada ({ADMIN_ID})"
    assert taken["trade_id"] == position_id.split("-")[0]
    caused = [one for one in told if one.get("cause") == taken["cause"]]
    (parent,) = of_type(caused, "ParentOrderOpened")
    fills = [one for one in of_type(told, "OrderFilled") if one["parent_id"] == parent["parent_id"]]
    assert 0 < sum(one["qty"] for one in fills) <= parent["qty"]
    assert {one["position_id"] for one in fills} == {position_id}


async def halved(page: Page) -> tuple[str, Locator, Locator] | None:
    """Press Trim ½ under an open card and confirm; ``None`` if the market was quicker than the yes."""
    await page.locator(".message:not(.ephemeral)", has_text="Trim ½").last.wait_for()
    card = page.locator(".message:not(.ephemeral)", has_text="Trim ½").last
    footer = await card.locator(".embed-footer").inner_text()
    position_id = footer.split(" · ")[0]
    card = page.locator(".message:not(.ephemeral)", has_text=f"{position_id} · ")
    asked = await page.locator(".message.ephemeral").count()
    try:
        await card.get_by_role("button", name="Trim ½").click(timeout=2_000)
    except PlaywrightTimeout:  # the position closed, and its buttons went
        return None
    question = page.locator(".message.ephemeral").nth(asked)
    await expect(question).to_contain_text("trim", timeout=10_000)
    confirm = question.get_by_role("button", name="Confirm trim")
    if not await confirm.count():
        return None
    preview = await question.inner_text()
    assert "nothing has been done" in preview
    assert re.search(r"sell \d+ \w+ .* at the market", preview)
    assert re.search(r"\+\d+ held, \+\d+ left", preview)
    await confirm.click()
    await expect(question.get_by_role("button", name="Confirm trim")).to_have_count(0)
    return (position_id, card, question) if "taken" in await question.inner_text() else None
