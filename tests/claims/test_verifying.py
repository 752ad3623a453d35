"""A settlement changed by a superuser shows against the trail, by its row."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text

from contractor.claims.assessment import assess
from contractor.claims.reversing import reverse
from contractor.claims.verifying import changed_settlements
from tests.claims.making import AT, COUNTY, LAW, ON, make_world, take


@pytest.fixture()
def decided(fresh_database, tmp_path):
    """Four settlements and a reversal, committed; and a superuser's hand."""
    world = make_world(fresh_database, tmp_path, members=6)
    database = fresh_database.desk("contractor")
    with database.transaction() as session:
        taken = take(session, world, *(world.claim(place) for place in range(4)))
        assess(session, taken.claim_ids, county_code=COUNTY, law=LAW, keyring=world.keyring, at=AT, on=ON)
        reverse(session, {taken.claim_ids[0]: 1}, county_code=COUNTY, law=LAW, reason_code="audit", by=901, at=AT)
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as superuser:
        superuser.execute("ALTER TABLE contractor.settlement DISABLE TRIGGER USER")
        yield database, superuser
    database.engine.dispose()


def changed(database):
    with database.transaction() as session:
        return changed_settlements(session, COUNTY)


def test_what_nobody_touched_is_as_the_trail_tells(decided):
    database, _ = decided
    assert changed(database) == []


def test_one_fen_changed_by_a_superuser_names_the_row_and_the_amount(decided):
    database, superuser = decided
    with database.transaction() as session:
        row = session.execute(
            text("SELECT id, claim_id, base_fen FROM contractor.settlement ORDER BY id LIMIT 1")
        ).one()
    superuser.execute(
        "UPDATE contractor.settlement SET base_fen = base_fen + 1, benefits_fen = benefits_fen + 1, "
        "member_pays_fen = member_pays_fen - 1 WHERE id = %s",
        [row.id],
    )
    (found,) = changed(database)
    assert (found.settlement_id, found.claim_id) == (row.id, row.claim_id)
    assert (found.told["base_fen"], found.found["base_fen"]) == (row.base_fen, row.base_fen + 1)


def test_a_settlement_taken_away_or_slipped_in_is_found(decided):
    database, superuser = decided
    superuser.execute("ALTER TABLE contractor.payment DISABLE TRIGGER ALL")
    superuser.execute("DELETE FROM contractor.settlement WHERE id = (SELECT max(id) FROM contractor.settlement)")
    superuser.execute(
        "INSERT INTO contractor.settlement SELECT (s2).* FROM (SELECT jsonb_populate_record(s, jsonb_build_object("
        "'id', 9999, 'settlement_no', 7)) AS s2 FROM contractor.settlement AS s ORDER BY id DESC LIMIT 1) AS made"
    )
    assert [(one.settlement_id == 9999, one.seq is None) for one in changed(database)] == [(False, False), (True, True)]
