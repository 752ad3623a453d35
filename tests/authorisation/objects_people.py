"""Accounts, grants and background tasks in every state, for the rooms that keep them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from chassis.identity import accounts
from chassis.identity.tables import RoleGrant
from chassis.queue.outbox import post
from chassis.queue.tables import Task
from chassis.vault.keyring import Keyring
from tests.authorisation.objects import OTHER, OWN, Records, UrlValues, makes
from tests.authorisation.people import person
from tests.sites import NOBODY_1, NOBODY_2, grant

STAFF_DESKS = ("contractor", "county", "finance")
NOBODY = 999_999_999
BUSINESS = {"contractor": "reviewer", "county": "officer", "finance": "finance_officer"}


@makes("staff", *STAFF_DESKS)
def staff(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    invited = accounts.invite(
        session, keyring, county_code=OWN, sign_in_name="matrix-invited", name="李四", by=None, at=at
    )
    own = {"invited": invited.staff_id} | {
        status: person(session, OWN, f"matrix-{status}", at=at, status=status)
        for status in ("active", "suspended", "left")
    }
    return Records(
        own={status: {"staff_id": staff_id} for status, staff_id in own.items()},
        other={"staff_id": person(session, OTHER, "matrix-other", at=at)},
        nowhere={"staff_id": NOBODY},
        fields={"reason": "试验用的理由", "version": "1", "name": "李四", "name_pinyin": "li si"},
    )


@makes("officer", *STAFF_DESKS)
def officers(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    def officer(county_code: str, name: str) -> UrlValues:
        staff_id = person(session, county_code, name, at=at)
        grant(session, county_code, staff_id, "security_officer", at=at)
        return {"staff_id": staff_id}

    return Records(
        own={"active": officer(OWN, "matrix-officer")},
        other=officer(OTHER, "matrix-other-officer"),
        nowhere={"staff_id": NOBODY},
    )


@makes("grant", *STAFF_DESKS)
def grants(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    decided = {"decided_by": NOBODY_2, "decided_at": at}
    ended = {"ended_by": NOBODY_2, "ended_at": at, "end_reason": "试验"}
    states = {
        "pending": {},
        "approved": decided | {"decision": "approved"},
        "refused": decided | {"decision": "refused", "decision_reason": "试验"},
        "withdrawn": ended,
        "ended": decided | {"decision": "approved"} | ended,
    }

    def one(county_code: str, name: str, values: dict) -> UrlValues:
        staff_id = person(session, county_code, f"matrix-grant-{name}", at=at)
        row = {
            "county_code": county_code,
            "staff_id": staff_id,
            "role": BUSINESS[session.info["desk"].key],
            "proposed_by": NOBODY_1,
            "proposed_at": at,
            "reason": "试验",
        }
        made = insert(RoleGrant).values(row | values).returning(RoleGrant.id)
        return {"grant_id": session.execute(made).scalar_one()}

    return Records(
        own={state: one(OWN, state, values) for state, values in states.items()},
        other=one(OTHER, "other", {}),
        nowhere={"grant_id": NOBODY},
        fields={"reason": "试验用的理由"},
    )


@makes("task", *STAFF_DESKS)
def tasks(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    def one(county_code: str, state: str) -> UrlValues:
        task = post(session, county_code=county_code, kind="trial.nothing", payload={}, at=at)
        if state != "waiting":
            move(task, state="running", leased_by="w", leased_until=at, fence=1, attempts=1)
            move(task, state="dead", leased_by=None, leased_until=None, dead_at=at, last_error="E")
        if state == "given_up":
            move(task, state="given_up", dead_at=None, given_up_by=1, given_up_at=at)
        return {"county_code": county_code, "task_id": task.id}

    def move(task: Task, **values) -> None:
        session.execute(update(Task).where(Task.county_code == task.county_code, Task.id == task.id).values(values))

    return Records(
        own={state: one(OWN, state) for state in ("waiting", "dead", "given_up")},
        other=one(OTHER, "dead"),
        nowhere={"county_code": OWN, "task_id": NOBODY},
    )
