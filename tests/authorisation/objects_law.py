"""Approvals of schedules in every state, written by the county whichever desk asks: the insurer only reads them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from chassis.law.approved import content_of
from chassis.vault.keyring import Keyring
from demo import county
from oversight.registry.schedules import approving, queries
from oversight.registry.schedules.approving import Decision
from oversight.registry.schedules.tables import ScheduleApproval
from oversight.registry.tables import Division
from rulebook.schedule_files import schedules_on_file
from tests.authorisation.objects import OTHER, OWN, Records, UrlValues, makes
from tests.sites import NOBODY_1, NOBODY_2

NOBODY = 999_999_999


@makes("schedule_approval", "county")
def approvals(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    return Records(
        own=_of(session, OWN, at),
        other=_of(session, OTHER, at)["in_force"],
        nowhere=_url(OWN, NOBODY),
        fields={
            "reason": "试验用的理由", "scheme": "balin_zuoqi", "committee": "试验县合作医疗管理委员会",
            "approved_on": "2010-01-04", "document": "试〔2010〕9号",
        },
    )  # fmt: skip


@makes("schedule_approval", "contractor")
def published(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    """What the insurer can see of them: what waits and what was withdrawn is not published."""
    url = session.get_bind().url.set(username="county_rw", password="test-county_rw")
    engine = create_engine(url).execution_options(schema_translate_map={"desk": "oversight"})
    with Session(engine) as of_county, of_county.begin():
        made = approvals(of_county, at, keyring)
    engine.dispose()
    seen = {state: made.own[state] for state in ("confirmed", "in_force")}
    return Records(own=seen, other=made.other, nowhere=made.nowhere)


def _of(session: Session, county_code: str, at: dt.datetime) -> dict[str, UrlValues]:
    """One approval in each state; those that are there already are taken."""
    if session.get(Division, OWN) is None:
        county.write_divisions(session)
    today = at.date()
    known = {queries.state_of(row, on=today): row.id for row in queries.approvals_of(session, [county_code])}
    if "in_force" not in known:
        known["in_force"] = confirmed(session, county_code, dt.date(2011, 1, 1), at=at).id
    if "confirmed" not in known:
        known["confirmed"] = confirmed(session, county_code, dt.date(2101, 1, 1), at=at).id
    if "withdrawn" not in known:
        row = proposed(session, county_code, dt.date(2102, 1, 1), at=at)
        approving.withdraw(
            session, county_code=county_code, approval_id=row.id, reason="试验用的理由", by=NOBODY_1, at=at
        )
        known["withdrawn"] = row.id
    if "proposed" not in known:
        known["proposed"] = proposed(session, county_code, dt.date(2103, 1, 1), at=at).id
    return {state: _url(county_code, known[state]) for state in ("proposed", "confirmed", "in_force", "withdrawn")}


def proposed(
    session: Session, county_code: str, from_on: dt.date, *, scheme: str = "zhengzhou", at: dt.datetime
) -> ScheduleApproval:
    decision = Decision(from_on, None, "试验县合作医疗管理委员会", dt.date(2010, 1, 4), f"试〔{from_on.year}〕1号")
    schedule = schedules_on_file()[scheme]
    return approving.propose(session, schedule, decision, county_code=county_code, by=NOBODY_1, at=at)


def confirmed(
    session: Session, county_code: str, from_on: dt.date, *, scheme: str = "zhengzhou", at: dt.datetime
) -> ScheduleApproval:
    row = proposed(session, county_code, from_on, scheme=scheme, at=at)
    return approving.put_in_force(
        session,
        county_code=county_code,
        approval_id=row.id,
        shown_sha256=content_of(row),
        proof=None,
        by=NOBODY_2,
        at=at,
    )


def _url(county_code: str, approval_id: int) -> UrlValues:
    return {"county_code": county_code, "approval_id": approval_id, "file_type": "csv"}
