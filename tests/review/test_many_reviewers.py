"""A11: sixteen reviewers at two thousand claims. Nobody is handed what another has; none is decided twice or left."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from contractor.claims.tables import Claim
from contractor.review.leasing import HOLD, Handed
from contractor.review.refusals import NothingWaiting
from tests.claims.making import make_world
from tests.review.crowd import desk_for, waiting_claims, what_stands, work

PEOPLE, CLAIMS = 16, 2_000


@pytest.fixture()
def queue(fresh_database, tmp_path):
    world = make_world(fresh_database, tmp_path, members=40)

    def filled(claims: int):
        waiting_claims(fresh_database, world, claims)
        return database

    database = desk_for(fresh_database)
    yield filled
    database.engine.dispose()


def test_sixteen_reviewers_decide_two_thousand_claims_once_each_and_skip_none(queue):
    database = queue(CLAIMS)
    told = work(database, PEOPLE, seed=11)
    assert told.unexpected == []
    assert (told.handed_twice, told.counts["collided"]) == (0, 0)
    assert told.counts["left lying"] == told.counts["came back too late"] > 0
    stands = what_stands(database)
    assert stands == {
        "rejected": CLAIMS, "skipped": 0, "decided_twice": 0, "taken_up": told.counts["handed"], "told": CLAIMS,
    }  # fmt: skip
    assert len(told.decided) == CLAIMS and set(told.decided.values()) == {1}


def test_a_queue_that_looks_first_and_takes_afterwards_is_seen_to_hand_claims_out_twice(queue):
    """The crowd itself is tried: with the bug it is there to find, it finds it."""

    def look_then_take(session, reviewer, *, county_code, at, on):
        c = Claim
        free = c.held_by.is_(None) | (c.held_until <= at)
        row = session.execute(select(c.id, c.version).where(c.is_waiting, free).order_by(c.id).limit(1)).first()
        if row is None:
            raise NothingWaiting()
        session.execute(
            text("UPDATE contractor.claim SET state = 'in_review', version = :version, held_by = :by, "
                 "held_until = :until WHERE id = :id"),
            {"version": row.version + 1, "by": reviewer, "until": at + HOLD, "id": row.id},
        )  # fmt: skip
        session.execute(
            text("INSERT INTO contractor.claim_event (county_code, claim_id, event_no, event, state_after, at, "
                 "acted_by) VALUES (:county_code, :id, :version, 'taken_up', 'in_review', :at, :by) "
                 "ON CONFLICT DO NOTHING"),
            {"county_code": county_code, "id": row.id, "version": row.version + 1, "at": at, "by": reviewer},
        )  # fmt: skip
        return Handed(row.id, row.version + 1)

    told = work(queue(160), PEOPLE, seed=11, take=look_then_take)
    assert told.handed_twice + told.counts["collided"] + len(told.unexpected) > 0
