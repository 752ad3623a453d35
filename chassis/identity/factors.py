"""The authenticator app (RFC 6238) with its memory of used codes, and the ten codes for the day the phone is lost."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

import pyotp
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from chassis.errors import StepUpNeeded
from chassis.identity import people_trail
from chassis.identity.queries import second_factors_of, staff_of
from chassis.identity.refusals import WrongSecret
from chassis.identity.tables import RecoveryCode, TotpFactor
from chassis.identity.tokens import desk_schema, digest_of
from chassis.vault.keyring import Keyring
from chassis.vault.sealing import row_id_text, seal, unseal
from chassis.visitors import Visitor

PURPOSE = "totp_secret"
STEP_SECONDS = 30
STEPS_ASIDE = 1
SET_UP_WITHIN = dt.timedelta(minutes=30)
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without letters and figures that read alike
_CODE_LETTERS = 17  # 17 letters out of 31: 84 bits


def begin_totp(session: Session, keyring: Keyring, visitor: Visitor, *, at: dt.datetime) -> str:
    """The secret of a new authenticator app, to be confirmed with a first code; the old app stays in use until then.

    Shown again rather than made anew while the same set-up is under way, so that a reloaded page fits the phone.
    """
    proved_if_needed(session, visitor, at=at)
    staff_of(session, visitor.county_code, visitor.person_id, lock=True)
    waiting = _unconfirmed(session, visitor, at=at)
    if waiting is not None:
        return _secret_of(session, keyring, waiting)
    t = TotpFactor
    secret = pyotp.random_base32()
    mine = (t.county_code == visitor.county_code) & (t.staff_id == visitor.person_id)
    number = session.execute(select(func.coalesce(func.max(t.number), 0) + 1).where(mine)).scalar_one()
    session.execute(
        update(t)
        .where(mine, t.confirmed_at.is_(None), t.removed_at.is_(None))
        .values(secret_sealed=None, removed_at=at, removed_by=visitor.person_id)
    )
    address = _address(session, visitor.county_code, visitor.person_id, number)
    session.execute(
        insert(t).values(
            county_code=visitor.county_code,
            staff_id=visitor.person_id,
            number=number,
            secret_sealed=seal(keyring, PURPOSE, secret, **address),
            begun_at=at,
        )
    )
    return secret


def confirm_totp(session: Session, keyring: Keyring, visitor: Visitor, code: str, *, at: dt.datetime) -> None:
    """Put the new app into use once it has shown a right code; an older one goes out of use in the same moment."""
    proved_if_needed(session, visitor, at=at)
    staff_of(session, visitor.county_code, visitor.person_id, lock=True)
    waiting = _unconfirmed(session, visitor, at=at)
    step = _step_of(_secret_of(session, keyring, waiting), code, after=0, at=at) if waiting is not None else None
    if waiting is None or step is None:
        raise WrongSecret(faults={"code": ["wrong"]})
    t = TotpFactor
    mine = (t.county_code == visitor.county_code) & (t.staff_id == visitor.person_id)
    replaced = session.execute(
        update(t)
        .where(mine, t.confirmed_at.is_not(None), t.removed_at.is_(None))
        .values(secret_sealed=None, removed_at=at, removed_by=visitor.person_id)
    )
    session.execute(update(t).where(mine, t.number == waiting.number).values(confirmed_at=at, last_step=step))
    act = "totp_replaced" if replaced.rowcount else "totp_set_up"
    _note(session, act, visitor, at=at)


def take_totp(
    session: Session, keyring: Keyring, county_code: str, staff_id: int, code: str, *, at: dt.datetime
) -> bool:
    """Whether the code is right and unused; a right one is used up. Of two at once the row's lock lets one in."""
    t = TotpFactor
    in_use = (
        select(t)
        .where(t.county_code == county_code, t.staff_id == staff_id)
        .where(t.confirmed_at.is_not(None), t.removed_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    factor = session.execute(in_use).scalar_one_or_none()
    if factor is None:
        return False
    step = _step_of(_secret_of(session, keyring, factor), code, after=factor.last_step, at=at)
    if step is None:
        return False
    factor.last_step = step
    session.flush()
    return True


def make_recovery_codes(session: Session, visitor: Visitor, *, at: dt.datetime) -> list[str]:
    """Ten new codes, returned this once; earlier ones stop working."""
    c = RecoveryCode
    session.execute(
        update(c)
        .where(c.county_code == visitor.county_code, c.staff_id == visitor.person_id, c.replaced_at.is_(None))
        .values(replaced_at=at)
    )
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LETTERS)) for _ in range(RECOVERY_CODES)]
    rows = [
        {
            "county_code": visitor.county_code,
            "staff_id": visitor.person_id,
            "code_digest": _recovery_digest(visitor.person_id, code),
            "made_at": at,
        }
        for code in codes
    ]
    session.execute(insert(c), rows)
    _note(session, "recovery_codes_made", visitor, at=at, count=len(codes))
    return [f"{code[:6]}-{code[6:12]}-{code[12:]}" for code in codes]


def take_recovery_code(session: Session, county_code: str, staff_id: int, code: str, *, at: dt.datetime) -> bool:
    """Whether the code is one of this person's that is still unused; a right one is used up."""
    c = RecoveryCode
    used = session.execute(
        update(c)
        .where(c.county_code == county_code, c.staff_id == staff_id)
        .where(c.code_digest == _recovery_digest(staff_id, code), c.used_at.is_(None), c.replaced_at.is_(None))
        .values(used_at=at)
    )
    if used.rowcount == 1:
        people_trail.note(session, "recovery_code_used", county_code=county_code, staff_id=staff_id, by=staff_id, at=at)
    return used.rowcount == 1


def remove_all_factors(session: Session, county_code: str, staff_id: int, *, by: int, at: dt.datetime) -> None:
    """After everything was lost: no app and no code of before opens anything."""
    t, c = TotpFactor, RecoveryCode
    session.execute(
        update(t)
        .where(t.county_code == county_code, t.staff_id == staff_id, t.removed_at.is_(None))
        .values(secret_sealed=None, removed_at=at, removed_by=by)
    )
    session.execute(
        update(c)
        .where(c.county_code == county_code, c.staff_id == staff_id, c.replaced_at.is_(None))
        .values(replaced_at=at)
    )


def provisioning_uri(secret: str, *, sign_in_name: str, issuer: str) -> str:
    """What the QR code says to the authenticator app."""
    return pyotp.TOTP(secret).provisioning_uri(name=sign_in_name, issuer_name=issuer)


def proved_if_needed(session: Session, visitor: Visitor, *, at: dt.datetime) -> None:
    """Whoever has a factor proves themselves anew before it is changed; the first one is set up without."""
    has_factor = bool(second_factors_of(session, visitor.county_code, visitor.person_id))
    if has_factor and (visitor.stepped_up_until is None or visitor.stepped_up_until <= at):
        raise StepUpNeeded()


def _unconfirmed(session: Session, visitor: Visitor, *, at: dt.datetime) -> TotpFactor | None:
    t = TotpFactor
    waiting = select(t).where(
        t.county_code == visitor.county_code,
        t.staff_id == visitor.person_id,
        t.confirmed_at.is_(None),
        t.removed_at.is_(None),
        t.begun_at > at - SET_UP_WITHIN,
    )
    return session.execute(waiting.order_by(t.number.desc()).limit(1)).scalar_one_or_none()


def _step_of(secret: str, code: str, *, after: int, at: dt.datetime) -> int | None:
    """The step this code belongs to, one before, the present or one after, if it is later than `after`."""
    digits = code.translate({ord(space): None for space in " \u3000-"})
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return None
    totp = pyotp.TOTP(secret)
    present = int(at.timestamp()) // STEP_SECONDS
    steps: Sequence[int] = range(present - STEPS_ASIDE, present + STEPS_ASIDE + 1)
    right = [step for step in steps if secrets.compare_digest(totp.generate_otp(step), digits)]
    return next((step for step in right if step > after), None)


def _secret_of(session: Session, keyring: Keyring, factor: TotpFactor) -> str:
    assert factor.secret_sealed is not None, "a factor in use has its secret"
    address = _address(session, factor.county_code, factor.staff_id, factor.number)
    return unseal(keyring, PURPOSE, factor.secret_sealed, **address)


def _address(session: Session, county_code: str, staff_id: int, number: int) -> dict[str, str]:
    return {
        "table": f"{desk_schema(session)}.totp_factor",
        "column": "secret_sealed",
        "row_id": row_id_text(county_code, staff_id, number),
    }


def _recovery_digest(staff_id: int, code: str) -> bytes:
    plain = "".join(c for c in code.lower() if c.isalnum())
    return digest_of(f"{staff_id}|{plain}")


def _note(session: Session, act: str, visitor: Visitor, *, at: dt.datetime, **facts: object) -> None:
    people_trail.note(
        session,
        act,
        county_code=visitor.county_code,
        staff_id=visitor.person_id,
        by=visitor.person_id,
        at=at,
        session=visitor.session_id,
        **facts,
    )
