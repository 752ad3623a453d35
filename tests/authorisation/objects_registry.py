"""A file that was taken in, and deaths that stand and that were withdrawn, in the own county and in another."""

from __future__ import annotations

import datetime as dt
import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from demo import county
from oversight.registry.imports.tables import RegistryImport
from oversight.registry.membership.tables import Death
from oversight.registry.tables import Division, Member
from tests.authorisation.objects import OTHER, OWN, Records, UrlValues, makes

NOBODY = 999_999_999


@makes("registry_import", "county")
def imports(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    if session.get(Division, OWN) is None:
        county.write_divisions(session)

    def of(county_code: str) -> UrlValues:
        row = RegistryImport(
            county_code=county_code,
            kind="deaths",
            file_name="deaths.csv",
            sha256=hashlib.sha256(county_code.encode()).digest(),
            row_count=1,
            added_count=1,
            changed_count=0,
            same_count=0,
            at=at,
        )
        session.add(row)
        session.flush()
        return {"county_code": county_code, "import_id": row.id}

    return Records(own={"": of(OWN)}, other=of(OTHER), nowhere={"county_code": OWN, "import_id": NOBODY})


@makes("death", "county")
def deaths(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    def of(county_code: str, place: int, **withdrawn) -> UrlValues:
        members = select(Member.id).where(Member.county_code == county_code).order_by(Member.id.desc())
        member_id = session.scalars(members.offset(place).limit(1)).one()
        if session.get(Death, (county_code, member_id)) is None:
            told = {"died_on": dt.date(2026, 3, 5), "source": "试验", "recorded_at": at}
            session.add(Death(county_code=county_code, member_id=member_id, **told, **withdrawn))
            session.flush()
        return {"county_code": county_code, "member_id": member_id}

    withdrawn = {"withdrawn_at": at, "withdrawn_by": NOBODY, "withdraw_reason": "试验用的理由"}
    return Records(
        own={"stands": of(OWN, 0), "withdrawn": of(OWN, 1, **withdrawn)},
        other=of(OTHER, 0),
        nowhere={"county_code": OWN, "member_id": NOBODY},
        fields={"reason": "试验用的理由"},
    )
