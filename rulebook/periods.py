"""Periods of days, half open: the first day belongs to a period, its end does not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rulebook.refusals import Refused


class EmptyPeriod(Refused):
    """A period must end after it starts. Facts: `start`, `end`."""


@dataclass(frozen=True, order=True)
class Period:
    """The days with `start <= day < end`; `end=None` means that no end is known."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise EmptyPeriod(start=self.start, end=self.end)

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def overlaps(self, other: "Period") -> bool:
        """Whether at least one day belongs to both."""
        return other._starts_before(self.end) and self._starts_before(other.end)

    def _starts_before(self, end: date | None) -> bool:
        return end is None or self.start < end


@dataclass(frozen=True)
class Joint:
    """What is wrong between two neighbouring periods, by their places in the list that was given."""

    first: int
    second: int


@dataclass(frozen=True)
class Overlap(Joint):
    """Some day belongs to both."""


@dataclass(frozen=True)
class Gap(Joint):
    """Some day after the first and before the second belongs to neither."""


def faults_between(periods: Iterable[Period]) -> list[Joint]:
    """Every overlap and every gap in a row of periods, in the order of their starts."""
    ordered = sorted(enumerate(periods), key=lambda numbered: numbered[1].start)
    faults: list[Joint] = []
    reaching = 0
    for place in range(1, len(ordered)):
        (first, before), (second, after) = ordered[reaching], ordered[place]
        if before.overlaps(after):
            faults.append(Overlap(first, second))
        elif before.end != after.start:
            faults.append(Gap(first, second))
        # A long period can reach past its neighbour; the next one is compared with the farthest end so far.
        if before.end is not None and (after.end is None or after.end > before.end):
            reaching = place
    return faults


def year_of(day: date) -> Period:
    """The calendar year of a day."""
    return Period(date(day.year, 1, 1), date(day.year + 1, 1, 1))
