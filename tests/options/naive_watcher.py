"""The watcher's promises kept the plain way: every rule is asked at every mark. The real one is held against it."""

from options.position_watcher import ExitKind, WatchedExit


class Rule:
    """One exit of the naive model: it remembers its own water and is asked at every mark."""

    def __init__(self, watched: WatchedExit) -> None:
        self.watched = watched
        self.water = watched.water

    def trigger(self) -> float:
        watched = self.watched
        if watched.level is not None:
            return watched.level
        assert self.water is not None
        if watched.trail_amount is not None:
            return self.water - watched.trail_amount if watched.long else self.water + watched.trail_amount
        assert watched.trail_percent is not None
        return self.water * (1.0 - watched.trail_percent if watched.long else 1.0 + watched.trail_percent)

    def due(self, price: float) -> bool:
        watched = self.watched
        if watched.kind is ExitKind.TRAILING:
            assert self.water is not None
            self.water = max(self.water, price) if watched.long else min(self.water, price)
            if price == self.water:
                return False
        fires_at_or_below = watched.long != (watched.kind is ExitKind.TARGET)
        return price <= self.trigger() if fires_at_or_below else price >= self.trigger()


class NaiveWatcher:
    """The same promises as the watcher's, kept by asking every rule at every mark."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}

    def on_mark(self, key: str, price: float) -> list[str]:
        armed = [rule for rule in self.rules.values() if rule.watched.key == key]
        due = [rule for rule in armed if rule.due(price)]  # armed order, and the sort below is stable
        due.sort(key=lambda rule: (rule.watched.kind is ExitKind.TARGET, -abs(price - rule.trigger())))
        for rule in due:
            del self.rules[rule.watched.exit_id]
        return [rule.watched.exit_id for rule in due]
