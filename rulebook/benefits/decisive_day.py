"""Which day, which year, which law and which status decide on one stay.

[0] 三、补助原则和办法 3 第3句 has the patient compensated at discharge; the rule `decisive_day` in force on the day of
discharge says which day counts. `packing` asks the same of whole columns.
"""

from datetime import date
from typing import NamedTuple

from rulebook.registry import Timeline
from rulebook.schedule import Schedule


class Deciding(NamedTuple):
    """What one stay is settled by."""

    day: date
    year: int
    schedule: Schedule
    status: str


def deciding(
    timeline: Timeline,
    *,
    admitted_on: date,
    discharged_on: date,
    status_on_admission: str,
    status_on_discharge: str,
) -> Deciding:
    """The day, year, schedule and status for one stay. Raises: NotApproved, NotInForce."""
    at_discharge = timeline.schedule_on(discharged_on)
    by_admission = at_discharge.word("decisive_day", discharged_on, "year_and_schedule") == "admission"
    status_by_admission = at_discharge.word("decisive_day", discharged_on, "status") == "admission"
    day = admitted_on if by_admission else discharged_on
    return Deciding(
        day=day,
        year=day.year,
        schedule=timeline.schedule_on(day),
        status=status_on_admission if status_by_admission else status_on_discharge,
    )
