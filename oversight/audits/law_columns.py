"""The law of a county as columns: for every span of days, tier and status the numbers its order gives.

The second method reads the approved schedules itself, from what their files state (docs/law/benefit_order.md, section
2). It shares the loader of the files with the engine, and nothing that computes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from rulebook.registry import Timeline
from rulebook.rule_shapes import BANDS, CLASSES, NO_LIMIT, STATUSES, TIERS, Part
from rulebook.schedule import Rule, Schedule

Column = np.ndarray
Stated = Mapping[Part, int | str] | None

# "none" written for a limit: there is no limit. The loader's own mark is an amount that a long year could pass.
UNLIMITED = 4 * 10**18

NEEDED = (
    "catalogue_class_share",
    "inpatient_deductible",
    "inpatient_bands",
    "inpatient_rate",
    "inpatient_cap",
    "decisive_day",
)


@dataclass(frozen=True)
class LawColumns:
    """The numbers of every law, and which law holds on which day.

    Args:
        starts: the first day of each span; span 0 lies before the first and has no law.
        hashes: the content hash of the schedule in force in each span, "" where there is none.
        has_law: for each span, whether the rules without which nothing can be decided are in force.
        year_by_admission, status_by_admission: for each span, what `decisive_day` says there.
        numbers: by name, one number for each law; a law is numbered (span × 3 + tier − 1) × 3 + status.
        older: by its hash where the spans of a schedule that is in force no more begin, and on which days they do.
    """

    starts: Column
    hashes: Column
    has_law: Column
    year_by_admission: Column
    status_by_admission: Column
    numbers: Mapping[str, Column]
    older: Mapping[str, tuple[int, Column]] = field(default_factory=dict)

    def span_of(self, days: Column) -> Column:
        return np.searchsorted(self.starts, days, side="right")

    def within(self, laws: Column) -> dict[str, Column]:
        """The numbers of the laws that occur; where all of them say the same, that one number stands for the column."""
        occurring = np.flatnonzero(np.bincount(laws, minlength=len(self.has_law) * 9))
        occurring = occurring[self.has_law[occurring // 9]]
        found = {}
        for name, column in self.numbers.items():
            told = column[occurring]
            same = len(told) > 0 and (told == told[0]).all()
            found[name] = told[:1] if same else column
        return found


def law_columns(timeline: Timeline) -> LawColumns:
    """Every law of a county, from the first day of its first schedule on."""
    days = _days_of_change(timeline)
    spans: list[Schedule | None] = [None, *(_schedule_on(timeline, day) for day in days)]
    begins, older = [date.min, *days], {}
    for schedule in timeline.older:
        own_days = sorted({value.from_on for rule in schedule.rules.values() for value in rule.dated})
        older[schedule.content_hash] = (len(spans), np.array(own_days, dtype="datetime64[D]"))
        spans += [None, *[schedule] * len(own_days)]
        begins += [date.min, *own_days]
    stated = [_stated_on(schedule, day) for schedule, day in zip(spans, begins, strict=True)]
    decisive = [rules.get("decisive_day") for rules in stated]
    by_law = [
        _law(rules, tier, status) if all(name in rules for name in NEEDED) else {}
        for rules in stated
        for tier in TIERS
        for status in STATUSES
    ]
    names = next((law.keys() for law in by_law if law), ())
    return LawColumns(
        starts=np.array(days, dtype="datetime64[D]"),
        hashes=np.array([schedule.content_hash if schedule else "" for schedule in spans], dtype=object),
        has_law=np.array([all(name in rules for name in NEEDED) for rules in stated]),
        year_by_admission=np.array([_is_by_admission(told, "year_and_schedule") for told in decisive]),
        status_by_admission=np.array([_is_by_admission(told, "status") for told in decisive]),
        numbers={name: np.array([law.get(name, 0) for law in by_law], dtype=np.int64) for name in names},
        older=older,
    )


def _days_of_change(timeline: Timeline) -> list[date]:
    days = set()
    for period, schedule in timeline.spans:
        days |= {period.start} | ({period.end} if period.end else set())
        days |= {value.from_on for rule in schedule.rules.values() for value in rule.dated}
    return sorted(days)


def _schedule_on(timeline: Timeline, day: date) -> Schedule | None:
    for period, schedule in timeline.spans:
        if period.start <= day and (period.end is None or day < period.end):
            return schedule
    return None


def _stated_on(schedule: Schedule | None, day: date) -> dict[str, Mapping[Part, int | str]]:
    """The rules in force on a day, each with its numbers."""
    if schedule is None:
        return {}
    found = {name: _latest(rule, day) for name, rule in schedule.rules.items()}
    return {name: numbers for name, numbers in found.items() if numbers is not None}


def _latest(rule: Rule, day: date) -> Stated:
    """Section 2: the value with the latest date not after the day; an explicit null ends the rule."""
    begun = [value for value in rule.dated if value.from_on <= day]
    return max(begun, key=lambda value: value.from_on).numbers if begun else None


def _is_by_admission(told: Stated, part: str) -> bool:
    return told is not None and told[(part,)] == "admission"


def _law(rules: Mapping[str, Mapping[Part, int | str]], tier: str, status: str) -> dict[str, int]:
    """The numbers for one tier and status. A rule that is not in force pays nothing (section 2)."""

    def number(rule: str, *part: str, otherwise: int = 0) -> int:
        told = int(rules[rule][part]) if rule in rules else otherwise
        return UNLIMITED if told == NO_LIMIT else told

    waived = "deductible_waived" in rules and rules["deductible_waived"][(status,)] == "yes"
    law = {f"{name}_share": number("catalogue_class_share", name, tier) for name in CLASSES}
    law["deductible"] = 0 if waived else number("inpatient_deductible", tier)
    law |= {f"{band}_rate": number("inpatient_rate", tier, band) for band in BANDS}
    law["band_1_up_to"] = number("inpatient_bands", "band_1_up_to")
    law["band_2_up_to"] = number("inpatient_bands", "band_2_up_to")
    law["top_up_points"] = number("poor_top_up", status)
    law["cap"] = number("inpatient_cap", "a_year")
    # [2] 二、8: the extra points of the poor raise a rate; where there is no rate they raise nothing.
    insured = all(f"serious_illness_{part}" in rules for part in ("rate", "threshold", "bands"))
    extra = number("serious_illness_extra", status)
    law |= {f"serious_{band}_rate": number("serious_illness_rate", band) + extra if insured else 0 for band in BANDS}
    law["serious_threshold"] = number("serious_illness_threshold", status)
    law["serious_band_1_up_to"] = number("serious_illness_bands", "band_1_up_to")
    law["serious_band_2_up_to"] = number("serious_illness_bands", "band_2_up_to")
    law["serious_cap"] = number("serious_illness_cap", "a_year", otherwise=UNLIMITED)
    law["supplementary_share"] = number("supplementary_share", "of_the_cut")
    law["supplementary_cap"] = number("supplementary_cap", "a_year")
    law["assistance_rate"] = number("medical_assistance_rate", status)
    law["assistance_cap"] = number("medical_assistance_cap", status)
    # [0] 三、补助原则和办法 1 第2句: what each enrolled person brings to the household's account.
    law["account_credit"] = number("household_account_credit", "per_person")
    return law
