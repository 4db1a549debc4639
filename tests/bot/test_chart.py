"""A position's chart: what it shows is what the ledger says, and nothing of it tells a size."""

from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from bot.card_book import CardBook
from bot.chart import Chart, Figure, figure_of
from bot.mark_series import POINTS_MAX, MarkSeries
from options import events as e
from options.terms import Effect
from tests.bot.whole_trade import TradeScript, day_opened, opened, trimmed, whole


def chart_of(batches: list[list[e.TradeEvent]]) -> Chart:
    """The chart of the one position after these events."""
    book = CardBook()
    for batch in batches:
        for event in batch:
            book.fold(event)
    (position_id,) = book.position_ids()
    return book.chart(position_id)


def drawn(batches: list[list[e.TradeEvent]]) -> Figure:
    """Its figure."""
    figure = figure_of(chart_of([*day_opened(), *batches]))
    assert figure is not None
    return figure


def points(figure: Figure) -> dict[str, list[tuple[str, float]]]:
    """Each row of points by its name."""
    return {row["name"]: list(zip(row["x"], row["y"], strict=True)) for row in figure["data"]}


def labels(figure: Figure) -> list[str]:
    """The labels at the right edge, lowest first."""
    return [one["text"] for one in figure["layout"]["annotations"]]


def lines(figure: Figure) -> list[float]:
    """The prices of the horizontal lines, lowest first."""
    return sorted(shape["y0"] for shape in figure["layout"]["shapes"])


def test_a_whole_trade_as_points() -> None:
    """Every mark and every order's fills stand at their New York time and price; what is over has its exits still."""
    figure = drawn(whole(TradeScript()))
    assert points(figure) == {
        "Mark": [
            ("2015-12-24 10:15:00", 10.4),
            ("2015-12-24 11:00:00", 12.25),
            ("2015-12-24 11:05:00", 12.5),
            ("2015-12-24 12:00:00", 7.35),
        ],
        "Entry": [("2015-12-24 10:12:35", 9.825)],
        "Trim": [("2015-12-24 11:00:01", 12.2)],
        "Close": [("2015-12-24 12:00:01", 7.3)],
    }
    assert lines(figure) == [7.35, 9.75, 9.825]
    assert [text.split()[0] for text in labels(figure)] == ["Stop", "Exit", "Entry"]
    assert figure["layout"]["title"]["text"] == "<b>GOOG 31 Dec 2015 $750 call</b>"


def test_an_open_trade_shows_its_stop_target_and_mark() -> None:
    """Stop, entry, mark and target are named at the right edge; the mark itself has no line."""
    figure = drawn(opened(TradeScript()))
    names = ["Stop <b>7.35</b>", "Entry <b>9.82</b>", "Mark <b>10.40</b>", "Target <b>12.25</b>"]
    assert labels(figure) == names
    assert lines(figure) == [7.35, 9.825, 12.25]


def test_the_range_holds_everything_with_room() -> None:
    """The lowest price is 7.30 and the highest 12.50, with 8% of the way between them below and above."""
    low, high = drawn(whole(TradeScript()))["layout"]["yaxis"]["range"]
    assert (round(low, 3), round(high, 3)) == (6.884, 12.916)


def test_the_time_axis_is_never_one_minute_wide() -> None:
    """A position that is minutes old has ten minutes around it; a longer life is shown from end to end with room."""
    young = drawn(opened(TradeScript()))["layout"]["xaxis"]["range"]
    assert young == ["2015-12-24 10:08:47", "2015-12-24 10:18:47"]
    begin, end = (
        datetime.fromisoformat(one) for one in drawn(whole(TradeScript()))["layout"]["xaxis"]["range"]
    )
    life = datetime(2015, 12, 24, 12, 0, 1) - datetime(2015, 12, 24, 10, 12, 35)  # noqa: DTZ001
    assert life < end - begin < life * 1.1


def test_an_add_is_a_triangle_upwards_and_a_trim_one_downwards() -> None:
    """Each thing that a fill does has a shape of its own, so that colours are not needed to tell them apart."""
    script = TradeScript()
    batches = [*opened(script), script.entry("10:30:00", 2)[4:], script.accepted("10:30:01")]
    add = script.filled("10:30:02", 2, "10.10", Effect.ADD, 6)
    figure = drawn([*batches, [add]])
    shapes = {row["name"]: row.get("marker", {}).get("symbol") for row in figure["data"]}
    assert shapes == {"Mark": None, "Entry": "circle", "Add": "triangle-up"}
    trims = [row for row in drawn(trimmed(TradeScript()))["data"] if row["name"] == "Trim"]
    assert trims[0]["marker"]["symbol"] == "triangle-down"


def test_before_the_first_fill_there_is_nothing_to_show() -> None:
    """A position that was only asked for has no chart."""
    assert figure_of(chart_of([*day_opened(), TradeScript().entry("10:12:33")])) is None


def test_no_size_is_told() -> None:
    """A trade of other sizes at the same prices is the same figure."""

    def sized(qty: int) -> bytes:
        script = TradeScript()
        filled = script.filled
        batches: list[list[e.TradeEvent]] = [script.entry("10:12:33", qty), script.accepted("10:12:34")]
        batches.append([filled("10:12:35", qty, "9.80", Effect.OPEN, qty), script.armed("10:12:35", qty)])
        batches.append([script.marked("10:15:00", 10.4, 10.5, 9.7)])
        return orjson.dumps(drawn(batches))

    assert sized(4) == sized(37)


def test_labels_do_not_cover_each_other() -> None:
    """Levels a cent apart are named one above the other, in their order, inside the picture."""
    script = TradeScript()
    batches: list[list[e.TradeEvent]] = [*opened(script), [script.marked("10:16:00", 9.83, 10.5, 9.7)]]
    batches.append([script.armed("10:17:00", 4, target="9.84")])
    figure = drawn(batches)
    low, high = figure["layout"]["yaxis"]["range"]
    places: list[Any] = [one["y"] for one in figure["layout"]["annotations"]]
    gaps = [after - before for before, after in pairwise(places)]
    assert min(gaps) >= (high - low) * 16 / 286
    assert places[-1] <= high
    assert len(places) == 4


@given(st.lists(st.integers(min_value=1, max_value=10_000), min_size=1, max_size=3 * POINTS_MAX))
def test_however_many_marks_the_extremes_stay(cents: list[int]) -> None:
    """A series is bounded, in order, and keeps its first, newest, lowest and highest mark."""
    series = MarkSeries()
    for place, mark in enumerate(cents):
        series.add(f"{place:06d}", float(Decimal(mark) / 100))
    kept = series.points()
    marks = [mark for _, mark in kept]
    assert len(kept) <= POINTS_MAX
    assert list(kept) == sorted(kept, key=lambda point: point[0])
    assert (marks[0], marks[-1]) == (cents[0] / 100, cents[-1] / 100)
    assert (min(marks), max(marks)) == (min(cents) / 100, max(cents) / 100)
