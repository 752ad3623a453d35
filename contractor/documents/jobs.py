"""Once a day: sealed files that no row knows are taken away. A process that ended between file and row left them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sqlalchemy import column, select, table, text, union_all
from sqlalchemy.orm import Session

from chassis.desks import CONTRACTOR
from chassis.queue.handlers import TaskAtHand, handles
from chassis.queue.periodic import every
from contractor.claims.uploads import keeping as uploads
from contractor.documents import keeping

LITTER = "documents.litter"
A_DAY_SECONDS = 86_400
KEPT_FOR = dt.timedelta(days=1)
"""A file is there before its row; so long nobody takes it for litter."""
_KNOWING = text(
    "SELECT table_name FROM information_schema.columns "
    "WHERE table_schema = 'contractor' AND column_name = 'stored_as' ORDER BY table_name"
)

every(A_DAY_SECONDS, LITTER, desks=(CONTRACTOR.key,))


@handles(LITTER, desks=(CONTRACTOR.key,))
def clear_litter(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    settings = task.house.settings
    known = known_names(session)
    for folder in (keeping.folder_of(settings), uploads.folder_of(settings)):
        remove_litter(folder, known, written_before=at - KEPT_FOR)


def known_names(session: Session) -> frozenset[str]:
    """Every name a row stores a file under. The database is asked which tables do, not what happens to be imported."""
    stored_as = column("stored_as")
    names = [select(stored_as).select_from(table(name, schema="contractor")) for name in session.scalars(_KNOWING)]
    return frozenset(session.scalars(union_all(*names)))


def remove_litter(folder: Path, known: frozenset[str], *, written_before: dt.datetime) -> int:
    """Take away what lies there since then under a name that is not known; how many files that were."""
    removed = 0
    for path in folder.iterdir():
        if not path.is_file() or path.name in known or path.stem in known:
            continue
        if path.stat().st_mtime < written_before.timestamp():
            path.unlink(missing_ok=True)
            removed += 1
    return removed
