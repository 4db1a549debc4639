"""The parts of a trade's plans as options of a command: what each is, and what was typed, as plans."""

from collections.abc import Sequence

from bot.discord.commands.looking import asked
from bot.discord.commands.room import Room
from bot.door.day_desk import SteeredDay, guarded_for
from bot.every_fault import Readings, refused_in_both
from bot.moment_words import in_new_york
from bot.trade_words import PlanReader
from bot.typed_moment import typing_day
from options.preview import preview

PLAN_OPTIONS = {
    "limit": "Pay or take no worse than this price.",
    "algo": "How to enter.",
    "every": "Seconds between two steps.",
    "steps": "How many steps, or parts.",
    "bound": "The price where a walk ends.",
    "give_up": "Seconds that the entry may take.",
    "then": "What becomes of an entry that was given up.",
    "tif": "How long it is good.",
    "when_option": "Enter once the option is there: above:1.25 or below:1.25.",
    "when_underlying": "Enter once the stock is there: above:750 or below:740.",
    "when_spread": "Enter at a spread of at most this part of the mid: 5%.",
    "at": "Enter at this time in New York: 15:50, tomorrow 10:00, or with a date.",
    "stop": "The loss that is taken, 30% or 0.3, or its price, @8.50; 30%:broker rests at the broker.",
    "targets": "Gains (or prices) and shares: 30%:0.5 60%:0.5, or @12; 30%:0.5:broker rests at the broker.",
    "trail": "Distance from the best mark: 25% or $1.50; 25%:broker rests at the broker.",
    "trail_after": "Gain that starts the trailing stop: 20%.",
    "break_even_after": "The target after which the stop moves to the entry: 1.",
    "hold_max": "Minutes to hold.",
    "flat_at": "Out by this time in New York, 15:50; never: not even before it expires.",
    "scale_in": "Gains and contracts to add: 20%:2.",
    "average_down": "Whether to scale in at a loss too.",
    "basis": "What exits are judged by.",
}
"""The options' names and descriptions, as Discord shows them."""


def split_words(text: str | None) -> tuple[str, ...]:
    """Several words of one option."""
    return tuple((text or "").replace(",", " ").split())


def plan_reader(room: Room) -> PlanReader:
    """Who reads plans that are typed now."""
    return PlanReader(typing_day(room.cards.book.day, room.clock.now()))


async def every_fault(room: Room, faults: Sequence[str], readings: Readings) -> list[str]:
    """The words that cannot be read, and what the desk refuses whatever they mean, if somebody is there to be asked."""

    def refused(day: SteeredDay) -> list[str]:
        return refused_in_both(
            readings, lambda one: preview(day.manager, day.at, guarded_for(day, one)).reasons
        )

    more = await asked(room, refused) or []
    return [*(fault.removeprefix("--") for fault in faults), *map(in_new_york, more)]
