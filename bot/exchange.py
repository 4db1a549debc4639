"""The calendar of the exchange as the core asks it: what lies outside of it is not known, and no error."""

from functools import lru_cache

from bot.sessions import SessionError, last_session, next_session, session_at
from options.calendar import Calendar
from options.contract import ContractError, OptionContract
from options.expiry import last_trading_day, options_in
from options.session import Session
from options.values import Micros


def last_close(key: str) -> Session | None:
    """The session after which an instrument, or the first of its legs, can be traded no more; ``None`` if it is none.

    Options on broad indices trade a quarter of an hour longer on other days; what expires closes with the shares.
    """
    try:
        legs: list[OptionContract] = list(options_in(key))
        days = [last_trading_day(leg, last_session) for leg in legs]
        return last_session(min(days)) if days else None
    except (ContractError, SessionError):
        return None


@lru_cache(maxsize=256)
def _open_at(at: Micros) -> Session | None:
    try:
        return session_at(at)
    except SessionError:
        return None


def _next_after(at: Micros) -> Session | None:
    try:
        return next_session(at)
    except SessionError:
        return None


EXCHANGE = Calendar(open_at=_open_at, next_after=_next_after, last_close=last_close)
