"""Working days of the mainland: dated calendars with holidays and the weekend days that make up for them.

A term such as "within 20 working days" ([0] 监督管理 第2条) needs the calendar of every year it runs through. The
State Council publishes a year's calendar only shortly before it begins. Until it is loaded a due day is *unknown*:
a value that says so and carries an alarm. Intake goes on; nobody's claim waits for a calendar.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import yaml

from rulebook.refusals import Refused

FOLDER = Path(__file__).parent / "calendars"
ONE_DAY = timedelta(days=1)
SATURDAY = 5


class CalendarNotLoaded(Refused):
    """Asked about a day of a year whose calendar nobody has loaded. Facts: `year`."""


class FaultyCalendar(Refused):
    """A calendar file contradicts itself. Facts: `file`, `day`, `fault`."""


@dataclass(frozen=True)
class MissingCalendar:
    """The alarm: this year's calendar must be loaded before a day can be named."""

    year: int
    kind: str = "calendar_not_loaded"


@dataclass(frozen=True)
class DueDay:
    """The day by which something is due, or the alarm that says why it cannot be named yet."""

    on: date | None
    alarm: MissingCalendar | None = None

    @property
    def is_known(self) -> bool:
        return self.on is not None


@dataclass(frozen=True)
class Workdays:
    """A number of working days, or the alarm that says why they cannot be counted yet."""

    count: int | None
    alarm: MissingCalendar | None = None


@dataclass(frozen=True)
class YearOfDays:
    """One year's exceptions from "Monday to Friday"."""

    year: int
    days_off: dict[date, str]
    make_up_days: dict[date, str]


class Calendar:
    """The years that have been loaded, and the questions they answer."""

    def __init__(self, years: list[YearOfDays]) -> None:
        self._years = {loaded.year: loaded for loaded in years}

    @property
    def years(self) -> list[int]:
        return sorted(self._years)

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day. Raises: CalendarNotLoaded."""
        loaded = self._years.get(day.year)
        if loaded is None:
            raise CalendarNotLoaded(year=day.year)
        if day in loaded.days_off:
            return False
        return day.weekday() < SATURDAY or day in loaded.make_up_days

    def due_after(self, day: date, *, workdays: int) -> DueDay:
        """The last day of a term; the day after `day` that is worked is the first day of the term."""
        assert workdays > 0, "a term has at least one working day"
        remaining = workdays
        try:
            while remaining:
                day += ONE_DAY
                remaining -= self.is_workday(day)
        except CalendarNotLoaded as missing:
            return DueDay(on=None, alarm=MissingCalendar(year=int(str(missing.facts["year"]))))
        return DueDay(on=day)

    def workdays_between(self, start: date, end: date) -> Workdays:
        """How many working days have `start <= day < end`."""
        count = 0
        try:
            while start < end:
                count += self.is_workday(start)
                start += ONE_DAY
        except CalendarNotLoaded as missing:
            return Workdays(count=None, alarm=MissingCalendar(year=int(str(missing.facts["year"]))))
        return Workdays(count=count)


def load_year(path: Path) -> YearOfDays:
    """One year from its file. Raises: FaultyCalendar."""
    page = yaml.safe_load(path.read_text(encoding="utf-8"))
    loaded = YearOfDays(page["year"], page["days_off"], page["make_up_days"])
    for day in [*loaded.days_off, *loaded.make_up_days]:
        if day.year != loaded.year:
            raise FaultyCalendar(file=path.name, day=day, fault="a day of another year")
    for day in loaded.make_up_days:
        if day in loaded.days_off:
            raise FaultyCalendar(file=path.name, day=day, fault="both off and worked")
        if day.weekday() < SATURDAY:
            raise FaultyCalendar(file=path.name, day=day, fault="a make-up day that is no weekend day")
    return loaded


@cache
def mainland_calendar(folder: Path = FOLDER) -> Calendar:
    """Every calendar the house has on file."""
    return Calendar([load_year(path) for path in sorted(folder.glob("*.yaml"))])
