"""One claim with all that stands about it: lines, findings, events, money with its sheet, the member's other stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import Row, Select, and_, bindparam, select
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from contractor.claims import published
from contractor.claims.foreseeing import foreseen
from contractor.claims.listing import heads
from contractor.claims.sight import Sight
from contractor.claims.tables import (
    AccountEntry,
    Claim,
    ClaimEvent,
    ClaimFinding,
    ClaimLine,
    Settlement,
)
from contractor.law.queries import approvals_of
from rulebook.benefits import Claim as Stay
from rulebook.benefits import Deciding, Sheet, State, explain
from rulebook.benefits.bill import BillLine, line_sums
from rulebook.refusals import Refused
from rulebook.registry import Timeline
from rulebook.rule_shapes import STATUSES, TIERS
from rulebook.schedule import Schedule, from_canonical
from rulebook.schedule_files import schedules_on_file

_RECORD = select(*Claim.__table__.c).where(
    Claim.county_code == bindparam("own_county"), Claim.id == bindparam("own_claim")
)
OTHER_STAYS_DAYS = 365
MOST_STAYS = 40


@dataclass(frozen=True)
class WholeClaim:
    head: Row = field(repr=False)
    record: Row = field(repr=False)
    lines: Sequence[Row] = field(repr=False)
    findings: Sequence[Row] = field(repr=False)
    events: Sequence[Row] = field(repr=False)
    settlement: Row | None
    """The decision in money that stands; None before it and after it was taken back."""
    entry: Row | None
    sheet: Sheet | None
    is_foreseen: bool
    """The sheet says what an approval would come to now, and not what was decided."""
    why_no_sheet: Refused | None
    deciding: Deciding | None
    """Day, year, schedule and status of the sheet; None where there is none."""
    stays: Sequence[Row] = field(repr=False)

    def allowed_fen(self, line: Row) -> int:
        """What of a line counts: within the price limit, less what was taken off."""
        return _sums(line).allowed_fen

    def over_limit_fen(self, line: Row) -> int:
        return _sums(line).over_limit_fen

    @property
    def reduced_fen(self) -> int:
        """What the reviewer took off, as far as the lines still hold it."""
        return sum(_sums(line).reduced_fen for line in self.lines)


def whole_claim(
    session: Session, sight: Sight, claim_id: int, *, law: Timeline | None = None, with_stays: bool = True
) -> WholeClaim:
    """One claim. With the law, an undecided one is told with the sheet that its approval would have.

    Raises: NotFound, also for a claim that is out of sight.
    """
    head = heads(session, sight, [claim_id]).get(claim_id)
    if head is None:
        raise NotFound(kind="claim")
    county = sight.county_code
    record = session.execute(_RECORD, {"own_county": county, "own_claim": claim_id}).one()
    lines = _rows(session, ClaimLine, county, claim_id, ClaimLine.line_no)
    # A visit is paid from an account, a stay is settled in a year; neither asks for the other's rows.
    is_visit = record.route == "outpatient"
    settlements = [] if is_visit else _rows(session, Settlement, county, claim_id, Settlement.id)
    taken_back = {row.reverses_settlement_id for row in settlements}
    standing = [row for row in settlements if not row.reverses_settlement_id and row.id not in taken_back]
    entries = _rows(session, AccountEntry, county, claim_id, AccountEntry.entry_id) if is_visit else []
    undone = {row.reverses_entry_id for row in entries}
    entry = next((row for row in entries if not row.reverses_entry_id and row.entry_id not in undone), None)
    sheet, why, decided_by = None, None, None
    if standing:
        sheet, decided_by = sheet_of(session, standing[0]), deciding_of(session, standing[0])
    elif law is not None and not is_visit:
        forecast = foreseen(session, record, law)
        if isinstance(forecast, Refused):
            why = forecast
        else:
            sheet, decided_by = forecast.sheet, forecast.deciding
    return WholeClaim(
        head,
        record,
        lines,
        _rows(session, ClaimFinding, county, claim_id, ClaimFinding.finding_no),
        _rows(session, ClaimEvent, county, claim_id, ClaimEvent.event_no),
        standing[0] if standing else None,
        entry,
        sheet,
        not standing,
        why,
        decided_by,
        _other_stays(session, sight, record) if with_stays else (),
    )


def sheet_of(session: Session, settlement: Row) -> Sheet:
    """The sheet of steps of a settlement, from what it was computed from: it is not stored (decision 0027)."""
    decided_by = deciding_of(session, settlement)
    stay = Stay(*(getattr(settlement, name) for name in Stay._fields))
    before = State(*(getattr(settlement, f"before_{name}") for name in State._fields))
    return explain(
        stay,
        before,
        schedule=decided_by.schedule,
        day=decided_by.day,
        status=decided_by.status,
        tier=TIERS[settlement.tier - 1],
    )


def deciding_of(session: Session, settlement: Row) -> Deciding:
    """Day, schedule and status that a settlement was decided by."""
    schedule = schedule_known_as(session, settlement.county_code, settlement.schedule_hash)
    left_on = settlement.discharged_on
    by_admission = schedule.word("decisive_day", left_on, "year_and_schedule") == "admission"
    status_by_admission = schedule.word("decisive_day", left_on, "status") == "admission"
    status = settlement.status_on_admission if status_by_admission else settlement.status_on_discharge
    day = settlement.admitted_on if by_admission else left_on
    return Deciding(day, settlement.year, schedule, STATUSES[status])


def schedule_known_as(session: Session, county_code: str, content_hash: str) -> Schedule:
    """The schedule of this content: as the county approved it, or the one on file that stood in for it."""
    known = _KNOWN_SCHEDULES.get(content_hash)
    if known is None:
        known = _schedule_kept(session, county_code, content_hash)
        _KNOWN_SCHEDULES[content_hash] = known
    return known


_KNOWN_SCHEDULES: dict[str, Schedule] = {}
"""By hash of content, which cannot say two things; a county has a handful in all its years."""


def _schedule_kept(session: Session, county_code: str, content_hash: str) -> Schedule:
    for row in approvals_of(session, county_code):
        if row.content_hash == content_hash:
            return from_canonical(row.canonical, content_hash=row.content_hash)
    return next(one for one in schedules_on_file().values() if one.content_hash == content_hash)


def _sums(line: Row):
    return line_sums(
        BillLine(line.quantity_e4, line.unit_price_e4, line.price_limit_e4, line.catalogue_class, line.reduced_fen)
    )


def _rows(session: Session, kind, county_code: str, claim_id: int, order) -> Sequence[Row]:
    """Plain rows: they are read and never written, and an object for each would cost a third of an answer."""
    return session.execute(_rows_of(kind, order), {"own_county": county_code, "own_claim": claim_id}).all()


@lru_cache(maxsize=16)
def _rows_of(kind, order) -> Select:
    """A statement is put together once: SQLAlchemy keeps what it made of it with the object."""
    own = (kind.county_code == bindparam("own_county"), kind.claim_id == bindparam("own_claim"))
    return select(*kind.__table__.c).where(*own).order_by(order)


def _other_stays(session: Session, sight: Sight, record: Row) -> Sequence[Row]:
    """The member's stays within a year of this one, this one among them, first to last."""
    c, i = Claim, published.institution.c
    near = dt.timedelta(days=OTHER_STAYS_DAYS)
    asked = (
        select(
            c.id, c.claim_number, c.institution_code, c.admitted_on, c.discharged_on, c.diagnosis_name,
            c.diagnosis_code, c.charged_fen, c.state, i.name_zh, i.name_en,
        )
        .join(
            published.institution,
            and_(i.county_code == c.county_code, i.institution_code == c.institution_code),
            isouter=True,
        )
        .where(sight.covers, c.member_id == record.member_id, c.route != "outpatient")
        .where(c.admitted_on > record.admitted_on - near, c.admitted_on < record.discharged_on + near)
        .order_by(c.admitted_on, c.id)
        .limit(MOST_STAYS)
    )  # fmt: skip
    return session.execute(asked).all()
