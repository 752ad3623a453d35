"""The one reader of tables that people send: CSV and xlsx, headers in Chinese or English, every fault of the file.

A table is said once, as columns with their kinds:

    DEATHS = Table("deaths", (
        Column("card_number", "医疗证号", "Card number", code_up_to(20)),
        Column("died_on", "死亡日期", "Date of death", as_day),
        Column("source", "来源", "Source", text_up_to(40), is_filled=False, is_present=False, default=""),
    ))

and read in pieces of some thousand rows, in bounded memory:

    with database.transaction() as session:
        for piece in read_table(path, DEATHS, file_name="死亡.xlsx"):
            piece.rows                    # row numbers as the spreadsheet shows them
            piece["died_on"]              # the typed values, one list per column, as long as `rows`

`FileRefused` (chassis.reading.faults) comes at the end where anything is wrong, with up to 1,000 faults and the count
of all; no piece comes after the first fault. A caller that finds faults of its own (a card nobody has) passes
`faults=Faults()`, adds to it, and the same refusal carries them all.

The first row that is not blank is the header. Every column of the file must be known, once; a column with
`is_present=False` may be missing, a cell with `is_filled=False` may be empty: both give the column's default.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import methodcaller
from pathlib import Path
from typing import Any

from chassis.reading.cells import BLANKS, Parser, Unreadable
from chassis.reading.csv_rows import csv_rows
from chassis.reading.faults import Faults, refused, shown
from chassis.reading.kinds import CSV, kind_of
from chassis.reading.workbooks import workbook_rows

ROWS_A_PIECE = 4_096
MOST_ROWS = 2_000_000
MOST_REMEMBERED = 16_384
LONGEST_REMEMBERED = 60


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Args:
        title: the Chinese header, which the template prints; `title_en` the English one; `key` is read as well.
        parse: one of `chassis.reading.cells`.
        is_filled: whether every cell must hold something.
        is_present: whether the column must be in the file.
        default: the value of an empty cell.
    """

    key: str
    title: str
    title_en: str
    parse: Parser
    is_filled: bool = True
    is_present: bool = True
    default: Any = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    explaining_sheets: tuple[str, ...] = ("说明", "Explanation")
    """Sheets of a workbook that hold words for people; any other second sheet with content is refused."""


@dataclass(frozen=True)
class Piece:
    """Some thousand rows of a table as columns of typed values."""

    rows: list[int]
    columns: dict[str, list[Any]]

    def __getitem__(self, key: str) -> list[Any]:
        return self.columns[key]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class RawPiece:
    """Some thousand rows as text, cells in the order of `RawTable.columns`."""

    rows: list[int]
    cells: list[Sequence[str]]


@dataclass
class RawTable:
    """A table whose header is matched and whose rows are still text."""

    columns: tuple[Column, ...]
    """The columns of the file, in its own order."""
    faults: Faults
    _rows: Iterator[tuple[int, Sequence[str]]] = field(repr=False)

    def pieces(self, rows_a_piece: int = ROWS_A_PIECE) -> Iterator[RawPiece]:
        """All rows that are not blank; one with too few or too many cells is a fault and left out."""
        width, rows, cells, count = len(self.columns), [], [], 0
        for number, row in self._rows:
            if len(row) != width:
                if is_filled(row[width:]) or (len(row) < width and is_filled(row)):
                    self.faults.add(number, "", "wrong_cell_count", expected=str(width), found=len(row))
                    continue
                row = row[:width]
            if not (row and row[0].strip(BLANKS)) and not is_filled(row):
                continue
            count += 1
            if count > MOST_ROWS:
                raise refused("too_many_rows", expected=f"≤ {MOST_ROWS}", row=number)
            rows.append(number)
            cells.append(row)
            if len(rows) >= rows_a_piece:
                yield RawPiece(rows, cells)
                rows, cells = [], []
        if rows:
            yield RawPiece(rows, cells)
        if not count and not self.faults:
            raise refused("no_rows")


def open_table(path: Path, table: Table, *, file_name: str, faults: Faults) -> RawTable:
    """Match the header. Raises FileRefused at once where the file is no such table."""
    rows = _numbered_rows(path, table, file_name)
    header_row, header = next(((number, row) for number, row in rows if is_filled(row)), (0, ()))
    if not header_row:
        raise refused("no_rows")
    return RawTable(_match_header(header, header_row, table), faults, rows)


def read_table(path: Path, table: Table, *, file_name: str, faults: Faults | None = None) -> Iterator[Piece]:
    """The typed pieces of a file; see the module's own words."""
    found = Faults() if faults is None else faults
    raw = open_table(path, table, file_name=file_name, faults=found)
    memories = {column.key: Memory(column) for column in raw.columns}
    missing = [column for column in table.columns if column not in raw.columns]
    for piece in raw.pieces():
        columns: dict[str, list[Any]] = {}
        for place, column in enumerate(raw.columns):
            cells = [row[place] for row in piece.cells]
            columns[column.key] = read_column(memories[column.key], cells, piece.rows, found)
        for column in missing:
            columns[column.key] = [column.default] * len(piece.rows)
        if not found:
            yield Piece(piece.rows, columns)
    found.raise_if_any(file_name)


_without_blanks = methodcaller("strip", BLANKS)


class Memory(dict[str, Any]):
    """What a column's cells mean, remembered: days, codes and prices come again and again."""

    def __init__(self, column: Column) -> None:
        super().__init__()
        self.column = column

    def __missing__(self, cell: str) -> Any:
        if cell.strip(BLANKS):
            value = self.column.parse(cell)
        elif self.column.is_filled:
            raise Unreadable("blank", "")
        else:
            value = self.column.default
        if len(cell) <= LONGEST_REMEMBERED:
            if len(self) >= MOST_REMEMBERED:
                self.clear()
            self[cell] = value
        return value


def read_column(memory: Memory, cells: Iterable[str], rows: Sequence[int], faults: Faults) -> list[Any]:
    """The cells' values; a faulty cell adds its fault and gives None, which nobody will use."""
    try:
        return list(map(memory.__getitem__, cells))
    except Unreadable:
        return [_read_cell(memory, cell, row, faults) for cell, row in zip(cells, rows, strict=True)]


def _read_cell(memory: Memory, cell: str, row: int, faults: Faults) -> Any:
    try:
        return memory[cell]
    except Unreadable as fault:
        faults.add(row, memory.column.key, fault.reason, expected=fault.expected, found=cell)
        return None


def _numbered_rows(path: Path, table: Table, file_name: str) -> Iterator[tuple[int, Sequence[str]]]:
    rows: Iterator[Sequence[str]]
    if kind_of(path, file_name) == CSV:
        rows = csv_rows(path)
    else:
        rows = workbook_rows(path, explaining_sheets=table.explaining_sheets)
    return enumerate(rows, 1)


def _match_header(header: Sequence[str], row: int, table: Table) -> tuple[Column, ...]:
    named: dict[str, Column] = {}
    for column in table.columns:
        for name in (column.key, column.title, column.title_en, *column.also):
            assert named.setdefault(_folded(name), column) is column, f"two columns of {table.name} are called {name}"
    faults, found = Faults(), []
    cells = list(header)
    while cells and not cells[-1].strip(BLANKS):
        cells.pop()
    for cell in cells:
        column = named.get(_folded(cell))
        if column is None:
            faults.add(row, shown(cell.strip(BLANKS)), "unknown_column", found=cell)
        elif column in found:
            faults.add(row, column.key, "column_twice", found=cell)
        else:
            found.append(column)
    for column in table.columns:
        if column.is_present and column not in found:
            faults.add(row, column.key, "missing_column", expected=f"{column.title} / {column.title_en}")
    faults.raise_if_any()
    return tuple(found)


def _folded(name: str) -> str:
    """A header as it is compared: full width, case, blanks and underscores make no other column of it."""
    kept = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in kept if not sign.isspace() and sign not in "_*-\ufeff")


def is_filled(row: Iterable[str]) -> bool:
    """Whether any cell holds more than blanks. Most cells that hold nothing are empty, and are passed over at once."""
    return any(map(_without_blanks, filter(None, row)))
