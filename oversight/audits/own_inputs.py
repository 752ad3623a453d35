"""What the county itself knows of each settlement: bill, institution, days, status, enrolment; and where it differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from oversight.audits.by_day import SCHEME, SUPPLEMENTARY, holds_enrolment, status_on
from oversight.audits.law_columns import LawColumns
from oversight.audits.yearly_order import deciding_day_of
from rulebook.published import SETTLEMENT_INPUT

Column = np.ndarray
Columns = Mapping[str, Column]

NO_CLAIM, NO_INSTITUTION, NOT_ENROLLED, DIED, LINE = "claim_id", "institution", "enrolment", "death", "line"
OF_CLAIM = ("member_id", "admitted_on", "discharged_on")
OF_BILL = ("cost_fen", "class_a_fen", "class_b_fen", "class_c_fen")
OF_REGISTRY = ("tier", "status_on_admission", "status_on_discharge", "is_supplemented")
MONEY = frozenset({"charged_fen", *OF_BILL})
# In the order in which they are told: who, whether, when and where come before what was charged.
STEPS = (NO_CLAIM, NO_INSTITUTION, "member_id", DIED, NOT_ENROLLED, *OF_CLAIM[1:], *OF_REGISTRY, LINE, "charged_fen",
         *OF_BILL, "year")  # fmt: skip


@dataclass(frozen=True)
class OwnInputs:
    """`columns`: `published.SETTLEMENT_INPUT` with the county's values; `place` is each settlement's claim."""

    columns: Columns
    place: Column
    is_known: Column
    is_enrolled: Column
    has_died: Column
    year: Column


def own_inputs(
    settlements: Columns, claims: Columns, statuses: Columns, enrolments: Columns, deaths: Columns, law: LawColumns
) -> OwnInputs:
    """Every input the county can know by itself; the rest (numbers, what is reversed) stays as published."""
    own = {column.name: settlements[column.name] for column in SETTLEMENT_INPUT}
    place, is_known = place_among(claims["claim_id"], settlements["claim_id"])
    known, at = np.flatnonzero(is_known), place[is_known]
    for name in (*OF_CLAIM, *OF_BILL, "tier"):
        own[name] = own[name].copy()
        own[name][known] = claims[name][at]
    # Without a tier there is no law to apply; the settlement is told as having no institution.
    own["tier"] = np.clip(own["tier"], 1, 3)
    own["status_on_admission"] = status_on(statuses, own["member_id"], own["admitted_on"])
    own["status_on_discharge"] = status_on(statuses, own["member_id"], own["discharged_on"])
    day, year = deciding_day_of(own, law)
    is_enrolled = holds_enrolment(enrolments, SCHEME, own["member_id"], year, day)
    own["is_supplemented"] = holds_enrolment(enrolments, SUPPLEMENTARY, own["member_id"], year, day).astype(np.int8)
    has_died = _died_before(deaths, own["member_id"], own["admitted_on"])
    # Who is not enrolled, had died before the stay, or has no claim, is owed nothing.
    for name in OF_BILL:
        own[name] = np.where(is_enrolled & is_known & ~has_died, own[name], 0)
    return OwnInputs(own, place, is_known, is_enrolled, has_died, year)


def _died_before(deaths: Columns, members: Column, days: Column) -> Column:
    if not len(deaths["member_id"]):
        return np.zeros(len(members), dtype=bool)
    place, has_died = place_among(deaths["member_id"], members)
    return has_died & (deaths["died_on"][place] < days)


def first_differing(settlements: Columns, claims: Columns, own: OwnInputs) -> Column:
    """The place in `STEPS` of the first input on which the two sides part, −1 where they agree."""
    at = own.place
    differing = {name: settlements[name] != own.columns[name] for name in (*OF_CLAIM, *OF_REGISTRY, *OF_BILL)}
    differing["year"] = settlements["year"] != own.year
    differing[NO_CLAIM] = ~own.is_known
    differing[NOT_ENROLLED] = ~own.is_enrolled
    differing[DIED] = own.has_died
    if len(claims["claim_id"]):
        differing[NO_INSTITUTION] = claims["tier"][at] == 0
        differing[LINE] = claims["line_no"][at] > 0
        differing["charged_fen"] = claims["charged_fen"][at] != claims["billed_fen"][at]
    first = np.full(len(at), -1)
    for number in range(len(STEPS) - 1, -1, -1):
        if STEPS[number] in differing:
            first[differing[STEPS[number]]] = number
    return first


def place_among(ids: Column, asked: Column) -> tuple[Column, Column]:
    """Where each asked number stands among the rising `ids`, and whether it is there at all."""
    if not len(ids):
        return np.zeros(len(asked), dtype=np.int64), np.zeros(len(asked), dtype=bool)
    place = np.minimum(np.searchsorted(ids, asked), len(ids) - 1)
    return place, ids[place] == asked
