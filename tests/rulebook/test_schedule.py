"""Schedules as data: dates, repeal, faults named by file, line and article, hash, approval."""

import shutil
from datetime import date

import pytest

from rulebook import registry
from rulebook.registry import Approval, Timeline
from rulebook.rule_shapes import NO_LIMIT
from rulebook.schedule import AlteredSchedule, NotInForce, UnknownSchedule, from_canonical
from rulebook.schedule_files import FaultySchedule, load_schedule, schedule_by_hash, schedules_on_file
from rulebook.schedule_table import differences, differences_between_days, reader_table
from tests.rulebook.hand_cases import FOLDERS

BALIN = schedules_on_file()["balin_zuoqi"]
ZHENGZHOU = schedules_on_file()["zhengzhou"]
RIVER = load_schedule(FOLDERS["river_county"])

FACTS = [
    # schedule, rule, day, part, number, article
    (BALIN, "household_account_credit", date(2007, 1, 1), ("per_person",), 800, "[0] 1 第2句: 8 yuan per person"),
    (BALIN, "premium", date(2007, 1, 1), ("per_person",), 1000, "[0] 基金筹集 1: 10 yuan"),
    (BALIN, "subsidies", date(2007, 1, 1), ("central",), 2000, "[0] 基金筹集 3: 20 yuan"),
    (BALIN, "subsidies", date(2007, 1, 1), ("region",), 1000, "[0] 基金筹集 3: 10 : 5 : 5 of 20"),
    (BALIN, "subsidies", date(2007, 1, 1), ("county",), 500, "[0] 基金筹集 3: 10 : 5 : 5 of 20"),
    (BALIN, "inpatient_deductible", date(2007, 1, 1), ("township",), 10000, "[0] 2 第5句"),
    (BALIN, "inpatient_deductible", date(2007, 1, 1), ("county",), 20000, "[0] 2 第5句"),
    (BALIN, "inpatient_deductible", date(2007, 1, 1), ("above_county",), 40000, "[0] 2 第5句"),
    (BALIN, "inpatient_rate_range", date(2007, 1, 1), ("township", "highest"), 600_000, "[0] 2 第6句"),
    (BALIN, "inpatient_rate_range", date(2007, 1, 1), ("county", "lowest"), 300_000, "[0] 2 第6句"),
    (BALIN, "inpatient_rate_range", date(2007, 1, 1), ("above_county", "highest"), 350_000, "[0] 2 第7句"),
    (BALIN, "inpatient_cap", date(2007, 1, 1), ("a_year",), 2_000_000, "[0] 2 第8句"),
    (BALIN, "fund_balance_limit", date(2007, 1, 1), ("of_the_fund",), 150_000, "[0] 2 第3句"),
    (BALIN, "risk_fund", date(2007, 1, 1), ("of_the_fund",), 30_000, "[0] 2 第4句"),
    (BALIN, "poor_top_up", date(2016, 1, 1), ("poor",), 50_000, "[2] 二、7"),
    (BALIN, "serious_illness_threshold", date(2017, 12, 31), ("poor",), 500_000, "[2]: the day before 2018"),
    (BALIN, "serious_illness_threshold", date(2018, 1, 1), ("poor",), 300_000, "[2]: from 2018"),
    (BALIN, "serious_illness_threshold", date(2018, 1, 1), ("member",), 500_000, "[2]: for others unchanged"),
    (BALIN, "serious_illness_extra", date(2018, 1, 1), ("poor",), 30_000, "[2]: at least 3 points"),
    (ZHENGZHOU, "inpatient_cap", date(2011, 1, 1), ("a_year",), 10_000_000, "[4] 三（五）"),
    (ZHENGZHOU, "supplementary_cap", date(2011, 7, 1), ("a_year",), 12_000_000, "[4] 三（五）"),
    (ZHENGZHOU, "supplementary_premium", date(2011, 7, 1), ("member",), 900, "[4] 三（五）"),
    (ZHENGZHOU, "supplementary_premium", date(2011, 7, 1), ("city",), 100, "[4] 三（五）"),
    (ZHENGZHOU, "inpatient_bands", date(2011, 1, 1), ("band_1_up_to",), NO_LIMIT, "no bands"),
]


@pytest.mark.parametrize(("schedule", "rule", "day", "part", "number", "article"), FACTS)
def test_the_schedules_say_what_the_documents_say(schedule, rule, day, part, number, article):
    assert schedule.number(rule, day, *part) == number, article


NOT_IN_FORCE = [
    (BALIN, "inpatient_deductible", date(2006, 12, 31), "the day before its first date"),
    (BALIN, "serious_illness_extra", date(2017, 12, 31), "the day before its first date"),
    (BALIN, "supplementary_share", date(2012, 1, 1), "no such rule in this county"),
    (RIVER, "supplementary_share", date(2021, 7, 1), "the day of its repeal"),
]


@pytest.mark.parametrize(("schedule", "rule", "day", "reason"), NOT_IN_FORCE)
def test_a_rule_that_is_not_in_force_is_not_zero(schedule, rule, day, reason):
    with pytest.raises(NotInForce) as refused:
        schedule.value(rule, day)
    assert refused.value.facts == {"scheme": schedule.key, "rule": rule, "day": day}, reason


def test_a_rule_holds_until_the_day_before_its_repeal():
    assert RIVER.has("supplementary_share", date(2021, 6, 30))
    assert not RIVER.has("supplementary_share", date(2021, 7, 1))


def test_every_number_tells_its_article_unit_and_the_day_it_was_checked():
    for schedule in (BALIN, ZHENGZHOU):
        for row in reader_table(schedule):
            assert row.source.startswith("["), row
            assert row.unit
            assert row.checked_on >= date(2026, 1, 1)


def test_every_assumed_number_tells_its_reason_in_both_languages():
    for schedule in (BALIN, ZHENGZHOU):
        assert any(True for day in schedule.dates() for _ in schedule.assumptions_on(day))
        for day in schedule.dates():
            for rule, value in schedule.assumptions_on(day):
                assert len(value.assumed_en) > 15, rule.name


FAULTS = [
    # file, text that is replaced, by what, line, what the fault says
    ("inpatient_cap", '"20000.00"', "20000.00", 10, "must be quoted"),
    ("inpatient_cap", '"20000.00"', '"20,000.00"', 10, "not_an_amount"),
    ("inpatient_cap", '"20000.00"', '"２0000.00"', 10, "full_width_digits"),
    ("inpatient_cap", '"20000.00"', '"2E4"', 10, "exponent_notation"),
    ("inpatient_cap", '"20000.00"', '"20000.005"', 10, "too_many_decimals"),
    ("inpatient_cap", '"20000.00"', '"-20000.00"', 10, "negative_amount"),
    ("inpatient_cap", "a_year:", "per_year:", 9, "a_year is missing"),
    ("inpatient_cap", "a_year:", "per_year:", 10, "per_year is no part"),
    ("inpatient_cap", "unit: yuan a year", "unit: yuan", 3, "the unit is yuan"),
    ("inpatient_cap", "checked_on: 2026-11-21", "checked_on: yesterday", 5, "no day"),
    ("inpatient_cap", "  2007-01-01:", "  2007-1-1:", 9, "no day written as"),
    ("inpatient_cap", "source:", "origin:", 4, "origin is no word of a rule"),
    ("inpatient_cap", "title:", "title", 2, "no YAML"),
    ("inpatient_rate", 'band_1: "40"', 'band_1: "39"', 0, "outside its range"),
    ("inpatient_rate", 'band_1: "40"', 'band_1: "140"', 10, "too_large"),
    ("inpatient_rate", 'band_1: "40", ', 'band_1: "40", band_1: "41", ', 10, "stated twice"),
    ("inpatient_bands", '"10000.00"', '"1000.00"', 0, "band 2 ends before band 1"),
    ("poor_top_up", 'poor: "5"', 'poor: "45"', 0, "exceed 100 %"),
    ("serious_illness_rate", "  2016-01-01:", "  2017-01-01:", 0, "in force without serious_illness_rate"),
    ("deductible_waived", 'poor: "no"', "poor: no", 11, "must be quoted"),
    ("deductible_waived", 'poor: "no"', 'poor: "maybe"', 11, "none of yes, no"),
    ("scheme", "county: 巴林左旗", "district: 巴林左旗", 1, "county is missing"),
]


@pytest.mark.parametrize(("file", "written", "instead", "line", "fault"), FAULTS)
def test_a_fault_is_named_by_file_line_and_article(tmp_path, file, written, instead, line, fault):
    folder = tmp_path / "balin_zuoqi"
    shutil.copytree(FOLDERS["balin_zuoqi"], folder)
    text = (folder / f"{file}.yaml").read_text(encoding="utf-8")
    assert written in text
    (folder / f"{file}.yaml").write_text(text.replace(written, instead, 1), encoding="utf-8")
    with pytest.raises(FaultySchedule) as refused:
        load_schedule(folder)
    found = refused.value.facts["faults"]
    fitting = [told for told in found if fault in told.fault]
    assert fitting, [str(told) for told in found]
    assert (line == 0) or line in {told.line for told in fitting}, [str(told) for told in fitting]
    if line == 0:
        assert all(told.article.startswith("[") for told in fitting)


def test_a_missing_rule_no_scheme_can_be_without_is_a_fault(tmp_path):
    folder = tmp_path / "balin_zuoqi"
    shutil.copytree(FOLDERS["balin_zuoqi"], folder)
    (folder / "inpatient_cap.yaml").unlink()
    (folder / "generosity.yaml").write_text("title: x\n")
    with pytest.raises(FaultySchedule) as refused:
        load_schedule(folder)
    assert {told.file for told in refused.value.facts["faults"]} == {"inpatient_cap.yaml", "generosity.yaml"}


def test_the_same_law_has_the_same_hash_and_another_law_another(tmp_path):
    folder = tmp_path / "balin_zuoqi"
    shutil.copytree(FOLDERS["balin_zuoqi"], folder)
    page = folder / "inpatient_cap.yaml"
    page.write_text("# A comment changes no law.\n" + page.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_schedule(folder) == BALIN
    page.write_text(page.read_text(encoding="utf-8").replace("20000.00", "19999.99"), encoding="utf-8")
    assert load_schedule(folder).content_hash != BALIN.content_hash


def test_a_schedule_is_loaded_by_its_hash_from_file_and_from_the_text_a_registry_kept():
    assert schedule_by_hash(BALIN.content_hash) is BALIN
    kept = from_canonical(BALIN.canonical, content_hash=BALIN.content_hash)
    assert kept == BALIN
    assert reader_table(kept) == reader_table(BALIN)
    with pytest.raises(AlteredSchedule):
        from_canonical(BALIN.canonical.replace("20000.00", "30000.00"), content_hash=BALIN.content_hash)
    with pytest.raises(UnknownSchedule):
        schedule_by_hash("0" * 64)


def approval(document, start, end=None, *, county="150422", schedule=BALIN):
    return Approval(county, schedule.content_hash, document, "committee", date(2006, 12, 1), start, end)


def test_versions_that_overlap_or_leave_a_gap_are_refused():
    first = approval("order 1", date(2007, 1, 1), date(2010, 1, 1))
    registry.check_versions([first, approval("order 2", date(2010, 1, 1))])
    with pytest.raises(registry.OverlappingVersions) as refused:
        registry.check_versions([first, approval("order 2", date(2009, 12, 31))])
    assert refused.value.facts == {"county_code": "150422", "first": "order 1", "second": "order 2"}
    with pytest.raises(registry.GapBetweenVersions):
        registry.check_versions([first, approval("order 2", date(2010, 1, 2))])
    # Another county's versions are its own affair.
    registry.check_versions([first, approval("order 2", date(2015, 1, 1), county="410122")])


def test_a_countys_law_follows_its_approvals():
    law = registry.timeline(
        [
            approval("order 2", date(2011, 7, 1), schedule=ZHENGZHOU),
            approval("order 1", date(2007, 1, 1), date(2011, 7, 1)),
        ],
        county_code="150422",
        schedule_with=schedule_by_hash,
    )
    assert law.schedule_on(date(2011, 6, 30)) is BALIN
    assert law.schedule_on(date(2011, 7, 1)) is ZHENGZHOU
    assert law.dates() == [date(2007, 1, 1), date(2011, 7, 1), date(2016, 1, 1), date(2018, 1, 1)]
    with pytest.raises(registry.NotApproved):
        law.schedule_on(date(2006, 12, 31))
    with pytest.raises(registry.NotApproved):
        registry.timeline([], county_code="150422", schedule_with=schedule_by_hash)


def test_an_assumed_number_has_no_force_in_production_before_approval():
    with pytest.raises(registry.NotApproved):
        Timeline.unapproved(BALIN, is_production=True)
    assert Timeline.unapproved(RIVER, is_production=True).schedule_on(date(2020, 1, 1)) is RIVER


def test_the_readers_table_tells_each_number_with_its_days():
    thresholds = [r for r in reader_table(BALIN) if r.rule == "serious_illness_threshold" and r.part_en == "poor"]
    assert [(row.from_on, row.until_on, row.text) for row in thresholds] == [
        (date(2016, 1, 1), date(2018, 1, 1), "5000.00"),
        (date(2018, 1, 1), None, "3000.00"),
    ]
    on_the_day = [r for r in reader_table(BALIN, on=date(2018, 1, 1)) if r.rule == "serious_illness_threshold"]
    assert [row.text for row in on_the_day] == ["5000.00", "3000.00", "3000.00"]
    repealed = [row for row in reader_table(RIVER) if row.rule == "supplementary_share"]
    assert [(row.from_on, row.text) for row in repealed] == [(date(2020, 1, 1), "80"), (date(2021, 7, 1), "")]


def test_differences_between_two_days_are_exactly_what_changed():
    changed = differences_between_days(BALIN, date(2017, 12, 31), date(2018, 1, 1))
    assert {(d.rule, d.part_en, d.before, d.after) for d in changed} == {
        ("serious_illness_threshold", "poor", "5000.00", "3000.00"),
        ("serious_illness_threshold", "five-guarantee", "5000.00", "3000.00"),
        ("serious_illness_extra", "member", None, "0"),
        ("serious_illness_extra", "poor", None, "3"),
        ("serious_illness_extra", "five-guarantee", None, "3"),
    }
    assert differences_between_days(BALIN, date(2008, 1, 1), date(2015, 12, 31)) == []


def test_differences_between_two_versions_are_exactly_what_changed(tmp_path):
    folder = tmp_path / "balin_zuoqi"
    shutil.copytree(FOLDERS["balin_zuoqi"], folder)
    page = folder / "inpatient_cap.yaml"
    page.write_text(
        page.read_text(encoding="utf-8") + '  2010-01-01:\n    a_year: "30000.00"\n  2012-01-01: null\n',
        encoding="utf-8",
    )
    (folder / "fund_balance_limit.yaml").unlink()
    with pytest.raises(FaultySchedule):
        load_schedule(folder)  # No scheme can be without a cap.
    page.write_text(page.read_text(encoding="utf-8").replace("  2012-01-01: null\n", ""), encoding="utf-8")
    changed = differences(BALIN, load_schedule(folder))
    assert {(d.rule, d.from_on, d.before, d.after) for d in changed} == {
        ("inpatient_cap", date(2010, 1, 1), "20000.00", "30000.00"),
        ("fund_balance_limit", date(2007, 1, 1), "15", None),
    }
