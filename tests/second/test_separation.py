"""Hands kept apart with the app's checks switched off: raw SQL as the app's own role (A12)."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

import psycopg
import pytest

from contractor.claims import decisions
from contractor.corrections import appeals, proposing
from contractor.corrections.proposing import REVERSAL
from tests.claims.making import AT, COUNTY, LAW, ON
from tests.second.attacks import ATTACKS, World, tried
from tests.second.reviewing import at_the_desk, declare, hand_over, of_yuan, opinion, policy, propose, version_of

TRIES = 400


@pytest.fixture(scope="module")
def world(county) -> Iterator[World]:
    """Claims in every place that the attacks reach for, made by the verbs."""
    number = policy(county, limit_fen=100_000, is_on_critical=True)
    claims = {"second": at_the_desk(county, 1), "disputed": at_the_desk(county, 3)}
    propose(county, claims["second"])
    propose(county, claims["disputed"])
    opinion(county, claims["disputed"], "refuse", by="senior", note="不一致")
    claims |= {name: at_the_desk(county, place, **of_yuan(1500)) for name, place in (("review", 5), ("critical", 7))}
    claims |= {name: at_the_desk(county, place) for name, place in (("own_household", 8), ("entered", 10))}
    claims["received"] = at_the_desk(county, 11)
    with county.database.transaction() as session:
        decisions.release(session, {claims["received"]: 1}, county_code=COUNTY, by=county.people["reviewer"], at=AT)
    declare(county, "senior2", 9)
    owner = county.trade.owner
    owner.execute("ALTER TABLE contractor.claim DISABLE TRIGGER claim_keeps_what_was_received")
    owner.execute(
        "UPDATE contractor.claim SET received_by = %s WHERE id = %s", [county.people["reviewer"], claims["entered"]]
    )
    owner.execute("ALTER TABLE contractor.claim ENABLE ALWAYS TRIGGER claim_keeps_what_was_received")
    owner.execute(
        "INSERT INTO contractor.claim_finding (county_code, claim_id, finding_no, rule, severity, expected, found, "
        "source, found_at) VALUES (%s, %s, 99, 'F01', 'C', '', '', '', %s)",
        [COUNTY, claims["critical"], AT],
    )
    (decided,) = county.decided(county.stay(0, 3, "3000"))
    (refused,) = county.decided(county.stay(2, 3, "3000"))
    with county.database.transaction() as session:
        foreseen = proposing.reversal_foreseen(session, COUNTY, decided, law=LAW)
        correction = proposing.propose(
            session, REVERSAL, foreseen, county_code=COUNTY, subject="claim", reason_code="audit", note="试验",
            by=county.people["senior"], at=AT,
        )  # fmt: skip
        appeal = appeals.file_appeal(
            session, refused, county_code=COUNTY, filed_by="member", filer_name="张", paper="申诉书", statement="不服",
            filed_on=ON, by=county.people["lead"], at=AT + dt.timedelta(minutes=1),
        )  # fmt: skip
    proposals = dict(county.rows("SELECT claim_id, id FROM contractor.review_proposal"))
    found = World(
        psycopg.connect(county.test_database.url("contractor_rw")),
        county.people,
        claims,
        {name: version_of(county, claim_id) for name, claim_id in claims.items()},
        proposals[claims["second"]],
        proposals[claims["disputed"]],
        correction,
        appeal,
        number,
    )
    yield found
    found.intruder.close()


def test_hundreds_of_acts_that_keep_no_hands_apart_are_all_refused_by_the_database(world, county):
    chance = random.Random(20261122)
    names = [*ATTACKS, *chance.choices(list(ATTACKS), k=TRIES - len(ATTACKS))]
    before = _written(county)
    refused = [tried(world, name, chance) for name in names]
    assert len(refused) == TRIES
    assert _written(county) == before
    # Refused by the law or by the lack of a right, never by a mistake in the attack's own text.
    assert {state[:2] for state in refused} <= {"23", "42"}
    assert not {"42601", "42703", "42P01", "42883"} & set(refused)


def test_the_same_acts_by_the_right_hands_do_pass(world, county):
    """Else the attacks might fail for a reason that has nothing to do with who may do what."""
    opinion(county, world.claims["second"], by="senior")
    opinion(county, world.claims["disputed"], "refuse", by="lead", note="以二审为准")
    propose(county, world.claims["critical"])
    opinion(county, world.claims["critical"], by="lead2")
    for name in ("own_household", "entered"):
        hand_over(county, world.claims[name], to="senior")
        propose(county, world.claims[name], by="senior")
    states = dict(county.rows("SELECT id, state FROM contractor.claim"))
    assert [states[world.claims[name]] for name in ("second", "disputed", "critical")] == [
        "approved", "rejected", "approved",
    ]  # fmt: skip


def _written(county) -> list[tuple]:
    return county.rows(
        "SELECT 'claim', id, state || version FROM contractor.claim "
        "UNION ALL SELECT 'settlement', id, benefits_fen::text FROM contractor.settlement "
        "UNION ALL SELECT 'event', claim_id, event FROM contractor.claim_event "
        "UNION ALL SELECT 'proposal', id, proposed FROM contractor.review_proposal "
        "UNION ALL SELECT 'opinion', proposal_id, decided FROM contractor.review_opinion "
        "UNION ALL SELECT 'policy', id, limit_fen::text FROM contractor.review_policy "
        "UNION ALL SELECT 'correction', id, coalesce(confirmed_by, 0)::text FROM contractor.correction "
        "UNION ALL SELECT 'appeal', id, coalesce(outcome, '') FROM contractor.appeal ORDER BY 1, 2, 3"
    )
