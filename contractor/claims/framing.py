"""A chunk as the checks read it: columns with the registry's facts looked up for the day that decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from contractor.claims import beside, registry
from contractor.claims.arrays import numbers_text
from contractor.claims.chunk import Chunk, ClaimRow, Ground
from contractor.claims.statements import statement
from rulebook.checks import Frames, pairs_of
from rulebook.checks.duplicates import same_days_and_total
from rulebook.checks.frames import (
    CLAIM_COLUMNS,
    DIRECT,
    INVOICE_COLUMNS,
    ITEM_COLUMNS,
    LINE_COLUMNS,
    MANUAL,
    OUTPATIENT,
    PAYEE_COLUMNS,
    PEER_COLUMNS,
    STAY_COLUMNS,
    Columns,
    columns,
    rows_of,
)

_SLIP = list(STAY_COLUMNS).index("has_slip")
ROUTES = {"direct": DIRECT, "manual": MANUAL, "outpatient": OUTPATIENT}


class Framed(Frames):
    """The frames of a chunk, each made when a check first asks for it: one check alone needs few of them.

    For all checks together ten statements, and up to four more where there is something to ask.
    """

    def __init__(self, chunk: Chunk, *, was_told: bool = False) -> None:
        # The frames are frozen for the checks; what they are made from lies beside them.
        self.__dict__.update(chunk=chunk, was_told=was_told)

    @cached_property
    def claims(self) -> Columns:
        return columns(CLAIM_COLUMNS, _claims(self.chunk, self._own_slips))

    @cached_property
    def stays(self) -> Columns:
        others = beside.stays(self.chunk)
        unknown = {row[_SLIP] for row in others if row[_SLIP]} - self._own_slips.keys()
        slips = self._own_slips | registry.slips(self.chunk.session, self.chunk.county_code, unknown)
        stays = rows_of(STAY_COLUMNS, [_with_slip(row, slips) for row in others])
        return stays | {"is_assessed": np.zeros_like(stays["is_assessed"])} if self.was_told else stays

    @cached_property
    def pairs(self) -> Columns:
        return pairs_of(self.claims, self.stays)

    @cached_property
    def lines(self) -> Columns:
        return columns(LINE_COLUMNS, self._items_and_lines[1])

    @cached_property
    def items(self) -> Columns:
        return rows_of(ITEM_COLUMNS, self._items_and_lines[0])

    @cached_property
    def invoices(self) -> Columns:
        return rows_of(INVOICE_COLUMNS, beside.same_invoices(self.chunk))

    @cached_property
    def payees(self) -> Columns:
        return rows_of(PAYEE_COLUMNS, beside.same_payees(self.chunk))

    @cached_property
    def peers(self) -> Columns:
        return rows_of(PEER_COLUMNS, beside.peers(self.chunk))

    @cached_property
    def bills(self) -> Mapping[int, str]:
        same = np.flatnonzero(same_days_and_total(self))
        alike = {*self.claims["claim_id"][self.pairs["claim_row"][same]].tolist()}
        alike |= {*self.stays["claim_id"][self.pairs["other_row"][same]].tolist()}
        return beside.bills(self.chunk, sorted(alike))

    @cached_property
    def _own_slips(self) -> dict[str, registry.Slip]:
        numbers = {claim.referral_slip for claim in self.chunk.claims if claim.referral_slip}
        return registry.slips(self.chunk.session, self.chunk.county_code, numbers)

    @cached_property
    def _items_and_lines(self) -> tuple[list[tuple[str, str, str, str]], dict[str, Any]]:
        return _lines(self.chunk)


def framed(chunk: Chunk, *, was_told: bool = False) -> Framed:
    """The frames of a chunk.

    Args:
        was_told: every claim was looked at before; a pair is told once, at the later stay, as it was when that came in.
    """
    return Framed(chunk, was_told=was_told)


def _with_slip(row: Sequence[Any], slips: dict[str, registry.Slip]) -> tuple[Any, ...]:
    """Another stay with whether its slip is good in the place of the slip's number."""
    slip = slips.get(row[_SLIP]) if row[_SLIP] else None
    is_good = _is_good(slip, member_id=row[1], institution_code=row[3], admitted_on=row[4])
    return (*row[:_SLIP], is_good, *row[_SLIP + 1 :])


def _is_good(slip: registry.Slip | None, *, member_id: int, institution_code: str, admitted_on: dt.date) -> bool:
    """For this member, to this institution, valid on the day of admission."""
    return (
        slip is not None
        and slip.member_id == member_id
        and slip.to_institution_code == institution_code
        and slip.valid_from_on <= admitted_on < slip.valid_until_on
    )


def _claims(chunk: Chunk, slips: dict[str, registry.Slip]) -> dict[str, list[Any]]:
    session, county = chunk.session, chunk.county_code
    people = registry.persons(session, county, chunk.member_ids)
    agreements = registry.agreements(session, county, {claim.institution_code for claim in chunk.claims})
    balances = _balances(chunk)
    tiers = {code: institution.tier for code, institution in chunk.institutions.items()}
    rows = []
    for row, claim in enumerate(chunk.claims):
        person, ground = people[claim.member_id], chunk.grounds[row]
        decisive_on = ground.deciding.day if isinstance(ground, Ground) else claim.discharged_on
        is_outpatient = claim.route == "outpatient"
        rows.append(
            (
                claim.id,
                claim.member_id,
                claim.household_id,
                ROUTES[claim.route],
                claim.institution_code,
                tiers[claim.institution_code],
                claim.invoice_number,
                claim.admitted_on,
                claim.discharged_on,
                decisive_on,
                claim.submitted_on,
                claim.diagnosis_code,
                claim.procedure_codes,
                claim.charged_fen,
                claim.advanced_fen,
                claim.receipt_signed_on is not None,
                _has_slip(claim, slips),
                isinstance(ground, Ground) and ground.is_enrolled,
                any(start <= claim.discharged_on < end for start, end in agreements.get(claim.institution_code, ())),
                isinstance(ground, Ground),
                _has_account(chunk, claim, person),
                person.sex,
                person.born_on,
                person.died_on,
                chunk.bills[row].cost_fen if is_outpatient else 0,
                balances.get(claim.household_id, 0) if is_outpatient else 0,
            )
        )
    return dict(zip(CLAIM_COLUMNS, zip(*rows, strict=True), strict=True))


def _has_slip(claim: ClaimRow, slips: dict[str, registry.Slip]) -> bool:
    slip = slips.get(claim.referral_slip) if claim.referral_slip else None
    return _is_good(
        slip, member_id=claim.member_id, institution_code=claim.institution_code, admitted_on=claim.admitted_on
    )


def _has_account(chunk: Chunk, claim: ClaimRow, person: registry.KnownPerson) -> bool:
    if claim.route != "manual":
        return chunk.institutions[claim.institution_code].has_account
    return claim.payee_account_sealed is not None or person.has_account


def _balances(chunk: Chunk) -> dict[int, int]:
    """What the accounts of outpatient claims hold now; settling locks them and looks again."""
    households = {claim.household_id for claim in chunk.claims if claim.route == "outpatient"}
    if not households:
        return {}
    rows = chunk.session.execute(
        statement(
            "SELECT household_id, balance_fen FROM contractor.household_account "
            "WHERE county_code = :county_code AND household_id = ANY(CAST(:households AS bigint[]))"
        ),
        {"county_code": chunk.county_code, "households": numbers_text(households)},
    )
    return {row[0]: row[1] for row in rows}


def _lines(chunk: Chunk) -> tuple[list[tuple[str, str, str, str]], dict[str, Any]]:
    """The items of the chunk, each once as its day has it, and the lines that lead to them."""
    lines = chunk.lines
    codes = lines["item_code"].tolist()
    known = chunk.items
    # Most items have one entry for good; only where an item has several does the day choose.
    always = {code: _shown(code, of[0]) for code, of in known.items() if _holds_always(of)}
    found: dict[tuple[str, str, str, str], int] = {}
    rows = {code: found.setdefault(item, len(found)) for code, item in always.items()}
    item_row = [
        rows[code] if code in rows else found.setdefault(_on_day(code, known.get(code, ()), performed_on), len(found))
        for code, performed_on in zip(codes, lines["performed_on"].tolist(), strict=True)
    ]
    as_they_are = (
        "claim_row", "line_no", "performed_on", "quantity_e4", "unit_price_e4", "price_limit_e4", "catalogue_class",
    )  # fmt: skip
    return list(found), {name: lines[name] for name in as_they_are} | {"item_row": item_row}


def _holds_always(known: list[registry.KnownItem]) -> bool:
    return len({(item.name, item.kind, item.reserved_sex) for item in known}) == 1


def _on_day(code: str, known: Sequence[registry.KnownItem], day: dt.date) -> tuple[str, str, str, str]:
    for item in known:
        if item.from_on <= day < item.until_on:
            return _shown(code, item)
    return code, "", "", ""


def _shown(code: str, item: registry.KnownItem) -> tuple[str, str, str, str]:
    return code, item.name, item.kind, item.reserved_sex or ""
