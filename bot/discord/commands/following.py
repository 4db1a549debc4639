"""``/follow`` and ``/unfollow``, the Follow button under a card, and the Stop buttons: everybody for themselves.

Who may look may follow. Stopping takes no tier, and works from a direct message too.
"""

import asyncio
from dataclasses import dataclass

import discord
from discord import app_commands

from bot.card_text import contract_words, safe_text
from bot.discord.commands.buttons import custom_id
from bot.discord.commands.completions import Choices, choices, trade_label
from bot.discord.commands.replies import Said, text_said
from bot.discord.commands.room import Room
from bot.discord.commands.steering import acknowledged
from bot.discord.commands.tiers import Tier
from bot.discord.commands.tree import CommandTree
from bot.discord.following.direct_text import STOP_KIND, follow_words, stop_view
from bot.discord.following.directs import CLOSED_CODES, FAILURES
from bot.discord.following.followers import Followers
from storage.follows import Follow, FollowKind

FOLLOW_KIND = "follow"
EVERYTHING = "everything"
GREETING_S = 10.0
"""How long an answer waits for the first direct message; what is slower comes when it comes."""
_SEPARATOR = "/"
_NAME_MAX = 40
_BUTTONS_MAX = 5
_OPEN_THEM = (
    "Let members of this server write to you (the server's name → Privacy Settings → Direct Messages), "
    "then follow again"
)
Text = app_commands.Range[str, 1, 80]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to follow."""

    kind: FollowKind
    name: str

    @property
    def words(self) -> str:
        """What it is, in words."""
        return follow_words(self.kind, self.name)


def follow_button(position_id: str, ledger: str) -> discord.ui.Button[discord.ui.View]:
    """The button under a position's card; ``ledger`` is the ledger's mark."""
    return discord.ui.Button(
        label="Follow",
        emoji="🔔",
        style=discord.ButtonStyle.secondary,
        custom_id=custom_id(FOLLOW_KIND, _SEPARATOR.join((ledger, position_id))),
    )


class Following:
    """Takes what members ask for. ``ledger`` is the mark of the ledger that is traded on."""

    def __init__(self, tree: CommandTree, room: Room, followers: Followers, ledger: str) -> None:
        self._room = room
        self._followers = followers
        self._ledger = ledger
        room.buttons.add(FOLLOW_KIND, self._pressed_follow)
        room.buttons.add(STOP_KIND, self._pressed_stop)
        self._add_follow(tree)
        self._add_unfollow(tree)

    # --- commands -----------------------------------------------------------------------------------------------

    def _add_follow(self, tree: CommandTree) -> None:
        @tree.command(
            name="follow",
            description="Get a direct message when a trade opens, adds, trims, closes or moves its stop.",
            guild=tree.guild,
        )
        @app_commands.describe(what="A trade, or a strategy; without it: what you follow.")
        async def follow(interaction: discord.Interaction, what: Text | None = None) -> None:
            if what is None:
                await self._room.reply(interaction).say(self._list(interaction.user.id))
                return
            wish = self._wish(what)
            if wish is None:
                said = f"❌ **follow**: {safe_text(what, _NAME_MAX)} is neither a trade that is on nor a strategy."
                await self._room.reply(interaction).say(text_said(said))
                return
            await self._follow(interaction, wish)

        @follow.autocomplete("what")
        async def offered(interaction: discord.Interaction, typed: str) -> Choices:
            return self._offered(interaction.user.id, typed)

    def _add_unfollow(self, tree: CommandTree) -> None:
        @tree.command(
            name="unfollow", description="Get no more direct messages about something.", guild=tree.guild
        )
        @app_commands.describe(what="What you follow; or everything.")
        async def unfollow(interaction: discord.Interaction, what: Text) -> None:
            user_id, wanted = interaction.user.id, what.strip().casefold()
            if wanted == EVERYTHING:
                had = self._followers.unfollow_all(user_id)
                words = ", ".join(follow_words(one.kind, one.name) for one in had) or "nothing"
                await self._room.reply(interaction).say(text_said(f"🔕 You followed {words}; now nothing."))
                return
            names = {
                name.casefold(): one
                for one in self._followers.follows_of(user_id)
                for name in (one.name, follow_words(one.kind, one.name))
            }
            found = names.get(wanted)
            if found is None:
                said = text_said(f"❌ **unfollow**: you do not follow {safe_text(what, _NAME_MAX)}.")
                await self._room.reply(interaction).say(said)
                return
            await self._stop(interaction, Wish(found.kind, found.name))

        @unfollow.autocomplete("what")
        async def followed(interaction: discord.Interaction, typed: str) -> Choices:
            follows = self._followers.follows_of(interaction.user.id)
            offered = [(self._label(one), one.name) for one in follows]
            if len(follows) > 1:
                offered.append(("Everything", EVERYTHING))
            return choices(one for one in offered if typed.strip().casefold() in one[0].casefold())

    # --- buttons ------------------------------------------------------------------------------------------------

    async def _pressed_follow(self, interaction: discord.Interaction, what: str) -> None:
        room = self._room
        if not room.is_new(interaction.id):
            return
        ledger, _, position_id = what.partition(_SEPARATOR)
        why_not = ""
        if room.tier_of(interaction) < Tier.VIEWER:
            why_not = f"You may not do this: it takes the tier {Tier.VIEWER.word}."
        elif ledger != self._ledger:
            why_not = "This card is of another ledger: nothing can be done with it."
        elif not self._is_on(position_id):
            why_not = (
                f"The position {safe_text(position_id, _NAME_MAX)} is over: there is no more news of it."
            )
        if why_not:
            await room.reply(interaction).say(text_said(f"⛔ {why_not}"))
            return
        await self._follow(interaction, Wish(FollowKind.POSITION, position_id))

    async def _pressed_stop(self, interaction: discord.Interaction, what: str) -> None:
        if not self._room.is_new(interaction.id):
            return
        kind, _, name = what.partition(_SEPARATOR)
        if kind in set(FollowKind):
            await self._stop(interaction, Wish(FollowKind(kind), name))

    # --- what is done -------------------------------------------------------------------------------------------

    async def _follow(self, interaction: discord.Interaction, wish: Wish) -> None:
        room, user_id = self._room, interaction.user.id
        reply = room.reply(interaction)
        if await acknowledged(reply) is not None:
            return  # who asked sees in Discord that it failed, and nothing was done
        await self._followers.ready()
        before = ""
        if self._followers.directs.refused(user_id):
            ended = ", ".join(
                follow_words(one.kind, one.name) for one in self._followers.unfollow_all(user_id)
            )
            before = f" Your direct messages were closed before, so what you followed has ended: {ended}."
        had = self._followers.follows_of(user_id)
        if any((one.kind, one.name) == (wish.kind, wish.name) for one in had):
            await reply.say(self._said(f"You follow **{wish.words}** already.", wish))
            return
        trouble = "" if had else await self._greet(interaction, wish)
        if trouble == _OPEN_THEM:
            await reply.say(text_said(f"⛔ Your direct messages are closed to the bot.{before} {trouble}."))
            return
        self._followers.follow(user_id, wish.kind, wish.name)
        told = (
            "opens, adds, trims, closes or moves a stop"
            if wish.kind is FollowKind.STRATEGY
            else "is added to, trimmed or closed, and when its stop moves"
        )
        text = f"🔔 You follow **{wish.words}**: a direct message comes when it {told}.{trouble}{before}"
        await reply.say(self._said(text, wish))

    async def _greet(self, interaction: discord.Interaction, wish: Wish) -> str:
        """Write to a member who follows their first thing; what is to be said of how that went."""
        text = f"🔔 You follow **{wish.words}**{self._about(wish)}. Its news comes here."
        greeting = self._followers.directs.greet(
            interaction.user.id, text, stop_view([self._as_follow(wish)]), f"g{interaction.id}"
        )
        try:
            await asyncio.wait_for(greeting, GREETING_S)
        except FAILURES as error:
            if isinstance(error, discord.HTTPException) and error.code in CLOSED_CODES:
                return _OPEN_THEM
            return " Discord does not let the bot write to you at the moment: the news comes when it does."
        except TimeoutError:
            return " Discord is slow at the moment: the news may be late."
        return ""

    async def _stop(self, interaction: discord.Interaction, wish: Wish) -> None:
        gone = self._followers.unfollow(interaction.user.id, wish.kind, wish.name)
        did = f"🔕 You follow **{wish.words}** no more." if gone else f"You do not follow **{wish.words}**."
        await self._room.reply(interaction).say(text_said(did))

    # --- words --------------------------------------------------------------------------------------------------

    def _list(self, user_id: int) -> Said:
        follows = self._followers.follows_of(user_id)
        if not follows:
            return text_said(
                "You follow nothing yet: press **Follow** under a card, or name a trade or a strategy behind `/follow`."
            )
        lines = [f"– {self._label(one)}" for one in follows]
        buttons = stop_view(follows[:_BUTTONS_MAX])
        return Said((text_said("🔔 You follow:", *lines).pages[0],), view=buttons)

    def _said(self, text: str, wish: Wish) -> Said:
        """An answer with a button to stop."""
        return Said((text,), view=stop_view([self._as_follow(wish)]))

    def _label(self, follow: Follow) -> str:
        words = follow_words(follow.kind, follow.name)
        return f"{words}{self._about(Wish(follow.kind, follow.name))}"

    def _about(self, wish: Wish) -> str:
        """The contract of a trade that is followed."""
        trade = self._room.cards.book.trade(wish.name.rpartition("-")[0])
        if wish.kind is FollowKind.STRATEGY or trade is None:
            return ""
        return f" · {contract_words(trade.instrument)}"

    @staticmethod
    def _as_follow(wish: Wish) -> Follow:
        return Follow(0, wish.kind, wish.name, 0)

    def _is_on(self, position_id: str) -> bool:
        cards = self._room.cards
        return position_id in cards.position_ids() and not cards.is_closed(position_id)

    def _wish(self, what: str) -> Wish | None:
        """What was typed: a trade that is on by its id, or a strategy by its name."""
        wanted = what.strip().casefold()
        for trade in self._room.cards.book.open_trades():
            position_id = trade.position.position_id
            if wanted in {trade.trade_id.casefold(), position_id.casefold()} and self._is_on(position_id):
                return Wish(FollowKind.POSITION, position_id)
        for strategy in self._strategies():
            if wanted in {strategy.casefold(), follow_words(FollowKind.STRATEGY, strategy).casefold()}:
                return Wish(FollowKind.STRATEGY, strategy)
        return None

    def _strategies(self) -> list[str]:
        """The strategies that run, and those that have traded."""
        traded = (trade.strategy for trade in self._room.cards.book.trades.values())
        return list(dict.fromkeys((*self._room.strategies, *traded)))

    def _offered(self, user_id: int, typed: str) -> Choices:
        """What can be followed and is not yet."""
        have = {(one.kind, one.name) for one in self._followers.follows_of(user_id)}
        found = [
            (f"All of {name}", name) for name in self._strategies() if (FollowKind.STRATEGY, name) not in have
        ]
        found += [
            (trade_label(trade), trade.trade_id)
            for trade in reversed(self._room.cards.book.open_trades())
            if (FollowKind.POSITION, trade.position.position_id) not in have
        ]
        words = typed.casefold().split()
        return choices(one for one in found if all(word in one[0].casefold() for word in words))


class ClosedNotice:
    """Tells members whose direct messages were found closed that they follow nothing any more; see :class:`Reply`."""

    def __init__(self, followers: Followers) -> None:
        self._followers = followers

    def text(self, user_id: int) -> str:
        """What a member is to be told beside an answer; empty for nothing."""
        if not self._followers.directs.refused(user_id):
            return ""
        had = ", ".join(follow_words(one.kind, one.name) for one in self._followers.follows_of(user_id))
        return (
            "🔕 Your direct messages are closed to the bot, so the news of what you follow could not be told to you, "
            f"and you follow nothing any more{f' (it was {had})' if had else ''}. {_OPEN_THEM}."
        )

    def told(self, user_id: int) -> None:
        """The member has been told."""
        self._followers.unfollow_all(user_id)
