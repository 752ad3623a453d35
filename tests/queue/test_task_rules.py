"""What the database itself refuses, whoever asks: the legal moves of a task and its fence."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.queue.outbox import post
from tests.queue.trial import COUNTY

NOW = dt.datetime(2026, 5, 6, 1, 2, 3, tzinfo=dt.UTC)
STATES = ("waiting", "running", "done", "dead")
LEGAL = {
    ("waiting", "waiting"),
    ("waiting", "running"),
    ("running", "running"),
    ("running", "waiting"),
    ("running", "done"),
    ("running", "dead"),
    ("dead", "waiting"),
}
AS = {
    "waiting": "state = 'waiting', leased_by = NULL, leased_until = NULL, done_at = NULL, dead_at = NULL",
    "running": "state = 'running', leased_by = 'w', leased_until = now(), done_at = NULL, dead_at = NULL",
    "done": "state = 'done', leased_by = NULL, leased_until = NULL, done_at = now(), dead_at = NULL",
    "dead": "state = 'dead', leased_by = NULL, leased_until = NULL, done_at = NULL, dead_at = now(), last_error = 'E'",
}


@pytest.fixture()
def session(session_of):
    return session_of("contractor")


def change(session, task_id: int, assignments: str) -> None:
    with session.begin_nested():
        session.execute(text(f"UPDATE contractor.task SET {assignments} WHERE id = {task_id}"))


def a_task(session, state: str) -> int:
    task_id = post(session, county_code=COUNTY, kind="trial.note", payload={"batch_id": 1}, at=NOW).id
    if state != "waiting":
        change(session, task_id, AS["running"] + ", fence = fence + 1, attempts = 1")
    if state in ("done", "dead"):
        change(session, task_id, AS[state])
    return task_id


@pytest.mark.parametrize(("before", "after"), list(itertools.product(STATES, STATES)))
def test_a_task_makes_its_legal_moves_and_no_other(session, before, after):
    task_id = a_task(session, before)
    move = AS[after] + (", fence = fence + 1" if (before, after) == ("waiting", "running") else "")
    if (before, after) in LEGAL:
        change(session, task_id, move)
    else:
        with pytest.raises(DBAPIError, match="does not become"):
            change(session, task_id, move)


@pytest.mark.parametrize("fence", ["0", "fence - 1", "fence + 1"])
def test_a_fence_changes_with_a_lease_only(session, fence):
    task_id = a_task(session, "running")
    with pytest.raises(DBAPIError, match="fence grows by one"):
        change(session, task_id, f"fence = {fence}")


def test_a_lease_without_a_new_fence_is_refused(session):
    with pytest.raises(DBAPIError, match="fence grows by one"):
        change(session, a_task(session, "waiting"), AS["running"])


@pytest.mark.parametrize(
    "asked", ["kind = 'trial.other'", "payload = '{\"batch_id\": 2}'", "natural_key = 'k'", "county_code = '410100'"]
)
def test_what_a_task_is_asked_to_do_is_not_changed(session, asked):
    with pytest.raises(DBAPIError, match="is not changed"):
        change(session, a_task(session, "waiting"), asked)


@pytest.mark.parametrize("state", STATES)
def test_a_state_without_its_instant_or_its_holder_is_refused(session, state):
    task_id = a_task(session, state)
    torn = "leased_by = NULL" if state == "running" else "leased_by = 'w'"
    with pytest.raises(DBAPIError, match=r"ck_task_running_is_leased|does not become"):
        change(session, task_id, torn)


def test_a_task_cannot_be_born_done(session):
    with pytest.raises(DBAPIError, match="begins waiting"), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO contractor.task (county_code, kind, payload, state, next_at, created_at, done_at) "
                "VALUES ('410122', 'trial.note', '{}', 'done', now(), now(), now())"
            )
        )


def test_a_task_is_never_deleted(session):
    task_id = a_task(session, "done")
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(f"DELETE FROM contractor.task WHERE id = {task_id}"))
