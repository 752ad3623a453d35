"""What a signed-in member sees. Every query here runs after `door.present`; none names a member."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.orm import Session

from chassis.identity.tokens import digest_of
from chassis.vault.keyring import Keyring
from chassis.vault.masking import mask_account, mask_identity_number, mask_phone, mask_sealed
from chassis.vault.sealing import row_id_text
from oversight.claimants.tables import MemberCredential, MemberSession, MemberSignInAttempt

MEMBER_TABLE = "registry.member"
SIGN_INS_SHOWN = 20


@dataclass(frozen=True)
class LiveSession:
    id: int
    county_code: str
    member_id: int


@dataclass(frozen=True)
class OwnRecord:
    """The member's own record, numbers masked: a telephone is looked at over shoulders."""

    county_code: str
    id: int
    card_number: str
    name: str
    sex: str
    born_on: dt.date
    is_head: bool
    household_number: str
    place: Row = field(repr=False)
    identity_number: object
    bank_account: object | None
    phone: object | None

    @property
    def card_tail(self) -> str:
        return self.card_number[-4:]


def live_session(session: Session, token: str) -> LiveSession | None:
    """The session of this token, kept alive; None when it has ended, was closed or never was."""
    found = session.execute(
        select(
            MemberSession.id,
            MemberSession.county_code,
            MemberSession.member_id,
            MemberSession.idle_until < func.now() + text("INTERVAL '29 minutes'"),
        ).where(MemberSession.token_hash == digest_of(token))
    ).one_or_none()
    if found is None:
        return None
    *facts, is_stale = found
    if is_stale:
        session.execute(
            update(MemberSession)
            .where(MemberSession.county_code == found.county_code, MemberSession.id == found.id)
            .values(idle_until=func.least(func.now() + text("INTERVAL '30 minutes'"), MemberSession.ends_at))
            .execution_options(synchronize_session=False)
        )
    return LiveSession(*facts)


def own_record(session: Session, keyring: Keyring) -> OwnRecord | None:
    row = session.execute(text("SELECT * FROM registry.published_member_self")).one_or_none()
    if row is None:
        return None
    row_id = row_id_text(row.county_code, row.id)

    def masked(purpose: str, column: str, mask):
        blob = getattr(row, column)
        if blob is None:
            return None
        return mask_sealed(keyring, purpose, blob, mask, table=MEMBER_TABLE, column=column, row_id=row_id)

    return OwnRecord(
        county_code=row.county_code,
        id=row.id,
        card_number=row.card_number,
        name=row.name,
        sex=row.sex,
        born_on=row.born_on,
        is_head=row.is_head,
        household_number=row.household_number,
        place=row,
        identity_number=masked("identity_number", "identity_number_sealed", mask_identity_number),
        bank_account=masked("bank_account", "bank_account_sealed", mask_account),
        phone=masked("phone", "phone_sealed", mask_phone),
    )


def own_name_and_county(session: Session) -> Row | None:
    return session.execute(text("SELECT name, county_zh, county_en FROM registry.published_member_self")).one_or_none()


def own_household(session: Session) -> Sequence[Row]:
    """(id, name, card_tail, is_head), the head first."""
    return session.execute(
        text("SELECT id, name, card_tail, is_head FROM registry.published_household_self ORDER BY is_head DESC, id")
    ).all()


def own_sign_ins(session: Session) -> Sequence[MemberSession]:
    return session.scalars(select(MemberSession).order_by(MemberSession.opened_at.desc()).limit(SIGN_INS_SHOWN)).all()


def own_failed_attempts(session: Session) -> int:
    """How often someone tried this card with a wrong PIN in the last thirty days."""
    return session.execute(
        select(func.count())
        .select_from(MemberSignInAttempt)
        .where(
            MemberSignInAttempt.outcome != "entered",
            MemberSignInAttempt.at > func.now() - text("INTERVAL '30 days'"),
        )
    ).scalar_one()


def own_credential(session: Session) -> MemberCredential:
    return session.scalars(select(MemberCredential)).one()
