"""Stays beside each other: the day before and the day of each threshold, and who is told."""

from __future__ import annotations

import pytest

from tests.checks.making import VISIT, claim, found, frames, rows_named

FIRST = {"admitted": "03-01", "discharged": "03-05"}


@pytest.mark.parametrize(
    ("rule", "admitted", "second", "is_named", "why"),
    [
        ("F01", "03-05", {}, True, "back on the day of discharge"),
        ("F01", "03-12", {}, True, "the seventh day"),
        ("F01", "03-13", {}, False, "the eighth day"),
        ("F01", "03-12", {"diagnosis": "J18.0"}, True, "another code of the same category"),
        ("F01", "03-12", {"diagnosis": "J44.1"}, False, "another category"),
        ("F01", "03-12", {"institution": "H2"}, False, "another hospital"),
        ("F01", "03-12", {"has_slip": True}, False, "sent with a slip"),
        ("F01", "03-12", {"diagnosis": "J18", "procedures": ["39.95"]}, False, "dialysis, with its dot"),
        ("F01", "03-12", {"procedures": ["9925"]}, False, "chemotherapy, without its dot"),
        ("F02", "03-12", {}, False, "what the strict rule names is not named again"),
        ("F02", "03-13", {}, True, "the eighth day"),
        ("F02", "03-20", {"diagnosis": "K35"}, True, "the fifteenth day, whatever for"),
        ("F02", "03-21", {}, False, "the sixteenth day"),
        ("F02", "03-20", {"diagnosis": "Z51.1"}, False, "chemotherapy by ICD-10"),
        ("F02", "03-20", {"diagnosis": "V5811"}, False, "chemotherapy by ICD-9, without its dot"),
        ("F02", "03-20", {"diagnosis": "V57.89"}, False, "rehabilitation by ICD-9"),
        ("F02", "03-20", {"diagnosis": "367336001"}, False, "chemotherapy by SNOMED"),
        ("F03", "03-06", {"institution": "H2"}, True, "the next day elsewhere"),
        ("F03", "03-05", {"institution": "H2"}, True, "on the day of discharge"),
        ("F03", "03-07", {"institution": "H2"}, False, "two days later"),
        ("F03", "03-06", {"institution": "H2", "has_slip": True}, False, "referred"),
        ("F03", "03-06", {}, False, "the same hospital"),
        ("F13", "03-04", {"institution": "H2"}, True, "one night in two beds"),
        ("F13", "03-05", {"institution": "H2"}, False, "changed on the day of discharge"),
    ],
)
def test_of_two_stays_the_later_is_named(rule, admitted, second, is_named, why):
    chunk = frames(claim(**FIRST), claim(admitted, **second))
    named = {(finding.claim_row, finding.other_claim_id) for finding in found(rule, chunk)}
    pair = {(0, 2), (1, 1)} if rule == "F13" else {(1, 1)}
    assert named == (pair if is_named else set()), why


@pytest.mark.parametrize("rule", ["F01", "F02", "F03"])
def test_whatever_comes_last_to_the_desk_is_told(rule):
    """The later stay's file came first: the earlier stay, looked at only now, is told of it."""
    later = {"F01": {}, "F02": {"diagnosis": "K35"}, "F03": {"institution": "H2"}}[rule]
    earlier, after = claim(**FIRST), claim("03-06", **later)
    assert [(one.claim_row, one.other_claim_id) for one in found(rule, frames(earlier, before=[after]))] == [(0, 100)]
    assert [(one.claim_row, one.other_claim_id) for one in found(rule, frames(after, before=[earlier]))] == [(0, 100)]


@pytest.mark.parametrize("rule", ["F01", "F03"])
def test_it_is_the_later_stay_that_must_be_planned_or_referred_whichever_is_told(rule):
    elsewhere = {"institution": "H2"} if rule == "F03" else {}
    for planned in ({"has_slip": True}, {"procedures": ["99.25"]})[: 1 if rule == "F03" else 2]:
        earlier, later = claim(**FIRST), claim("03-06", **elsewhere)
        assert rows_named(rule, frames(earlier, before=[later | planned])) == []
        assert rows_named(rule, frames(earlier | planned, before=[later])) == [0]


def test_a_day_and_a_stay_that_begin_together_follow_each_other():
    a_day, week = claim("03-01", "03-01"), claim("03-01", "03-08")
    assert [(one.claim_row, one.other_claim_id) for one in found("F01", frames(a_day, week))] == [(1, 1)]


def test_codes_of_snomed_share_no_category_by_their_first_digits():
    one, other = claim(**FIRST, diagnosis="444814009"), claim("03-08", diagnosis="444470001")
    assert rows_named("F01", frames(one, other)) == []
    assert rows_named("F02", frames(one, other)) == [1]
    assert rows_named("F01", frames(one, other | {"diagnosis": "444814009"})) == [1]


@pytest.mark.parametrize(
    ("visited", "is_named"),
    [("03-01", False), ("03-02", True), ("03-04", True), ("03-05", False), ("02-28", False)],
)
def test_a_visit_between_admission_and_discharge_is_told_at_the_stay(visited, is_named):
    bed, visit = claim(**FIRST), claim(visited, institution="H2", **VISIT)
    assert rows_named("F04", frames(bed, visit)) == ([0] if is_named else [])
    assert rows_named("F04", frames(visit, bed)) == ([1] if is_named else [])
    assert rows_named("F04", frames(bed, before=[visit])) == ([0] if is_named else [])
    assert rows_named("F04", frames(visit, before=[bed])) == ([0] if is_named else []), "the stay was told nothing yet"


def test_two_stays_and_two_visits_are_no_visit_in_a_stay():
    assert rows_named("F04", frames(claim(**FIRST), claim("03-02", "03-03"))) == []
    assert rows_named("F04", frames(claim("03-02", **VISIT), claim("03-02", **VISIT))) == []


LIMIT_FEN = 2_000_000


@pytest.mark.parametrize(
    ("days", "amounts", "named"),
    [
        ((1, 4, 7), (LIMIT_FEN, LIMIT_FEN, LIMIT_FEN), [0, 1, 2]),
        ((1, 4, 8), (LIMIT_FEN, LIMIT_FEN, LIMIT_FEN), []),
        ((1, 4, 7), (1_800_000, LIMIT_FEN, LIMIT_FEN), [0, 1, 2]),
        ((1, 4, 7), (1_799_999, LIMIT_FEN, LIMIT_FEN), []),
        ((1, 4, 7), (LIMIT_FEN, LIMIT_FEN + 1, LIMIT_FEN), []),
        ((1, 4), (LIMIT_FEN, LIMIT_FEN), []),
        ((1, 1, 1), (LIMIT_FEN, LIMIT_FEN, LIMIT_FEN), [0, 1, 2]),
        ((1, 3, 9, 10), (LIMIT_FEN,) * 4, []),
        ((1, 7, 12, 13), (LIMIT_FEN,) * 4, [1, 2, 3]),
    ],
)
def test_three_bills_in_seven_days_each_just_under_the_limit(days, amounts, named):
    bills = [claim(f"03-{on:02d}", f"03-{on:02d}", charged_fen=fen) for on, fen in zip(days, amounts, strict=True)]
    assert rows_named("F39", frames(*bills)) == named
    assert rows_named("F39", frames(bills[-1], before=bills[:-1])) == ([0] if len(bills) - 1 in named else [])


def test_bills_at_two_hospitals_are_not_one_bill_cut():
    bills = [claim(f"03-0{on}", f"03-0{on}", charged_fen=LIMIT_FEN, institution=f"H{on}") for on in (1, 2, 3)]
    assert rows_named("F39", frames(*bills)) == []


def test_the_same_days_and_total_are_a_duplicate_only_with_the_same_lines():
    again = claim(**FIRST)
    same = frames(claim(**FIRST), again, bills={1: "A 5", 2: "A 5"})
    assert (rows_named("F17", same), rows_named("same_days", same)) == ([1], [])
    other = frames(claim(**FIRST), again, bills={1: "A 5", 2: "B 5"})
    assert (rows_named("F17", other), rows_named("same_days", other)) == ([], [0, 1])
    dearer = frames(claim(**FIRST), again | {"charged_fen": 200_001}, bills={1: "A 5", 2: "A 5"})
    assert rows_named("F17", dearer) == []
