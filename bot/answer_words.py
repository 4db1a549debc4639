"""What became of a command that was taken, in the same words wherever it was given."""

from bot.door.protocol import Answer
from bot.plan_text import out_by_words
from options.lifecycle import HELD_FILLED

_ALSO = {"roll": "Followed by", "close-all": "Ended", "halt": "Taken back"}
_ALSO_MAX = 20


def taken_words(answer: Answer) -> str:
    """Where its trade stands, which others it was about, and when a new one is out: sentences after ``taken.``."""
    words = f" {answer.trade_id} is {answer.order_status} / {answer.trade_status}." if answer.trade_id else ""
    if (answer.order_status, answer.trade_status) == HELD_FILLED:
        words += " Its exits sleep until it is activated again."
    if answer.also:
        left_out = len(answer.also) - _ALSO_MAX
        more = f" and {left_out} more" if left_out > 0 else ""
        words += f" {_ALSO.get(answer.verb, 'Also')}: {', '.join(answer.also[:_ALSO_MAX])}{more}."
    return words + out_by_words(answer.flat_before_expiry)
