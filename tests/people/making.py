"""People and grants for the tests: one valid thing each."""

from __future__ import annotations

import datetime as dt
import itertools

from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.identity.accounts import pinyin_of
from chassis.identity.tables import Staff
from chassis.visitors import Visitor
from tests.people.conftest import AT
from tests.sites import COUNTY

_numbers = itertools.count(1)


def a_person(
    session: Session,
    name: str = "张三",
    *,
    county_code: str = COUNTY,
    status: str = "active",
    index: bytes | None = None,
) -> int:
    """An account in a state; `index` stands for an identity number that was sealed and indexed."""
    was_active = status != "invited"
    values = {
        "county_code": county_code,
        "sign_in_name": f"person{next(_numbers)}",
        "name": name,
        "name_pinyin": pinyin_of(name),
        "status": status,
        "invited_at": AT,
        "status_changed_at": AT,
        **({"password_hash": "$argon2id$none", "password_set_at": AT, "activated_at": AT} if was_active else {}),
        **({"status_changed_by": 1, "status_reason": "试验"} if status in ("suspended", "left") else {}),
        **({"identity_number_sealed": b"sealed", "identity_number_index": index} if index else {}),
    }
    return session.execute(insert(Staff).values(values).returning(Staff.id)).scalar_one()


def visitor(staff_id: int, *roles: str, session_id: int = 0, county_code: str = COUNTY) -> Visitor:
    return Visitor(
        desk_key="contractor",
        county_code=county_code,
        person_id=staff_id,
        session_id=session_id,
        name="张三",
        roles=frozenset(roles),
        stepped_up_until=AT + dt.timedelta(minutes=5),
    )
