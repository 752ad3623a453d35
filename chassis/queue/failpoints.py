"""Places where a test may have the process die, freeze or fail. Inert outside the test environment.

`COOPMED_FAIL_AT=effect.after:3=stop` freezes the process at its third passage of `effect.after`; the number defaults
to 1 and the deed to `kill`. The variable is read once, and only where COOPMED_ENVIRONMENT is `test`.
"""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from dataclasses import dataclass
from functools import cache

POINTS = frozenset(
    {
        "claim.before",  # a task is due, nothing is written
        "claim.after",  # the lease is committed, the handler has not begun
        "effect.before",  # the effect's transaction is open
        "effect.after",  # the effect is written, completion is not
        "commit.before",  # effect and completion are written, neither is committed
        "commit.after",  # both are committed, nobody has heard of it
        "ring.before",  # the task is committed, the doorbell is not rung
        "ring.after",  # the doorbell is rung
        "bank.write.before",  # a batch's sending is committed, its file is not written
        "bank.send.before",  # the file is written aside, the bank cannot see it yet
        "bank.send.after",  # the bank can see the file, nobody has heard of it
        "bank.answer.before",  # an answer's effect is written, neither it nor its task is committed
    }
)
FORM = re.compile(r"(?P<point>[a-z_.]+)(:(?P<passage>[1-9]\d*))?(=(?P<deed>kill|stop|raise))?")
_passages: Counter[str] = Counter()


class FailedOnPurpose(Exception):
    """The deed `raise`: an ordinary mistake at the named place."""


@dataclass(frozen=True)
class Plan:
    point: str
    passage: int
    deed: str


@cache
def the_plan() -> Plan | None:
    if os.environ.get("COOPMED_ENVIRONMENT") != "test" or not os.environ.get("COOPMED_FAIL_AT"):
        return None
    return read_plan(os.environ["COOPMED_FAIL_AT"])


def read_plan(text: str) -> Plan:
    """A plan from its text; an unknown place is refused, else a test would wait for a crash that never comes."""
    form = FORM.fullmatch(text)
    if not form or form["point"] not in POINTS:
        raise ValueError(f"COOPMED_FAIL_AT={text!r} names no place; expected one of {sorted(POINTS)}")
    return Plan(form["point"], int(form["passage"] or 1), form["deed"] or "kill")


def failpoint(point: str) -> None:
    """Pass a named place. Another room that needs one adds it to POINTS."""
    plan = the_plan()
    if plan is None:
        return
    assert point in POINTS, f"{point} is not listed in POINTS"
    _passages[point] += 1
    if plan.point != point or plan.passage != _passages[point]:
        return
    if plan.deed == "raise":
        raise FailedOnPurpose(point)
    os.kill(os.getpid(), signal.SIGKILL if plan.deed == "kill" else signal.SIGSTOP)
