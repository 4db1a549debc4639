"""Who or what wanted a fill: a person by name, an exit by its kind; nothing for the entry, whose reasons a card has."""

from bot.card_text import without_ids
from options import events as e

ENTRY, ADMIN = "entry", "admin"


def cause_of(intent: e.IntentDecided) -> str:
    """The cause in a word or a name as it was written: ``Ada``, ``target``, ``scale in``; empty for an entry."""
    if intent.kind == ENTRY:
        return ""
    return without_ids(intent.source) if intent.kind == ADMIN else intent.kind


class FillCauses:
    """The causes of one trade's parent orders and orders, from its events."""

    __slots__ = ("_kinds", "_newest", "_of_order", "_of_parent")

    def __init__(self) -> None:
        self._newest = ""
        self._kinds: dict[str, str] = {}
        self._of_parent: dict[str, str] = {}
        self._of_order: dict[str, str] = {}

    def note(self, event: e.TradeEvent) -> None:
        """Take in an event that concerns the trade."""
        if isinstance(event, e.IntentDecided):
            self._newest = cause_of(event)
        elif isinstance(event, e.ExitsArmed):
            self._kinds = {armed.exit_id: str(armed.kind) for armed in event.exits} or self._kinds
        elif isinstance(event, e.ParentOrderOpened):
            self._of_parent[event.parent_id] = "" if event.bracket else self._newest
        elif isinstance(event, e.ParentOrderHurried):
            self._of_parent[event.parent_id] = self._newest
        elif isinstance(event, e.OrderSubmitRequested) and event.exit_id in self._kinds:
            # It rests at the broker: nobody decides anything when it fills.
            self._of_order[event.order_id] = self._kinds[event.exit_id]
        elif isinstance(event, e.OrderFilled):
            self._of_order.setdefault(event.order_id, self._of_parent.get(event.parent_id, ""))

    def of_order(self, order_id: str) -> str:
        """What an order that has filled was for."""
        return self._of_order.get(order_id, "")
