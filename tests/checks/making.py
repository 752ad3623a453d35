"""Frames for the checks: one valid thing each, changed where a test cares."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from contractor.claims.finding_words import is_known
from rulebook.checks import CHECKS, LIST_CHECKS, YEAR_CHECKS, Finding, all_cards, pairs_of
from rulebook.checks.frames import (
    CLAIM_COLUMNS,
    DIRECT,
    INVOICE_COLUMNS,
    ITEM_COLUMNS,
    LINE_COLUMNS,
    OUTPATIENT,
    PAYEE_COLUMNS,
    PEER_COLUMNS,
    STAY_COLUMNS,
    Frames,
    columns,
    rows_of,
)
from rulebook.checks.year import Stay, Year, year_of
from rulebook.checks.year_lists import LISTS

# An amount, a number, a code: the same in every language.
PLAIN = re.compile(r"[A-Z]?[\d.,/-]+|[A-Z]\w*")
NEVER = dt.date(9999, 12, 31)
VISIT = {"route": OUTPATIENT}
UNKNOWN = (0, 0.0, 0.0, 0.0, 0.0, 0.0)


def day(text: str) -> dt.date:
    """`03-05` is of 2026."""
    return dt.date.fromisoformat(text if len(text) == 10 else f"2026-{text}")


def claim(admitted: str = "03-02", discharged: str | None = None, **changes: Any) -> dict[str, Any]:
    """Five days of a man of 56 in a county hospital, for 2,000 yuan."""
    admitted_on = day(admitted)
    if discharged is None:
        is_visit = changes.get("route") == OUTPATIENT
        discharged_on = admitted_on if is_visit else admitted_on + dt.timedelta(days=5)
    else:
        discharged_on = day(discharged)
    return {
        "claim_id": 0,
        "member_id": 1,
        "household_id": 1,
        "route": DIRECT,
        "institution": "H1",
        "tier": 2,
        "invoice": "",
        "admitted_on": admitted_on,
        "discharged_on": discharged_on,
        "decisive_on": discharged_on,
        "submitted_on": discharged_on,
        "diagnosis": "J18.9",
        "procedures": [],
        "charged_fen": 200_000,
        "advanced_fen": 0,
        "has_receipt": True,
        "has_slip": False,
        "is_enrolled": True,
        "is_designated": True,
        "has_law": True,
        "has_account": True,
        "sex": "male",
        "born_on": dt.date(1970, 1, 1),
        "died_on": NEVER,
        "account_asked_fen": 0,
        "account_balance_fen": 0,
        "is_assessed": False,
    } | changes


def line(name: str, on: str, *, count: float = 1, yuan: float = 10, kind: str = "service") -> tuple[Any, ...]:
    return name, kind, day(on), round(count * 10_000), round(yuan * 10_000)


def frames(
    *claims: dict[str, Any],
    lines: Mapping[int, Sequence[tuple[Any, ...]]] | None = None,
    before: Iterable[dict[str, Any]] = (),
    payees: Sequence[tuple[int, int, int]] = (),
    peers: Sequence[tuple[Any, ...]] = (),
    bills: Mapping[int, str] | None = None,
) -> Frames:
    """The claims as one chunk, numbered from 1; `before` are others of the same people, looked at already."""
    rows = [one | {"claim_id": one["claim_id"] or number} for number, one in enumerate(claims, 1)]
    others = [one | {"is_assessed": True, "claim_id": 100 + number} for number, one in enumerate(before)]
    made = columns(CLAIM_COLUMNS, {name: [row[name] for row in rows] for name in CLAIM_COLUMNS})
    stays = columns(STAY_COLUMNS, {name: [row[name] for row in [*rows, *others]] for name in STAY_COLUMNS})
    items: dict[tuple[str, str], int] = {}
    written = [
        (row, number, items.setdefault((name, kind), len(items)), on, quantity, price, -1, 1)
        for row, of in sorted((lines or {}).items())
        for number, (name, kind, on, quantity, price) in enumerate(of, 1)
    ]
    return Frames(
        claims=made,
        lines=rows_of(LINE_COLUMNS, written),
        items=rows_of(ITEM_COLUMNS, [(name, name, kind, "") for name, kind in items]),
        stays=stays,
        pairs=pairs_of(made, stays),
        invoices=rows_of(INVOICE_COLUMNS, []),
        payees=rows_of(PAYEE_COLUMNS, payees),
        peers=rows_of(PEER_COLUMNS, list(peers) or [UNKNOWN] * len(rows)),
        bills=bills or {},
    )


def worded(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, each of whose phrases the desk can say in the reader's language."""
    listed = list(findings)
    for one in listed:
        for phrase in (one.expected, one.found):
            assert PLAIN.fullmatch(phrase) or is_known(phrase), f"{one.rule}: no words for “{phrase}”"
    return listed


def found(rule: str, of: Frames) -> list[Finding]:
    return worded(CHECKS[rule](of, all_cards()[rule]))


def rows_named(rule: str, of: Frames) -> list[int]:
    """The claims a rule names, each once, by their place from 0."""
    return sorted({finding.claim_row for finding in found(rule, of)})


def lines_named(rule: str, of: Frames) -> list[int]:
    return [finding.line_no for finding in found(rule, of)]


def stay(number: int, admitted: str = "03-02", days: int = 5, **changes: Any) -> Stay:
    """One stay of a year; every member is a household of one in a village of their own."""
    admitted_on = day(admitted)
    values = {
        "claim_id": number,
        "member_id": number,
        "household_id": number,
        "village": number,
        "institution": "H1",
        "admitted_on": admitted_on,
        "discharged_on": admitted_on + dt.timedelta(days=days),
        "diagnosis": "J18.9",
        "procedures": (),
        "doctor": "D1",
        "charged_fen": 200_000,
        "has_slip": False,
    } | changes
    return Stay(**values)


PLACES = {"H1": (2, 100), "H2": (2, 100), "C1": (1, 10), "C2": (1, 10), "C3": (1, 10), "FAR": (3, 500), "NONE": (1, 0)}


def year(*stays: Stay, drug_fen: Mapping[int, int] | None = None) -> Year:
    made = year_of(stays, PLACES)
    return Year(made.stays, made.places, made.categories, drug_fen or {})


def named_in(rule: str, of: Year) -> list[int]:
    """The numbers of the claims a rule names."""
    findings = worded(YEAR_CHECKS[rule](of, all_cards()[rule]))
    numbers = [int(of.stays["claim_id"][finding.claim_row]) for finding in findings]
    assert len(numbers) == len(set(numbers)), "a claim is told once"
    return sorted(numbers)


def rows_in_list(rule: str, *rows: tuple[Any, ...], on: str = "03-07") -> list[int]:
    """The places of the rows a rule names; a row is what stands behind claim, line and day."""
    given = [(number, 0, day(on), *row) for number, row in enumerate(rows, 1)]
    findings = worded(LIST_CHECKS[rule](rows_of(LISTS[rule], given), all_cards()[rule]))
    return [finding.claim_row for finding in findings]
