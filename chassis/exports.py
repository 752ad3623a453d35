"""The one writer of tables that leave the house for a spreadsheet. Nothing it writes is taken for a formula.

A cell that came from a person's keyboard may begin with `=`, and a spreadsheet would run it on the reader's machine.
In CSV such a text is led by an apostrophe; in a workbook every cell has a type, and such a text also carries the
spreadsheet's own mark for "this is text", so that editing the cell does not wake it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import operator
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from chassis.clock import SHANGHAI

MOST_ROWS = 50_000
MOST_CHARACTERS = 32_000
"""A spreadsheet's cell holds 32,767; one that is cut says so."""
TEXT_MARK = "'"
STARTERS = frozenset("=+-@\t\r\n\0|%")
FILE_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Column:
    key: str
    label: str
    kind: str = "text"
    """text, money (whole fen), whole, day or instant."""


def is_live(text: str) -> bool:
    """Whether a spreadsheet might take the text for a formula: also behind blanks and in full width."""
    for character in text:
        if character in STARTERS or unicodedata.normalize("NFKC", character)[:1] in STARTERS:
            return True
        if not (character.isspace() or unicodedata.category(character) in ("Cc", "Cf", "Zs", "Zl", "Zp")):
            return character in "\u2212\ufe63\uff0d"
    return False


def neutralised(text: str) -> str:
    return TEXT_MARK + text if is_live(text) else text


def write_csv(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A CSV that Excel opens as Chinese: UTF-8 with its mark, every cell quoted, lines ended by CR LF."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([neutralised(_plain(column.label)) for column in columns])
    for row in rows:
        writer.writerow([_csv_cell(column, row[column.key]) for column in columns])
    return buffer.getvalue().encode("utf-8-sig", "replace")


def write_xlsx(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]], *, sheet: str) -> bytes:
    """A workbook of one sheet in which every cell has its type."""
    return write_workbook([Sheet(sheet, columns, rows)])


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook.

    Args:
        is_form: for people to fill in: its columns take what is typed as text, so that 007 stays 007.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Mapping[str, Any]]
    is_form: bool = False


def write_workbook(sheets: Sequence[Sheet]) -> bytes:
    """A workbook of several sheets, each under its header."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    styles = {
        "head": book.add_format({"bold": True}),
        "marked": book.add_format({"quote_prefix": True}),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        "typed": book.add_format({"num_format": "@"}),
    }
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        for place, column in enumerate(sheet.columns):
            style = styles["marked" if is_live(column.label) else "head"]
            page.write_string(0, place, _plain(column.label), style)
            width = 12 if column.kind != "text" else 20
            page.set_column(place, place, width, styles["typed"] if sheet.is_form else None)
        for number, row in enumerate(sheet.rows, 1):
            for place, column in enumerate(sheet.columns):
                _xlsx_cell(page, styles, number, place, column.kind, row[column.key])
        page.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()


def _csv_cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind == "money":
        fen = operator.index(value)
        return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
    if column.kind == "whole":
        return str(operator.index(value))
    if column.kind == "day":
        return _day(value).isoformat()
    if column.kind == "instant":
        return _local(value).strftime("%Y-%m-%d %H:%M")
    assert column.kind == "text", f"a column has a kind, not {column.kind!r}"
    return neutralised(_plain(value))


def _xlsx_cell(page: Any, styles: Mapping[str, Any], row: int, place: int, kind: str, value: Any) -> None:
    if value is None:
        return
    if kind == "money":
        # Excel knows no fen: below 10 trillion yuan a double still names every fen exactly.
        fen = operator.index(value)
        assert abs(fen) < 10**15, "an amount of this size would lose fen in a spreadsheet"
        page.write_number(row, place, fen / 100, styles["money"])
    elif kind == "whole":
        page.write_number(row, place, operator.index(value))
    elif kind == "day":
        page.write_datetime(row, place, dt.datetime.combine(_day(value), dt.time()), styles["day"])
    elif kind == "instant":
        page.write_datetime(row, place, _local(value).replace(tzinfo=None), styles["instant"])
    else:
        assert kind == "text", f"a column has a kind, not {kind!r}"
        text = _plain(value)
        page.write_string(row, place, text, styles["marked"] if is_live(text) else None)


def _plain(value: Any) -> str:
    """The text of a cell. Masked values print masked; signs that a file of XML cannot hold become visible blanks."""
    text = str(value)
    if len(text) > MOST_CHARACTERS:
        text = text[:MOST_CHARACTERS] + "…"
    return "".join("\ufffd" if _cannot_be_written(character) else character for character in text)


def _cannot_be_written(character: str) -> bool:
    return (ord(character) < 32 and character not in "\t\r\n") or "\ud800" <= character <= "\udfff"


def _day(value: dt.date) -> dt.date:
    assert not isinstance(value, dt.datetime), "an instant is not a day"
    return value


def _local(value: dt.datetime) -> dt.datetime:
    assert value.tzinfo is not None, "an instant without a zone is not an instant"
    return value.astimezone(SHANGHAI)
