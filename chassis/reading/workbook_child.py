"""Runs alone, in a process that can open nothing: the rows of a workbook as lines of JSON.

Started by `chassis.reading.workbooks` as a file, isolated, with an empty environment; the workbook is its standard
input. Memory and processor time are limited before the parser sees a byte, and with three open files as the limit
neither a file nor a socket can be opened any more. Whatever happens in here, the worst is no answer.
"""

import datetime
import io
import json
import resource
import sys

import python_calamine

MEMORY_BYTES = 1536 << 20
PROCESSOR_SECONDS = 120
ROWS_A_LINE = 200
LONGEST_CELL = 1_000
CUT = "\0"
"""After what is left of a longer cell; no column takes a text with it."""


def limit_oneself() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(what, (most, most))


def as_text(value: object) -> str:
    """A cell as the spreadsheet shows it: numbers with fifteen digits, which is what it computes with."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_CELL else value[:LONGEST_CELL] + CUT
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d" if value.time() == datetime.time() else "%Y-%m-%d %H:%M:%S")
    return str(value)


def number_text(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = format(value, ".15g")
    if "e-" in text and abs(value) >= 1e-9:
        return format(value, ".15f").rstrip("0")
    return text


def say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer, ensure_ascii=True, separators=(",", ":")) + "\n")


def main() -> None:
    limit_oneself()
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    sheets = [book.get_sheet_by_index(place) for place in range(len(book.sheet_names))]
    say({"sheets": [[sheet.name, sheet.height, sheet.width] for sheet in sheets]})
    rows = []
    for row in sheets[0].iter_rows() if sheets else ():
        rows.append([as_text(value) for value in row])
        if len(rows) >= ROWS_A_LINE:
            say({"rows": rows})
            rows = []
    say({"rows": rows})
    say({"end": True})
    sys.stdout.flush()


if __name__ == "__main__":
    main()
