"""One effect per key: a program names its request before it sends it, and may send it again as often as it likes.

The key is claimed first, in the same transaction as the effect, and the answer is written beside it before the commit.
So either both are there or neither; a refused request leaves no key behind, for it had no effect to repeat. Keys of
requests that move money are kept for life.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Integer, func, insert, literal, select, update
from sqlalchemy.orm import Session

from chassis.api.refusals import KeyMissing, KeyReused, RequestInFlight
from chassis.api.tables import IdempotencyKey
from chassis.visitors import Visitor

HEADER = "Idempotency-Key"
PATTERN = r"^[!-~]{8,100}$"
LOCK_CLASS = 7403
"""Key space of `pg_try_advisory_xact_lock(class, name)`: one request of a key at a time."""


@dataclass(frozen=True)
class Answered:
    """`text` is the body as it was first given; `is_repeat` when it was given before."""

    status: int
    text: str
    is_repeat: bool = False


def key_from(header: str | None) -> str:
    """The key as the program wrote it. Raises: KeyMissing."""
    key = (header or "").strip()
    if not re.fullmatch(PATTERN, key):
        raise KeyMissing()
    return key


def once(
    session: Session,
    visitor: Visitor,
    work: Callable[[], Answered],
    *,
    endpoint: str,
    key: str,
    request_sha256: bytes,
    at: dt.datetime,
) -> Answered:
    """Do `work`, or give the answer it gave the first time.

    Raises:
        RequestInFlight: another transaction works on this very key.
        KeyReused: the key names a request with other content.
    """
    own = (visitor.county_code, visitor.person_id, endpoint, key)
    name = int.from_bytes(hashlib.sha256("\n".join(map(str, own)).encode()).digest()[:4], signed=True)
    lock = func.pg_try_advisory_xact_lock(literal(LOCK_CLASS, Integer), literal(name, Integer))
    if not session.execute(select(lock)).scalar_one():
        raise RequestInFlight()
    k = IdempotencyKey
    is_own = (k.county_code == own[0]) & (k.staff_id == own[1]) & (k.endpoint == own[2]) & (k.key == own[3])
    known = session.execute(select(k.request_sha256, k.status, k.answer).where(is_own)).one_or_none()
    if known is not None:
        if bytes(known.request_sha256) != request_sha256:
            raise KeyReused()
        assert known.status is not None and known.answer is not None, "a committed key has its answer"
        return Answered(known.status, known.answer, is_repeat=True)
    claim = {"county_code": own[0], "staff_id": own[1], "endpoint": endpoint, "key": key}
    session.execute(insert(k).values(claim | {"request_sha256": request_sha256, "asked_at": at}))
    given = work()
    session.execute(
        update(k)
        .where(is_own)
        .values(status=given.status, answer=given.text)
        .execution_options(synchronize_session=False)
    )
    return given
