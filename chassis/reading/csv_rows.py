"""The rows of a CSV file, one after another, whatever it separates and encodes its cells with."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from chassis.reading.encodings import encoding_of
from chassis.reading.faults import refused

DELIMITERS = (",", ";", "\t", "，", "；")
MOST_LINE_CHARACTERS = 1 << 20
LONGEST_CELL = 100_000
csv.field_size_limit(LONGEST_CELL)


def csv_rows(path: Path) -> Iterator[list[str]]:
    """Every row, blank ones too, so that the count of rows is the row number a spreadsheet shows."""
    with path.open(encoding=encoding_of(path), newline="", errors="strict") as file:
        header = _bounded_line(file, 1)
        if "\0" in header:
            raise refused("unknown_encoding", expected="UTF-8, GB 18030, UTF-16", found="U+0000")
        delimiter = max(DELIMITERS, key=_outside_quotes(header).count)
        if delimiter not in header:
            delimiter = ","
        file.seek(0)
        rows = csv.reader(_lines(file), delimiter=delimiter, strict=True)
        number = 0
        while True:
            number += 1
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                raise refused("broken_csv", row=number, found=error) from error
            yield row


def _lines(file: TextIO) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        line = _bounded_line(file, number)
        if not line:
            return
        yield line


def _bounded_line(file: TextIO, number: int) -> str:
    """A file without line ends is refused before it fills the memory."""
    line = file.readline(MOST_LINE_CHARACTERS)
    if len(line) >= MOST_LINE_CHARACTERS:
        raise refused("over_long_line", row=number, expected=f"< {MOST_LINE_CHARACTERS}")
    return line


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])
