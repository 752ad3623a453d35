"""Fill an empty house with the demo county. Run twice, it changes nothing; stopped half-way, it goes on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.db import Database
from chassis.desks import CLAIMANT, COUNTY, DESKS
from chassis.errors import Misconfigured
from chassis.identity.demo import ensure_demo_staff
from chassis.identity.tables import Staff
from chassis.identity.tokens import network_digest
from chassis.settings import Settings
from chassis.vault.keyring import Keyring
from demo import county, law, people
from oversight.claimants import door
from oversight.registry.slips import issue_slip
from oversight.registry.tables import Member

REGISTRAR = "registrar"


def fill_if_empty(databases: Mapping[str, Database], keyring: Keyring, settings: Settings, *, at: dt.datetime) -> bool:
    """Bring the demo county in; whether there was anything to bring.

    Args:
        databases: by desk key, all four desks: each part is written by the role that writes it in the real house.
    """
    if not settings.is_demo and settings.environment != "test":
        raise Misconfigured("The demo county is filled into demo and test houses only, never into production.")
    with databases[COUNTY.key].transaction() as session:
        was_empty = county.is_empty(session)
        if was_empty:
            county.write_divisions(session)
            for one in (county.demo_county(), county.other_county()):
                county.write_county(session, keyring, one, at=at)
    for desk in DESKS.values():
        for county_code, staff in people.staff_of(desk.key).items():
            with databases[desk.key].transaction() as session:
                ensure_demo_staff(session, county_code=county_code, people=staff, at=at, settings=settings)
    with databases[COUNTY.key].transaction() as session:
        for county_code in law.APPROVED:
            law.ensure_law(session, county_code, at=at)
    for person, pin in people.members_with_pin():
        _ensure_pin(databases, keyring, settings, card_number=person.card_number, pin=pin, at=at)
    return was_empty


def _ensure_pin(
    databases: Mapping[str, Database],
    keyring: Keyring,
    settings: Settings,
    *,
    card_number: str,
    pin: str,
    at: dt.datetime,
) -> None:
    """A member who has been here before: through a slip and the same door as everybody."""
    county_code = door.county_of_card(card_number)
    with databases[CLAIMANT.key].transaction() as session:
        if door.find_credential(session, keyring, card_number=card_number) is not None:
            return
    with databases[COUNTY.key].transaction() as session:
        member = session.scalars(
            select(Member).where(Member.county_code == county_code, Member.card_number == card_number)
        ).one()
        slip = issue_slip(session, keyring, member, by=staff_number(session, county_code, REGISTRAR), at=at)
    pin_hash = door.hash_pin(settings, keyring, county_code=county_code, member_id=member.id, pin=pin)
    with databases[CLAIMANT.key].transaction() as session:
        door.use_slip(
            session,
            keyring,
            card_number=card_number,
            code=slip.code,
            pin_hash=pin_hash,
            network=network_digest(keyring, None),
        )


def staff_number(session: Session, county_code: str, sign_in_name: str) -> int:
    """Whoever signs in by this name at the session's desk."""
    return session.scalars(
        select(Staff.id).where(Staff.county_code == county_code, Staff.sign_in_name == sign_in_name)
    ).one()
