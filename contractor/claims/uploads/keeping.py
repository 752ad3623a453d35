"""Keeping a file that was sent until a worker takes it in, and asking about it afterwards."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Row, and_, func, insert, select, update
from sqlalchemy.orm import Session

from chassis.queue.outbox import post
from chassis.reading.faults import FileRefused, RowFault
from chassis.settings import Settings
from chassis.vault.keyring import Keyring
from chassis.vault.sealed_files import SealedFile, write_sealed
from contractor.claims.refusals import FileKnown, UploadOver
from contractor.claims.sight import Sight
from contractor.claims.tables import Claim, ClaimFile
from contractor.claims.uploads.tables import REFUSED, STOPPED, TAKEN, WAITING, ClaimUpload

KIND = "take_in_claims"
FOLDER = "incoming"
PURPOSE = "sent_file"
LARGEST_BYTES = 512 << 20
MOST_LISTED = 20
UNASSESSED = "unassessed"


def folder_of(settings: Settings) -> Path:
    """Where sent files lie: outside anything that is served, readable by the house alone."""
    folder = Path(settings.data_dir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def store(stream: BinaryIO, folder: Path, keyring: Keyring) -> tuple[str, bytes, int]:
    """Seal what was sent under a name of ours: (name, SHA-256, bytes). An empty file is refused by its reader."""
    name = f"{secrets.token_hex(16)}.sent"
    return name, *write_sealed(stream, folder / name, keyring, PURPOSE)


def opened(folder: Path, stored_as: str, keyring: Keyring) -> SealedFile:
    """What was sent, as its readers take it. Its text is nowhere on disk, while it is read neither."""
    return SealedFile(folder / stored_as, keyring, PURPOSE)


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


def ask_to_stop(session: Session, sight: Sight, upload_id: int, *, by: int, at: dt.datetime) -> None:
    """Ask that a file be taken in no further. Whoever takes it in looks after every batch, and takes all of it back.

    Raises: UploadOver where it is taken in, refused or stopped already.
    """
    u = ClaimUpload
    asked = session.execute(
        update(u)
        .where(_seen(sight), u.id == upload_id, u.state == WAITING)
        .values(
            stop_asked_at=func.coalesce(u.stop_asked_at, at),
            stop_asked_by=func.coalesce(u.stop_asked_by, by),
        )
        .execution_options(synchronize_session=False)
    )
    if asked.rowcount != 1:
        raise UploadOver(upload_id=upload_id)


def told_how_far(
    session: Session, county_code: str, upload_id: int, *, claims: int, read_ppm: int | None, **begun: dt.datetime
) -> bool:
    """Note how far a file is; whether it may go on, which it may not once somebody asked to stop it."""
    u = ClaimUpload
    asked = session.execute(
        update(u)
        .where(u.county_code == county_code, u.id == upload_id, u.state == WAITING)
        .values(claims_seen=claims, read_ppm=read_ppm, **begun)
        .returning(u.stop_asked_at)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return asked is None


def stopped(session: Session, county_code: str, upload_id: int, *, at: dt.datetime) -> None:
    _finish(session, county_code, upload_id, {"state": STOPPED}, at=at)


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
