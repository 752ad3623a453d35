"""Claims of a mapped county as a file of the documented exchange format, as a hospital's system would send it."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from contractor.claims.doors.exchange_columns import CLAIM_COLUMNS, LINE_COLUMNS, ExchangeColumn
from contractor.claims.incoming import IncomingClaim
from rulebook.money import yuan_text

E4 = 10_000


def write_exchange(path: Path, claims: Iterable[IncomingClaim]) -> None:
    """One row a line; the claim's own cells stand on its first row only, as the format allows."""
    empty = [""] * len(CLAIM_COLUMNS)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.title for column in (*CLAIM_COLUMNS, *LINE_COLUMNS)])
        for claim in claims:
            cells = [cell(column, getattr(claim, column.name)) for column in CLAIM_COLUMNS]
            for line in claim.lines:
                writer.writerow(cells + [cell(column, getattr(line, column.name)) for column in LINE_COLUMNS])
                cells = empty


def cell(column: ExchangeColumn, value: Any) -> str:
    if value is None:
        return ""
    if column.form == "amount":
        return yuan_text(value)
    if column.form == "quantity":
        return f"{value // E4}.{value % E4:04d}"
    if column.form == "codes":
        return ";".join(value)
    return str(value)
