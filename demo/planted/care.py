"""What was done, and for whom: F19, F24, F26, F27, F30, F34."""

from __future__ import annotations

from demo import illnesses
from demo.bills import entry_of
from demo.drafts import Draft
from demo.planted.stage import DAY, Stage

LARGE_TESTS = ("颅脑CT", "胸部CT", "腹部CT", "心脏彩超")


def plant_unbundled(stage: Stage) -> None:
    draft = stage.stay(stage.person(ages=(40, 80)), "I50.9", stage.day(), 8)
    _add(draft, 4, "一级护理")
    stage.irregular("F19", "two levels of nursing on one day", draft)
    draft = stage.stay(stage.person(ages=(25, 70)), "K80.2", stage.day(), 7)
    _add(draft, 1, "局部浸润麻醉")
    stage.irregular("F19", "a local anaesthetic beside the general one", draft)
    draft = stage.stay(stage.person(ages=(25, 70)), "K35.8", stage.day(), 6)
    stage.regular("F19", "an anaesthetic and its monitoring, which belong together", draft)
    draft = stage.stay(stage.person(ages=(25, 70)), "K80.2", stage.day(), 7)
    _add(draft, 3, "局部浸润麻醉")
    stage.regular("F19", "a local anaesthetic two days after the operation", draft)


def plant_other_names(stage: Stage) -> None:
    for own in ("足底保健", "温泉疗养"):
        draft = stage.stay(stage.person(ages=(40, 80)), "M51.2", stage.day(), 8)
        _rename(draft, "推拿治疗", own)
        stage.irregular("F24", f"{own} billed as 推拿治疗", draft)
    for own in ("推拿治疗（腰部）", "推拿 治疗"):
        draft = stage.stay(stage.person(ages=(40, 80)), "M51.2", stage.day(), 8)
        _rename(draft, "推拿治疗", own)
        stage.regular("F24", f"{own} is 推拿治疗", draft)


def plant_without_reason(stage: Stage) -> None:
    for code, test in (("K29.7", "颅脑磁共振"), ("N39.0", "腰椎磁共振")):
        draft = stage.stay(stage.person(ages=(25, 75)), code, stage.day(), 6)
        _add(draft, 1, test)
        stage.irregular("F26", f"{test} for {code}", draft)
    draft = stage.stay(stage.person(ages=(50, 80)), "I63.9", stage.day(), 9)
    stage.regular("F26", "颅脑磁共振 for a stroke", draft)
    draft = stage.stay(stage.person(ages=(25, 75)), "K29.7", stage.day(), 6)
    _add(draft, 1, "颅脑CT")
    stage.regular("F26", "颅脑CT for a stomach, below two hundred yuan", draft)


def plant_batteries(stage: Stage) -> None:
    for tests in (LARGE_TESTS, ("颅脑磁共振", "颈部血管彩超", "下肢血管彩超", "动态心电图")):
        draft = stage.stay(stage.person(ages=(25, 75)), "N39.0", stage.day(), 6)
        _add(draft, 0, *tests)
        stage.irregular("F27", f"{len(tests)} large tests on admission for an infection", draft)
    draft = stage.stay(stage.person(ages=(60, 85)), "S72.0", stage.day(), 14)
    _add(draft, 0, *LARGE_TESTS)
    stage.regular("F27", "the same tests after a fall", draft)
    draft = stage.stay(stage.person(ages=(25, 75)), "N39.0", stage.day(), 6)
    _add(draft, 0, *LARGE_TESTS[:3])
    _add(draft, 4, LARGE_TESTS[3])
    stage.regular("F27", "three on admission, the fourth on the fifth day", draft)


def plant_long_stays(stage: Stage) -> None:
    for days in (32, 45):
        draft = stage.stay(stage.person(ages=(40, 80)), "J18.9", stage.day(room=90), days)
        stage.irregular("F30", f"{days} days for a pneumonia", draft)
    draft = stage.stay(stage.person(ages=(40, 80)), "J18.9", stage.day(), 8)
    stage.regular("F30", "eight days for a pneumonia, as many have", draft)
    draft = stage.stay(stage.person(ages=(40, 80)), "J18.9", stage.day(), 7)
    stage.regular("F30", "a week", draft)


def plant_emergencies(stage: Stage) -> None:
    draft = stage.stay(stage.person(ages=(40, 70)), illnesses.course("chemotherapy"), stage.day(), 3)
    _add(draft, 0, "急诊诊查费")
    stage.irregular("F34", "an emergency fee on a course of chemotherapy", draft)
    draft = stage.stay(stage.person(ages=(60, 85)), "H25.9", stage.day(), 3)
    _add(draft, 0, "急诊诊查费")
    stage.irregular("F34", "an emergency fee on a cataract", draft)
    for code in ("K35.8", "K92.2"):
        draft = stage.stay(stage.person(ages=(25, 75)), code, stage.day(), 6)
        _add(draft, 0, "急诊诊查费")
        stage.regular("F34", f"an emergency fee for {code}, which is one", draft)


def _add(draft: Draft, day: int, *names: str) -> None:
    """More lines on one day of the stay, at the prices of the place."""
    on = draft.admitted_on + day * DAY
    there = {entry.item.name for entry in draft.entries if entry.performed_on == on}
    more = [entry_of(draft.institution, name, on) for name in names if name not in there]
    draft.entries = sorted([*draft.entries, *more], key=lambda entry: (entry.performed_on, entry.item.code))


def _rename(draft: Draft, name: str, own: str) -> None:
    draft.entries = [entry._replace(own_name=own) if entry.item.name == name else entry for entry in draft.entries]
