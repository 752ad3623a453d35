"""What was done day by day: one below, at and above each threshold."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.checks.making import VISIT, claim, day, frames, line, lines_named, rows_named


def daily(first: str, days: int, *, but: tuple[int, ...] = (), name: str = "换药（小）"):
    begin = day(first)
    return [line(name, str(begin + dt.timedelta(days=n)), yuan=50) for n in range(days) if n not in but]


@pytest.mark.parametrize(
    ("discharged", "written", "is_named", "why"),
    [
        ("03-06", daily("03-02", 4, but=(2,)), True, "a whole day without anything"),
        ("03-06", daily("03-02", 4), False, "every day has something"),
        ("03-06", daily("03-02", 4, but=(0,)), False, "the day of admission may be short"),
        ("03-06", [*daily("03-02", 4), line("换药（小）", "03-06")], False, "the day of discharge too"),
        ("03-05", daily("03-02", 4, but=(1,)), True, "three days are long enough"),
        ("03-04", daily("03-02", 3, but=(1,)), False, "two days are not"),
        ("03-06", [line("静脉输液", "03-02"), line("静脉输液", "03-02")], False, "a bill that bears one day"),
        (
            "03-06",
            [line("三人间床位费", "03-02", count=4, kind="bed"), line("血常规", "03-03")],
            False,
            "four bed days",
        ),
        (
            "03-06",
            [line("三人间床位费", "03-02", count=3, kind="bed"), line("血常规", "03-03")],
            True,
            "three bed days",
        ),
        (
            "03-06",
            [line("三人间床位费", "03-02", count=9e9, kind="bed"), line("血常规", "03-03")],
            False,
            "no overflow",
        ),
        (
            "03-06",
            [line("0.9%氯化钠", "03-02", count=4, kind="drug"), line("血常规", "03-03")],
            True,
            "bottles: no days",
        ),
    ],
)
def test_a_day_without_anything(discharged, written, is_named, why):
    assert rows_named("F05", frames(claim("03-02", discharged), lines={0: written})) == [0] * is_named, why


def test_each_claim_has_its_own_days():
    quiet, busy = claim("03-02", "03-06"), claim("03-10", "03-14", member_id=2)
    written = {0: daily("03-02", 4, but=(1,)), 1: daily("03-10", 4)}
    assert rows_named("F05", frames(quiet, busy, lines=written)) == [0]
    assert rows_named("F05", frames(claim("03-02", **VISIT), lines={0: daily("03-02", 1)})) == []


@pytest.mark.parametrize(
    ("bed_yuan", "discharged", "is_named"),
    [(70, "03-07", False), (70.01, "03-07", True), (90, "03-06", False), (0, "03-07", False)],
)
def test_beds_alone_are_more_than_seventy_of_a_hundred_in_five_days(bed_yuan, discharged, is_named):
    written = [line("床", "03-02", yuan=bed_yuan, kind="bed"), line("药", "03-02", yuan=30, kind="drug")]
    total_fen = round(bed_yuan * 100) + 3000
    whole = claim("03-02", discharged, charged_fen=10_000 if bed_yuan == 70.01 else total_fen)
    assert rows_named("F06", frames(whole, lines={0: written})) == [0] * is_named


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ([line("一级护理", "03-02"), line("二级护理", "03-02")], [2]),
        ([line("一级护理", "03-02"), line("二级护理", "03-03")], []),
        ([line("一级护理", "03-02"), line("一级护理", "03-02")], []),
        ([line("剖宫产术", "03-02"), line("单胎顺产接生", "03-02")], [2]),
        ([line("剖宫产术", "03-02"), line("全身麻醉", "03-02")], []),
        ([line("全身麻醉", "03-02"), line("血常规", "03-02"), line("局部浸润麻醉", "03-02")], [3]),
    ],
)
def test_of_some_items_a_day_has_one(written, named):
    assert lines_named("F19", frames(claim(), lines={0: written})) == named


def test_what_excludes_each_other_does_so_on_one_claim():
    of = frames(
        claim(), claim("04-02", member_id=2), lines={0: [line("剖宫产术", "03-02")], 1: [line("单胎顺产接生", "03-02")]}
    )
    assert rows_named("F19", of) == []


@pytest.mark.parametrize(
    ("written", "is_named", "why"),
    [
        ([line("心电图", "03-02", count=6, kind="examination")], False, "six of an examination"),
        ([line("心电图", "03-02", count=7, kind="examination")], True, "seven"),
        ([line("心电图", "03-02", count=4, kind="examination")] * 2, True, "four and four on one day"),
        ([line("心电图", f"03-0{n}", count=4, kind="examination") for n in (2, 3)], False, "four a day"),
        ([line("葡萄糖测定", "03-02", count=8, kind="examination")], False, "an item with a number of its own"),
        ([line("葡萄糖测定", "03-02", count=9, kind="examination")], True, "one more"),
        ([line("三人间床位费", "03-02", count=5, kind="bed")], False, "a stay's beds on one line"),
        ([line("三人间床位费", f"03-0{n}", count=n - 1, kind="bed") for n in (2, 3)], True, "two beds, dated by day"),
        ([line("青霉素注射用", "03-02", count=40, kind="drug")], False, "nothing is said of drugs"),
    ],
)
def test_more_of_an_item_than_a_day_has(written, is_named, why):
    assert rows_named("F20", frames(claim(), lines={0: written})) == [0] * is_named, why


@pytest.mark.parametrize(
    ("diagnosis", "boxes", "is_named"),
    [("J06.9", 2, False), ("J06.9", 3, True), ("I10", 4, False), ("I10", 5, True), ("E11.9", 4, False)],
)
def test_a_week_of_drugs_or_a_month_for_the_chronic(diagnosis, boxes, is_named):
    visit = claim("03-02", diagnosis=diagnosis, **VISIT)
    drug = line("布洛芬片", "03-02", count=boxes, kind="drug")
    assert rows_named("F21", frames(visit, lines={0: [drug]})) == [0] * is_named
    assert (
        rows_named("F21", frames(visit, lines={0: [line("布洛芬片", "03-02", count=boxes / 2, kind="drug")] * 2}))
        == [0] * is_named
    )
    assert rows_named("F21", frames(claim(diagnosis=diagnosis), lines={0: [drug]})) == [], "a stay is not dispensed"
    given = line("青霉素注射用", "03-02", count=boxes, kind="drug")
    assert rows_named("F21", frames(visit, lines={0: [given]})) == [], "what is injected is given there"


@pytest.mark.parametrize(
    ("name", "yuan", "diagnosis", "is_named"),
    [
        ("颅脑磁共振", 200.01, "K29.7", True),
        ("颅脑磁共振", 200, "K29.7", False),
        ("颅脑磁共振", 460, "I63.9", False),
        ("腰椎磁共振", 480, "J06.9", True),
        ("血常规", 460, "K29.7", False),
        ("颅脑磁共振", 460, "444814009", False),
    ],
)
def test_a_dear_test_wants_an_illness_it_is_for(name, yuan, diagnosis, is_named):
    written = [line(name, "03-02", yuan=yuan, kind="examination")]
    assert rows_named("F26", frames(claim(diagnosis=diagnosis), lines={0: written})) == [0] * is_named


LARGE = ("颅脑CT", "胸部CT", "腹部CT", "心脏彩超")


@pytest.mark.parametrize(
    ("days", "diagnosis", "is_named"),
    [
        (("03-02", "03-02", "03-02", "03-02"), "K29.7", True),
        (("03-02", "03-02", "03-03", "03-03"), "K29.7", True),
        (("03-02", "03-02", "03-03", "03-04"), "K29.7", False),
        (("03-02", "03-02", "03-02", "03-02"), "S06.0", False),
        (("03-02", "03-02", "03-02"), "K29.7", False),
    ],
)
def test_four_large_tests_at_once_want_an_illness_for_which_that_is_usual(days, diagnosis, is_named):
    written = [line(name, on, kind="examination") for name, on in zip(LARGE, days, strict=False)]
    assert rows_named("F27", frames(claim(diagnosis=diagnosis), lines={0: written})) == [0] * is_named


def test_the_same_test_four_times_is_one_test():
    written = [line("颅脑CT", "03-02", kind="examination")] * 4
    assert rows_named("F27", frames(claim(diagnosis="K29.7"), lines={0: written})) == []


@pytest.mark.parametrize(
    ("diagnosis", "procedures", "is_named"),
    [
        ("Z51.1", [], True),
        ("H25.9", [], True),
        ("N18.5", ["39.95"], True),
        ("K35.8", [], False),
        ("H40", ["13.41"], True),
    ],
)
def test_an_emergency_fee_does_not_belong_to_what_was_arranged(diagnosis, procedures, is_named):
    of = claim(diagnosis=diagnosis, procedures=procedures)
    assert lines_named("F34", frames(of, lines={0: [line("急诊诊查费", "03-02")]})) == [1] * is_named
    assert lines_named("F34", frames(of, lines={0: [line("住院诊查费", "03-02")]})) == []


def test_two_beds_for_one_night_are_too_many_on_one_line_too():
    written = {0: [line("三人间床位费", "03-02", count=2, kind="bed")]}
    assert rows_named("F20", frames(claim("03-02", "03-03"), lines=written)) == [0]
    assert rows_named("F20", frames(claim("03-02", "03-04"), lines=written)) == []


def test_seven_days_of_drugs_are_a_week():
    """A third of a box more than two is seven days; a box is three."""
    for boxes, is_named in ((2.3333, False), (2.3334, False), (2.6666, False), (2.6667, True)):
        drug = line("布洛芬片", "03-02", count=boxes, kind="drug")
        assert rows_named("F21", frames(claim("03-02", **VISIT), lines={0: [drug]})) == [0] * is_named, boxes
