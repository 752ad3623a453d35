"""What a stay's days say: F05, F06, F16, F20, F41; and dispensing F21."""

from __future__ import annotations

from demo.bills import ONE_E4, entry_of, total_fen
from demo.catalogue import items
from demo.drafts import Draft, Entry
from demo.planted.stage import DAY, Stage

FIXED = ("bed", "nursing")


def plant_days_without_care(stage: Stage) -> None:
    for empty in (1, 3):
        draft = stage.stay(stage.person(ages=(40, 80)), "M51.2", stage.day(), 10)
        missing = {draft.admitted_on + (3 + n) * DAY for n in range(empty)}
        draft.entries = [entry for entry in draft.entries if entry.performed_on not in missing]
        stage.irregular("F05", f"{empty} whole days of the stay without a single item", draft)
    draft = stage.stay(stage.person(ages=(60, 80)), "H25.9", stage.day(), 2)
    draft.entries = [entry for entry in draft.entries if entry.performed_on != draft.admitted_on + DAY]
    stage.regular("F05", "a stay of two days: too short for the rule", draft)
    draft = stage.stay(stage.person(ages=(40, 80)), "M51.2", stage.day(), 10)
    quiet = draft.admitted_on + 4 * DAY
    draft.entries = [one for one in draft.entries if one.performed_on != quiet or one.item.kind in FIXED]
    stage.regular("F05", "a quiet day: bed and nursing, nothing else", draft)


def plant_bed_only(stage: Stage) -> None:
    draft = stage.stay(stage.person(ages=(40, 80)), "I10", stage.day(), 8)
    draft.entries = _with_share(draft, percent=86)
    stage.irregular("F06", "bed and nursing are six sevenths of the bill", draft)
    draft = stage.stay(stage.person(ages=(40, 80)), "I10", stage.day(), 5)
    draft.entries = _with_share(draft, percent=73)
    stage.irregular("F06", "bed and nursing are a little over 70 % in five days", draft)
    draft = stage.stay(stage.person(ages=(40, 80)), "I10", stage.day(), 8)
    draft.entries = _with_share(draft, percent=66)
    stage.regular("F06", "bed and nursing are a little under 70 %", draft)
    draft = stage.stay(stage.person(ages=(40, 80)), "A09.9", stage.day(), 4)
    draft.entries = _with_share(draft, percent=80)
    stage.regular("F06", "four days: too short for the rule", draft)


def plant_repeated_items(stage: Stage) -> None:
    for name in ("胸部CT", "肝功能十一项"):
        draft = stage.stay(stage.person(ages=(40, 80)), "J18.9", stage.day(), 7)
        first = next(entry for entry in draft.entries if entry.item.name == name)
        draft.entries = _in_order([*draft.entries, first])
        stage.irregular("F16", f"{name} twice on one day, on two lines", draft)
    draft = stage.stay(stage.person(ages=(40, 80)), "J18.9", stage.day(), 7)
    draft.entries = _in_order([*draft.entries, entry_of(draft.institution, "胸部CT", draft.admitted_on + 5 * DAY)])
    stage.regular("F16", "胸部CT again on the sixth day", draft)
    draft = stage.stay(stage.person(ages=(40, 80)), "E11.9", stage.day(), 8)
    stage.regular("F16", "blood sugar four times a day, one line a day", draft)


def plant_too_many(stage: Stage) -> None:
    for name, count in (("三人间床位费", 2), ("心电图", 7)):
        draft = stage.stay(stage.person(ages=(45, 80)), "I50.9", stage.day(), 8)
        day = draft.admitted_on + 2 * DAY
        kept = [one for one in draft.entries if (one.performed_on, one.item.name) != (day, name)]
        draft.entries = _in_order([*kept, entry_of(draft.institution, name, day, count)])
        stage.irregular("F20", f"{name} {count} times on one day", draft)
    draft = stage.stay(stage.person(ages=(45, 80)), "E11.9", stage.day(), 8)
    stage.regular("F20", "葡萄糖测定 four times a day is usual with insulin", draft)
    draft = stage.stay(stage.person(ages=(45, 80)), "J18.9", stage.day(), 7)
    stage.regular("F20", "one bed a day, bottles twice a day", draft)


def plant_bed_days(stage: Stage) -> None:
    for more in (2, 5):
        draft = stage.stay(stage.person(ages=(40, 80)), "M51.2", stage.day(), 9)
        _bill_beds(draft, days=9 + more)
        stage.irregular("F41", f"{9 + more} bed days in nine nights", draft)
    draft = stage.stay(stage.person(ages=(40, 80)), "M51.2", stage.day(), 9)
    _bill_beds(draft, days=10)
    stage.regular("F41", "ten bed days in nine nights: the day of discharge counted too", draft)
    draft = stage.stay(stage.person(ages=(40, 80)), "I63.9", stage.day(), 10)
    stage.regular("F41", "ten bed days in ten nights", draft)


def plant_over_supply(stage: Stage) -> None:
    day, who = stage.day(), stage.person(ages=(25, 70))
    draft = stage.visit(who, "J06.9", day)
    draft.entries = [*_without_drugs(draft), entry_of(draft.institution, "连花清瘟胶囊", day, 10)]
    stage.irregular("F21", "ten boxes for a cold: thirty days' supply", draft)
    day, who = stage.day(), stage.person(ages=(25, 70))
    draft = stage.visit(who, "N39.0", day)
    draft.entries = [*_without_drugs(draft), entry_of(draft.institution, "左氧氟沙星片", day, 8)]
    stage.irregular("F21", "eight boxes of an antibiotic", draft)
    day, who = stage.day(), stage.person(ages=(45, 80))
    draft = stage.visit(who, "I10", day)
    draft.entries = [*_without_drugs(draft), entry_of(draft.institution, "氨氯地平片", day, 4)]
    stage.regular("F21", "four boxes for high blood pressure: a month, as chronic illness may have", draft)
    day, who = stage.day(), stage.person(ages=(25, 70))
    draft = stage.visit(who, "J06.9", day)
    draft.entries = [*_without_drugs(draft), entry_of(draft.institution, "连花清瘟胶囊", day, 2)]
    stage.regular("F21", "two boxes for a cold: less than a week", draft)


def _without_drugs(draft: Draft) -> list[Entry]:
    return [entry for entry in draft.entries if entry.item.kind != "drug"]


def _bill_beds(draft: Draft, *, days: int) -> None:
    """So many bed days on the lines of the stay's own days, the surplus on the day of discharge."""
    beds = [entry for entry in draft.entries if entry.item.kind == "bed"]
    surplus = beds[-1]._replace(performed_on=draft.discharged_on, quantity_e4=(days - len(beds)) * ONE_E4)
    draft.entries = _in_order([*draft.entries, surplus])


def _with_share(draft: Draft, *, percent: int) -> list[Entry]:
    """Bed and nursing every day, and care of every day up to a bill of which they are so many per cent."""
    fixed = [entry for entry in draft.entries if entry.item.kind in FIXED]
    other_fen = total_fen(fixed) * (100 - percent) // percent
    days = (draft.discharged_on - draft.admitted_on).days
    care = items()["推拿治疗"]
    a_day_fen = other_fen // days
    return _in_order(
        [*fixed, *(Entry(draft.admitted_on + n * DAY, care, ONE_E4, a_day_fen * 100) for n in range(days))]
    )


def _in_order(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.performed_on, entry.item.code))
