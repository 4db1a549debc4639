"""What Discord offers of the chain while somebody types: underlyings, expiries, strikes near the money."""

from bisect import bisect_left
from datetime import date

from bot.discord.commands.completions import CHOICES_MAX, Choices, choices
from bot.discord.commands.looking import asked
from bot.discord.commands.room import Room
from bot.door.day_desk import SteeredDay
from options.chain import Chain
from options.contract import Right


async def symbols(room: Room, typed: str) -> Choices:
    """The underlyings that are listed."""
    wanted = typed.strip().upper()

    def look(day: SteeredDay) -> list[str]:
        return [symbol for symbol in day.view().chain.symbols if symbol.startswith(wanted)][:CHOICES_MAX]

    return choices((symbol, symbol) for symbol in await asked(room, look) or [])


async def expiries(room: Room, symbol: str, typed: str) -> Choices:
    """The expiries of an underlying that have not passed, nearest first."""
    today = room.cards.book.day.day

    def look(day: SteeredDay) -> list[str]:
        found = (expiry.isoformat() for expiry in day.view().chain.expiries(symbol.strip().upper()))
        return [one for one in found if one >= today and typed.strip() in one][:CHOICES_MAX]

    return choices((one, one) for one in await asked(room, look) or [])


async def strikes(room: Room, symbol: str, expiry: str, right: str, typed: str) -> Choices:
    """The strikes of an expiry: those that begin with what was typed, or those nearest to the underlying's price."""
    root, side = symbol.strip().upper(), Right(right) if right in {"C", "P"} else Right.CALL

    def look(day: SteeredDay) -> list[str]:
        chain, quote = day.view().chain, day.manager.quotes.get(root)
        listed = _strikes(chain, root, expiry, side)
        if typed.strip():
            return [one for one in map(_text, listed) if one.startswith(typed.strip())][:CHOICES_MAX]
        money = None if quote is None else quote.mark
        at = len(listed) // 2 if money is None else bisect_left(listed, money)
        first = max(0, min(at - CHOICES_MAX // 2, len(listed) - CHOICES_MAX))
        return [_text(one) for one in listed[first : first + CHOICES_MAX]]

    return choices((one, one) for one in await asked(room, look) or [])


def _strikes(chain: Chain, symbol: str, expiry: str, right: Right) -> list[float]:
    try:
        day = date.fromisoformat(expiry)
    except ValueError:
        return []
    return [float(contract.strike) for contract in chain.contracts(symbol, day, right)]


def _text(strike: float) -> str:
    return f"{strike:g}"
