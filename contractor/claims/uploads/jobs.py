"""Taking in a file that was sent: one transaction for the whole of it, its progress told beside it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import cast

from sqlalchemy.orm import Session

from chassis import clock
from chassis.db import Database, after_commit
from chassis.errors import Refusal
from chassis.queue.handlers import Step, TaskAtHand, handles
from chassis.reading.faults import FileRefused, RowFault
from chassis.vault.sealed_files import SealedFile
from contractor.claims.asking import ask_to_assess
from contractor.claims.doors.sent import read_sent
from contractor.claims.intake import take_in_file
from contractor.claims.refusals import ClaimNumbersTaken, FileKnown
from contractor.claims.uploads import keeping
from contractor.claims.uploads.keeping import KIND, WAITING
from contractor.claims.uploads.tables import ClaimUpload

LIMIT_SECONDS = 1_800


@handles(KIND, desks=("contractor",), attempts=5, limit_seconds=LIMIT_SECONDS)
def take_in_claims(session: Session, task: TaskAtHand, at: dt.datetime) -> Step | None:
    """All of a file or nothing of it. A second run finds the upload finished and leaves it."""
    county_code, upload_id = task.county_code, int(task.payload["upload_id"])
    upload = session.get_one(ClaimUpload, (county_code, upload_id))
    if upload.state != WAITING:
        return None
    folder = keeping.folder_of(task.house.settings)
    beside = task.house.database(task.desk)
    try:
        sent = keeping.opened(folder, upload.stored_as, task.house.keyring)
        _tell(beside, upload, 0, None, begun_at=at)
        with session.begin_nested():
            taken = take_in_file(
                session,
                read_sent(cast(Path, sent), file_name=upload.file_name).batches,
                county_code=county_code,
                door=upload.door,
                file_name=upload.file_name,
                sha256=bytes(upload.sha256),
                byte_count=upload.byte_count,
                at=at,
                on=clock.local_day(upload.sent_at),
                by=upload.sent_by,
                keyring=task.house.keyring,
                institution_code=upload.institution_code,
                told=lambda claims: _tell(beside, upload, claims, _read_ppm(sent)),
            )
    except Stopped:
        keeping.stopped(session, county_code, upload_id, at=clock.now())
    except (FileRefused, FileKnown, ClaimNumbersTaken) as refusal:
        faults, count = _faults_of(refusal)
        keeping.refused(
            session, county_code, upload_id, refusal=refusal.key, faults=faults, fault_count=count, at=clock.now()
        )
    else:
        keeping.taken(
            session, county_code, upload_id, file_id=taken.file_id, claims=len(taken.claim_ids), at=clock.now()
        )
        ask_to_assess(session, county_code=county_code, file_id=taken.file_id, at=at)
    # Only now: a run that is rolled back finds the file again.
    after_commit(session, lambda: keeping.forget(folder, upload.stored_as))
    return None


class Stopped(Exception):
    """Somebody asked to stop; what was written of the file so far is taken back."""


def _tell(beside: Database, upload: ClaimUpload, claims: int, read_ppm: int | None, **begun: dt.datetime) -> None:
    """How far it is, in a transaction of its own: the file's own shows nothing until all of it is in.

    Raises: Stopped.
    """
    with beside.transaction() as session:
        may_go_on = keeping.told_how_far(
            session, upload.county_code, upload.id, claims=claims, read_ppm=read_ppm, **begun
        )
    if not may_go_on:
        raise Stopped()


def _read_ppm(sent: SealedFile) -> int | None:
    """How much is read, of a file that is read as it goes; what is read whole before its first claim shows nothing."""
    return 1_000_000 * sent.furthest // sent.size if sent.furthest < sent.size else None


def _faults_of(refusal: Refusal) -> tuple[tuple[RowFault, ...], int]:
    return (refusal.faults, refusal.fault_count) if isinstance(refusal, FileRefused) else ((), 0)
