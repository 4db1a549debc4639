"""What Discord offers of the chain while somebody types: underlyings, expiries, strikes near the money."""

from bisect import bisect_left
from datetime import date
from decimal import Decimal

from bot.card_text import price_text
from bot.discord.commands.completions import CHOICES_MAX, Choices, choices
from bot.discord.commands.looking import asked
from bot.discord.commands.room import Room
from bot.door.day_desk import SteeredDay
from options.chain import Chain
from options.contract import OptionContract, Right
from options.quote import Quote
from options.underlying import share_symbol


async def symbols(room: Room, typed: str) -> Choices:
    """The underlyings that are listed."""
    wanted = typed.strip().upper()

    def look(day: SteeredDay) -> list[str]:
        return [symbol for symbol in day.view().chain.symbols if symbol.startswith(wanted)][:CHOICES_MAX]

    return choices((symbol, symbol) for symbol in await asked(room, look) or [])


async def expiries(room: Room, symbol: str, typed: str) -> Choices:
    """The expiries of an underlying that have not passed, nearest first, with how far each is."""
    today = room.cards.book.day.day

    def look(day: SteeredDay) -> list[date]:
        found = day.view().chain.expiries(share_symbol(symbol.strip().upper()))
        fitting = (one for one in found if one.isoformat() >= today and typed.strip() in one.isoformat())
        return list(fitting)[:CHOICES_MAX]

    return choices((_expiry_label(one, today), one.isoformat()) for one in await asked(room, look) or [])


def _expiry_label(expiry: date, today: str) -> str:
    away = (expiry - date.fromisoformat(today)).days if today else None
    words = {None: "", 0: ", today", 1: ", tomorrow"}.get(away, f", {away} days")
    return f"{expiry.isoformat()} · {expiry:%a}{words}"


async def strikes(room: Room, symbol: str, expiry: str, right: str, typed: str) -> Choices:
    """The strikes of an expiry, with their quotes: those that begin with what was typed, or those near the money."""
    root, side = share_symbol(symbol.strip().upper()), Right(right) if right in {"C", "P"} else Right.CALL

    def look(day: SteeredDay) -> list[tuple[str, str]]:
        quotes = day.manager.quotes
        listed = _listed(day.view().chain, root, expiry, side)
        if typed.strip():
            near = [one for one in listed if _text(one.strike).startswith(typed.strip())][:CHOICES_MAX]
        else:
            stock = quotes.get(root)
            money = None if stock is None else stock.mark
            middle = len(listed) // 2
            at = middle if money is None else bisect_left(listed, money, key=lambda one: float(one.strike))
            first = max(0, min(at - CHOICES_MAX // 2, len(listed) - CHOICES_MAX))
            near = list(listed[first : first + CHOICES_MAX])
        return [(_strike_label(one, quotes.get(one.key)), _text(one.strike)) for one in near]

    return choices(await asked(room, look) or [])


def _strike_label(contract: OptionContract, quote: Quote | None) -> str:
    if quote is None or not (quote.bid or quote.ask):
        return _text(contract.strike)
    return f"{_text(contract.strike)} · {price_text(quote.bid)} / {price_text(quote.ask)}"


def _listed(chain: Chain, symbol: str, expiry: str, right: Right) -> tuple[OptionContract, ...]:
    try:
        day = date.fromisoformat(expiry.strip())
    except ValueError:
        return ()
    return chain.contracts(symbol, day, right)


def _text(strike: Decimal) -> str:
    """A strike in dollars as it is typed: ``750``, ``752.5``."""
    return f"{strike.normalize():f}"
