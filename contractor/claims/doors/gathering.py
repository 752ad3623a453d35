"""Claims as text become a batch of typed values: the one way for every format, so that each refuses the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chassis.reading.faults import Faults
from chassis.reading.tables import Memory, read_column
from contractor.claims.doors.controls import check_batch
from contractor.claims.doors.exchange_columns import CLAIM_COLUMNS, LINE_COLUMNS, ExchangeColumn
from contractor.claims.incoming import ClaimColumns, IncomingBatch, LineColumns


@dataclass
class RawClaims:
    """Whole claims as text: their own cells, and the cells of their lines with the place of the claim."""

    claim_rows: list[int] = field(default_factory=list)
    claim_cells: list[Sequence[str]] = field(default_factory=list)
    line_rows: list[int] = field(default_factory=list)
    line_cells: list[Sequence[str]] = field(default_factory=list)
    line_claims: list[int] = field(default_factory=list)


class Gathering:
    """Turns claims as text into checked batches; remembers what was read and which claims have come."""

    def __init__(self, claim_columns: Sequence[ExchangeColumn], line_columns: Sequence[ExchangeColumn]) -> None:
        self.claim_memories = [Memory(column) for column in claim_columns]
        self.line_memories = [Memory(column) for column in line_columns]
        self.claim_defaults = [column for column in CLAIM_COLUMNS if column not in claim_columns]
        self.line_defaults = [column for column in LINE_COLUMNS if column not in line_columns]
        self.seen: set[tuple[str, str]] = set()

    def batch_of(self, raw: RawClaims, faults: Faults) -> IncomingBatch:
        batch = IncomingBatch()
        _fill(batch.claims, self.claim_memories, self.claim_defaults, raw.claim_rows, raw.claim_cells, faults)
        _fill(batch.lines, self.line_memories, self.line_defaults, raw.line_rows, raw.line_cells, faults)
        batch.lines.claim_row = raw.line_claims
        _number_lines(batch)
        self._note_claims(batch, faults)
        check_batch(batch, faults)
        return batch

    def _note_claims(self, batch: IncomingBatch, faults: Faults) -> None:
        """The same claim twice in one file, or its rows apart from one another."""
        for key, row in zip(
            zip(batch.claims.institution_code, batch.claims.claim_number, strict=True), batch.claims.row, strict=True
        ):
            if key in self.seen and None not in key:
                faults.add(row, "claim_number", "claim_twice", found=key[1])
            self.seen.add(key)


def _fill(
    columns: ClaimColumns | LineColumns,
    memories: list[Memory],
    defaults: list[ExchangeColumn],
    rows: list[int],
    cells: list[Sequence[str]],
    faults: Faults,
) -> None:
    columns.row = rows
    for memory, column_cells in zip(memories, zip(*cells, strict=True), strict=bool(cells)):
        setattr(columns, memory.column.name, read_column(memory, column_cells, rows, faults))
    for column in defaults:
        setattr(columns, column.name, [column.default] * len(rows))


def _number_lines(batch: IncomingBatch) -> None:
    """A line that has no number gets its place in the claim."""
    numbers = batch.lines.line_no
    if None not in numbers:
        return
    starts = batch.line_starts()
    claim_rows = batch.lines.claim_row
    batch.lines.line_no = [
        place - starts[claim_rows[place]] + 1 if number is None else number for place, number in enumerate(numbers)
    ]
