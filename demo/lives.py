"""What the registry knows of the demo's members by day: enrolment by year, poor and five-guarantee, deaths."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from demo.county import AS_OF, SEED, CountyPlan, Family, Person

YEARS = (2025, 2026)
FIRST_DAY, LAST_DAY = dt.date(2025, 1, 1), AS_OF
PREMIUM_FEN, SUPPLEMENTARY_PREMIUM_FEN = 2000, 900
FAMILIAR_HOUSEHOLDS = 20
"""The first households are everybody's: always enrolled, nobody dies in them."""


@dataclass(frozen=True)
class StatusPeriod:
    status: str
    from_on: dt.date
    until_on: dt.date | None


@dataclass(frozen=True)
class Life:
    """One member's two years. `enrolled_from` holds the first day covered, by year."""

    enrolled_from: dict[int, dt.date]
    supplemented: frozenset[int]
    status: tuple[StatusPeriod, ...]
    died_on: dt.date | None

    def is_covered(self, day: dt.date) -> bool:
        first = self.enrolled_from.get(day.year)
        return first is not None and first <= day and (self.died_on is None or day <= self.died_on)

    def status_on(self, day: dt.date) -> int:
        """0 member, 1 poor, 2 five-guarantee."""
        for period in self.status:
            if period.from_on <= day and (period.until_on is None or day < period.until_on):
                return 1 if period.status == "poor" else 2
        return 0

    @property
    def is_plain(self) -> bool:
        """Enrolled throughout, alive, of no special status: fit to play a part."""
        return len(self.enrolled_from) == len(YEARS) and self.died_on is None and not self.status


def lives_of(county: CountyPlan) -> dict[str, Life]:
    """By card number. A household's fate does not depend on how many others there are."""
    return {
        card: life
        for number, family in enumerate(county.families, 1)
        for card, life in _fates(county.county_code, number, family).items()
    }


def age_on(person: Person, day: dt.date) -> int:
    return day.year - person.born_on.year - ((day.month, day.day) < (person.born_on.month, person.born_on.day))


def _fates(county_code: str, number: int, family: Family) -> dict[str, Life]:
    rng = random.Random(f"{SEED}/life/{county_code}/{number}")  # noqa: S311 – made-up lives
    is_familiar = number <= FAMILIAR_HOUSEHOLDS
    years = [year for year in YEARS if rng.random() < 0.98 or is_familiar]
    supplemented = frozenset(years) if rng.random() < 0.35 or is_familiar else frozenset()
    status = _status(rng, family)
    deaths = {person.card_number: None if is_familiar else _death(rng, person) for person in family.people}
    return {
        person.card_number: _life(person, years, supplemented, status, deaths[person.card_number])
        for person in family.people
    }


def _life(
    person: Person,
    years: list[int],
    supplemented: frozenset[int],
    status: tuple[StatusPeriod, ...],
    died_on: dt.date | None,
) -> Life:
    """Nobody is enrolled, or poor, before birth or after death."""
    last_year = died_on.year if died_on else LAST_DAY.year
    own = {year: max(dt.date(year, 1, 1), person.born_on) for year in years if person.born_on.year <= year <= last_year}
    periods = tuple(
        StatusPeriod(one.status, max(one.from_on, person.born_on), one.until_on)
        for one in status
        if (one.until_on is None or one.until_on > person.born_on) and (died_on is None or one.from_on <= died_on)
    )
    return Life(own, supplemented & own.keys(), periods, died_on)


def _status(rng: random.Random, family: Family) -> tuple[StatusPeriod, ...]:
    """Six households in a hundred are poor, some from or until mid-year; some old people alone are cared for."""
    draw = rng.random()
    if len(family.people) == 1 and age_on(family.people[0], FIRST_DAY) >= 60:
        return (StatusPeriod("five_guarantee", dt.date(2023, 1, 1), None),) if draw < 0.15 else ()
    if draw < 0.040:
        return (StatusPeriod("poor", dt.date(2023, 1, 1), None),)
    if draw < 0.050:
        return (StatusPeriod("poor", dt.date(2025, 7, 1), None),)
    if draw < 0.056:
        return (StatusPeriod("poor", dt.date(2023, 1, 1), dt.date(2026, 4, 1)),)
    return ()


def _death(rng: random.Random, person: Person) -> dt.date | None:
    age = age_on(person, FIRST_DAY)
    a_year = 0.001 if age < 50 else 0.006 if age < 65 else 0.025 if age < 80 else 0.08
    for year in YEARS:
        if rng.random() < a_year and age >= 18:
            day = dt.date(year, 1, 1) + dt.timedelta(days=rng.randrange(1, 365))
            return day if day <= LAST_DAY else None
    return None
