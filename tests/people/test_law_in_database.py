"""What the database refuses about roles, whoever asks: every statement here is raw SQL as the desk's own role (A12)."""

from __future__ import annotations

import random
import threading

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.authorisation import matrix
from tests.people.making import a_person
from tests.sites import COUNTY

SEED, TRIES = 18, 1_000
OTHER_COUNTY = "330122"


def propose(session, staff_id: int, role: str, *, by: int | None = 900_001, county_code: str = COUNTY, **more) -> int:
    values = {
        "county_code": county_code,
        "staff_id": staff_id,
        "role": role,
        "proposed_by": by,
        "reason": "试验",
    } | more
    names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
    statement = f"INSERT INTO contractor.role_grant ({names}, proposed_at) VALUES ({places}, now()) RETURNING id"
    with session.begin_nested():
        return session.execute(text(statement), values).scalar_one()


def change(session, grant_id: int, assignments: str) -> None:
    with session.begin_nested():
        done = session.execute(text(f"UPDATE contractor.role_grant SET {assignments} WHERE id = {grant_id}"))
        assert done.rowcount == 1


def approve(session, grant_id: int, by: int = 900_002) -> None:
    change(session, grant_id, f"decision = 'approved', decided_by = {by}, decided_at = now()")


def end(session, grant_id: int) -> None:
    change(session, grant_id, "ended_by = 900002, ended_at = now() - interval '1 s', end_reason = '试验'")


def test_the_table_of_conflicts_is_the_file(house_database):
    with psycopg.connect(house_database.owner_url) as connection:
        rows = connection.execute("SELECT role_a, role_b FROM house.role_conflict").fetchall()
    assert {frozenset(row) for row in rows} == set(matrix().conflicts)
    assert len(rows) == len(matrix().conflicts)


def test_what_is_proposed_by_one_is_decided_by_another_and_neither_is_the_subject(session):
    subject = a_person(session)
    with pytest.raises(DBAPIError, match="not_oneself"):
        propose(session, subject, "reviewer", by=subject)
    grant_id = propose(session, subject, "reviewer")
    with pytest.raises(DBAPIError, match="second_person"):
        approve(session, grant_id, by=900_001)
    with pytest.raises(DBAPIError, match="not_oneself"):
        approve(session, grant_id, by=subject)
    approve(session, grant_id)


@pytest.mark.parametrize("pair", sorted(tuple(sorted(pair)) for pair in matrix().conflicts))
def test_two_roles_of_the_file_are_never_proposed_for_one_person(session, pair):
    subject = a_person(session)
    first = propose(session, subject, pair[0])
    with pytest.raises(DBAPIError, match="not held by one person"):
        propose(session, subject, pair[1])
    approve(session, first)
    with pytest.raises(DBAPIError, match="not held by one person"):
        propose(session, subject, pair[1])
    end(session, first)
    propose(session, subject, pair[1])


def test_a_role_whose_end_lies_ahead_still_excludes(session):
    subject = a_person(session)
    first = propose(session, subject, "cashier")
    approve(session, first)
    change(session, first, "ended_by = 900002, ended_at = '2999-01-01', end_reason = '试验'")
    with pytest.raises(DBAPIError, match="not held by one person"):
        propose(session, subject, "checker")


def test_the_same_natural_person_in_two_counties_is_one_person(session):
    number = b"n" * 32
    here = a_person(session, index=number)
    there = a_person(session, county_code=OTHER_COUNTY, index=number)
    propose(session, here, "cashier")
    with pytest.raises(DBAPIError, match="not held by one person"):
        propose(session, there, "checker", county_code=OTHER_COUNTY)


def test_an_identity_number_that_makes_two_accounts_one_person_is_refused_where_their_roles_exclude(session):
    number = b"m" * 32
    here, there = a_person(session, index=number), a_person(session, county_code=OTHER_COUNTY)
    propose(session, here, "cashier")
    propose(session, there, "checker", county_code=OTHER_COUNTY)
    statement = "UPDATE contractor.staff SET identity_number_sealed = 'x', identity_number_index = :i WHERE id = :id"
    with pytest.raises(DBAPIError, match="not held by one person"), session.begin_nested():
        session.execute(text(statement), {"i": number, "id": there})


def test_a_grant_is_decided_once_and_ended_once_and_nothing_else_of_it_changes(session):
    subject, other = a_person(session), a_person(session)
    grant_id = propose(session, subject, "reviewer")
    for assignment in (f"staff_id = {other}", "role = 'lead'", "scope = 'H1'", "proposed_by = 7", "reason = 'x'"):
        with pytest.raises(DBAPIError, match="not changed"):
            change(session, grant_id, assignment)
    approve(session, grant_id)
    for assignment in ("decided_by = 900003", "decision = NULL, decided_by = NULL, decided_at = NULL"):
        with pytest.raises(DBAPIError, match="decided once"):
            change(session, grant_id, assignment)
    end(session, grant_id)
    for assignment in ("ended_by = NULL, ended_at = NULL, end_reason = NULL", "end_reason = 'x'"):
        with pytest.raises(DBAPIError, match="ended once"):
            change(session, grant_id, assignment)


def test_a_withdrawn_proposal_is_not_approved_any_more(session):
    grant_id = propose(session, a_person(session), "reviewer")
    end(session, grant_id)
    with pytest.raises(DBAPIError, match="decided once"):
        approve(session, grant_id)


def test_a_grant_without_two_people_is_taken_only_for_the_first_of_a_desk(session):
    installed = {"by": None, "decision": "approved", "decided_at": "2026-11-20T00:00Z"}
    first = [a_person(session, status="invited") for _ in range(6)]
    with pytest.raises(DBAPIError, match="installed"):
        propose(session, first[0], "reviewer", **installed)
    propose(session, first[0], "administrator", **installed)
    propose(session, first[1], "security_officer", **installed)
    propose(session, first[2], "security_officer", **installed)
    for staff_id, role in ((first[3], "security_officer"), (first[3], "administrator")):
        with pytest.raises(DBAPIError, match="this desk has people"):
            propose(session, staff_id, role, **installed)
    session.execute(
        text(
            "UPDATE contractor.staff SET status = 'active', password_hash = 'x', password_set_at = now(), "
            "activated_at = now() WHERE id = :id"
        ),
        {"id": first[1]},
    )
    with pytest.raises(DBAPIError, match="this desk has people"):
        propose(session, first[4], "log_auditor", **installed)


def test_of_two_conflicting_grants_at_the_same_moment_one_is_refused(fresh_database):
    with psycopg.connect(fresh_database.url("contractor_rw"), autocommit=True) as connection:
        staff_id = connection.execute(
            "INSERT INTO contractor.staff (county_code, sign_in_name, name, name_pinyin, invited_at, "
            "status_changed_at) VALUES (%s, 'zhangsan', '张三', 'zhang san', now(), now()) RETURNING id",
            [COUNTY],
        ).fetchone()[0]
    start, refused = threading.Barrier(2), []

    def grant(role: str) -> None:
        with psycopg.connect(fresh_database.url("contractor_rw")) as connection:
            start.wait()
            try:
                connection.execute(
                    "INSERT INTO contractor.role_grant (county_code, staff_id, role, proposed_by, proposed_at, reason) "
                    "VALUES (%s, %s, %s, 1000, now(), 'x')",
                    [COUNTY, staff_id, role],
                )
                connection.execute("SELECT count(*) FROM generate_series(1, 300000)")  # the other is well under way
            except psycopg.errors.ExclusionViolation:
                refused.append(role)

    for _round in range(5):
        threads = [threading.Thread(target=grant, args=(role,)) for role in ("cashier", "checker")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 1
        refused.clear()
        with psycopg.connect(fresh_database.url("contractor_rw"), autocommit=True) as connection:
            connection.execute(
                "UPDATE contractor.role_grant SET ended_by = 1, ended_at = now(), end_reason = 'x' "
                "WHERE ended_at IS NULL"
            )


def test_a_thousand_random_tries_past_the_law_all_fail(session):
    """Seeded; each try is one statement that would break separation of duties if it were taken."""
    rng = random.Random(SEED)
    roles = [role.key for role in matrix().roles_of("contractor")]
    pairs = sorted(sorted(pair) for pair in matrix().conflicts if pair <= set(roles))
    succeeded, tried = [], {}
    for number in range(TRIES):
        act, attempt = rng.choice(ATTEMPTS)
        tried[act] = tried.get(act, 0) + 1
        with session.begin_nested() as stage:
            forbidden = attempt(session, rng, a_person(session), roles, pairs)
            try:
                forbidden()
                succeeded.append(f"{number}: {act}")
            except DBAPIError:
                pass
            stage.rollback()
    assert succeeded == []
    assert len(tried) == len(ATTEMPTS) and min(tried.values()) > 50
    print(f"\nseed {SEED}: {TRIES} tries, 0 taken: {tried}")


def _approve_own_proposal(session, rng, subject, roles, pairs):
    officer = rng.randrange(10**6, 10**9)
    grant_id = propose(session, subject, rng.choice(roles), by=officer)
    return lambda: approve(session, grant_id, by=officer)


def _approve_for_oneself(session, rng, subject, roles, pairs):
    grant_id = propose(session, subject, rng.choice(roles))
    return lambda: approve(session, grant_id, by=subject)


def _propose_for_oneself(session, rng, subject, roles, pairs):
    return lambda: propose(session, subject, rng.choice(roles), by=subject)


def _whole_grant_at_once_by_one(session, rng, subject, roles, pairs):
    one = rng.randrange(10**6, 10**9)
    decided = {"decided_by": one, "decided_at": "2026-11-20T00:00Z", "decision": "approved"}
    return lambda: propose(session, subject, rng.choice(roles), by=one, **decided)


def _grant_by_nobody(session, rng, subject, roles, pairs):
    decided = {"decided_at": "2026-11-20T00:00Z", "decision": "approved"}
    return lambda: propose(session, subject, rng.choice(roles), by=None, **decided)


def _hold_both(session, rng, subject, roles, pairs):
    first, second = rng.sample(sorted(rng.choice(pairs)), 2)
    grant_id = propose(session, subject, first)
    if rng.random() < 0.6:
        approve(session, grant_id)
        if rng.random() < 0.5:
            change(session, grant_id, "ended_by = 3, ended_at = now() + interval '1 day', end_reason = 'x'")
    return lambda: propose(session, subject, second, by=rng.randrange(10**6, 10**9))


def _hold_both_as_one_natural_person(session, rng, subject, roles, pairs):
    first, second = rng.sample(sorted(rng.choice(pairs)), 2)
    number = rng.randbytes(32)
    here = a_person(session, index=number)
    there = a_person(session, county_code=OTHER_COUNTY, index=number)
    propose(session, here, first)
    return lambda: propose(session, there, second, county_code=OTHER_COUNTY)


def _change_a_decided_grant(session, rng, subject, roles, pairs):
    grant_id = propose(session, subject, rng.choice(roles))
    approve(session, grant_id)
    changes = (
        f"decided_by = {rng.randrange(10**6, 10**9)}",
        "decided_at = decided_at + interval '1 s'",
        "decision = 'refused', decision_reason = 'x'",
        "decision = NULL, decided_by = NULL, decided_at = NULL",
        "role = 'nothing'",
        "scope = 'X'",
        "reason = 'y'",
        f"staff_id = {rng.randrange(10**6, 10**9)}",
        "proposed_at = proposed_at - interval '1 s'",
        f"county_code = '{OTHER_COUNTY}'",
    )
    return lambda: change(session, grant_id, rng.choice(changes))


def _un_end(session, rng, subject, roles, pairs):
    grant_id = propose(session, subject, rng.choice(roles))
    approve(session, grant_id)
    end(session, grant_id)
    changes = (
        "ended_by = NULL, ended_at = NULL, end_reason = NULL",
        "ended_at = now() + interval '1 year'",
        "ended_by = ended_by + 1",
    )
    return lambda: change(session, grant_id, rng.choice(changes))


def _decide_what_was_refused(session, rng, subject, roles, pairs):
    grant_id = propose(session, subject, rng.choice(roles))
    change(session, grant_id, "decision = 'refused', decision_reason = 'x', decided_by = 900002, decided_at = now()")
    return lambda: change(session, grant_id, "decision = 'approved', decision_reason = NULL")


def _delete(session, rng, subject, roles, pairs):
    grant_id = propose(session, subject, rng.choice(roles))
    return lambda: say(session, f"DELETE FROM contractor.role_grant WHERE id = {grant_id}")


def _write_the_law(session, rng, subject, roles, pairs):
    acts = (
        "DELETE FROM house.role_conflict",
        "UPDATE house.role_conflict SET role_a = 'a'",
        "INSERT INTO house.role_conflict VALUES ('a', 'b')",
        "UPDATE house.published_role_conflict SET role_a = 'a'",
        "ALTER TABLE contractor.role_grant DISABLE TRIGGER role_grant_keeps_the_law",
        "SET LOCAL session_replication_role = replica",
    )
    return lambda: say(session, rng.choice(acts))


def say(session, statement: str) -> None:
    with session.begin_nested():
        session.execute(text(statement))


ATTEMPTS = [
    (attempt.__name__.strip("_"), attempt)
    for attempt in (
        _approve_own_proposal,
        _approve_for_oneself,
        _propose_for_oneself,
        _whole_grant_at_once_by_one,
        _grant_by_nobody,
        _hold_both,
        _hold_both_as_one_natural_person,
        _change_a_decided_grant,
        _un_end,
        _decide_what_was_refused,
        _delete,
        _write_the_law,
    )
]
