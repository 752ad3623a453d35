"""An error as it may be kept: its kind and its place. Its text may hold names and numbers, so it is not kept."""

from __future__ import annotations

import traceback
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from chassis.errors import Refusal

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 300


class LeaseLost(Exception):
    """Another worker holds the task now, or it is done: this worker's effect must not be committed."""


class Hopeless(Exception):
    """Raised by a handler that knows no further try will help; `reason` is a code such as `batch_was_cancelled`."""

    def __init__(self, reason: str) -> None:
        assert reason.isascii() and reason.replace("_", "").isalnum(), "a reason is a code, not a text"
        super().__init__(reason)
        self.reason = reason


def scrubbed(error: BaseException) -> str:
    """`IntegrityError 23505 uq_task_natural_key at chassis/queue/outbox.py:40`."""
    words = [type(error).__name__]
    if isinstance(error, Hopeless):
        words.append(error.reason)
    if isinstance(error, Refusal):
        words.append(error.key)
    if isinstance(error, DBAPIError):
        words.append(getattr(error.orig, "sqlstate", None) or "")
        words.append(getattr(getattr(error.orig, "diag", None), "constraint_name", None) or "")
    place = _place(error)
    if place:
        words.append(f"at {place}")
    return " ".join(word for word in words if word)[:LONGEST]


def _place(error: BaseException) -> str:
    """The deepest line of our own code on the way to the error."""
    ours = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(ROOT) and "site-packages" not in file.parts:
            ours = f"{file.relative_to(ROOT)}:{line}"
    return ours
