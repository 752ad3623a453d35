"""What a hostile case is: a file, the reason it must be refused with, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hostile:
    """One file that must be refused.

    Args:
        reason: must be among the faults.
        column: the fault's column, None where the case does not say.
        row: the fault's row, None where the case does not say; 0 for the whole file.
    """

    name: str
    file_name: str
    content: bytes
    reason: str
    column: str | None = None
    row: int | None = None
