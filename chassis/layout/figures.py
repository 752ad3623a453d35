"""Geometry of the small plots that the server draws as SVG. Pure: numbers in, places in a drawing out.

A template writes these places into SVG attributes and computes nothing. Money and shares come in as the whole numbers
they are; only places are floats, to a tenth of a unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def tenth(value: float) -> float:
    return round(value, 1)


def within(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    label: str


@dataclass(frozen=True)
class Tick:
    x: float
    y: float
    label: str
    text_y: float
    anchor: str


@dataclass(frozen=True)
class Sparkline:
    width: int
    height: int
    points: str
    dots: tuple[Dot, ...]
    limit_y: float | None
    limit_label: str

    @property
    def right(self) -> int:
        return self.width - 4

    @property
    def limit_text_y(self) -> float | None:
        return None if self.limit_y is None else tenth(self.limit_y - 3)

    @property
    def label_y(self) -> int:
        return self.height - 4


def sparkline(
    values: Sequence[tuple[str, float]],
    *,
    limit: float | None = None,
    limit_label: str = "",
    width: int = 176,
    height: int = 62,
) -> Sparkline:
    """A short series of labelled values, with one dotted limit if there is one. Higher is up."""
    numbers = [value for _, value in values] + ([limit] if limit is not None else [])
    low, high = (min(numbers), max(numbers)) if numbers else (0, 1)
    top, bottom, edge = 14, height - 22, 16
    span = (high - low) or 1
    step = (width - 2 * edge) / max(len(values) - 1, 1)

    def place(value: float) -> float:
        return tenth(bottom - (value - low) / span * (bottom - top))

    dots = tuple(Dot(tenth(edge + i * step), place(value), label) for i, (label, value) in enumerate(values))
    points = " ".join(f"{dot.x},{dot.y}" for dot in dots)
    return Sparkline(width, height, points, dots, None if limit is None else place(limit), limit_label)


@dataclass(frozen=True)
class Band:
    width: int
    floor_x: float
    target_x: float
    mark_x: float

    @property
    def middle_width(self) -> float:
        return tenth(self.target_x - self.floor_x)

    @property
    def good_width(self) -> float:
        return tenth(self.width - self.target_x)


def band_bar(value: float, *, floor: float, target: float, width: int = 150) -> Band:
    """An indicator between its floor and its target, both at fixed places; right is always good.

    Where a lower value is better (target below floor) the scale is flipped by the same formula.
    A value beyond either end is drawn at the end.
    """
    assert floor != target, "an indicator whose floor is its target has no band"
    lead, span = 2 / 9, 5 / 9
    place = lead + span * (value - floor) / (target - floor)
    return Band(width, tenth(lead * width), tenth((lead + span) * width), tenth(within(place, 0.04, 0.96) * width))


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    label: str
    label_x: float


@dataclass(frozen=True)
class Histogram:
    width: int
    height: int
    left: int
    baseline: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]

    @property
    def label_y(self) -> int:
        return self.height - 5


def histogram(counts: Sequence[tuple[str, int]], *, width: int = 336, height: int = 166) -> Histogram:
    """Counts by class, bars of equal width, about four round ticks."""
    left, top, baseline = 44, 8, height - 20
    step = _round_step(max((count for _, count in counts), default=0))
    ceiling = step * max(-(-max((count for _, count in counts), default=0) // step), 1)
    slot = (width - left) / max(len(counts), 1)

    def place(count: int) -> float:
        return tenth(baseline - count / ceiling * (baseline - top))

    bars = tuple(
        Bar(
            tenth(left + i * slot + slot * 0.27),
            place(count),
            tenth(slot * 0.46),
            tenth(baseline - place(count)),
            label,
            tenth(left + (i + 0.5) * slot),
        )
        for i, (label, count) in enumerate(counts)
    )
    ticks = tuple(
        Tick(left - 6, place(count), f"{count:,}", tenth(place(count) + 4), "end")
        for count in range(0, ceiling + 1, step)
    )
    return Histogram(width, height, left, baseline, bars, ticks)


def _round_step(largest: int) -> int:
    """A step of 1, 2 or 5 times a power of ten that gives at most five ticks."""
    step, factors = 1, (2, 5, 10)
    power = 1
    while largest > step * 4:
        for factor in factors:
            step = power * factor
            if largest <= step * 4:
                return step
        power *= 10
    return step


@dataclass(frozen=True)
class Share:
    width: int
    filled: float
    pending_x: float
    pending: float
    is_full: bool

    @property
    def end_x(self) -> int:
        return self.width - 1


def share_bar(part: int, whole: int, *, pending: int = 0, width: int = 296) -> Share:
    """What is used of a whole, and what is on its way (drawn dashed after it)."""
    assert whole > 0, "a share of nothing cannot be drawn"
    filled = tenth(width * within(part / whole, 0, 1))
    return Share(
        width,
        filled,
        filled,
        tenth(min(width * within(pending / whole, 0, 1), width - filled)),
        part >= whole,
    )


@dataclass(frozen=True)
class Scale:
    """A straight scale from zero: named marks in order of value, ticks beneath."""

    width: int
    left: int
    right: int
    marks: dict[str, float]
    ticks: tuple[Tick, ...]

    def between(self, low: str, high: str) -> float:
        """The width of the box between two marks."""
        return tenth(self.marks[high] - self.marks[low])

    def up_to(self, mark: str) -> float:
        return tenth(self.marks[mark] - self.left)

    def beyond(self, mark: str) -> float:
        return tenth(self.right - self.marks[mark])

    def beside(self, mark: str) -> float:
        """Where the word for a mark begins."""
        return tenth(self.marks[mark] + 6)


def scale(marks: dict[str, float], *, highest: float, ticks: Sequence[tuple[float, str]], width: int = 560) -> Scale:
    """Places of named values on a scale from 0 to `highest`: quartiles of peers, an estimate and its upper limit."""
    edge = 10
    unit = (width - 2 * edge) / highest

    def place(value: float) -> float:
        return tenth(edge + within(value, 0, highest) * unit)

    last = len(ticks) - 1
    return Scale(
        width,
        edge,
        width - edge,
        {name: place(value) for name, value in marks.items()},
        tuple(
            Tick(place(value), 0, label, 0, "start" if i == 0 else "end" if i == last else "middle")
            for i, (value, label) in enumerate(ticks)
        ),
    )
