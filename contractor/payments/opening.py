"""A county begins to pay: its books are opened. After a restore, a person permits sending again (decision 0036)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import column, exists, insert, select, table
from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from contractor.ledger.charts import open_books
from contractor.payments.queries import server_timeline
from contractor.payments.refusals import CountyNotEntered
from contractor.payments.tables import SendingPermit

_division = table("published_division", column("county_code"), column("level"), schema="registry")


def open_for_payments(session: Session, county_code: str) -> int:
    """Open the county's books and let its first batches leave; twice, it changes nothing. Returns accounts opened."""
    opened = open_books(session, county_code)
    if not session.scalar(select(exists().where(SendingPermit.county_code == county_code))):
        values = {"county_code": county_code, "timeline": server_timeline(session)}
        session.execute(insert(SendingPermit).values(values))
    return opened


def open_county(session: Session, *, county_code: str, by: int | None, at: dt.datetime) -> int:
    """Open a real county for payments, with an entry of the trail; twice, it changes nothing. Returns accounts opened.

    Args:
        by: contractor.staff.id of the lead; None from the command line.

    Raises:
        CountyNotEntered: the registry has no such county.
    """
    if not session.scalar(
        select(exists().where(_division.c.county_code == county_code, _division.c.level == "county"))
    ):
        raise CountyNotEntered(county=county_code)
    opened = open_for_payments(session, county_code)
    if opened:
        who = Actor(ActorKind.SYSTEM, "command_line") if by is None else Actor(ActorKind.STAFF, str(by))
        facts = {"accounts": opened, "timeline": server_timeline(session)}
        entry = Entry(act="books.opened", subject_kind="county", subject_id=county_code, by=who, facts=facts)
        append(session, county_code=county_code, stream="payments", entries=[entry], at=at)
    return opened


def is_sending_permitted(session: Session, county_code: str) -> bool:
    """False in a house that was restored from a backup, until a person has compared it with the bank."""
    timeline = server_timeline(session)
    permit = exists().where(SendingPermit.county_code == county_code, SendingPermit.timeline == timeline)
    return bool(session.scalar(select(permit)))


def permit_sending(session: Session, *, county_code: str, reason: str, by: int, at: dt.datetime) -> None:
    """The lead has compared the restored house with the bank's statement; batches may leave again."""
    timeline = server_timeline(session)
    values = {"county_code": county_code, "timeline": timeline, "permitted_by": by, "reason": reason}
    session.execute(insert(SendingPermit).values(values))
    entry = Entry(
        act="sending.permitted",
        subject_kind="timeline",
        subject_id=str(timeline),
        by=Actor(ActorKind.STAFF, str(by)),
    )
    append(session, county_code=county_code, stream="payments", entries=[entry], at=at)
