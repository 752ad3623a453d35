"""Which schedule is in force where: approvals by a county's committee, checked for overlaps and gaps.

The documents leave numbers to the county ([0] 三、补助原则和办法 2，第1句). A schedule takes effect when its committee
has approved it: who, when, by which document, and the hash of exactly what was approved.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from rulebook.periods import Overlap, Period, faults_between
from rulebook.refusals import Refused
from rulebook.schedule import Schedule


class OverlappingVersions(Refused):
    """Two schedules would be in force on one day. Facts: `county_code`, `first`, `second` (documents)."""


class GapBetweenVersions(Refused):
    """No schedule would be in force between two. Facts: `county_code`, `first`, `second` (documents)."""


class NotApproved(Refused):
    """No approved schedule is in force on this day. Facts: `county_code` or `scheme`, `day`."""


@dataclass(frozen=True)
class Approval:
    """The committee's decision to put one schedule in force."""

    county_code: str
    content_hash: str
    document: str
    approved_by: str
    approved_on: date
    takes_effect_on: date
    ends_on: date | None = None

    @property
    def period(self) -> Period:
        return Period(self.takes_effect_on, self.ends_on)


@dataclass(frozen=True)
class Timeline:
    """The schedules of one county one after another, each with the days on which it is in force.

    Args:
        older: schedules that were in force once and were found wrong: what was decided by them and taken back is still
            held to them, nothing else is.
    """

    spans: tuple[tuple[Period, Schedule], ...]
    older: tuple[Schedule, ...] = ()

    @classmethod
    def unapproved(cls, schedule: Schedule, *, is_production: bool = False) -> "Timeline":
        """A schedule as it stands, for demonstration, tests and simulation.

        In production a number that no document gives has no force before the committee's approval.

        Raises: NotApproved.
        """
        first = schedule.dates()[0]
        if is_production and any(True for day in schedule.dates() for _ in schedule.assumptions_on(day)):
            raise NotApproved(scheme=schedule.key, day=first)
        return cls(((Period(first), schedule),))

    def schedule_on(self, day: date) -> Schedule:
        """The schedule in force on a day. Raises: NotApproved."""
        for period, schedule in self.spans:
            if day in period:
                return schedule
        raise NotApproved(scheme=self.spans[0][1].key if self.spans else "", day=day)

    def dates(self) -> list[date]:
        """Every day on which the law of this county begins, changes or ends."""
        days = {period.start for period, _ in self.spans} | {p.end for p, _ in self.spans if p.end is not None}
        for period, schedule in self.spans:
            days |= {day for day in schedule.dates() if day in period}
        return sorted(days)


def check_versions(approvals: Iterable[Approval]) -> None:
    """Refuses approvals of one county that overlap or leave a gap.

    Raises: OverlappingVersions, GapBetweenVersions.
    """
    by_county: dict[str, list[Approval]] = {}
    for approval in approvals:
        by_county.setdefault(approval.county_code, []).append(approval)
    for county_code, versions in by_county.items():
        for fault in faults_between(version.period for version in versions):
            refusal = OverlappingVersions if isinstance(fault, Overlap) else GapBetweenVersions
            first, second = versions[fault.first], versions[fault.second]
            raise refusal(county_code=county_code, first=first.document, second=second.document)


def timeline(approvals: Iterable[Approval], *, county_code: str, schedule_with: Callable[[str], Schedule]) -> Timeline:
    """The law of one county from its approvals.

    Args:
        schedule_with: finds a schedule by the hash of its content, such as `schedule_by_hash`.

    Raises: OverlappingVersions, GapBetweenVersions, NotApproved where the county has none.
    """
    versions = sorted((a for a in approvals if a.county_code == county_code), key=lambda a: a.takes_effect_on)
    check_versions(versions)
    if not versions:
        raise NotApproved(county_code=county_code)
    return Timeline(tuple((version.period, schedule_with(version.content_hash)) for version in versions))
