"""What the claims' room does by itself: assess what came in, end public notices, refuse what papers never came for.

Every chunk is a transaction with its progress; a task that runs twice finds its claims assessed and leaves them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.desks import CONTRACTOR
from chassis.queue.handlers import Step, TaskAtHand, handles
from chassis.queue.periodic import every
from contractor.claims import due
from contractor.claims.asking import ASSESS
from contractor.claims.assessment import assess
from contractor.claims.decisions import documents_overdue, end_notices
from contractor.law.loading import law_of
from rulebook.lifecycles.claim import S
from rulebook.registry import Timeline

OURS = (CONTRACTOR.key,)
CLAIMS_A_STEP = 2_000
TERMS = "claims.terms"
TERMS_EVERY_SECONDS = 3_600


def counties_with_terms(session: Session) -> Sequence[str]:
    return due.counties_with_claims_in(session, S.ON_PUBLIC_NOTICE, S.AWAITING_DOCUMENTS)


every(TERMS_EVERY_SECONDS, TERMS, desks=OURS, counties=counties_with_terms)


@handles(ASSESS, desks=OURS, limit_seconds=600)
def assess_file(session: Session, task: TaskAtHand, at: dt.datetime) -> Step | None:
    """The next claims of one file, in the order of their numbers."""
    mine = {name: int(task.payload[name]) for name in ("file_id", "part", "parts")}
    after = int(task.cursor["after"]) if task.cursor else 0
    ids = due.unassessed_of_file(session, task.county_code, **mine, after=after, limit=CLAIMS_A_STEP)
    if not ids:
        return None
    assess(
        session, ids, county_code=task.county_code, law=_law(session, task), keyring=task.house.keyring, at=at,
        on=local_day(at),
    )  # fmt: skip
    if len(ids) < CLAIMS_A_STEP:
        return None
    done_all = task.progress_all or due.claims_in_part(session, task.county_code, **mine)
    return Step({"after": ids[-1]}, task.progress_done + len(ids), done_all)


@handles(TERMS, desks=OURS, limit_seconds=600)
def end_terms(session: Session, task: TaskAtHand, at: dt.datetime) -> Step | None:
    """Public notices that are over, then papers that are overdue."""
    county, on = task.county_code, local_day(at)
    cursor = dict(task.cursor or {"notices": 0, "papers": 0})
    over = due.notices_over(session, county, on, after=cursor["notices"], limit=CLAIMS_A_STEP)
    if over:
        end_notices(
            session, over, county_code=county, law=_law(session, task), keyring=task.house.keyring, at=at, on=on
        )
        return Step(cursor | {"notices": max(over)}, task.progress_done + len(over))
    late = due.papers_overdue(session, county, on, after=cursor["papers"], limit=CLAIMS_A_STEP)
    if late:
        documents_overdue(session, late, county_code=county, at=at)
        return Step(cursor | {"papers": max(late)}, task.progress_done + len(late))
    return None


def _law(session: Session, task: TaskAtHand) -> Timeline:
    return law_of(session, task.county_code, is_production=task.house.settings.is_production)
