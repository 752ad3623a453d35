"""What the database refuses about the law, whoever asks: raw SQL as the county's own role, or as another desk's."""

from __future__ import annotations

import hashlib

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.law.making import BALIN, COUNTY, DIRECTOR, REGISTRAR, ZHENGZHOU, in_force, proposed

CONFIRM = (
    "UPDATE registry.schedule_approval SET confirmed_by = :by, confirmed_at = '2026-11-20 02:00+00', "
    "confirmed_sha256 = sha256('x') WHERE county_code = :county AND id = :id"
)


def refused(session, statement: str, **values) -> str:
    """The SQLSTATE of the refusal; what was tried is undone."""
    with pytest.raises(DBAPIError) as error, session.begin_nested():
        session.execute(text(statement), values)
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    return error.value.orig.sqlstate


EXCLUSION, CHECK, RESTRICT, NO_RIGHT = "23P01", "23514", "23001", "42501"


def insert(session, **changes) -> tuple[str, dict[str, object]]:
    """A statement that enters a decision, and its values."""
    values = {
        "county_code": COUNTY,
        "scheme_key": "zhengzhou",
        "content_hash": ZHENGZHOU.content_hash,
        "canonical": ZHENGZHOU.canonical,
        "in_force_from": "2030-01-01",
        "committee": "试验委员会",
        "approved_on": "2010-01-04",
        "document": "试1号",
        "proposed_by": REGISTRAR,
        "proposed_at": "2026-11-20 02:00+00",
    } | changes
    names = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    return f"INSERT INTO registry.schedule_approval ({names}) VALUES ({places}) RETURNING id", values


def test_two_laws_for_one_day_are_refused_whoever_confirms(session):
    in_force(session, ZHENGZHOU, "2011-01-01")
    statement, values = insert(session, in_force_from="2026-12-31", in_force_until="2027-01-01")
    row_id = session.execute(text(statement), values).scalar_one()
    assert refused(session, CONFIRM, by=DIRECTOR, county=COUNTY, id=row_id) == EXCLUSION


def test_the_same_days_in_another_county_are_no_overlap(session):
    in_force(session, ZHENGZHOU, "2011-01-01")
    statement, values = insert(session, county_code="990122", in_force_from="2011-01-01")
    row_id = session.execute(text(statement), values).scalar_one()
    session.execute(text(CONFIRM), {"by": DIRECTOR, "county": "990122", "id": row_id})


def test_who_entered_it_does_not_confirm_it_by_raw_sql_either(session):
    row = proposed(session, ZHENGZHOU, "2011-01-01")
    assert refused(session, CONFIRM, by=REGISTRAR, county=COUNTY, id=row.id) == CHECK
    session.execute(text(CONFIRM), {"by": DIRECTOR, "county": COUNTY, "id": row.id})


def test_nothing_is_entered_as_confirmed(session):
    statement, values = insert(session, confirmed_by=DIRECTOR, confirmed_at="2026-11-20 02:00+00")
    assert refused(session, statement, **values) == RESTRICT


@pytest.mark.parametrize(
    "change",
    [
        "in_force_from = '2012-01-01'",
        "in_force_until = '2030-01-01'",
        "document = '别的'",
        "proposed_by = 7",
        "replaces_id = id",
        "approved_on = '2009-01-01'",
    ],
)
def test_what_was_entered_is_not_changed_before_nor_after_it_is_confirmed(session, change):
    waits = proposed(session, BALIN, "2007-01-01", "2011-01-01")
    stands = in_force(session, ZHENGZHOU, "2011-01-01")
    for row in (waits, stands):
        statement = f"UPDATE registry.schedule_approval SET {change} WHERE id = :id"
        assert refused(session, statement, id=row.id) == RESTRICT


def test_it_is_confirmed_once_and_not_after_it_was_withdrawn(session):
    stands = in_force(session, ZHENGZHOU, "2011-01-01")
    assert refused(session, CONFIRM, by=7, county=COUNTY, id=stands.id) == RESTRICT
    undo = "UPDATE registry.schedule_approval SET confirmed_by = NULL, confirmed_at = NULL, confirmed_sha256 = NULL"
    assert refused(session, undo) == RESTRICT
    waits = proposed(session, BALIN, "2007-01-01", "2011-01-01")
    session.execute(text(WITHDRAW), {"id": waits.id})
    assert refused(session, CONFIRM, by=DIRECTOR, county=COUNTY, id=waits.id) == RESTRICT


WITHDRAW = (
    "UPDATE registry.schedule_approval SET withdrawn_by = 7, withdrawn_at = '2026-11-20 02:00+00', "
    "withdraw_reason = '试验' WHERE id = :id"
)


def test_a_law_in_force_is_not_withdrawn(session):
    stands = in_force(session, ZHENGZHOU, "2011-01-01")
    assert refused(session, WITHDRAW, id=stands.id) == CHECK


def test_a_law_does_not_end_without_a_successor_that_stands(session):
    stands = in_force(session, ZHENGZHOU, "2011-01-01")
    end = "UPDATE registry.schedule_approval SET replaced_on = '2027-01-01', replaced_by_id = :by WHERE id = :id"
    assert refused(session, end, by=stands.id, id=stands.id) == RESTRICT
    waits = proposed(session, BALIN, "2027-01-01")
    assert refused(session, end, by=waits.id, id=stands.id) == RESTRICT, "the successor is not confirmed"
    in_force(session, BALIN, "2028-01-01")
    reopen = "UPDATE registry.schedule_approval SET replaced_on = NULL, replaced_by_id = NULL WHERE id = :id"
    assert refused(session, reopen, id=stands.id) == RESTRICT, "its successor stands"


def test_a_text_is_kept_under_its_own_hash_alone(session):
    statement, values = insert(session, canonical=ZHENGZHOU.canonical.replace("100000.00", "900000.00"))
    assert refused(session, statement, **values) == CHECK
    changed = values["canonical"]
    statement, values = insert(session, canonical=changed, content_hash=hashlib.sha256(changed.encode()).hexdigest())
    session.execute(text(statement), values)


def test_nothing_is_deleted(session):
    in_force(session, ZHENGZHOU, "2011-01-01")
    assert refused(session, "DELETE FROM registry.schedule_approval") == NO_RIGHT
    assert refused(session, "TRUNCATE registry.schedule_approval") == NO_RIGHT


@pytest.mark.parametrize("role", ["contractor_rw", "finance_rw", "claimant_rw", "auditor_ro"])
def test_every_other_desk_reads_what_is_published_and_nothing_that_waits(home, role):
    with home.databases["county"].transaction() as session:
        waits = proposed(session, BALIN, "2090-01-01", document="等着的一号")
    with psycopg.connect(home.url(role), autocommit=True) as connection:
        seen = connection.execute(
            "SELECT county_code, scheme_key, document FROM registry.published_schedule_approval ORDER BY 1"
        ).fetchall()
        assert [(row[0], row[1]) for row in seen] == [("990121", "zhengzhou"), ("990122", "balin_zuoqi")]
        for statement in (
            "SELECT 1 FROM registry.schedule_approval",
            "UPDATE registry.published_schedule_approval SET document = 'x'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    assert waits.confirmed_at is None
