"""Reads the exchange format: one flat table in CSV or xlsx, or the same claims as JSON.

    for batch in read_exchange(path, file_name="一月.csv"):
        take_in(session, batch, ...)

FileRefused comes at the end where anything is wrong, with every fault; no batch comes after the first fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from chassis.reading.cells import BLANKS
from chassis.reading.faults import Faults
from chassis.reading.kinds import CSV, JSON, XLSX, kind_of
from chassis.reading.tables import RawTable, is_filled, open_table
from contractor.claims.doors.controls import ControlTotals, batches_with_totals
from contractor.claims.doors.exchange_columns import CLAIM_COLUMNS, EXCHANGE, LINE_COLUMNS
from contractor.claims.doors.exchange_json import read_json
from contractor.claims.doors.gathering import Gathering, RawClaims
from contractor.claims.incoming import MOST_LINES_A_CLAIM, IncomingBatch

ROWS_AT_ONCE = 256
"""Rows whose cells are held as text at one time; more of them only miss the processor's memory."""
LINES_A_PIECE = 16_384


def read_exchange(
    path: Path, *, file_name: str, told: ControlTotals | None = None, faults: Faults | None = None
) -> Iterator[IncomingBatch]:
    """The batches of a file that was sent.

    Args:
        told: what the sender says it holds, where they said so.
        faults: to add faults of one's own to the same report.
    """
    found = Faults() if faults is None else faults
    if kind_of(path, file_name, allowed=(CSV, XLSX, JSON)) == JSON:
        return read_json(path, file_name=file_name, told=told, faults=found)
    return batches_with_totals(_read_flat(path, file_name, found), told, found, file_name)


def _read_flat(path: Path, file_name: str, faults: Faults) -> Iterator[IncomingBatch]:
    table = open_table(path, EXCHANGE, file_name=file_name, faults=faults)
    claim_columns = [column for column in table.columns if column in CLAIM_COLUMNS]
    line_columns = [column for column in table.columns if column in LINE_COLUMNS]
    gathering = Gathering(claim_columns, line_columns)
    for raw in _whole_claims(table, claim_columns, line_columns, faults):
        yield gathering.batch_of(raw, faults)


def _whole_claims(
    table: RawTable, claim_columns: list[Any], line_columns: list[Any], faults: Faults
) -> Iterator[RawClaims]:
    """Claims with all their rows, some thousand at a time: the last claim of a piece waits for the next piece."""
    places = {column.key: place for place, column in enumerate(table.columns)}
    claim_cells_of = itemgetter(*(places[column.key] for column in claim_columns))
    line_cells_of = itemgetter(*(places[column.key] for column in line_columns))
    claim_key_of = itemgetter(places["institution_code"], places["claim_number"])
    raw = RawClaims()
    own_cells: Sequence[str] | None = None
    own_key, line_count = ("", ""), 0
    for piece in table.pieces(ROWS_AT_ONCE):
        for number, row in zip(piece.rows, piece.cells, strict=True):
            cells = claim_cells_of(row)
            if cells != own_cells:
                key = claim_key_of(row)
                if own_cells is not None and _continues(key, own_key, cells):
                    _check_repeated(cells, own_cells, claim_columns, number, faults)
                else:
                    if len(raw.line_rows) >= LINES_A_PIECE:
                        yield raw
                        raw = RawClaims()
                    own_cells, own_key, line_count = cells, key, 0
                    raw.claim_rows.append(number)
                    raw.claim_cells.append(cells)
            line_count += 1
            if line_count > MOST_LINES_A_CLAIM:
                if line_count == MOST_LINES_A_CLAIM + 1:
                    faults.add(
                        number, "claim_number", "too_many_lines", expected=f"≤ {MOST_LINES_A_CLAIM}", found=own_key[1]
                    )
                continue
            raw.line_rows.append(number)
            raw.line_cells.append(line_cells_of(row))
            raw.line_claims.append(len(raw.claim_rows) - 1)
    if raw.claim_rows:
        yield raw


def _continues(key: tuple[str, str], own_key: tuple[str, str], cells: Sequence[str]) -> bool:
    """Whether a row belongs to the claim above it: the same number, or none of the claim's cells filled."""
    return key == own_key or not is_filled(cells)


def _check_repeated(
    cells: Sequence[str], own_cells: Sequence[str], columns: list[Any], number: int, faults: Faults
) -> None:
    """Cells of the claim on a later row of it say the same as on its first row, or nothing."""
    if not any(cells):
        return
    for cell, own_cell, column in zip(cells, own_cells, columns, strict=True):
        if cell != own_cell and cell.strip(BLANKS) not in ("", own_cell.strip(BLANKS)):
            faults.add(number, column.key, "claim_cells_differ", expected=own_cell.strip(BLANKS), found=cell)
