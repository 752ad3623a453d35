"""A chunk of claims as it is worked on: rows locked in the order of their numbers, their lines, and what the registry
says of them. A constant number of statements, however many claims."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.errors import NotFound, StaleVersion
from contractor.claims import registry
from contractor.claims.arrays import numbers_text
from contractor.claims.statements import statement
from rulebook.benefits.bill import BillLine, bills_sums
from rulebook.benefits.decisive_day import Deciding, deciding
from rulebook.benefits.rules_in_force import rules_for
from rulebook.benefits.terms import Rules
from rulebook.refusals import Refused
from rulebook.registry import Timeline
from rulebook.rule_shapes import STATUSES, TIERS

MEMBER = STATUSES[0]
LINE_NUMBERS = (
    "claim_id", "line_no", "performed_on", "quantity_e4", "unit_price_e4", "price_limit_e4", "catalogue_class",
    "reduced_fen",
)  # fmt: skip
BETWEEN = "\x1f"
# The lines of a chunk come as columns in one row: ten thousand rows of nine values would cost more than the checks.
_LINES = text(
    "SELECT string_agg(item_code, chr(31)), "  # noqa: S608
    + ", ".join(f"CAST(array_agg({name}) AS text)" for name in LINE_NUMBERS)
    + " FROM (SELECT item_code, "
    + ", ".join(name if name != "performed_on" else f"{name} - DATE '1970-01-01' AS {name}" for name in LINE_NUMBERS)
    + " FROM contractor.claim_line WHERE county_code = :county_code AND claim_id = ANY(CAST(:ids AS bigint[])) "
    "ORDER BY claim_id, line_no) AS line"
)


class ClaimRow(NamedTuple):
    id: int
    version: int
    state: str
    route: str
    institution_code: str
    member_id: int
    household_id: int
    invoice_number: str
    admitted_on: dt.date
    discharged_on: dt.date
    diagnosis_code: str
    procedure_codes: list[str]
    charged_fen: int
    institution_reduced_fen: int
    paid_elsewhere_fen: int
    advanced_fen: int
    receipt_signed_on: dt.date | None
    referral_slip: str | None
    submitted_on: dt.date
    payee_name: str | None
    payee_account_sealed: bytes | None
    notice_until_on: dt.date | None
    documents_due_on: dt.date | None
    assessed_at: dt.datetime | None
    held_by: int | None
    held_until: dt.datetime | None


class Bill(NamedTuple):
    """What a claim's lines come to. `cost_fen` is what the member bears before compensation."""

    cost_fen: int
    class_a_fen: int
    class_b_fen: int
    class_c_fen: int


class Ground(NamedTuple):
    """What decides on one claim: day, year, law and person."""

    deciding: Deciding
    rules: Rules
    status_on_admission: int
    status_on_discharge: int
    is_enrolled: bool
    is_supplemented: int


class Known(NamedTuple):
    """What intake has learned of the registry for a file: assessing it in the same transaction does not ask again."""

    institutions: Mapping[str, registry.KnownInstitution]
    items: Mapping[str, list[registry.KnownItem]]


@dataclass
class Chunk:
    """Some claims of one county. Nothing of it is written back but by the verbs."""

    session: Session
    county_code: str
    law: Timeline
    claims: list[ClaimRow]
    known: Known | None = None
    """What was learned of the registry in this very transaction; None where nothing was."""

    def __post_init__(self) -> None:
        self.row_of = {claim.id: row for row, claim in enumerate(self.claims)}
        self._known_law: dict[tuple[dt.date, dt.date, str, str, int], tuple[Deciding, Rules] | Refused] = {}
        self.member_ids = sorted({claim.member_id for claim in self.claims})

    @cached_property
    def lines(self) -> Mapping[str, NDArray[Any]]:
        """The lines as columns in the order of the claims; `claim_row` leads to the claim."""
        row = self.session.execute(
            _LINES,
            {"county_code": self.county_code, "ids": numbers_text(claim.id for claim in self.claims)},
        ).one()
        columns: dict[str, NDArray[Any]] = {
            name: np.fromstring((values or "{}")[1:-1], dtype=np.int64, sep=",")
            for name, values in zip(LINE_NUMBERS, row[1:], strict=True)
        }
        codes = row[0].split(BETWEEN) if row[0] is not None else []
        assert len(codes) == len(columns["claim_id"]), "no code of an item holds the sign that stands between them"
        columns["performed_on"] = columns["performed_on"].astype("datetime64[D]")
        columns["item_code"] = np.empty(len(codes), dtype=object)
        columns["item_code"][:] = codes
        columns["claim_row"] = np.searchsorted([claim.id for claim in self.claims], columns["claim_id"])
        return columns

    @cached_property
    def institutions(self) -> Mapping[str, registry.KnownInstitution]:
        if self.known is not None:
            return self.known.institutions
        codes = {claim.institution_code for claim in self.claims}
        return registry.institutions(self.session, self.county_code, codes)

    @cached_property
    def items(self) -> Mapping[str, list[registry.KnownItem]]:
        """What the catalogue says of the lines' items, each in its periods."""
        if self.known is not None:
            return self.known.items
        return registry.items(self.session, self.county_code, set(self.lines["item_code"].tolist()))

    @cached_property
    def statuses(self) -> Mapping[int, list[tuple[dt.date, dt.date, str]]]:
        return registry.statuses(self.session, self.county_code, self.member_ids)

    @cached_property
    def enrolments(self) -> Mapping[tuple[int, int, str], tuple[dt.date, int]]:
        return registry.enrolments(self.session, self.county_code, self.member_ids)

    @cached_property
    def grounds(self) -> list[Ground | Refused]:
        """What decides on each claim, or why nothing can: no law is in force on its day."""
        return [self._ground(claim) for claim in self.claims]

    def _ground(self, claim: ClaimRow) -> Ground | Refused:
        on_admission = self._status(claim.member_id, claim.admitted_on)
        on_discharge = self._status(claim.member_id, claim.discharged_on)
        tier = self.institutions[claim.institution_code].tier
        key = (claim.admitted_on, claim.discharged_on, on_admission, on_discharge, tier)
        if key not in self._known_law:
            self._known_law[key] = self._law_for(*key)
        known = self._known_law[key]
        if isinstance(known, Refused):
            return known
        decided_by, rules = known
        return Ground(
            decided_by,
            rules,
            STATUSES.index(on_admission),
            STATUSES.index(on_discharge),
            self._holds(claim.member_id, decided_by, "scheme"),
            int(self._holds(claim.member_id, decided_by, "supplementary")),
        )

    def _law_for(
        self, admitted_on: dt.date, discharged_on: dt.date, on_admission: str, on_discharge: str, tier: int
    ) -> tuple[Deciding, Rules] | Refused:
        try:
            decided_by = deciding(
                self.law,
                admitted_on=admitted_on,
                discharged_on=discharged_on,
                status_on_admission=on_admission,
                status_on_discharge=on_discharge,
            )
            schedule = decided_by.schedule
            rules = rules_for(schedule, schedule.last_change(decided_by.day), decided_by.status, TIERS[tier - 1])
        except Refused as refused:
            return refused
        return decided_by, rules

    def _status(self, member_id: int, day: dt.date) -> str:
        for from_on, until_on, status in self.statuses.get(member_id, ()):
            if from_on <= day < until_on:
                return status
        return MEMBER

    def _holds(self, member_id: int, decided_by: Deciding, kind: str) -> bool:
        enrolled = self.enrolments.get((member_id, decided_by.year, kind))
        return enrolled is not None and enrolled[0] <= decided_by.day

    @cached_property
    def bills(self) -> list[Bill]:
        """What each claim's lines come to after limits and reductions, and whose the cost is.

        What the institution's own review, a price limit or the reviewer takes off a direct or outpatient bill falls
        on the institution, never on the member (MONEY.md). A member treated elsewhere has paid the whole bill.
        """
        summed = bills_sums(
            self.lines["claim_row"], {name: self.lines[name] for name in BillLine._fields}, claims=len(self.claims)
        )
        sums = {name: column.tolist() for name, column in summed.items()}
        return [self._bill(claim, sums, row) for row, claim in enumerate(self.claims)]

    @staticmethod
    def _bill(claim: ClaimRow, sums: Mapping[str, Any], row: int) -> Bill:
        cost_fen = claim.charged_fen - claim.institution_reduced_fen - claim.paid_elsewhere_fen
        if claim.route != "manual":
            cost_fen -= sums["over_limit_fen"][row] + sums["reduced_fen"][row]
        # ASSUMPTION: the institution's own review says how much it took off, not from which class. It is taken from
        # what counts least, so that the member does not lose by it: first from what no class lists, last from class A.
        left_fen = claim.institution_reduced_fen
        classes = []
        for name in ("not_listed_fen", "class_c_fen", "class_b_fen", "class_a_fen"):
            taken_fen = min(left_fen, sums[name][row])
            left_fen -= taken_fen
            classes.append(sums[name][row] - taken_fen)
        _not_listed, class_c_fen, class_b_fen, class_a_fen = classes
        return Bill(max(cost_fen, 0), class_a_fen, class_b_fen, class_c_fen)


def locked_chunk(session: Session, county_code: str, claim_ids: Sequence[int], *, law: Timeline) -> Chunk:
    """The claims, locked in the order of their numbers so that two workers never wait for each other in a ring."""
    rows = session.execute(
        statement(
            f"SELECT {', '.join(ClaimRow._fields)} FROM contractor.claim "  # noqa: S608
            "WHERE county_code = :county_code AND id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE"
        ),
        {"county_code": county_code, "ids": numbers_text(claim_ids)},
    ).all()
    return Chunk(session, county_code, law, [ClaimRow._make(row) for row in rows])


def locked_as_seen(session: Session, county_code: str, seen: Mapping[int, int], *, law: Timeline) -> Chunk:
    """The claims a person saw, each still in the version they saw. Raises: NotFound, StaleVersion."""
    chunk = locked_chunk(session, county_code, list(seen), law=law)
    if missing := seen.keys() - chunk.row_of.keys():
        raise NotFound(claims=sorted(missing))
    for claim in chunk.claims:
        if claim.version != seen[claim.id]:
            raise StaleVersion(claim_id=claim.id, expected=seen[claim.id], found=claim.version)
    return chunk
