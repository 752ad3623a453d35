"""What is wrong with a file that was sent: where, what was expected, what was found.

A reader gathers all faults of a file before it refuses the file, up to a limit; beyond it they are only counted.
A fault is kept in words of no language: `reason` is a key that `chassis.reading.wording` words for its reader.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.errors import Refusal

MOST_FAULTS = 1_000
MOST_FOUND_CHARACTERS = 80
MOST_PATH_CHARACTERS = 160
WHOLE_FILE = 0


@dataclass(frozen=True, slots=True)
class RowFault:
    """One fault of a file.

    Args:
        row: the row as a spreadsheet numbers it, from 1 (the header is a row); 0 for the whole file. For JSON and
            FHIR the place of the claim in the file, from 1.
        column: the column's key ("charged_fen"), or the path in a JSON document; "" for the whole row.
        expected: what should have stood there, in no language: a format, a bound, a sum ("2024-01-05", "1234.50").
        found: what stood there, cut to 80 characters.
        reason: the key of the reason, such as "exponent_notation".
    """

    row: int
    column: str
    expected: str
    found: str
    reason: str = "not_as_expected"


def shown(found: object, most_characters: int = MOST_FOUND_CHARACTERS) -> str:
    """A cell as a fault may show it: short, on one line."""
    text = "".join(sign if sign.isprintable() else "\ufffd" for sign in str(found)[: most_characters + 1])
    return text if len(text) <= most_characters else text[: most_characters - 1] + "…"


class Faults:
    """The faults of one file, the first thousand of them in full."""

    def __init__(self, limit: int = MOST_FAULTS) -> None:
        self.limit = limit
        self.listed: list[RowFault] = []
        self.count = 0

    def add(self, row: int, column: str, reason: str, *, expected: str = "", found: object = "") -> None:
        where = shown(column, MOST_PATH_CHARACTERS)
        self.extend((RowFault(row, where, shown(expected), shown(found), reason),))

    def extend(self, faults: Iterable[RowFault]) -> None:
        for fault in faults:
            self.count += 1
            if len(self.listed) < self.limit:
                self.listed.append(fault)

    def __bool__(self) -> bool:
        return self.count > 0

    def raise_if_any(self, file_name: str = "") -> None:
        if self:
            in_order = tuple(sorted(self.listed, key=lambda fault: fault.row))
            raise FileRefused(faults=in_order, fault_count=self.count, file_name=file_name)


class FileRefused(Refusal):
    """The file changes nothing. Facts: `faults` (tuple of RowFault, at most 1,000), `fault_count`, `file_name`."""

    status, key = 422, "file_refused"

    @property
    def faults(self) -> tuple[RowFault, ...]:
        listed: tuple[RowFault, ...] = self.facts["faults"]
        return listed

    @property
    def fault_count(self) -> int:
        counted: int = self.facts["fault_count"]
        return counted


def refused(
    reason: str, *, expected: str = "", found: object = "", row: int = WHOLE_FILE, column: str = ""
) -> FileRefused:
    """The refusal of a file that cannot be read any further, such as one that is no table at all."""
    fault = RowFault(row, column, expected, shown(found), reason)
    return FileRefused(faults=(fault,), fault_count=1, file_name="")
