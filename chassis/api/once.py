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

from sqlalchemy import Integer, Select, and_, bindparam, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from chassis.api.refusals import KeyMissing, KeyReused, RequestInFlight
from chassis.api.tables import IdempotencyKey
from chassis.visitors import Visitor

HEADER = "Idempotency-Key"
PATTERN = r"^[!-~]{8,100}$"
LOCK_CLASS = 7403
"""Key space of `pg_try_advisory_xact_lock(class, name)`: one request of a key at a time."""

_K = IdempotencyKey.__table__
_OWN_COLUMNS = (_K.c.county_code, _K.c.staff_id, _K.c.endpoint, _K.c.key)
_IS_OWN = and_(*(column == bindparam(f"own_{column.name}") for column in _OWN_COLUMNS))


def _claim_the_key() -> Select:
    """(is ours, is new) in one round trip: the lock first, and the row only where nobody else holds the lock."""
    name = bindparam("lock_name", type_=Integer)
    lock = select(func.pg_try_advisory_xact_lock(literal(LOCK_CLASS, Integer), name).label("held")).cte("lock")
    given = (*_OWN_COLUMNS, _K.c.request_sha256, _K.c.asked_at)
    row = select(*(bindparam(f"own_{column.name}", type_=column.type) for column in given)).where(lock.c.held)
    new = pg_insert(_K).from_select([column.name for column in given], row).on_conflict_do_nothing()
    written = new.returning(_K.c.key).cte("written")
    return select(lock.c.held, select(written.c.key).exists()).select_from(lock)


_CLAIM_THE_KEY = _claim_the_key()
_KNOWN = select(_K.c.request_sha256, _K.c.status, _K.c.answer).where(_IS_OWN)
_ANSWER = update(_K).where(_IS_OWN).values(status=bindparam("own_status"), answer=bindparam("own_answer"))


@dataclass(frozen=True)
class Answered:
    """`text` is the body as it was first given; `is_repeat` when it was given before."""

    status: int
    text: str | bytes
    kept: str | None = None
    """What is kept for whoever asks again, where that is less than what is told now."""
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
    own = {
        "own_county_code": visitor.county_code,
        "own_staff_id": visitor.person_id,
        "own_endpoint": endpoint,
        "own_key": key,
    }
    name = int.from_bytes(hashlib.sha256("\n".join(map(str, own.values())).encode()).digest()[:4], signed=True)
    asked = own | {"lock_name": name, "own_request_sha256": request_sha256, "own_asked_at": at}
    is_ours, is_new = session.execute(_CLAIM_THE_KEY, asked).one()
    if not is_ours:
        raise RequestInFlight()
    if not is_new:
        known = session.execute(_KNOWN, own).one()
        if bytes(known.request_sha256) != request_sha256:
            raise KeyReused()
        assert known.status is not None and known.answer is not None, "a committed key has its answer"
        return Answered(known.status, known.answer, is_repeat=True)
    given = work()
    kept = given.text if given.kept is None else given.kept
    session.execute(_ANSWER, own | {"own_status": given.status, "own_answer": kept})
    return given
