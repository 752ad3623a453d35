"""What a night finds: a claim that waits rises, a decided one is proposed, and nothing critical is paid unseen."""

from __future__ import annotations

import datetime as dt

import pytest

from contractor.claims.refusals import TooNear
from contractor.payments.held import held_count
from contractor.rules import afterwards
from contractor.rules.adding import Found, add_findings
from rulebook.checks import all_cards
from tests.api.programs import COUNTY
from tests.claims.conftest import county, decide, rows, session, world  # noqa: F401 – its fixtures are ours too
from tests.claims.making import AT, day, take

NIGHT = AT + dt.timedelta(hours=14)
CLERK = 903


def found_by_night(session, claim_id: int, rule: str = "F38", *, at=NIGHT) -> None:  # noqa: F811
    one = Found(claim_id, rule, 0, day("2026-01-09"), "another person decides", "received and decided by one")
    assert add_findings(session, [one], all_cards(), county_code=COUNTY, at=at) == {rule: 1}


def told(session) -> list[tuple[int, str, bool]]:  # noqa: F811
    return [(one.id, one.rule, one.has_left) for one in afterwards.standing(session, COUNTY)]


@pytest.fixture()
def decided(session, world, decide):  # noqa: F811
    """Two clean claims, approved by rule and not yet paid."""
    taken = take(session, world, world.claim(0), world.claim(1))
    assert decide(*taken.claim_ids).counts == {"approved": 2}
    return taken.claim_ids


def test_a_claim_that_waits_rises_in_the_queue_and_is_not_proposed(session, world, decide, rows):  # noqa: F811
    taken = take(
        session, world,
        world.claim(0, receipt_signed_on=None), world.claim(1, receipt_signed_on=None),
    )  # fmt: skip
    assert decide(*taken.claim_ids).counts == {"waiting": 2}
    asked = "SELECT id FROM contractor.claim WHERE is_waiting ORDER BY expected_loss_fen DESC, id"
    assert [row.id for row in rows(asked)] == taken.claim_ids
    found_by_night(session, taken.claim_ids[1], "F28")
    assert [row.id for row in rows(asked)] == taken.claim_ids[::-1]
    assert told(session) == [] and afterwards.counted(session, COUNTY) == (0, 0)


def test_what_is_decided_is_proposed_by_gravity_and_what_only_tells_is_not(session, decided):  # noqa: F811
    found_by_night(session, decided[0], "F28")
    found_by_night(session, decided[1], "F24")
    assert told(session) == [(decided[0], "F28", False)]
    found_by_night(session, decided[1], "F38")
    assert told(session) == [(decided[1], "F38", False), (decided[0], "F28", False)]
    assert afterwards.counted(session, COUNTY) == (2, 2)


def test_what_was_known_at_the_decision_is_not_proposed(session, world, decide):  # noqa: F811
    """A finding of the very moment of the decision, and one before it, were before whoever decided."""
    taken = take(session, world, world.claim(0), world.claim(1))
    decide(*taken.claim_ids)
    found_by_night(session, taken.claim_ids[0], at=AT)
    assert told(session) == []
    found_by_night(session, taken.claim_ids[1], at=AT + dt.timedelta(microseconds=1))
    assert told(session) == [(taken.claim_ids[1], "F38", False)]


def test_whoever_entered_a_claim_says_nothing_of_it(session, world, decide):  # noqa: F811
    taken = take(session, world, world.claim(0), by=CLERK)
    decide(*taken.claim_ids)
    found_by_night(session, taken.claim_ids[0])
    with pytest.raises(TooNear):
        afterwards.judge(session, COUNTY, taken.claim_ids[0], 1, "false_alarm", by=CLERK, at=NIGHT)
    assert held_count(session, COUNTY) == 1


def test_a_finding_of_another_county_or_rule_of_the_day_is_not_proposed(session, decided):  # noqa: F811
    found_by_night(session, decided[0], "no_receipt")
    assert told(session) == []
    found_by_night(session, decided[0])
    assert afterwards.standing(session, "990122") == []
