"""The parts of a trade's plans as options of a command: what each is, and what was typed, as plans."""

from bot.discord.commands.room import Room
from bot.trade_words import PlanReader, PlanWords, typing_day
from options.plan import EntryPlan, ExitPlan

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
    "when_spread": "Enter at a spread of at most this part of the mid, e.g. 0.05.",
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


class WordsAreWrong(Exception):
    """What was typed is no plan; ``faults`` are all the reasons."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def split_words(text: str | None) -> tuple[str, ...]:
    """Several words of one option."""
    return tuple((text or "").replace(",", " ").split())


def new_plans(room: Room, words: PlanWords) -> tuple[EntryPlan, ExitPlan]:
    """The plans of a new trade.

    :raises WordsAreWrong: something cannot be read.
    """
    reader = _reader(room)
    entry, exits = reader.entry(words, EntryPlan()), reader.exits(words, ExitPlan())
    _none_wrong(reader)
    return entry, exits


def changed_plans(room: Room, trade_id: str, words: PlanWords) -> tuple[EntryPlan | None, ExitPlan | None]:
    """The plans that a modification changes, each whole.

    :raises WordsAreWrong: something cannot be read.
    """
    reader = _reader(room)
    entry, exits = reader.changed(words, room.cards.book.trade(trade_id))
    _none_wrong(reader)
    return entry, exits


def _reader(room: Room) -> PlanReader:
    return PlanReader(typing_day(room.cards.book.day, room.clock.now()))


def _none_wrong(reader: PlanReader) -> None:
    if reader.faults:
        raise WordsAreWrong([fault.removeprefix("--") for fault in reader.faults])
