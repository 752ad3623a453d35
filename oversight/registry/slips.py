"""The activation slip: a code on paper that the township hands to a member, good once and for thirty days."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass, field

from sqlalchemy import update
from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.vault.keyring import Keyring
from oversight.registry import digests
from oversight.registry.tables import ActivationSlip, Member

DIGITS = 12
GOOD_FOR = dt.timedelta(days=30)


@dataclass(frozen=True)
class PrintedSlip:
    """A slip as it goes to paper. The code is nowhere else."""

    id: int
    code: str = field(repr=False)
    expires_at: dt.datetime

    @property
    def code_in_groups(self) -> str:
        """Digits in fours: that is how they are read aloud."""
        return " ".join(self.code[place : place + 4] for place in range(0, DIGITS, 4))


def issue_slip(session: Session, keyring: Keyring, member: Member, *, by: int, at: dt.datetime) -> PrintedSlip:
    """A new slip for a member. An older one that was not used stops working."""
    session.execute(
        update(ActivationSlip)
        .where(
            ActivationSlip.county_code == member.county_code,
            ActivationSlip.member_id == member.id,
            ActivationSlip.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=at, withdrawn_by=by)
    )
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    slip = ActivationSlip(
        county_code=member.county_code,
        member_id=member.id,
        card_index=digests.card_index(keyring, member.card_number),
        code_hash=digests.code_hash(keyring, code),
        issued_at=at,
        issued_by=by,
        expires_at=at + GOOD_FOR,
    )
    session.add(slip)
    session.flush()
    entry = Entry(
        act="slip_issued",
        subject_kind="member",
        subject_id=str(member.id),
        by=Actor(ActorKind.STAFF, str(by)),
        facts={"slip": slip.id},
    )
    append(session, county_code=member.county_code, stream="registry", entries=[entry], at=at)
    return PrintedSlip(slip.id, code, slip.expires_at)
