"""Previews in plain words."""

from decimal import Decimal

from bot.card_text import contract_words, dollars_text, price_text, safe_text
from bot.moment_words import in_new_york
from bot.outlook_text import outlook_lines
from bot.plan_text import armed_words
from options.preview import Preview, PreviewOrder, PreviewTrade
from options.terms import ArmedExit

_WARNING_MAX = 200
_FAR = " at the far side"
_LIMIT = " at its limit, where that fills,"
_ASSIGNED = "assigned"


def preview_lines(preview: Preview, about: str) -> list[str]:
    """What a command would do, line by line; ``about`` names it, e.g. ``close T1``."""
    lines = [f"{about} would do this; nothing has been done:"]
    lines += [f"  {_order(order)}" for order in preview.orders]
    if preview.cancels:
        lines.append(f"  ask back {', '.join(preview.cancels)}")
    limited = any(order.limit_price is not None for order in preview.orders[:1])
    far = _money(_LIMIT if limited else _FAR, preview.proceeds, preview.pnl)
    mid = _money(" at the mid", preview.proceeds_mid, preview.pnl_mid)
    if preview.verb == _ASSIGNED:
        lines += (
            [f"  leave the option at what it was worth: {far.removesuffix(_FAR)}, before fees"] if far else []
        )
    elif far or mid:
        lines.append(f"  bring about {' or '.join(one for one in (far, mid) if one)}, before fees")
    for trade in preview.trades:
        lines += [f"  {line}" for line in _trade(trade)]
    if len(lines) == 1:
        lines.append("  change nothing that is held or works")
    return lines + [
        f"  Careful: {safe_text(in_new_york(warning), _WARNING_MAX)}" for warning in preview.warnings
    ]


def _order(order: PreviewOrder) -> str:
    when = "then " if order.later else ""
    at = "at the market" if order.limit_price is None else f"at {price_text(order.limit_price)}"
    what = f"{order.qty} {contract_words(order.instrument)}"
    return f"{when}{order.side.value.lower()} {what} {at} for {', '.join(order.trade_ids)}"


def _money(where: str, proceeds: Decimal | None, pnl: Decimal | None) -> str:
    if proceeds is None or pnl is None:
        return ""
    return f"{dollars_text(proceeds, signed=proceeds < 0)} ({dollars_text(pnl)}){where}"


def _trade(trade: PreviewTrade) -> list[str]:
    status = f"{trade.order_status} / {trade.trade_status}"
    after = "then" if abs(trade.remains) > abs(trade.held) else "left"
    lines = [f"{trade.trade_id}: {_signed(trade.held)} held, {_signed(trade.remains)} {after}; {status}"]
    old = {armed.exit_id: _exit(armed) for armed in trade.exits_before}
    new = {armed.exit_id: _exit(armed) for armed in trade.exits}
    for name, words in old.items():
        if name not in new:
            lines.append(f"  cancelled: {words}")
        elif new[name] != words:
            lines.append(f"  {words} becomes {new[name]}")
    lines += [f"  new: {armed_words(one, '')}" for one in trade.exits if one.exit_id not in old]
    return lines + [f"  {line}" for line in (outlook_lines(trade.outlook) if trade.outlook else ())]


def _exit(armed: ArmedExit) -> str:
    """One by the clock without its quantity, which always is all that is left: a change of it says nothing."""
    return "the exit by the clock" if armed.at else armed_words(armed, "")


def _signed(qty: int) -> str:
    return f"{qty:+d}" if qty else "nothing"
