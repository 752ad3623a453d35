"""The sheet of steps: every amount with its article, in both languages."""

from datetime import date

import pytest

from rulebook.benefits import NEW_YEAR, Claim, State, explain
from rulebook.schedule import NotInForce
from rulebook.schedule_files import schedules_on_file

BALIN = schedules_on_file()["balin_zuoqi"]
ZHENGZHOU = schedules_on_file()["zhengzhou"]


def printed(sheet):
    return [(step.line.operator, step.line.label_en, step.line.unit, step.amount) for step in sheet.steps]


def test_a_plain_stay_is_explained_line_by_line():
    claim = Claim(1_210_000, 1_210_000, 0, 0, 0)
    sheet = explain(claim, NEW_YEAR, schedule=BALIN, day=date(2007, 3, 5), status="member", tier="township")
    assert printed(sheet) == [
        ("", "cost the member bore", "fen", 1_210_000),
        ("", "class A, what counts", "fen", 1_210_000),
        ("+", "class B, what counts", "fen", 0),
        ("=", "eligible cost", "fen", 1_210_000),
        ("−", "deductible, township", "fen", 10_000),
        ("=", "above the deductible", "fen", 1_200_000),
        ("", "in the year's bands before", "fen", 0),
        ("", "in band 1", "fen", 300_000),
        ("×", "rate, township, band 1", "ppm", 400_000),
        ("", "in band 2", "fen", 700_000),
        ("×", "rate, township, band 2", "ppm", 500_000),
        ("", "in band 3", "fen", 200_000),
        ("×", "rate, township, band 3", "ppm", 600_000),
        ("=", "by the rate", "fen", 590_000),
        ("", "paid by the pooled fund this year", "fen", 0),
        ("≤", "left under the cap", "fen", 2_000_000),
        ("", "pooled fund", "fen", 590_000),
        ("", "cut off by the cap", "fen", 0),
        ("", "eligible cost left to the member", "fen", 620_000),
        ("", "all benefits", "fen", 590_000),
        ("", "paid by the member", "fen", 620_000),
    ]


def test_every_line_that_follows_a_rule_tells_article_version_and_first_day():
    sheet = explain(
        Claim(40_010_000, 40_010_000, 0, 0, 1),
        State(0, 0, 0, 0, 0, 0),
        schedule=ZHENGZHOU,
        day=date(2018, 3, 5),
        status="poor",
        tier="township",
    )
    by_label = {step.line.label_en: step for step in sheet.steps}
    threshold = by_label["threshold of serious-illness insurance"]
    assert threshold.amount == 300_000
    assert threshold.line.article == "[2] 一（末句）：从 2018 年起"
    assert threshold.line.in_force_since == date(2018, 1, 1)
    assert threshold.line.schedule_version == ZHENGZHOU.version
    assert by_label["supplementary insurance"].line.note_en == "half-up to the fen"
    assert by_label["supplementary insurance"].line.note == "四舍五入到分"
    assert all(step.line.label and step.line.label_en for step in sheet.steps)
    lines = [step.line for step in sheet.steps]
    assert all(line.article for line in lines if line.operator == "×")


def test_every_assumed_number_is_shown_on_the_sheet_that_used_it():
    sheet = explain(
        Claim(40_010_000, 40_010_000, 0, 0, 1),
        NEW_YEAR,
        schedule=ZHENGZHOU,
        day=date(2011, 8, 5),
        status="member",
        tier="township",
    )
    assert any("演示数" in reason for reason in sheet.assumptions)
    assert any("移交之月 2011-07" in reason for reason in sheet.assumptions)


def test_amounts_that_add_up_on_paper_add_up_on_the_sheet():
    state = State(1_200_000, 590_000, 620_000, 60_000, 0, 0)
    sheet = explain(
        Claim(300_000, 250_000, 50_000, 0, 0), state, schedule=BALIN, day=date(2018, 5, 1), status="poor", tier="county"
    )
    amount = {step.line.label_en: step.amount for step in sheet.steps}
    assert amount["eligible cost"] - amount["deductible, county"] == amount["above the deductible"]
    assert amount["all benefits"] + amount["paid by the member"] == amount["cost the member bore"]
    paid = (
        "pooled fund",
        "pooled fund, top-up of the poor",
        "serious-illness insurance",
        "medical assistance, proposed",
    )
    assert sum(amount[label] for label in paid) == amount["all benefits"]


def test_a_day_without_law_is_refused():
    with pytest.raises(NotInForce):
        explain(Claim(1, 1, 0, 0, 0), NEW_YEAR, schedule=BALIN, day=date(2006, 12, 31), status="member", tier="county")
