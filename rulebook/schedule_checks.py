"""What must hold between the rules of a schedule, on every day of its life."""

from collections.abc import Iterator
from datetime import date

from rulebook.money import PPM
from rulebook.rule_shapes import BANDS, SHAPES, STATUSES, TIERS
from rulebook.schedule import Schedule

RuleFault = tuple[str, str, str]


def faults_across(schedule: Schedule) -> Iterator[RuleFault]:
    """(rule, article, fault) for everything the rules of a schedule contradict each other in."""
    dates = schedule.dates()
    first = max(schedule.rules[name].dated[0].from_on for name, shape in SHAPES.items() if shape.is_required)
    for day in dates:
        for name, shape in SHAPES.items():
            if shape.is_required and day >= first and not schedule.has(name, day):
                yield _fault(schedule, name, day, "repealed, and no scheme can be without this rule")
            if schedule.has(name, day):
                for needed in shape.needs:
                    if not schedule.has(needed, day):
                        yield _fault(schedule, name, day, f"in force without {needed}")
        yield from _faulty_rates(schedule, day)
        yield from _faulty_bands(schedule, day)


def _fault(schedule: Schedule, rule: str, day: date, fault: str) -> RuleFault:
    return rule, schedule.rules[rule].source, f"{day}: {fault}"


def _faulty_rates(schedule: Schedule, day: date) -> Iterator[RuleFault]:
    if schedule.has("inpatient_rate", day):
        top_up = max(_number_or_zero(schedule, "poor_top_up", day, status) for status in STATUSES)
        for tier in TIERS:
            for band in BANDS:
                rate = schedule.number("inpatient_rate", day, tier, band)
                if rate + top_up > PPM:
                    yield _fault(schedule, "inpatient_rate", day, f"{tier}.{band} and the top-up exceed 100 %")
                if schedule.has("inpatient_rate_range", day) and not (
                    schedule.number("inpatient_rate_range", day, tier, "lowest")
                    <= rate
                    <= schedule.number("inpatient_rate_range", day, tier, "highest")
                ):
                    yield _fault(schedule, "inpatient_rate", day, f"{tier}.{band} lies outside its range")
    if schedule.has("serious_illness_rate", day):
        extra = max(_number_or_zero(schedule, "serious_illness_extra", day, status) for status in STATUSES)
        for band in BANDS:
            if schedule.number("serious_illness_rate", day, band) + extra > PPM:
                yield _fault(schedule, "serious_illness_rate", day, f"{band} and the extra points exceed 100 %")


def _number_or_zero(schedule: Schedule, rule: str, day: date, *part: str) -> int:
    return schedule.number(rule, day, *part) if schedule.has(rule, day) else 0


def _faulty_bands(schedule: Schedule, day: date) -> Iterator[RuleFault]:
    for rule in ("inpatient_bands", "serious_illness_bands"):
        if schedule.has(rule, day):
            first = schedule.number(rule, day, "band_1_up_to")
            second = schedule.number(rule, day, "band_2_up_to")
            if first > second:
                yield _fault(schedule, rule, day, "band 2 ends before band 1")
