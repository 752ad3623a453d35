"""Whose claim it is, who is paid, and what its like cost."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from tests.checks.making import VISIT, claim, frames, rows_named


@pytest.mark.parametrize(
    ("born", "diagnosis", "sex", "is_named"),
    [
        ("2012-03-02", "P59.9", "male", False),  # fourteen on that day
        ("2011-03-03", "P59.9", "male", False),  # fourteen for one day more
        ("2011-03-02", "P59.9", "male", True),  # fifteen on that day
        ("2015-03-03", "O80.0", "female", True),  # ten
        ("2015-03-02", "O80.0", "female", False),  # eleven on that day
        ("1965-03-03", "O80.0", "female", False),  # sixty
        ("1965-03-02", "O80.0", "female", True),  # sixty-one
        ("1990-01-01", "O80.0", "male", True),
        ("1960-01-01", "N40", "female", True),
        ("1960-01-01", "C50.9", "male", False),
    ],
)
def test_a_diagnosis_belongs_to_a_sex_and_an_age(born, diagnosis, sex, is_named):
    of = claim("03-02", born_on=dt.date.fromisoformat(born), diagnosis=diagnosis, sex=sex)
    assert rows_named("F12", frames(of)) == [0] * is_named


@pytest.mark.parametrize(
    ("born", "procedures", "diagnosis", "is_named"),
    [
        ("1986-03-03", ["13.4100"], "H25.9", True),  # thirty-nine
        ("1986-03-02", ["13.4100"], "H25.9", False),  # forty on that day
        ("1996-01-01", ["1341"], "H25.9", True),
        ("1996-01-01", ["13.4100"], "H26.1", False),  # after an injury
        ("1996-01-01", ["13.4100"], "Q12.0", False),  # from birth
        ("1996-03-03", ["81.5100"], "M17.9", True),  # twenty-nine
        ("1996-03-02", ["81.5100"], "M17.9", False),  # thirty on that day
        ("1996-03-03", ["81.5100"], "S72.0", False),  # a broken hip is replaced at any age
        ("1996-01-01", ["47.0900"], "K35.8", False),
    ],
)
def test_a_procedure_of_older_people_wants_its_age_or_its_reason(born, procedures, diagnosis, is_named):
    of = claim("03-02", born_on=dt.date.fromisoformat(born), procedures=procedures, diagnosis=diagnosis)
    assert rows_named("F33", frames(of)) == [0] * is_named


@pytest.mark.parametrize(
    ("others", "is_named"),
    [
        ([(2, 2), (3, 3), (4, 4)], True),  # four people of four households
        ([(2, 2), (3, 3)], False),  # three
        ([(2, 1), (3, 1), (4, 1)], False),  # four of one household
        ([(2, 1), (3, 1), (4, 2)], True),
        ([(2, 2), (2, 2), (3, 3)], False),  # one person twice
    ],
)
def test_more_than_three_people_of_several_households_do_not_share_an_account(others, is_named):
    assert rows_named("F37", frames(claim(), payees=[(0, *other) for other in others])) == [0] * is_named


def peer(count: int, *, deviation: float = 0.5, spread: float = 0.25) -> tuple[float, ...]:
    """Middle of 1,000 yuan."""
    middle = math.log(100_000)
    return count, middle, deviation, middle, spread, 10.0


@pytest.mark.parametrize(
    ("charged", "beside", "is_named", "why"),
    [
        (math.exp(1.5) * 100_000 + 1, peer(30), True, "just above three deviations"),
        (math.exp(1.5) * 100_000 - 1, peer(30), False, "just below"),
        (math.exp(0.75) * 100_000 + 1, peer(29), True, "a small group goes by its median"),
        (math.exp(0.75) * 100_000 + 1, peer(30), False, "a large one by its deviation"),
        (math.exp(0.75) * 100_000 + 1, peer(8), True, "eight others are enough"),
        (math.exp(5) * 100_000, peer(7), False, "seven are not"),
        (math.exp(5) * 100_000, peer(30, deviation=0.0), False, "a package price has no deviation"),
    ],
)
def test_far_above_its_like_is_looked_at(charged, beside, is_named, why):
    of = claim(charged_fen=round(charged))
    assert rows_named("F28", frames(of, peers=[beside])) == [0] * is_named, why
    assert rows_named("F28", frames(of | VISIT, peers=[beside])) == [], "a visit has no like"


def test_a_bill_of_nothing_is_asked_about():
    assert rows_named("nothing_charged", frames(claim(charged_fen=0), claim(charged_fen=1, member_id=2))) == [0]
