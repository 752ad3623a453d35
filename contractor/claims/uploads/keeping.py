"""Keeping a file that was sent until a worker takes it in, and asking about it afterwards."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Row, and_, func, insert, select, update
from sqlalchemy.orm import Session

from chassis.queue.outbox import post
from chassis.reading.faults import FileRefused, RowFault
from chassis.settings import Settings
from contractor.claims.refusals import FileKnown
from contractor.claims.sight import Sight
from contractor.claims.tables import Claim, ClaimFile
from contractor.claims.uploads.tables import REFUSED, TAKEN, WAITING, ClaimUpload

KIND = "take_in_claims"
FOLDER = "incoming"
CHUNK = 1 << 20
LARGEST_BYTES = 512 << 20
MOST_LISTED = 20
UNASSESSED = "unassessed"


def folder_of(settings: Settings) -> Path:
    """Where sent files lie: outside anything that is served, readable by the house alone."""
    folder = Path(settings.data_dir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def store(stream: BinaryIO, folder: Path) -> tuple[str, bytes, int]:
    """Write what was sent under a name of ours: (name, SHA-256, bytes). An empty file is refused by its reader."""
    name, digest, count = f"{secrets.token_hex(16)}.sent", hashlib.sha256(), 0
    path = folder / name
    path.touch(mode=0o600, exist_ok=False)
    with path.open("wb") as file:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            count += len(chunk)
            file.write(chunk)
    return name, digest.digest(), count


def forget(folder: Path, stored_as: str) -> None:
    (folder / stored_as).unlink(missing_ok=True)


def keep_upload(
    session: Session,
    sight: Sight,
    *,
    door: str,
    file_name: str,
    stored_as: str,
    sha256: bytes,
    byte_count: int,
    by: int,
    at: dt.datetime,
) -> int:
    """Note the file and ask a worker to take it in; returns the upload's number.

    Raises:
        FileKnown: the very same file was taken in before.
        FileRefused: it is empty.
    """
    if not byte_count:
        raise FileRefused(faults=(RowFault(0, "", "", "", "empty_file"),), fault_count=1, file_name=file_name)
    f = ClaimFile
    known = session.execute(
        select(f.id, f.received_at).where(f.county_code == sight.county_code, f.sha256 == sha256)
    ).one_or_none()
    if known is not None:
        raise FileKnown(file_id=known.id, received_at=known.received_at)
    values = {
        "county_code": sight.county_code,
        "door": door,
        "file_name": file_name,
        "stored_as": stored_as,
        "sha256": sha256,
        "byte_count": byte_count,
        "sent_at": at,
        "sent_by": by,
        "institution_code": sight.institution_code,
    }
    upload_id = session.execute(insert(ClaimUpload).values(values).returning(ClaimUpload.id)).scalar_one()
    post(
        session,
        county_code=sight.county_code,
        kind=KIND,
        payload={"upload_id": upload_id},
        natural_key=f"upload-{upload_id}",
        at=at,
    )
    return upload_id


def copy_to(source: Path, folder: Path) -> str:
    """Move a file that is hashed already to where uploads lie; returns its name there."""
    name = f"{secrets.token_hex(16)}.sent"
    (folder / name).touch(mode=0o600, exist_ok=False)
    shutil.copyfile(source, folder / name)
    return name


def upload_of(session: Session, sight: Sight, upload_id: int) -> ClaimUpload | None:
    """One upload, where it may be seen."""
    u = ClaimUpload
    return session.scalars(select(u).where(_seen(sight), u.id == upload_id)).one_or_none()


def uploads_of(session: Session, sight: Sight) -> Sequence[ClaimUpload]:
    """The latest uploads, newest first."""
    return session.scalars(
        select(ClaimUpload).where(_seen(sight)).order_by(ClaimUpload.id.desc()).limit(MOST_LISTED)
    ).all()


def result_of(session: Session, county_code: str, file_id: int) -> Row:
    """(claim_count, line_count, charged_fen) of a file that was taken in."""
    f = ClaimFile
    asked = select(f.claim_count, f.line_count, f.charged_fen).where(f.county_code == county_code, f.id == file_id)
    return session.execute(asked).one()


def states_of_file(session: Session, county_code: str, file_id: int) -> dict[str, int]:
    """How many claims of the file stand in each state; `unassessed` are those that no check has looked at yet."""
    c = Claim
    is_waiting = c.assessed_at.is_(None)
    counted = select(c.state, is_waiting, func.count()).where(c.county_code == county_code, c.file_id == file_id)
    found: dict[str, int] = {}
    for state, waits, count in session.execute(counted.group_by(c.state, is_waiting)):
        key = UNASSESSED if waits and state == "received" else state
        found[key] = found.get(key, 0) + count
    return found


def taken(session: Session, county_code: str, upload_id: int, *, file_id: int, claims: int, at: dt.datetime) -> None:
    _finish(session, county_code, upload_id, {"state": TAKEN, "file_id": file_id, "claims_seen": claims}, at=at)


def refused(
    session: Session,
    county_code: str,
    upload_id: int,
    *,
    refusal: str,
    faults: Sequence[RowFault],
    fault_count: int,
    at: dt.datetime,
) -> None:
    told = [[one.row, one.column, one.expected, one.found, one.reason] for one in faults]
    values = {"state": REFUSED, "refusal": refusal, "faults": told, "fault_count": fault_count}
    _finish(session, county_code, upload_id, values, at=at)


def _finish(session: Session, county_code: str, upload_id: int, values: dict, *, at: dt.datetime) -> None:
    u = ClaimUpload
    session.execute(
        update(u)
        .where(u.county_code == county_code, u.id == upload_id, u.state == WAITING)
        .values(**values, finished_at=at)
        .execution_options(synchronize_session=False)
    )


def _seen(sight: Sight):
    u = ClaimUpload
    if sight.is_whole:
        return u.county_code == sight.county_code
    return and_(u.county_code == sight.county_code, u.institution_code == sight.institution_code)
