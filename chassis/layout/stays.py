"""Geometry of a year of hospital stays, one lane per institution: what lies close together, and where the gap is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from chassis.layout.figures import tenth, within


@dataclass(frozen=True)
class Stay:
    """One stay in a lane; `left_on` is the day of leaving. `is_this` marks the claim on the screen, `is_overlapping` a
    stay that another one shares days with."""

    lane: str
    from_on: dt.date
    left_on: dt.date
    label: str
    is_this: bool = False
    is_overlapping: bool = False


@dataclass(frozen=True)
class StayBar:
    x: float
    y: float
    width: float
    height: float
    text_x: float
    text_y: float
    anchor: str
    stay: Stay
    has_text: bool


@dataclass(frozen=True)
class Lane:
    label: str
    text_y: float
    line_y: float


@dataclass(frozen=True)
class Month:
    x: float
    label_x: float
    first: dt.date


@dataclass(frozen=True)
class Timeline:
    width: int
    height: int
    left: int
    axis_y: float
    lanes: tuple[Lane, ...]
    months: tuple[Month, ...]
    bars: tuple[StayBar, ...]

    @property
    def right(self) -> int:
        return self.width - 4

    @property
    def label_y(self) -> float:
        return self.axis_y + 15


def timeline(stays: Sequence[Stay], *, year: int, width: int = 560) -> Timeline:
    """A year of stays, one lane per institution in order of first stay.

    A stay's label stands to its right where it fits before the next bar, else to its left, else it is left out of the
    drawing: the list beneath the drawing names every stay.
    """
    start, end = dt.date(year, 1, 1), dt.date(year + 1, 1, 1)
    names = list(dict.fromkeys(stay.lane for stay in stays))
    left = int(max([96, *(_text_width(name, 12) + 12 for name in names)]))
    row, bar_height, axis_y = 30, 16, 4 + 30 * max(len(names), 1)
    unit = (width - left - 4) / (end - start).days

    def place(day: dt.date) -> float:
        return tenth(left + within((day - start).days, 0, (end - start).days) * unit)

    bars: list[StayBar] = []
    for name in names:
        lane = sorted((stay for stay in stays if stay.lane == name), key=lambda stay: stay.from_on)
        spans = [(place(stay.from_on), max(place(stay.left_on), place(stay.from_on) + 4)) for stay in lane]
        taken = left
        for i, stay in enumerate(lane):
            x, right = spans[i]
            room = (spans[i + 1][0] if i + 1 < len(lane) else width) - right
            needed = _text_width(stay.label, 11) + 8
            after, before = needed <= room, needed <= x - taken
            y = 4 + names.index(name) * row + (row - bar_height) / 2
            text_x = right + 5 if after else x - 5
            bars.append(
                StayBar(
                    x,
                    y,
                    tenth(right - x),
                    bar_height,
                    tenth(text_x),
                    y + 12,
                    "start" if after else "end",
                    stay,
                    after or before,
                )
            )
            taken = right + (needed if after else 0)
    lanes = tuple(Lane(name, 4 + i * row + 19, 4.0 + (i + 1) * row) for i, name in enumerate(names))
    firsts = [dt.date(year, number, 1) for number in range(1, 13)]
    months = tuple(Month(place(first), tenth(place(first) + 15.2 * unit), first) for first in firsts)
    return Timeline(width, axis_y + 20, left, axis_y, lanes, months, tuple(bars))


def _text_width(text: str, size: int) -> float:
    """About how wide a text is drawn: a Chinese sign is a square, a Latin letter a little over half of one."""
    return sum(size if ord(sign) > 0x2E7F else size * 0.56 for sign in text)
