"""The chart of a position: its mark over time with every fill, the stops and the targets. A pure function of its view.

It tells prices and times only: no quantity and no dollar sum, so that it may be shown wherever a card may.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any

from bot.card_text import NEW_YORK, contract_words, price_text
from bot.position_view import FillLine, PositionView
from options.terms import Effect
from options.values import datetime_of, from_iso

Figure = dict[str, Any]
"""A figure as plotly's JSON schema has it."""

WIDTH_PX = 800
HEIGHT_PX = 400
_MARGIN = {"l": 62, "r": 142, "t": 56, "b": 58}
_LABEL_PX = 20.0
_HEADROOM = 0.08
_ROOM = 0.03
_SPAN_MIN = timedelta(minutes=10)
"""A shorter life is shown in so much time, or the labels of the axis would all be the same minute."""

_GROUND = "#1e2127"
_GRID = "#2f343d"
_TEXT = "#d7dbe2"
_FAINT = "#9aa2af"
_MARK = "#7aa2f7"
_ENTRY = "#e6e9ef"
_GAIN = "#3ddc84"
_LOSS = "#ff6b78"
_TRIM = "#f5b942"


@dataclass(frozen=True, slots=True)
class _Look:
    name: str
    symbol: str
    colour: str
    size_px: int


_LOOKS = {
    Effect.OPEN: _Look("Entry", "circle", _ENTRY, 13),
    Effect.ADD: _Look("Add", "triangle-up", _GAIN, 17),
    Effect.TRIM: _Look("Trim", "triangle-down", _TRIM, 17),
    Effect.CLOSE: _Look("Close", "x", _LOSS, 13),
}


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart shows: the position with the exits that guard it, or that guarded it last, and its marks."""

    view: PositionView
    marks: tuple[tuple[str, float], ...]
    """Time (ISO 8601 UTC) and dollars per unit, oldest first."""


@dataclass(frozen=True, slots=True)
class _Level:
    text: str
    price: float
    colour: str
    line: str = ""
    """How the line is drawn; none if empty."""


def figure_of(chart: Chart) -> Figure | None:
    """The chart as a figure of 800 by 400 pixels; ``None`` before the first fill, when there is nothing to show."""
    view = chart.view
    if not view.history:
        return None
    levels = list(_levels(view, chart.marks[-1][1] if chart.marks else None))
    low, high = _price_range(chart, levels)
    times = [*(ts for ts, _ in chart.marks), *(fill.ts for fill in view.history)]
    one_day = len({_new_york(ts)[:10] for ts in times}) == 1
    return {
        "data": [_mark_line(chart), *_fill_marks(view.history)],
        "layout": {
            "template": None,
            "paper_bgcolor": _GROUND,
            "plot_bgcolor": _GROUND,
            "font": {"color": _TEXT, "size": 15, "family": "DejaVu Sans, Arial, sans-serif"},
            "margin": _MARGIN,
            "title": {
                "text": f"<b>{escape(contract_words(view.instrument))}</b>",
                "x": 0.015,
                "y": 0.965,
                "yanchor": "top",
                "font": {"size": 20},
            },
            "legend": {
                "orientation": "h",
                "x": 1.0,
                "xanchor": "right",
                "y": 1.02,
                "yanchor": "bottom",
                "font": {"size": 15, "color": _FAINT},
            },
            "showlegend": True,
            "xaxis": {
                "type": "date",
                "gridcolor": _GRID,
                "linecolor": _GRID,
                "tickfont": {"color": _FAINT},
                "tickformat": "%H:%M" if one_day else "%-d %b\n%H:%M",
                "nticks": 7,
                "range": _time_range(times),
                "title": {"text": f"New York, {_day_words(times)}", "font": {"size": 14, "color": _FAINT}},
            },
            "yaxis": {
                "range": [low, high],
                "gridcolor": _GRID,
                "zeroline": False,
                "tickfont": {"color": _FAINT},
                "tickformat": ".2f",
                "nticks": 7,
            },
            "shapes": [_line(level) for level in levels if level.line],
            "annotations": list(_labels(levels, low, high)),
        },
    }


def _mark_line(chart: Chart) -> Figure:
    return {
        "type": "scatter",
        "name": "Mark",
        "mode": "lines" if len(chart.marks) > 1 else "lines+markers",
        "x": [_new_york(ts) for ts, _ in chart.marks],
        "y": [mark for _, mark in chart.marks],
        "line": {"color": _MARK, "width": 2.6},
        "showlegend": False,
    }


def _fill_marks(fills: tuple[FillLine, ...]) -> Iterable[Figure]:
    """A row of markers for each thing that a fill can do to the position."""
    for effect, look in _LOOKS.items():
        these = [fill for fill in fills if fill.effect is effect]
        if these:
            yield {
                "type": "scatter",
                "name": look.name,
                "mode": "markers",
                "x": [_new_york(fill.ts) for fill in these],
                "y": [float(fill.price) for fill in these],
                "marker": {
                    "symbol": look.symbol,
                    "size": look.size_px,
                    "color": look.colour,
                    "line": {"color": _GROUND, "width": 1.5},
                },
                "cliponaxis": False,
            }


def _levels(view: PositionView, mark: float | None) -> Iterable[_Level]:
    """What is named at the right edge."""
    for price in view.stop_levels():
        yield _Level("Stop", price, _LOSS, "dash")
    for price in view.target_levels():
        yield _Level("Target", price, _GAIN, "dash")
    if view.entry_average is not None:
        yield _Level("Entry", float(view.entry_average), _ENTRY, "dot")
    if view.qty and mark is not None:
        yield _Level("Mark", mark, _MARK)
    elif view.closed and view.exit_average is not None:
        yield _Level("Exit", float(view.exit_average), _TRIM, "dot")


def _price_range(chart: Chart, levels: list[_Level]) -> tuple[float, float]:
    prices = [
        *(mark for _, mark in chart.marks),
        *(float(fill.price) for fill in chart.view.history),
        *(level.price for level in levels),
    ]
    low, high = min(prices), max(prices)
    room = (high - low) * _HEADROOM or max(abs(high) * _HEADROOM, 0.05)
    return low - room, high + room


def _time_range(times: list[str]) -> list[str]:
    """From the first to the last with a little room, and never so short that its minutes have one name."""
    first, last = (datetime.fromisoformat(_new_york(ts)) for ts in (min(times), max(times)))
    room = max((last - first) * _ROOM, (_SPAN_MIN - (last - first)) / 2)
    return [at.isoformat(" ", "seconds") for at in (first - room, last + room)]


def _line(level: _Level) -> Figure:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": level.price,
        "y1": level.price,
        "line": {"color": level.colour, "width": 1.6, "dash": level.line},
        "opacity": 0.75,
        "layer": "below",
    }


def _labels(levels: list[_Level], low: float, high: float) -> Iterable[Figure]:
    """A name and price beside the right edge for each level, moved apart where they would cover each other."""
    gap = (high - low) * _LABEL_PX / (HEIGHT_PX - _MARGIN["t"] - _MARGIN["b"])
    in_order = sorted(levels, key=lambda level: level.price)
    places: list[float] = []
    for level in in_order:
        places.append(max(level.price, places[-1] + gap) if places else level.price)
    over = places[-1] - high if places else 0.0
    for index in reversed(range(len(places))):
        if over <= 0:
            break
        roof = places[index + 1] - gap if index + 1 < len(places) else high
        over = places[index] - roof
        places[index] = min(places[index], roof)
    for level, place in zip(in_order, places, strict=True):
        yield {
            "xref": "paper",
            "x": 1.0,
            "xanchor": "left",
            "xshift": 6,
            "y": place,
            "yanchor": "middle",
            "text": f"{level.text} <b>{price_text(round(level.price, 2))}</b>",
            "showarrow": False,
            "font": {"color": level.colour, "size": 16},
        }


def _new_york(ts: str) -> str:
    return datetime_of(from_iso(ts)).astimezone(NEW_YORK).strftime("%Y-%m-%d %H:%M:%S")


def _day_words(times: list[str]) -> str:
    days = sorted(datetime_of(from_iso(ts)).astimezone(NEW_YORK).date() for ts in (min(times), max(times)))
    first, last = (f"{day.day} {day:%b %Y}" for day in days)
    return first if first == last else f"{first} – {last}"
