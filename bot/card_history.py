"""A position's fills as a few lines of text, shortened from the middle when there are too many."""

from collections.abc import Sequence

from bot.card_text import MINUS, clip, new_york_time, price_text, safe_text, width
from bot.position_view import HISTORY_FIRST, FillLine

_BY_MAX = 32


def history_text(
    lines: Sequence[FillLine], left_out: int, limit: int, *, seen_from: str = "", sizes: bool = True
) -> str:
    """The fills, oldest first, one line each, in at most ``limit`` UTF-16 units; without ``sizes`` no quantity.

    Lines of another day than that of ``seen_from`` (ISO 8601 UTC), if it is given, say theirs.

    ``left_out`` lines are missing from the middle of ``lines`` already. When there is no room for all, the first and
    as many of the newest as fit are kept, and the line between them says how many are not shown.
    """
    texts = [line_text(line, seen_from, sizes=sizes) for line in lines]
    whole = _joined(texts[:HISTORY_FIRST], left_out, texts[HISTORY_FIRST:])
    if width(whole) <= limit:
        return whole
    # How it began matters most, then how it stands now: a quarter of the room for the beginning.
    first = _fitting(texts[:HISTORY_FIRST], limit // 4) or 1
    last = _fitting(texts[first:][::-1], limit - sum(width(text) + 1 for text in texts[:first]) - 40)
    kept_last = texts[len(texts) - last :] if last else []
    return clip(_joined(texts[:first], left_out + len(texts) - first - last, kept_last), limit)


def line_text(line: FillLine, seen_from: str = "", *, sizes: bool = True) -> str:
    """One line: time in New York as code, what it did, quantity in bold with its sign, and the average price.

    What the broker has corrected shows struck what it had told before.
    """
    sign = "+" if line.side.sign > 0 else MINUS
    fills = f" ({line.fills} fills)" if line.fills > 1 else ""
    was = "" if line.was is None else f"~~{sign}{line.was[0]} at {price_text(line.was[1])}~~"
    when = new_york_time(line.ts, seen_from or line.ts)
    if not sizes:
        return _without_size(line, when)
    if not line.qty:
        return f"`{when}` {was} busted"
    by = f" · {safe_text(line.by, _BY_MAX)}" if line.by else ""
    told = f"`{when}` {line.effect} **{sign}{line.qty}** at {price_text(line.price)}{fills}{by}"
    return f"{told}, corrected from {was}" if was else told


def _without_size(line: FillLine, when: str) -> str:
    if not line.qty:
        return f"`{when}` busted"
    was = ""
    if line.was is not None and line.was[1] != line.price:
        was = f", corrected from ~~{price_text(line.was[1])}~~"
    return f"`{when}` {line.effect} at {price_text(line.price)}{was}"


def _joined(first: list[str], left_out: int, last: list[str]) -> str:
    between = [f"… {left_out} more not shown …"] if left_out else []
    return "\n".join([*first, *between, *last])


def _fitting(texts: Sequence[str], room: int) -> int:
    """How many of the texts, each with its line end, fit into ``room`` from the front."""
    used = 0
    for count, text in enumerate(texts):
        used += width(text) + 1
        if used > room:
            return count
    return len(texts)
