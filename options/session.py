"""A trading session: when the market of one day opens and closes."""

from datetime import date

import msgspec

from options.values import Micros


class Session(msgspec.Struct, frozen=True, gc=False):
    """One regular session of the exchange.

    ``day`` is the date in New York; ``open`` and ``close`` are microseconds UTC; ``half_day`` says that the close
    is earlier than usual.
    """

    day: date
    open: Micros
    close: Micros
    half_day: bool = False

    def is_open(self, at: Micros) -> bool:
        """True from the open up to, but not at, the close: nobody can trade at the closing bell itself."""
        return self.open <= at < self.close
