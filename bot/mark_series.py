"""The marks of a position over time, as many as a picture can show: thinned so that no high and no low is lost."""

POINTS_MAX = 480
"""A picture 800 pixels wide shows no more."""
_GROUP = 4


class MarkSeries:
    """Marks in the order of their events, each with its time (ISO 8601 UTC) and dollars per unit."""

    def __init__(self) -> None:
        self._points: list[tuple[str, float]] = []

    def add(self, ts: str, mark: float) -> None:
        """Take one more; where there are too many, the older ones are thinned to half."""
        self._points.append((ts, mark))
        if len(self._points) > POINTS_MAX:
            self._points = _thinned(self._points)

    def points(self) -> tuple[tuple[str, float], ...]:
        """What is kept, oldest first; the first and the newest mark are always there."""
        return tuple(self._points)


def _thinned(points: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Of each four marks between the first and the newest, the lowest and the highest in the order they came."""
    kept = [points[0]]
    between = points[1:-1]
    for start in range(0, len(between), _GROUP):
        group = between[start : start + _GROUP]
        places = range(len(group))
        low = min(places, key=lambda place: group[place][1])
        high = max(places, key=lambda place: group[place][1])
        kept += [group[place] for place in sorted({low, high})]
    return [*kept, points[-1]]
