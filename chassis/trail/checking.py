"""What a check found is itself an entry of the trail: who had it checked, how much was looked at, what was wrong.

So no table holds verdicts that somebody could quietly change: the chain `checks` is linked, anchored by the other
desks and checked like every other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Actor, Entry
from chassis.trail.verdicts import Verdict

CHECKS = "checks"
CHECKED = "trail.checked"
MOST_FAULTS_KEPT = 5
SOUND = "sound"


def keep_verdicts(session: Session, verdicts: Sequence[Verdict], *, by: Actor, at: dt.datetime) -> None:
    """Write what was found of chains of this desk, by county in order, so that no two writers wait for each other."""
    for county_code in sorted({verdict.county_code for verdict in verdicts}):
        entries = [_entry(verdict, by) for verdict in verdicts if verdict.county_code == county_code]
        append(session, county_code=county_code, stream=CHECKS, entries=entries, at=at)


def _entry(verdict: Verdict, by: Actor) -> Entry:
    return Entry(
        act=CHECKED,
        subject_kind="chain",
        subject_id=verdict.stream,
        by=by,
        facts={
            "verdict": verdict.why.value if verdict.why else SOUND,
            "entries": verdict.rows,
            "head": verdict.head.seq,
            "head_hash": verdict.head.hash.hex(),
            "anchors": verdict.anchors,
            "faults": [
                {"why": fault.why.value, "seq": fault.seq, "until": fault.until, "other": fault.other}
                for fault in verdict.faults[:MOST_FAULTS_KEPT]
            ],
            "more_faults": max(len(verdict.faults) - MOST_FAULTS_KEPT, 0) + verdict.unlisted_faults,
        },
    )
