"""What the bill comes to: F17, F18, F28, F29, F39."""

from __future__ import annotations

import math
from copy import copy
from statistics import fmean, pstdev

from demo.bills import brought_to, total_fen
from demo.catalogue import limit_e4
from demo.county import Family
from demo.drafts import Draft
from demo.lives import age_on
from demo.planted.stage import DAY, FIRST_PART, Stage

HIGH_VALUE_FEN = 5_000_000
SECOND_REVIEW_FEN = 2_000_000
"""ASSUMPTION: the limit above which a second reviewer decides, which a bill may be cut to stay under."""


def plant_duplicates(stage: Stage) -> None:
    first = stage.stay(stage.person(ages=(40, 80)), "K80.2", stage.day(), 7)
    again = copy(first)
    again.same_invoice_as, again.submitted_on = first, first.submitted_on + DAY
    stage.irregular("F17", "the same invoice sent again under another claim number", first, again)
    first = stage.stay(stage.person(ages=(40, 80)), "J18.9", stage.day(), 8)
    again = copy(first)
    again.submitted_on = first.submitted_on + 2 * DAY
    stage.irregular("F17", "the same stay and sum again under another invoice", first, again)
    first = stage.stay(stage.person(ages=(40, 80)), "I10", stage.day(room=90), 7)
    later = copy(first)
    later.admitted_on, later.discharged_on = first.admitted_on + 60 * DAY, first.discharged_on + 60 * DAY
    later.entries = [entry._replace(performed_on=entry.performed_on + 60 * DAY) for entry in first.entries]
    later.submitted_on = later.discharged_on
    stage.regular("F17", "the same sum to the fen two months later", first, later)
    family = stage.family(4, fits=_has_twins)
    one, other = _twins(family)
    first = stage.stay((family, one), "J20.9", stage.day(), 5)
    second = copy(first)
    second.person = other
    stage.regular("F17", "twins: one birthday, one household, one stay, one sum, two people", first, second)


def plant_prices(stage: Stage) -> None:
    for more_e4, why in ((100, "one fen above the limit"), (150_000, "fifteen yuan above the limit")):
        draft = stage.stay(stage.person(ages=(30, 75)), "J18.9", stage.day(), 7)
        _reprice(draft, "胸部CT", above_e4=more_e4)
        stage.irregular("F18", why, draft)
    draft = stage.stay(stage.person(ages=(30, 75)), "J18.9", stage.day(), 7)
    _reprice(draft, "胸部CT", above_e4=0)
    stage.regular("F18", "exactly at the limit", draft)
    draft = stage.stay(stage.person(ages=(30, 75)), "J18.9", stage.day(), 7)
    _reprice(draft, "胸部CT", above_e4=-100)
    stage.regular("F18", "one fen below the limit", draft)


def plant_outliers(stage: Stage) -> None:
    """A dozen usual stays for one illness; then one that costs many times as much, and one that costs a little more."""
    usual = [stage.stay(stage.person(ages=(25, 75)), "N20.1", stage.day(), 5 + n % 2) for n in range(12)]
    logs = [math.log(draft.charged_fen) for draft in usual]
    mean, spread = fmean(logs), max(pstdev(logs), 0.05)
    dear = stage.stay(stage.person(ages=(25, 75)), "N20.1", stage.day(), 6)
    dear.entries = [entry._replace(quantity_e4=entry.quantity_e4 * 9) for entry in dear.entries]
    stage.irregular("F28", "nine times the bill of others with a stone", dear)
    plain = stage.stay(stage.person(ages=(25, 75)), "N20.1", stage.day(), 6)
    plain.entries = brought_to(plain.entries, round(math.exp(mean + spread)), first_day=plain.admitted_on)
    stage.regular("F28", "one standard deviation above the others", plain, *usual)


def plant_high_value(stage: Stage) -> None:
    for target_fen, is_high in (
        (HIGH_VALUE_FEN + 1, True),
        (6_812_345, True),
        (HIGH_VALUE_FEN, False),
        (4_999_999, False),
    ):
        draft = stage.stay(stage.person(ages=(45, 80)), "I49.5", stage.day(), 9, at=stage.places.city[0])
        draft.entries = brought_to(draft.entries, target_fen, first_day=draft.admitted_on + DAY)
        assert total_fen(draft.entries) == target_fen
        why = f"a bill of {target_fen} fen; the limit is {HIGH_VALUE_FEN}"
        (stage.irregular if is_high else stage.regular)("F29", why, draft)


def plant_cut_bills(stage: Stage) -> None:
    """Three bills in a week, each just under what one person may decide alone."""
    patterns = (
        ("F39", True, (0, 3, 6), (95, 92, 99), "three bills in six days, each 90 to 99 % of the limit"),
        ("F39", True, (0, 1, 2), (90, 100, 97), "three bills in two days, 90 % and 100 % of the limit among them"),
        ("F39", False, (0, 4), (95, 96), "two bills only"),
        ("F39", False, (0, 2, 5), (89, 95, 97), "three bills, one of them 89 % of the limit"),
    )
    for rule, is_irregular, offsets, percents, why in patterns:
        who, first = stage.person(ages=(45, 80)), stage.day()
        drafts = []
        for offset, percent in zip(offsets, percents, strict=True):
            draft = stage.stay(who, "S52.5", first + offset * DAY, 1, at=stage.other_hospital)
            target_fen = SECOND_REVIEW_FEN * percent // 100
            draft.entries = brought_to(draft.entries, target_fen, first_day=draft.admitted_on)
            drafts.append(draft)
        (stage.irregular if is_irregular else stage.regular)(rule, why, *drafts)


def _reprice(draft: Draft, name: str, *, above_e4: int) -> None:
    def priced(entry):
        most = limit_e4(entry.item, draft.institution.tier)
        return entry._replace(unit_price_e4=most + above_e4) if entry.item.name == name and most else entry

    draft.entries = [priced(entry) for entry in draft.entries]


def _has_twins(family: Family) -> bool:
    return (
        len(family.people) >= 4
        and family.people[2].born_on == family.people[3].born_on
        and (1 <= age_on(family.people[2], FIRST_PART) <= 12)
    )


def _twins(family: Family):
    return family.people[2], family.people[3]
