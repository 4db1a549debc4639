"""Which underlying a root belongs to, and the one way in which its symbol is written.

Option symbols have no dot: the options on Berkshire's class B shares have the root ``BRKB``, the shares trade as
``BRK.B``, and some write ``BRK/B``. Positions, signals and quotes of one underlying meet under one symbol.
"""

WEEKLY_CLASSES = {
    "SPXW": "SPX",
    "NDXP": "NDX",
    "RUTW": "RUT",
    "VIXW": "VIX",
    "XEOW": "XEO",
    "DJXW": "DJX",
}
"""Weekly and PM-settled classes trade under a root of their own; quotes and signals speak of the underlying."""
_SHARE_CLASSES = {
    symbol.replace(".", ""): symbol
    for symbol in ("BF.B", "BRK.B", "HEI.A", "LEN.B", "LGF.A", "LGF.B", "MOG.A", "PBR.A", "RDS.A", "RDS.B")
}
_UNDERLYING_OF_ROOT = WEEKLY_CLASSES | _SHARE_CLASSES


def underlying_of_root(root: str) -> str:
    """The underlying's symbol of an option root; an adjusted root's digit is left out."""
    plain = root.rstrip("0123456789")
    return _UNDERLYING_OF_ROOT.get(plain, plain)


def share_symbol(text: str) -> str:
    """A share's symbol as quotes have it: ``BRK/B`` and ``BRKB`` are ``BRK.B``; what is no share class stays."""
    dotted = text.replace("/", ".")
    return _SHARE_CLASSES.get(dotted, dotted)
