"""The rows of an xlsx file as text, parsed by a process of its own that can do no harm and hold no file open.

Numbers come as the spreadsheet shows them, with fifteen digits; days as 2024-01-05. A formula is what it last came to.
Only the first sheet is a table: a second one with content is refused, unless it is known to hold explanations.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from chassis.reading.faults import FileRefused, refused
from chassis.reading.zip_check import write_checked_copy

CHILD = Path(__file__).with_name("workbook_child.py")
MOST_CELLS = 6_000_000
MOST_COLUMNS = 500
MOST_ANSWER_BYTES = 64 << 20
SILENT_SECONDS = 150


def workbook_rows(path: Path, *, explaining_sheets: Sequence[str] = ()) -> Iterator[list[str]]:
    """Every row of the first sheet. Raises FileRefused where the workbook is unsafe, broken or too large."""
    with tempfile.TemporaryDirectory(prefix="coopmed-workbook-") as folder:
        checked = Path(folder, "checked.xlsx")
        write_checked_copy(path, checked)
        with checked.open("rb") as workbook:
            process = subprocess.Popen(  # noqa: S603 – our own file, no words of a stranger
                [sys.executable, "-I", "-X", "utf8", str(CHILD)],
                stdin=workbook,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                close_fds=True,
            )
        assert process.stdout is not None, "the pipe was asked for"
        try:
            yield from _rows_said(process.stdout, explaining_sheets)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def _rows_said(said: IO[bytes], explaining_sheets: Sequence[str]) -> Iterator[list[str]]:
    _check_sheets(_next_answer(said).get("sheets", []), explaining_sheets)
    while "rows" in (answer := _next_answer(said)):
        yield from answer["rows"]
    if not answer.get("end"):
        raise _silent()


def _next_answer(said: IO[bytes]) -> dict[str, Any]:
    if not select.select([said], [], [], SILENT_SECONDS)[0]:
        raise _silent()
    line = said.readline(MOST_ANSWER_BYTES)
    if not line.endswith(b"\n"):
        raise _silent()
    try:
        answer = json.loads(line)
    except ValueError as error:
        raise _silent() from error
    assert isinstance(answer, dict), "the child speaks in objects"
    return answer


def _silent() -> FileRefused:
    """The child died: of its limits, or because the workbook is none."""
    return refused("unreadable_workbook")


def _check_sheets(sheets: list[tuple[str, int, int]], explaining_sheets: Sequence[str]) -> None:
    if not sheets:
        raise refused("no_rows")
    name, height, width = sheets[0]
    if height * width > MOST_CELLS or width > MOST_COLUMNS:
        raise refused("too_large_sheet", expected=f"≤ {MOST_CELLS}, ≤ {MOST_COLUMNS}", found=f"{height} × {width}")
    for name, height, _width in sheets[1:]:
        if height and name not in explaining_sheets:
            raise refused("second_sheet", found=name)
