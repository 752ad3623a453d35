"""The exchange format as JSON: a claim is an object, its lines a list in it, the keys those of the table.

A file ending in .jsonl or .ndjson holds one claim a line and may be long. A file ending in .json is one document:
a claim, a list of claims, or `{"claims": […], "control": {"claim_count": 2, "line_count": 9, "charged": "310.00"}}`.
Amounts are text ("1284.30") or plain numbers; a number is read as its text and never becomes a float.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from chassis.reading.cells import Unreadable, as_amount, whole_between
from chassis.reading.faults import Faults, RowFault, refused
from chassis.reading.json_texts import JsonNumber, json_lines, parse_json
from contractor.claims.doors.controls import ControlTotals, batches_with_totals
from contractor.claims.doors.exchange_columns import CLAIM_COLUMNS, CLAIM_KEYS, LINE_COLUMNS, LINE_KEYS, ExchangeColumn
from contractor.claims.doors.gathering import Gathering, RawClaims
from contractor.claims.incoming import MOST_LINES_A_CLAIM, IncomingBatch

CLAIMS_A_PIECE = 2_000
LINES_A_PIECE = 16_384
MOST_CHARACTERS, LONGEST_CELL = 4_000, 1_200
CUT = "\0"
"""After what is left of a longer cell; no column takes a text with it."""
_CONTROL = {"claim_count": whole_between(0, 10**9), "line_count": whole_between(0, 10**9), "charged": as_amount}


def read_json(path: Path, *, file_name: str, told: ControlTotals | None, faults: Faults) -> Iterator[IncomingBatch]:
    """The batches of a file of JSON or JSON Lines."""
    if file_name.casefold().endswith(".json"):
        document = parse_json(path.read_bytes())
        return read_json_document(document, told=told, faults=faults, file_name=file_name)
    return read_claims(json_lines(path), told=told, faults=faults, file_name=file_name)


def read_json_document(
    document: Any, *, told: ControlTotals | None = None, faults: Faults | None = None, file_name: str = ""
) -> Iterator[IncomingBatch]:
    """The batches of one document that `parse_json` gave, as the API has it in hand."""
    found = Faults() if faults is None else faults
    claims = document
    if isinstance(document, dict) and "resourceType" in document:
        raise refused("fhir_at_the_wrong_door", found=document["resourceType"])
    if isinstance(document, dict) and "claims" in document:
        for key in document.keys() - {"claims", "control"}:
            found.add(0, key, "unknown_key", found=key)
        claims = document["claims"]
        told = told or _control(document.get("control"), found)
    elif isinstance(document, dict):
        claims = [document]
    if not isinstance(claims, list):
        raise refused("wrong_type", column="claims", expected="[…]", found=_kind(claims))
    if not claims:
        raise refused("no_rows")
    return read_claims(enumerate(claims, 1), told=told, faults=found, file_name=file_name)


def read_claims(
    claims: Iterable[tuple[int, Any]], *, told: ControlTotals | None, faults: Faults, file_name: str = ""
) -> Iterator[IncomingBatch]:
    """The batches of claims in exchange form, each with its place in what was sent."""
    return batches_with_totals(_batches(claims, faults), told, faults, file_name)


def _control(control: Any, faults: Faults) -> ControlTotals | None:
    if control is None:
        return None
    if not isinstance(control, dict):
        raise refused("wrong_type", column="control", expected="{…}", found=_kind(control))
    told: dict[str, int] = {}
    for key, value in control.items():
        if key not in _CONTROL or not isinstance(value, str):
            faults.add(0, f"control.{key}", "unknown_key" if key not in _CONTROL else "wrong_type", found=_kind(value))
            continue
        try:
            told[key] = _CONTROL[key](value)
        except Unreadable as fault:
            faults.add(0, f"control.{key}", fault.reason, expected=fault.expected, found=value)
    return ControlTotals(told.get("claim_count"), told.get("line_count"), told.get("charged"))


def _batches(claims: Iterable[tuple[int, Any]], faults: Faults) -> Iterator[IncomingBatch]:
    gathering = Gathering(CLAIM_COLUMNS, LINE_COLUMNS)
    piece = _Piece(faults)
    count = 0
    for number, claim in claims:
        count += 1
        piece.add(number, claim)
        if len(piece.raw.claim_rows) >= CLAIMS_A_PIECE or len(piece.raw.line_rows) >= LINES_A_PIECE:
            yield piece.batch(gathering)
            piece = _Piece(faults)
    if not count and not faults:
        raise refused("no_rows")
    if piece.raw.claim_rows:
        yield piece.batch(gathering)


class _Piece:
    """Claims of a document on their way to text cells; a line's faults name its place: lines[3].quantity."""

    def __init__(self, faults: Faults) -> None:
        self.raw = RawClaims()
        self.faults = faults

    def add(self, number: int, claim: Any) -> None:
        if not isinstance(claim, dict):
            self.faults.add(number, "", "wrong_type", expected="{…}", found=_kind(claim))
            return
        lines = claim.get("lines")
        if not isinstance(lines, list) or len(lines) > MOST_LINES_A_CLAIM:
            reason = "too_many_lines" if isinstance(lines, list) else "wrong_type" if "lines" in claim else "no_lines"
            self.faults.add(number, "lines", reason, expected=f"[1…{MOST_LINES_A_CLAIM}]", found=_kind(lines))
            lines = []
        raw, place = self.raw, len(self.raw.claim_rows)
        if claim.keys() - CLAIM_KEYS != {"lines"}:
            self._name_unknown(number, "", claim.keys() - CLAIM_KEYS - {"lines"})
        raw.claim_rows.append(number)
        raw.claim_cells.append(self._cells(number, "", claim, CLAIM_COLUMNS))
        for line_place, line in enumerate(lines, 1):
            path = f"lines[{line_place}]"
            if not isinstance(line, dict):
                self.faults.add(number, path, "wrong_type", expected="{…}", found=_kind(line))
                continue
            if not line.keys() <= LINE_KEYS:
                self._name_unknown(number, f"{path}.", line.keys() - LINE_KEYS)
            raw.line_rows.append(len(raw.line_rows))
            raw.line_cells.append(self._cells(number, f"{path}.", line, LINE_COLUMNS))
            raw.line_claims.append(place)

    def batch(self, gathering: Gathering) -> IncomingBatch:
        raw, own = self.raw, Faults()
        if self.faults:
            # What was found before makes the controls pass over claims that could not be read whole.
            own.count = self.faults.count
        before = own.count
        batch = gathering.batch_of(raw, own)
        batch.lines.row = [raw.claim_rows[place] for place in raw.line_claims]
        starts = batch.line_starts()
        self.faults.extend(self._placed(fault, starts) for fault in own.listed)
        self.faults.count += own.count - before - len(own.listed)
        return batch

    def _placed(self, fault: RowFault, starts: list[int]) -> RowFault:
        if fault.column not in LINE_KEYS:
            return fault
        place = self.raw.line_claims[fault.row]
        path = f"lines[{fault.row - starts[place] + 1}].{fault.column}"
        return replace(fault, row=self.raw.claim_rows[place], column=path)

    def _cells(
        self, number: int, path: str, given: dict[str, Any], columns: tuple[ExchangeColumn, ...]
    ) -> tuple[str, ...]:
        cells = tuple(
            value if (value := given.get(column.key, "")).__class__ is str else self._cell(number, path, value, column)
            for column in columns
        )
        if sum(map(len, cells)) <= MOST_CHARACTERS:
            return cells
        # Thousands of claims wait as text until they are parsed; what no column takes must not wait with them.
        return tuple(cell if len(cell) <= LONGEST_CELL else cell[:LONGEST_CELL] + CUT for cell in cells)

    def _cell(self, number: int, path: str, value: Any, column: ExchangeColumn) -> str:
        """Text for a value that is not text: a number where one belongs, a list of codes, null for nothing."""
        if value is None or (isinstance(value, JsonNumber) and column.is_number):
            return value or ""
        if column.form == "codes" and isinstance(value, list) and all(type(each) is str for each in value):
            return ";".join(value)
        self.faults.add(
            number, path + column.key, "wrong_type", expected="0.00" if column.is_number else '"…"', found=_kind(value)
        )
        return ""

    def _name_unknown(self, number: int, path: str, keys: Iterable[str]) -> None:
        for key in sorted(keys):
            self.faults.add(number, path + key, "unknown_key", found=key)


def _kind(value: Any) -> str:
    if isinstance(value, JsonNumber):
        return value
    if isinstance(value, list | dict):
        return f"{'[…]' if isinstance(value, list) else '{…}'} ({len(value)})"
    return str(value)
