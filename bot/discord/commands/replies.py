"""How a deed is answered: within three seconds or deferred, in pages, and in the channel once its token is over."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import aiohttp
import discord

from bot.card_text import clip, safe_text
from bot.discord.commands.persistence import told_at_last
from bot.discord.embed import NOBODY

PAGE_CHARACTERS = 1_900
PAGES_MAX = 5
QUICK_S = 1.2
"""What is not ready by then is deferred: Discord waits three seconds, and some of them are on the way."""
_UNKNOWN_INTERACTION = 10062
_ACKNOWLEDGED = 40060
_UNKNOWN_WEBHOOK = 10015
_INVALID_TOKEN = 50027
_NAME_MAX = 32


class TooLate(Exception):
    """Discord does not take an answer to this deed any more; the person was told that it failed."""


class AnsweredElsewhere(Exception):
    """The deed came twice, and the other one is answered."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer. ``private`` is not repeated in the channel when it comes too late to be shown to the person alone.

    ``instead`` is what the channel is told then in its place: a question without its buttons cannot be answered.
    """

    pages: tuple[str, ...]
    embed: discord.Embed | None = None
    view: discord.ui.View | None = None
    private: bool = False
    ephemeral: bool = True
    instead: str = ""


class Notice(Protocol):
    """What a member is to be told beside their next answer."""

    def text(self, user_id: int) -> str:
        """What; empty for nothing."""

    def told(self, user_id: int) -> None:
        """The member has been told."""


@dataclass(slots=True)
class Reply:
    """The answer to one deed."""

    interaction: discord.Interaction
    say_trouble: Callable[[str], None]
    notice: Notice | None = None

    @property
    def begun(self) -> bool:
        """Whether Discord was told anything yet."""
        return self.interaction.response.is_done()

    async def acknowledge(self, *, ephemeral: bool = True) -> None:
        """Tell Discord that an answer will come; the person sees that it is worked on. Doing it twice is allowed.

        :raises TooLate: the three seconds are over. :raises AnsweredElsewhere: it was acknowledged before.
        :raises discord.HTTPException, aiohttp.ClientError, OSError: Discord could not be told.
        """
        if self.begun:
            return
        try:
            await self.interaction.response.defer(ephemeral=ephemeral, thinking=True)
        except discord.HTTPException as error:
            raise _meaning(error) from None

    async def acknowledge_press(self) -> None:
        """Tell Discord that a button's message will change; as :meth:`acknowledge`."""
        if self.begun:
            return
        try:
            await self.interaction.response.defer()
        except discord.HTTPException as error:
            raise _meaning(error) from None

    async def after(self, work: Awaitable[Said]) -> None:
        """Say what the work finds, at once if it is quick, else after a deferral."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task}, timeout=QUICK_S)
            if not task.done():
                await self.acknowledge()
            said = await task
        finally:
            task.cancel()
        await self.say(said)

    async def say(self, said: Said) -> None:
        """Say it: to the person, or in the channel where Discord does not take it for the person any more.

        What was acknowledged is said over an outage too.
        """
        try:
            if self.begun:
                await told_at_last(lambda: self._first(said))
            else:
                await self._first(said)
            for page in said.pages[1:]:
                await self.interaction.followup.send(
                    page, ephemeral=said.ephemeral, allowed_mentions=NOBODY, suppress_embeds=True
                )
        except discord.HTTPException as error:
            meant = _meaning(error)
            if not isinstance(meant, TooLate):
                raise
            await self.say_in_channel(said)
            return
        await self._give_notice()

    async def say_not_done(self, said: Said) -> None:
        """Say that nothing was done where Discord may have heard the acknowledgement, whose answer was lost."""
        try:
            await self.interaction.edit_original_response(
                content=said.pages[0], embed=None, view=None, allowed_mentions=NOBODY
            )
        except (discord.DiscordException, aiohttp.ClientError, OSError):
            return  # then Discord itself says that there was no answer

    async def change(self, said: Said) -> None:
        """Change the message whose button was pressed."""
        try:
            await told_at_last(
                lambda: self.interaction.edit_original_response(
                    content=said.pages[0], embed=said.embed, view=said.view, allowed_mentions=NOBODY
                )
            )
        except discord.HTTPException as error:
            if not isinstance(_meaning(error), TooLate):
                raise
            await self.say_in_channel(said)
            return
        await self._give_notice()

    async def _give_notice(self) -> None:
        """Tell who is answered what waits for them; what does not arrive waits on."""
        user_id = self.interaction.user.id
        text = "" if self.notice is None else self.notice.text(user_id)
        if self.notice is None or not text:
            return
        try:
            await self.interaction.followup.send(text, ephemeral=True, allowed_mentions=NOBODY)
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            return
        self.notice.told(user_id)

    async def say_in_channel(self, said: Said) -> None:
        """Say it where everybody sees it; of what is private only that it came too late."""
        who = safe_text(self.interaction.user.display_name, _NAME_MAX)
        text = said.instead or (said.pages[0] if said.pages else "")
        if said.private:
            text = "the answer came too late to be shown to you alone. Please ask again."
        channel = self.interaction.channel
        if not isinstance(channel, discord.abc.Messageable):
            self.say_trouble(f"an answer to {who} came too late, and there is no channel to say it in")
            return
        content, nonce = clip(f"{who}: {text}", PAGE_CHARACTERS), f"i{self.interaction.id}"
        try:
            # The nonce keeps an answer whose own answer was lost from standing there twice.
            await told_at_last(lambda: channel.send(content, nonce=nonce, allowed_mentions=NOBODY))
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            self.say_trouble(f"an answer to {who} could not be shown: {error}")

    async def _first(self, said: Said) -> None:
        text = said.pages[0] if said.pages else None
        view = said.view or discord.utils.MISSING
        embed = said.embed or discord.utils.MISSING
        if self.begun:
            await self.interaction.edit_original_response(
                content=text, embed=said.embed, view=said.view, allowed_mentions=NOBODY
            )
            return
        await self.interaction.response.send_message(
            text,
            embed=embed,
            view=view,
            ephemeral=said.ephemeral,
            allowed_mentions=NOBODY,
            suppress_embeds=said.embed is None,
        )


def _meaning(error: discord.HTTPException) -> Exception:
    """What a refusal says about the deed; the error itself if it says nothing."""
    if error.code in {_UNKNOWN_INTERACTION, _UNKNOWN_WEBHOOK, _INVALID_TOKEN}:
        return TooLate(str(error))
    if error.code == _ACKNOWLEDGED:
        return AnsweredElsewhere(str(error))
    return error


def text_said(*lines: str, private: bool = False, ephemeral: bool = True) -> Said:
    """Lines as an answer."""
    return Said(pages(lines), private=private, ephemeral=ephemeral)


def pages(lines: Iterable[str], *, drawn: bool = False) -> tuple[str, ...]:
    """Lines as messages that Discord takes; ``drawn`` keeps columns in place. What is too long ends with a note."""
    room = PAGE_CHARACTERS - (len("```\n\n```") if drawn else 0)
    made: list[list[str]] = [[]]
    used = 0
    for line in lines:
        shown = clip(line, room)
        length = len(shown.encode("utf-16-le")) // 2 + 1
        if used + length > room and made[-1]:
            made.append([])
            used = 0
        made[-1].append(shown)
        used += length
    if len(made) > PAGES_MAX:
        made = made[:PAGES_MAX]
        made[-1][-1] = "… and more: the command line shows it all"
    texts = ["\n".join(page) for page in made if page]
    return tuple(_drawn(text) if drawn else text for text in texts)


def _drawn(text: str) -> str:
    return f"```\n{text}\n```"


def no_more(buttons: Sequence[discord.ui.Button[discord.ui.View]]) -> discord.ui.View:
    """Buttons as a view that this process keeps nothing of: their ids say everything."""
    view = discord.ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    view.stop()
    return view
