"""The columns the checks read: a chunk of claims, their lines, and the other claims of the same members.

A claim is known by its row in the chunk. Facts of the registry are already looked up for the day that decides. What a
whole year shows stands in `rulebook.checks.year`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIRECT, MANUAL, OUTPATIENT = 0, 1, 2
LONGEST_ICD_9 = 5
UNIX_DAY = date(1970, 1, 1).toordinal()
ONE_E4 = 10_000
"""A quantity of one."""
Columns = Mapping[str, NDArray[Any]]

# Every column of each frame with its type; `contractor.claims` fills them and the tests make them.
CLAIM_COLUMNS = {
    "claim_id": "int64",
    "member_id": "int64",
    "household_id": "int64",
    "route": "int8",
    "institution": "object",
    "tier": "int8",
    "invoice": "object",
    "admitted_on": "datetime64[D]",
    "discharged_on": "datetime64[D]",
    "decisive_on": "datetime64[D]",
    "submitted_on": "datetime64[D]",
    "diagnosis": "object",
    "procedures": "object",
    "charged_fen": "int64",
    "advanced_fen": "int64",
    "has_receipt": "bool",
    "has_slip": "bool",
    "is_enrolled": "bool",
    "is_designated": "bool",
    "has_law": "bool",
    "has_account": "bool",
    "sex": "object",
    "born_on": "datetime64[D]",
    "died_on": "datetime64[D]",
    "account_asked_fen": "int64",
    "account_balance_fen": "int64",
}
LINE_COLUMNS = {
    "claim_row": "int64",
    "line_no": "int64",
    "item_row": "int64",
    "performed_on": "datetime64[D]",
    "quantity_e4": "int64",
    "unit_price_e4": "int64",
    "price_limit_e4": "int64",
    "catalogue_class": "int8",
}
ITEM_COLUMNS = {"item": "object", "name": "object", "kind": "object", "reserved_sex": "object"}
STAY_COLUMNS = {
    "claim_id": "int64",
    "member_id": "int64",
    "route": "int8",
    "institution": "object",
    "admitted_on": "datetime64[D]",
    "discharged_on": "datetime64[D]",
    "diagnosis": "object",
    "procedures": "object",
    "charged_fen": "int64",
    "has_slip": "bool",
    "is_assessed": "bool",
}
PAIR_COLUMNS = ("claim_row", "other_row")
INVOICE_COLUMNS = {"claim_row": "int64", "other_id": "int64"}
PAYEE_COLUMNS = {"claim_row": "int64", "member_id": "int64", "household_id": "int64"}
# What stays of the same diagnosis category at the same tier cost: logarithms of fen, measured every night.
PEER_COLUMNS = {
    "stay_count": "int64",
    "log_mean": "float64",
    "log_deviation": "float64",
    "log_median": "float64",
    "log_spread": "float64",
    "days_p95": "float64",
}


@dataclass(frozen=True)
class Frames:
    """One chunk.

    Args:
        claims: a row for each claim that is checked.
        lines: a row for each line of theirs; `claim_row` leads to the claim, `item_row` to the item.
        items: what the catalogue says of the items of the lines.
        stays: a row for each claim of the same members that stands, those of the chunk among them.
        pairs: a claim of the chunk and another claim of the same member, by their rows in `claims` and `stays`.
        invoices: a claim of the chunk and another claim with the same invoice number at the same institution.
        payees: a claim of the chunk and who else's claims name the account that it names.
        peers: a row for each claim, beside it: what its like cost; no stays where nothing is known.
        bills: the lines of a bill as one text, by claim; only where two claims agree in days and total.
    """

    claims: Columns
    lines: Columns
    items: Columns
    stays: Columns
    pairs: Columns
    invoices: Columns
    payees: Columns
    peers: Columns
    bills: Mapping[int, str] = field(default_factory=dict)

    def of_lines(self, name: str) -> NDArray[Any]:
        """A column of the items, line by line."""
        column: NDArray[Any] = self.items[name][self.lines["item_row"]]
        return column


def columns(types: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Columns of their types; text stays text and is never cut."""
    made = {}
    for name, dtype in types.items():
        if dtype == "object":
            made[name] = np.empty(len(values[name]), dtype=object)
            made[name][:] = values[name]
        elif dtype == "datetime64[D]":
            made[name] = _days(values[name])
        else:
            made[name] = np.asarray(values[name], dtype=dtype)
    return made


def _days(values: Any) -> NDArray[np.datetime64]:
    """A column of days. Where all are plain days they are counted, which is many times faster than reading them."""
    try:
        counted = np.fromiter(map(date.toordinal, values), np.int64, len(values)) - UNIX_DAY
    except TypeError:
        return np.asarray(values, dtype="datetime64[D]")
    return counted.view("datetime64[D]")


def pairs_of(claims: Columns, stays: Columns) -> dict[str, NDArray[np.int64]]:
    """Every claim of the chunk with every other standing claim of the same member, in the order of the chunk."""
    by_member = np.argsort(stays["member_id"], kind="stable")
    members = stays["member_id"][by_member]
    first = np.searchsorted(members, claims["member_id"], side="left")
    count = np.searchsorted(members, claims["member_id"], side="right") - first
    claim_row = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(claim_row)) - np.repeat(np.cumsum(count) - count, count)
    other_row = by_member[np.repeat(first, count) + within]
    is_other = stays["claim_id"][other_row] != claims["claim_id"][claim_row]
    return {"claim_row": claim_row[is_other], "other_row": other_row[is_other]}


def rows_of(types: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> dict[str, NDArray[Any]]:
    """Columns of rows whose values stand in the order of the names."""
    return columns(types, dict(zip(types, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(types, ()))


def category_of(diagnosis: str) -> str:
    """The category a code belongs to: three characters of ICD-9 or ICD-10; SNOMED has none, so the whole code."""
    return diagnosis if diagnosis.isdigit() and len(diagnosis) > LONGEST_ICD_9 else diagnosis[:3]
