"""Every check has its card, with its law by date; before its first date a check finds nothing."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from rulebook.checks import CHECKS, LIST_CHECKS, YEAR_CHECKS, alert_ppm, all_cards, check
from rulebook.checks.cards import FaultyCard, _card
from rulebook.checks.lists import FOLDER, listed
from tests.checks.making import claim, frames

CARD = {
    "title": "x", "title_en": "x", "question": "x", "question_en": "x", "severity": "H", "effect": "waits",
    "source": "here", "checked_on": date(2026, 11, 21),
}  # fmt: skip


def card(**changes):
    page = CARD | {"values": {date(2010, 1, 1): {"law": "old", "days": "7", "most_yuan": "1.50"}}} | changes
    return _card("X1", "family", page)


def test_every_check_has_its_card_and_every_card_its_check():
    assert {*CHECKS, *YEAR_CHECKS, *LIST_CHECKS} == set(all_cards())


def test_a_card_says_question_source_and_law_in_both_languages():
    for each in all_cards().values():
        assert each.title and each.title_en and each.question.endswith("？") and each.question_en.endswith("?")
        assert each.source and all(each.laws)


def test_the_law_a_finding_rests_on_is_that_of_its_day():
    split = all_cards()["F01"]
    assert "协议" in split.law_on(date(2021, 4, 30))
    assert "第三十八条" in split.law_on(date(2021, 5, 1))


def test_a_threshold_changes_on_its_day_and_does_not_exist_before_the_first():
    dated = card(values={
        date(2010, 1, 1): {"law": "old", "days": "7"}, date(2020, 1, 1): {"law": "new", "days": "3"},
    })  # fmt: skip
    days = np.array(["2009-12-31", "2010-01-01", "2019-12-31", "2020-01-01"], dtype="datetime64[D]")
    assert dated.number("days", days)[1:].tolist() == [7, 7, 3]
    assert dated.is_in_force(days).tolist() == [False, True, True, True]
    assert dated.number("days", days)[0] > 10**15


def test_an_amount_on_a_card_is_whole_fen():
    assert card().number("most_fen", np.array(["2011-01-01"], dtype="datetime64[D]")).tolist() == [150]


@pytest.mark.parametrize(
    "changes",
    [
        {"severity": "X"},
        {"effect": "pays"},
        {"values": {}},
        {"values": {date(2010, 1, 1): {"days": "7"}}},
        {"values": {date(2010, 1, 1): {"law": "a", "days": "7"}, date(2011, 1, 1): {"law": "b"}}},
    ],
)
def test_a_card_that_says_too_little_is_refused(changes):
    with pytest.raises(FaultyCard):
        card(**changes)


@pytest.mark.parametrize(
    ("severities", "score"),
    [("", 0), ("L", 100_000), ("M", 300_000), ("HM", 720_000), ("C", 900_000), ("CH", 960_000)],
)
def test_the_score_is_one_less_the_product_of_the_doubts(severities, score):
    assert alert_ppm(severities) == score


DAYS = np.array(["2010-01-01", "2019-12-31", "2020-01-01", "2021-06-01"], dtype="datetime64[D]")
TWO = {date(2010, 1, 1): {"law": "old", "days": "7"}, date(2021, 1, 1): {"law": "new", "days": "9"}}


def test_a_countys_threshold_holds_from_its_day_for_good_and_leaves_the_past():
    changed = card(values=TWO).with_numbers({"days": (date(2020, 1, 1), 3)})
    assert changed.number("days", DAYS).tolist() == [7, 7, 3, 3]
    assert [changed.law_on(day.item()) for day in DAYS] == ["old", "old", "old", "new"]
    again = changed.with_numbers({"days": (date(2020, 1, 2), 4)})
    assert again.number("days", DAYS).tolist() == [7, 7, 3, 4]
    assert card(values=TWO).number("days", DAYS).tolist() == [7, 7, 7, 9], "the card on file is as it was"


def test_a_county_cannot_change_what_the_card_does_not_have_or_before_it_exists():
    with pytest.raises(FaultyCard):
        card().with_numbers({"weeks": (date(2020, 1, 1), 3)})
    with pytest.raises(FaultyCard):
        card().with_numbers({"days": (date(2009, 12, 31), 3)})


def test_a_county_may_suspend_a_check_and_change_a_threshold():
    dear = frames(claim(charged_fen=5_000_001))
    assert [finding.rule for finding in check(dear)] == ["F29"]
    cards = dict(all_cards())
    cards["F29"] = cards["F29"].with_numbers({"total_fen": (date(2026, 1, 1), 5_000_001)})
    assert check(dear, cards) == []
    assert check(frames(claim(charged_fen=5_000_002)), cards) != []
    del cards["F29"]
    assert check(frames(claim(charged_fen=9_000_000)), cards) == []


def test_every_list_says_where_it_comes_from_and_that_it_is_assumed():
    names = sorted(path.stem for path in FOLDER.glob("*.yaml"))
    assert len(names) >= 9
    for name in names:
        assert listed(name).title and listed(name).source and listed(name).is_assumed and listed(name).rows
