"""One claim as the county reads and computes it: its lines, its life, and its settlement on both sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psycopg
from sqlalchemy.orm import Session

from oversight.audits.bills import bills, line_fen
from oversight.audits.county import BILL
from oversight.audits.law_columns import law_columns
from oversight.audits.own_inputs import OF_BILL, OwnInputs, own_inputs
from oversight.audits.recomputation import broken_years, recompute
from oversight.audits.settled import schedules_of
from oversight.feed import claims as claims_feed
from oversight.feed import one_claim, registry
from oversight.feed import settled as settled_feed
from oversight.feed.packing import Column, joined
from rulebook.published import SETTLEMENT_INPUT, SETTLEMENT_RESULT
from rulebook.refusals import Refused
from rulebook.registry import Timeline

Columns = dict[str, Column]

REGISTERED = ("tier", "status_on_admission", "status_on_discharge", "is_supplemented")
RESULTS = tuple(column.name for column in SETTLEMENT_RESULT)
AMOUNTS = (*OF_BILL, *RESULTS, "benefits_fen", "member_pays_fen")


@dataclass(frozen=True)
class Sheet:
    """One settlement on both sides. A name stands for the step; `recomputed` is empty where its year is broken."""

    settlement_id: int
    settlement_no: int
    year: int
    schedule_hash: str
    published: dict[str, int]
    recomputed: dict[str, int]
    own_schedule_hash: str = ""


@dataclass(frozen=True)
class Line:
    """One published line, with the county's class and limit on the row, its own charge and what of it is allowed."""

    row: Any
    own_charged_fen: int
    allowed_fen: int


@dataclass(frozen=True)
class ClaimAsRead:
    """`claim` is the published row; `tier` 0 where the registry knows no such institution."""

    claim: Any
    tier: int
    lines: Sequence[Line]
    events: Sequence[Any]
    findings: Sequence[Any]
    payments: Sequence[Any]
    entries: Sequence[Any]
    sheets: Sequence[Sheet] = field(default_factory=tuple)


def read_claim(session: Session, county_code: str, claim_id: int, law: Callable[[], Timeline]) -> ClaimAsRead | None:
    """The claim, or None where the contractor publishes none of that number. `law` is asked where it was settled."""
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)

    def rows(view: str, order: str) -> list[Any]:
        return one_claim.rows_of(connection, county_code, claim_id, view, order)

    found = rows("published_claims", "claim_id")
    if not found:
        return None
    tier = registry.tiers_of(connection, county_code).get(found[0].institution_code, 0)
    settled = rows("published_settlements", "settlement_id")
    return ClaimAsRead(
        claim=found[0],
        tier=tier,
        lines=[_line(row) for row in one_claim.lines_with_catalogue(connection, county_code, claim_id, tier)],
        events=rows("published_claim_events", "event_no"),
        findings=rows("published_claim_findings", "finding_no"),
        payments=rows("published_payments", "payment_id"),
        entries=rows("published_account_entries", "account_no"),
        sheets=_settled(connection, county_code, claim_id, settled[0], law) if settled else (),
    )


def _line(row: Any) -> Line:
    price = min(row.unit_price_e4, row.own_limit_e4) if row.own_limit_e4 >= 0 else row.unit_price_e4
    charged, within = line_fen(np.array([row.quantity_e4] * 2), np.array([row.unit_price_e4, price])).tolist()
    return Line(row, charged, within - min(row.reduced_fen, within))


def _settled(
    connection: psycopg.Connection, county_code: str, claim_id: int, settled: Any, law: Callable[[], Timeline]
) -> Sequence[Sheet]:
    """The sheets, or none where no law can be loaded: the claim is shown all the same."""
    try:
        timeline = law()
    except Refused:
        return ()
    return _sheets(connection, county_code, claim_id, settled, timeline)


def _sheets(
    connection: psycopg.Connection, county_code: str, claim_id: int, settled: Any, timeline: Timeline
) -> list[Sheet]:
    """The claim's settlements, worked out within their member's year."""
    member_id = settled.member_id
    keys = one_claim.settlements_of_year(connection, county_code, member_id, settled.year)
    hashes = {settlement_id: schedule_hash for settlement_id, _claim, schedule_hash in keys}
    schedules = schedules_of(timeline)
    settlements = joined(
        [
            settled_feed.settlements_of(connection, _only(county_code, settlement_id), schedules)
            for settlement_id in hashes
        ],
        settled_feed.SETTLEMENT,
    )
    claims = _claims(connection, county_code, sorted({claim for _id, claim, _hash in keys}))
    own = own_inputs(
        settlements,
        claims,
        registry.statuses_of(connection, county_code, [member_id]),
        registry.enrolments_of(connection, county_code, [member_id]),
        registry.deaths_of(connection, county_code, [member_id]),
        law_columns(timeline),
    )
    recomputed = _recomputed(own, timeline)
    return [
        _sheet(settlements, own, recomputed, row, hashes) for row in np.flatnonzero(settlements["claim_id"] == claim_id)
    ]


def _claims(connection: psycopg.Connection, county_code: str, claim_ids: Sequence[int]) -> Columns:
    tiers, items = registry.tiers_of(connection, county_code), registry.items_of(connection, county_code)
    places = {institution_code: place for place, institution_code in enumerate(tiers, 1)}
    tier_of = np.array([0, *tiers.values(), 0], dtype=np.int8)
    catalogue = registry.catalogue_of(connection, county_code, items)
    parts = []
    for claim_id in claim_ids:
        claims = claims_feed.claims_of(connection, _only(county_code, claim_id), places)
        claims["tier"] = tier_of[claims["institution"]]
        lines = claims_feed.lines_of(connection, _only(county_code, claim_id), items)
        parts.append(claims | bills(claims, lines, catalogue))
    return joined(parts, (*claims_feed.CLAIM, *BILL))


def _recomputed(own: OwnInputs, timeline: Timeline) -> dict[str, Column] | None:
    if len(broken_years(own.columns, timeline)):
        return None
    inputs = {column.name: own.columns[column.name] for column in SETTLEMENT_INPUT}
    frame = recompute(inputs, timeline, keeps_steps=True)
    return {name: frame[name].to_numpy() for name in frame}


def _sheet(
    settlements: Columns, own: OwnInputs, recomputed: dict[str, Column] | None, row: int, hashes: dict[int, str]
) -> Sheet:
    published = {name: int(settlements[name][row]) for name in (*REGISTERED, *AMOUNTS)}
    computed: dict[str, int] = {}
    if recomputed is not None:
        computed = {name: int(own.columns[name][row]) for name in (*REGISTERED, *OF_BILL)}
        computed |= {name: int(recomputed[name][row]) for name in (*RESULTS, "member_pays_fen")}
        computed["benefits_fen"] = sum(computed[name] for name in RESULTS[2:])
    computed["enrolment"] = int(own.is_enrolled[row])
    settlement_id = int(settlements["settlement_id"][row])
    return Sheet(
        settlement_id=settlement_id,
        settlement_no=int(settlements["settlement_no"][row]),
        year=int(settlements["year"][row]),
        schedule_hash=hashes[settlement_id],
        published=published,
        recomputed=computed,
        own_schedule_hash="" if recomputed is None else str(recomputed["schedule_hash"][row]),
    )


def _only(county_code: str, number: int) -> dict[str, Any]:
    return {"county": county_code, "low": number, "high": number + 1}
