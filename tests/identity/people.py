"""People of the tests: active accounts with a password, with an authenticator where asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pyotp
from sqlalchemy.orm import Session

from chassis.identity import accounts, factors, passwords
from chassis.identity.sign_in import Caller
from chassis.identity.tables import Staff
from chassis.identity.tokens import network_digest
from chassis.settings import Settings
from chassis.vault.keyring import Keyring
from chassis.visitors import Visitor
from tests.sites import COUNTY

PASSWORD = "seven green tractors wait"


@dataclass
class Person:
    staff: Staff
    secret: str | None

    def code(self, at: dt.datetime) -> str:
        assert self.secret is not None, "this person has no authenticator"
        return pyotp.TOTP(self.secret).generate_otp(int(at.timestamp()) // 30)

    def visitor(self, session_id: int = 0, **more) -> Visitor:
        return Visitor(
            desk_key="contractor",
            county_code=self.staff.county_code,
            person_id=self.staff.id,
            session_id=session_id,
            name=self.staff.name,
            roles=frozenset(more.pop("roles", ())),
            **more,
        )


def make_person(
    session: Session,
    settings: Settings,
    keyring: Keyring,
    sign_in_name: str,
    *,
    at: dt.datetime,
    name: str = "张三",
    county_code: str = COUNTY,
    totp: bool = False,
) -> Person:
    """Through the same invitation as everybody; the authenticator's first code was given an hour ago."""
    invited = accounts.invite(
        session, keyring, county_code=county_code, sign_in_name=sign_in_name, name=name, by=None, at=at
    )
    hashed = passwords.hash_password(settings, PASSWORD)
    staff = accounts.accept_invitation(session, invited.token, password_hash=hashed, at=at - dt.timedelta(hours=2))
    made = Person(staff, None)
    if totp:
        before = at - dt.timedelta(hours=1)
        made.secret = factors.begin_totp(session, keyring, made.visitor(), at=before)
        factors.confirm_totp(session, keyring, made.visitor(), made.code(before), at=before)
    return made


def caller(keyring: Keyring, address: str = "192.0.2.1", device_token: str | None = None) -> Caller:
    return Caller(network_digest(keyring, address), device_token, "Chrome · Windows")
