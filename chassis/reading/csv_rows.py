"""The rows of a CSV file, one after another, whatever it separates and encodes its cells with."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from chassis.reading.encodings import encoding_of
from chassis.reading.faults import refused

DELIMITERS = (",", ";", "\t", "，", "；")
MOST_HEADER_CHARACTERS = 1 << 16
LONGEST_CELL = 1_000
"""Far more than any column takes, blanks around it included. A quotation that is never closed ends at the csv module's
own limit, which belongs to the whole process and is left as it is."""


def csv_rows(path: Path) -> Iterator[list[str]]:
    """Every row, blank ones too, so that the count of rows is the row number a spreadsheet shows."""
    with path.open(encoding=encoding_of(path), newline="", errors="strict") as file:
        header = file.readline(MOST_HEADER_CHARACTERS)
        if "\0" in header:
            raise refused("unknown_encoding", expected="UTF-8, GB 18030, UTF-16", found="U+0000")
        delimiter = max(DELIMITERS, key=_outside_quotes(header).count)
        if delimiter not in header:
            delimiter = ","
        file.seek(0)
        number = 0
        try:
            for number, row in enumerate(csv.reader(file, delimiter=delimiter, strict=True), 1):
                # Where all cells together are not too long, none of them is.
                if len("".join(row)) > LONGEST_CELL and (longest := max(map(len, row))) > LONGEST_CELL:
                    raise refused("over_long_cell", row=number, expected=f"≤ {LONGEST_CELL}", found=longest)
                yield row
        except csv.Error as error:
            reason = "over_long_cell" if "field larger" in str(error) else "broken_csv"
            raise refused(reason, row=number + 1, expected=f"≤ {LONGEST_CELL}", found=error) from error


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])
