"""What an institution does as a habit: F07, F08; and in the whole county F09, F32, F40.

They have branches of their own, where nobody else is treated, so that what is planted is all there is.
"""

from __future__ import annotations

import datetime as dt

from demo.bills import ONE_E4
from demo.catalogue import items
from demo.drafts import Draft, Entry
from demo.institutions import Institution
from demo.planted.stage import DAY, FIRST_PART, Stage

DAYS_A_ROUND = 95
OTHERS_FEN = 3_000
"""What of a cheap stay is not drugs, so that drugs of 4,500 fen are sixty of a hundred."""


def plant_over_beds(stage: Stage) -> None:
    """A branch of two beds: two of them and a fifth part of one may be taken, so two."""
    branch = stage.places.branches[0]
    first = FIRST_PART + stage.number * DAYS_A_ROUND * DAY
    three = _together(stage, branch, first, 3)
    stage.irregular("F07", "three in two beds", *three)
    three = _together(stage, branch, first + 20 * DAY, 3, days=1)
    stage.irregular("F07", "three in two beds for one night", *three)
    two = _together(stage, branch, first + 40 * DAY, 2)
    stage.regular("F07", "two in two beds", *two)
    staying, leaving, coming = (
        stage.stay(stage.person(ages=(30, 80)), "J18.9", first + day * DAY, 5, at=branch) for day in (62, 60, 65)
    )
    stage.regular("F07", "the third comes on the day the first goes", staying, leaving, coming)


def plant_low_threshold(stage: Stage) -> None:
    branch, other = stage.places.branches[1:3]
    low = [_cheap(stage, branch, 4_501 + n) for n in range(3)]
    stage.irregular("F08", "two days for a stomach, drugs a little over sixty of a hundred, three times", *low)
    low = [_cheap(stage, branch, 9_000) for _ in range(4)]
    stage.irregular("F08", "two days for a stomach and drugs alone, four times", *low)
    stage.regular("F08", "drugs are sixty of a hundred to the fen", *(_cheap(stage, other, 4_500) for _ in range(3)))
    stage.regular("F08", "three days", *(_cheap(stage, other, 9_000, days=3) for _ in range(3)))
    done = [_cheap(stage, other, 9_000) for _ in range(3)]
    for draft in done:
        draft.procedures = ("44.4302",)
    stage.regular("F08", "something was done", *done)


def plant_one_day_stays(stage: Stage) -> None:
    branch, other = stage.places.branches[3:5]
    long = [_usual(stage, branch, n * 9) for n in range(30)]
    short = [_usual(stage, branch, 275 + n * 9, days=1) for n in range(2)]
    stage.irregular("F09", "two stays of one day beside thirty others: six of a hundred", *short)
    stage.drafts += long
    usual = [_usual(stage, other, n * 7) for n in range(39)]
    one = _usual(stage, other, 280, days=1)
    stage.regular("F09", "one of forty: less than three of a hundred", one)
    stage.drafts += usual


def plant_busy_surgeons(stage: Stage) -> None:
    eyes = stage.places.hospitals[3]
    for count, on, is_irregular in ((31, dt.date(2025, 6, 3), True), (30, dt.date(2025, 9, 2), False)):
        drafts = [stage.stay(stage.person(ages=(41, 90)), "H25.9", on, 2, at=eyes) for _ in range(count)]
        for draft in drafts:
            draft.doctor = f"{eyes.code}D991"
        why = f"{count} cataracts of one surgeon on one day"
        (stage.irregular if is_irregular else stage.regular)("F32", why, *drafts)


def plant_december(stage: Stage) -> None:
    branch, other = stage.places.branches[5:7]
    stage.drafts += [_usual(stage, branch, 10 + n * 29) for n in range(11)]
    rush = [_usual(stage, branch, 335 + n * 2, days=4) for n in range(12)]
    stage.irregular("F40", "twelve admissions in December, one a month before", *rush)
    stage.drafts += [_usual(stage, other, 10 + n * 60) for n in range(2)]
    few = [_usual(stage, other, 335 + n * 3, days=4) for n in range(9)]
    stage.regular("F40", "nine admissions in December: too few to be a rush", *few)


def _together(stage: Stage, at: Institution, on: dt.date, count: int, *, days: int = 6) -> list[Draft]:
    return [stage.stay(stage.person(ages=(30, 80)), "J18.9", on, days, at=at) for _ in range(count)]


def _usual(stage: Stage, at: Institution, day_of_2025: int, *, days: int = 5) -> Draft:
    admitted_on = dt.date(2025, 1, 1) + day_of_2025 * DAY
    return stage.stay(stage.person(ages=(20, 85)), "K29.7", admitted_on, days, at=at)


def _cheap(stage: Stage, at: Institution, drugs_fen: int, *, days: int = 2) -> Draft:
    """A stay whose bill is a line of care every day, and drugs on two."""
    draft = stage.stay(stage.person(ages=(20, 70)), "K29.7", stage.day(), days, at=at)
    care, drug, on = items()["推拿治疗"], items()["人血白蛋白注射液"], draft.admitted_on
    draft.entries = [Entry(on + n * DAY, care, ONE_E4, OTHERS_FEN // days * 100) for n in range(days)]
    draft.entries += [
        Entry(on, drug, ONE_E4, drugs_fen // 2 * 100),
        Entry(on + DAY, drug, ONE_E4, (drugs_fen - drugs_fen // 2) * 100),
    ]
    draft.entries.sort(key=lambda entry: (entry.performed_on, entry.item.code))
    return draft
