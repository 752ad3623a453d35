"""Lists of claims, a page at a time: newest first or what is due first, with what was found and decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from sqlalchemy import BigInteger, ColumnElement, Row, Select, and_, bindparam, cast, func, or_, select, true
from sqlalchemy.orm import Session

from contractor.claims import published
from contractor.claims.searching import found_by
from contractor.claims.sight import Sight
from contractor.claims.tables import AccountEntry, Claim, ClaimFinding, Settlement

PAGE = 50
MOST_COUNTED = 10_000
UNDECIDED = ("received", "in_review", "in_second_review", "awaiting_documents")
TO_REVIEW = ("received", "in_review", "in_second_review")


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for; empty: all of it."""

    states: tuple[str, ...] = ()
    route: str = ""
    institution_code: str = ""
    rule: str = ""
    least_fen: int | None = None
    received_from: dt.date | None = None
    received_until: dt.date | None = None
    """The first day that is too late."""
    file_id: int | None = None
    held_by: int | None = None
    text: str = ""
    """A claim's, card's or invoice's number, or the beginning of a member's name."""
    order: str = "newest"
    """`newest`, or `due`: what must be decided first."""


@dataclass(frozen=True)
class Place:
    """Where a page begins: after this claim."""

    claim_id: int
    due_on: dt.date | None = None


@dataclass(frozen=True)
class ClaimPage:
    rows: Sequence[Row] = field(repr=False)
    next: Place | None
    total: int
    is_capped: bool


def claims_page(
    session: Session,
    sight: Sight,
    wanted: Wanted,
    *,
    after: Place | None = None,
    size: int = PAGE,
    counted: bool = True,
) -> ClaimPage:
    """One page. A row: the claim's head, its member, its institution, its worst finding, its money.

    990121, 4217, "ZY2024010500017", direct, 张桂兰, 县人民医院, 702180, F01, 4 findings, 425010, in_review.
    """
    fits = and_(sight.covers, *_conditions(session, sight, wanted))
    ids = select(Claim.id, Claim.due_on).where(fits)
    far = dt.date.max
    if wanted.order == "due":
        due = func.coalesce(Claim.due_on, far)
        if after is not None:
            ids = ids.where(
                or_(due > (after.due_on or far), and_(due == (after.due_on or far), Claim.id > after.claim_id))
            )
        ids = ids.order_by(due, Claim.id)
    else:
        if after is not None:
            ids = ids.where(Claim.id < after.claim_id)
        ids = ids.order_by(Claim.id.desc())
    found = session.execute(ids.limit(size + 1)).all()
    shown = found[:size]
    rows = heads(session, sight, [row.id for row in shown])
    last = Place(shown[-1].id, shown[-1].due_on) if len(found) > size else None
    total = 0
    if counted:
        some = select(Claim.id).where(fits).limit(MOST_COUNTED + 1).subquery()
        total = session.execute(select(func.count()).select_from(some)).scalar_one()
    return ClaimPage([rows[row.id] for row in shown], last, min(total, MOST_COUNTED), total > MOST_COUNTED)


def heads(session: Session, sight: Sight, claim_ids: Sequence[int]) -> dict[int, Row]:
    """The heads of these claims, by number; those that are out of sight are left out."""
    return {row.id: row for row in session.execute(_heads_seen(sight), {"ids": list(claim_ids)})}


@lru_cache(maxsize=64)
def _heads_seen(sight: Sight) -> Select:
    """The question for one sight, put together once; the numbers are its parameter `ids`."""
    c, s, e, m, i = Claim, Settlement, AccountEntry, published.member.c, published.institution.c
    worst = _worst_finding()
    # Whatever was taken back adds up to nothing; what is left is what stands.
    money = (
        select(
            cast(func.sum(s.benefits_fen), BigInteger).label("benefits_fen"),
        )
        .where(s.county_code == c.county_code, s.claim_id == c.id)
        .lateral("money")
    )
    visit = (
        select(cast(func.sum(e.paid_fen), BigInteger).label("paid_fen"))
        .where(e.county_code == c.county_code, e.claim_id == c.id)
        .lateral("visit")
    )
    return (
        select(
            *(getattr(c, name) for name in HEAD),
            m.name.label("member_name"),
            m.sex,
            m.born_on,
            i.name_zh.label("institution_zh"),
            i.name_en.label("institution_en"),
            i.tier,
            worst.c.rule,
            worst.c.severity,
            worst.c.finding_count,
            func.coalesce(money.c.benefits_fen, visit.c.paid_fen).label("benefits_fen"),
        )
        .join(published.member, and_(m.county_code == c.county_code, m.id == c.member_id), isouter=True)
        .join(
            published.institution,
            and_(i.county_code == c.county_code, i.institution_code == c.institution_code),
            isouter=True,
        )
        .join(worst, true(), isouter=True)
        .join(money, true(), isouter=True)
        .join(visit, true(), isouter=True)
        .where(sight.covers, c.id.in_(bindparam("ids", expanding=True)))
    )


HEAD = (
    "county_code", "id", "claim_number", "route", "institution_code", "member_id", "card_number", "invoice_number",
    "admitted_on", "discharged_on", "diagnosis_code", "diagnosis_name", "charged_fen", "advanced_fen", "received_at",
    "received_on", "due_on", "state", "version", "is_clean", "alert_ppm", "held_by", "held_until", "notice_until_on",
    "documents_due_on", "file_id", "assessed_at", "expected_loss_fen",
)  # fmt: skip


def counts_of_views(session: Session, sight: Sight, views: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """How many claims stand in the states of each view, and under "" how many there are: one statement.

    No count goes beyond `MOST_COUNTED` and one more.
    """
    c = Claim

    def counted(*wanted: ColumnElement[bool]) -> ColumnElement[int]:
        some = select(c.id).where(sight.covers, *wanted).limit(MOST_COUNTED + 1).subquery()
        return select(func.count()).select_from(some).scalar_subquery()

    of_each = [counted(c.state.in_(states)) for states in views.values()]
    return dict(zip(("", *views), session.execute(select(counted(), *of_each)).one(), strict=True))


def institutions_seen(session: Session, sight: Sight) -> Sequence[Row]:
    """(institution_code, name_zh, name_en) of the county's institutions, by their names."""
    return session.execute(_institutions(), {"county_code": sight.county_code}).all()


@cache
def _institutions() -> Select:
    i = published.institution.c
    listed = select(i.institution_code, i.name_zh, i.name_en).where(i.county_code == bindparam("county_code"))
    return listed.order_by(i.name_pinyin, i.institution_code)


def rules_found(session: Session, sight: Sight) -> list[str]:
    """The rules that found something in the county, from one to the next of an index: findings are many, rules few."""
    f = ClaimFinding
    of_county = select(func.min(f.rule)).where(f.county_code == sight.county_code)
    seen = select(of_county.scalar_subquery().label("rule")).cte("seen", recursive=True)
    following = of_county.where(f.rule > seen.c.rule).scalar_subquery()
    seen = seen.union_all(select(following).where(seen.c.rule.is_not(None)))
    return list(session.scalars(select(seen.c.rule).where(seen.c.rule.is_not(None)).order_by(seen.c.rule)))


def _worst_finding():
    f = ClaimFinding
    rank = func.strpos("CHML", f.severity)
    return (
        select(f.rule, f.severity, func.count().over().label("finding_count"))
        .where(f.county_code == Claim.county_code, f.claim_id == Claim.id)
        .order_by(rank, f.finding_no)
        .limit(1)
        .lateral("worst")
    )


def _conditions(session: Session, sight: Sight, wanted: Wanted) -> list[ColumnElement[bool]]:
    c = Claim
    conditions: list[ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(c.state.in_(wanted.states))
    if wanted.route:
        conditions.append(c.route == wanted.route)
    if wanted.institution_code:
        conditions.append(c.institution_code == wanted.institution_code)
    if wanted.least_fen is not None:
        conditions.append(c.charged_fen >= wanted.least_fen)
    if wanted.received_from is not None:
        conditions.append(c.received_on >= wanted.received_from)
    if wanted.received_until is not None:
        conditions.append(c.received_on < wanted.received_until)
    if wanted.file_id is not None:
        conditions.append(c.file_id == wanted.file_id)
    if wanted.held_by is not None:
        conditions.append(c.held_by == wanted.held_by)
    if wanted.rule:
        f = ClaimFinding
        found = select(f.claim_id).where(f.county_code == c.county_code, f.claim_id == c.id, f.rule == wanted.rule)
        conditions.append(found.exists())
    if wanted.text:
        conditions.append(c.id.in_(found_by(session, sight.county_code, wanted.text)))
    return conditions
