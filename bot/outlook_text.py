"""What a position can come to, in plain words."""

from collections.abc import Iterator

from bot.card_text import dollars_text, price_text
from options.outlook import Outlook

_EVENS_SHOWN = 4


def at_expiry_words(outlook: Outlook) -> str:
    """What holding to expiry can lose and make, and where it comes out even: one line."""
    if outlook.loss_max is None:
        lost = "loses without a bound"
    elif outlook.loss_max <= 0:
        lost = "cannot lose"
    else:
        lost = f"loses at most {dollars_text(outlook.loss_max, signed=False)}"
    if outlook.expiries > 1:
        return f"{lost} if all is closed at the first of {outlook.expiries} expiries"
    if outlook.gain_max is None:
        made = "makes without a bound"
    elif outlook.gain_max <= 0:
        made = "makes nothing"
    else:
        made = f"makes at most {dollars_text(outlook.gain_max, signed=False)}"
    even = " and ".join(price_text(one) for one in outlook.break_evens[:_EVENS_SHOWN])
    return ", ".join([lost, made, *([f"even at {even}"] if even else [])])


def outlook_lines(outlook: Outlook) -> Iterator[str]:
    """The whole outlook, line by line."""
    yield f"at expiry: {at_expiry_words(outlook)}"
    greeks = outlook.greeks
    if greeks is not None:
        yield (
            f"now: {dollars_text(greeks.delta)} a dollar of the underlying (delta), which changes by "
            f"{dollars_text(greeks.gamma)} with each (gamma); {dollars_text(greeks.vega)} a point of "
            f"volatility (vega); {dollars_text(greeks.theta)} a day (theta)"
        )
