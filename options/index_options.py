"""Index options: they pay cash, and some classes settle at opening prices. An index itself is nothing to trade."""

from options.contract import OptionContract

# Cboe and Nasdaq: index options, which pay cash.
CASH_SYMBOLS = frozenset({"DJX", "MRUT", "NDX", "OEX", "RUT", "SPX", "VIX", "XEO", "XND", "XSP"})
# The classes of these that settle at opening prices; their weekly classes (SPXW, NDXP, RUTW) settle at the close.
OPENING_ROOTS = frozenset({"DJX", "NDX", "RUT", "SPX", "VIX", "VIXW"})


def pays_cash(contract: OptionContract) -> bool:
    """True where exercise pays a difference instead of delivering shares."""
    return contract.symbol in CASH_SYMBOLS


def settles_at_open(contract: OptionContract) -> bool:
    """True for a class that settles at opening prices."""
    return contract.root in OPENING_ROOTS
