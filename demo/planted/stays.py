"""Stays that follow each other, or lie over each other: F01, F02, F03, F04, F13."""

from __future__ import annotations

from demo import illnesses
from demo.ordinary import refer
from demo.planted.stage import DAY, Stage


def plant_split_stays(stage: Stage) -> None:
    """One illness cut into two stays, and what only resembles it."""
    for gap in (0, 7):
        who, day = stage.person(ages=(45, 80)), stage.day()
        first = stage.stay(who, "I63.9", day, 9)
        second = stage.stay(who, "I63.9", first.discharged_on + gap * DAY, 8)
        stage.irregular(
            "F01", f"admitted again {gap} days after the discharge, same place, same illness", first, second
        )
    who = stage.person(ages=(45, 80))
    first = stage.stay(who, "I63.9", stage.day(), 9)
    second = stage.stay(who, "I63.9", first.discharged_on + 8 * DAY, 8)
    stage.regular("F01", "admitted again on the eighth day: one more than the gap", first, second)
    who = stage.person(ages=(45, 78))
    first = stage.stay(who, "J18.9", stage.day(), 7)
    second = stage.stay(who, "K80.2", first.discharged_on + 7 * DAY, 7)
    stage.regular("F01", "exactly seven days later, but another illness", first, second)
    who = stage.person(ages=(45, 80))
    first = stage.stay(who, "I20.0", stage.day(), 6)
    second = stage.stay(who, "I20.0", first.discharged_on + 3 * DAY, 7, at=stage.other_hospital)
    stage.regular("F01", "three days later, but another hospital", first, second)


def plant_wide_split_stays(stage: Stage) -> None:
    for gap in (9, 15):
        who = stage.person(ages=(45, 80))
        first = stage.stay(who, "J44.1", stage.day(), 8)
        second = stage.stay(who, "I50.9", first.discharged_on + gap * DAY, 8)
        stage.irregular("F02", f"two stays at one hospital, {gap} days apart", first, second)
    who = stage.person(ages=(45, 80))
    first = stage.stay(who, "J44.1", stage.day(), 8)
    second = stage.stay(who, "I50.9", first.discharged_on + 16 * DAY, 8)
    stage.regular("F02", "sixteen days apart: one more than the gap", first, second)
    who, chemotherapy = stage.person(ages=(40, 70)), illnesses.course("chemotherapy")
    cycles = [stage.stay(who, chemotherapy, stage.day(room=80), 3)]
    for _ in range(2):
        cycles.append(stage.stay(who, chemotherapy, cycles[-1].discharged_on + 14 * DAY, 3))
    stage.regular("F02", "three cycles of chemotherapy, fourteen days between them", *cycles)
    who, dialysis = stage.person(ages=(40, 75)), illnesses.course("dialysis")
    runs = [stage.stay(who, dialysis, stage.day(), 1)]
    for _ in range(3):
        runs.append(stage.stay(who, dialysis, runs[-1].discharged_on + 8 * DAY, 1))
    stage.regular("F02", "dialysis again and again", *runs)


def plant_relays(stage: Stage) -> None:
    for gap in (0, 1):
        who = stage.person(ages=(45, 80))
        first = stage.stay(who, "M51.2", stage.day(), 9)
        second = stage.stay(who, "M51.2", first.discharged_on + gap * DAY, 9, at=stage.other_hospital)
        stage.irregular("F03", f"handed on to another hospital after {gap} days, no referral", first, second)
    who = stage.person(ages=(45, 80))
    first = stage.stay(who, "I21.9", stage.day(), 2)
    second = stage.stay(who, "I21.9", first.discharged_on, 8, at=stage.places.city[0])
    refer(stage.rng, second, stage.hospital)
    assert second.referral
    second.referral.valid_from_on = second.admitted_on
    stage.regular("F03", "transferred the same day, with a slip", first, second)
    who = stage.person(ages=(45, 80))
    first = stage.stay(who, "M51.2", stage.day(), 9)
    second = stage.stay(who, "M51.2", first.discharged_on + 2 * DAY, 9, at=stage.other_hospital)
    stage.regular("F03", "another hospital after two days: one more than the gap", first, second)


def plant_visits_during_stays(stage: Stage) -> None:
    who = stage.person(ages=(45, 80))
    inside = stage.stay(who, "E11.9", stage.day(), 9)
    visit = stage.visit(who, "M54.5", inside.admitted_on + 4 * DAY, at=stage.other_hospital)
    stage.irregular("F04", "seen at another hospital in the middle of a stay", inside, visit)
    who = stage.person(ages=(45, 80))
    inside = stage.stay(who, "J18.9", stage.day(), 8)
    visit = stage.visit(who, "I10", inside.discharged_on - DAY, at=stage.places.centre[who[1].card_number[:9]])
    stage.irregular("F04", "seen at the health centre the day before the discharge", inside, visit)
    who = stage.person(ages=(45, 80))
    inside = stage.stay(who, "J18.9", stage.day(), 8)
    visit = stage.visit(who, "J06.9", inside.admitted_on, at=stage.places.centre[who[1].card_number[:9]])
    stage.regular("F04", "seen at the health centre in the morning, admitted the same day", inside, visit)
    who = stage.person(ages=(45, 80))
    inside = stage.stay(who, "J18.9", stage.day(), 8)
    visit = stage.visit(who, "I10", inside.discharged_on, at=stage.places.centre[who[1].card_number[:9]])
    stage.regular("F04", "home again, seen at the health centre the same day", inside, visit)


def plant_two_places(stage: Stage) -> None:
    who = stage.person(ages=(45, 80))
    first = stage.stay(who, "J44.1", stage.day(), 10)
    second = stage.stay(who, "I50.9", first.admitted_on + 3 * DAY, 8, at=stage.other_hospital)
    stage.irregular("F13", "in bed at two hospitals for a week", first, second)
    who = stage.person(ages=(45, 80))
    first = stage.stay(who, "J44.1", stage.day(), 10)
    second = stage.stay(who, "I50.9", first.discharged_on - DAY, 7, at=stage.other_hospital)
    stage.irregular("F13", "in bed at two hospitals for one night", first, second)
    who = stage.person(ages=(45, 80))
    first = stage.stay(who, "J44.1", stage.day(), 10)
    second = stage.stay(who, "I50.9", first.discharged_on, 7, at=stage.places.city[1])
    refer(stage.rng, second, stage.hospital)
    assert second.referral
    second.referral.valid_from_on = second.admitted_on
    stage.regular("F13", "left one hospital and entered the next on one day, with a slip", first, second)
    who = stage.person(ages=(45, 80))
    first = stage.stay(who, "I10", stage.day(), 7)
    second = stage.stay(who, "K64.9", first.discharged_on + 20 * DAY, 7, at=stage.other_hospital)
    stage.regular("F13", "two hospitals, three weeks apart", first, second)
