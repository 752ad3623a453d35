"""Corrections, appeals and declared households in every state that a route's answer depends on."""

from __future__ import annotations

import datetime as dt
import itertools

from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from contractor.claims import decisions
from contractor.corrections import appeals, proposing
from contractor.corrections.tables import Correction
from contractor.law.loading import law_of
from contractor.second import households
from tests.authorisation.objects import OTHER, OWN, Records, UrlValues, makes
from tests.authorisation.objects_claims import _claim, _registered
from tests.authorisation.people import person
from tests.sites import grant

NOBODY = 999_999_999
_numbers = itertools.count(1)


@makes("correction", "contractor")
def corrections(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    """A reversal of a claim that was decided and never paid; proposed, confirmed and given up."""
    proposed = _correction(session, OWN, at, keyring)
    confirmed = _correction(session, OWN, at, keyring)
    _confirm(session, OWN, confirmed, at, keyring)
    withdrawn = _correction(session, OWN, at, keyring)
    proposing.withdraw(session, withdrawn, county_code=OWN, by=_staff(session, OWN, "lead", at), at=at)
    content_hash = bytes(session.get_one(Correction, (OWN, proposed)).content_sha256).hex()
    return Records(
        own={name: {"correction_id": one} for name, one in
             (("proposed", proposed), ("confirmed", confirmed), ("withdrawn", withdrawn))},
        other={"correction_id": _correction(session, OTHER, at, keyring)},
        nowhere={"correction_id": NOBODY},
        fields={"content_hash": content_hash},
    )  # fmt: skip


@makes("appeal", "contractor")
def appeals_made(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    answered = _appeal(session, OWN, at, keyring)
    appeals.decide_appeal(
        session, answered["appeal_id"], "dismissed", county_code=OWN, claim_version=1, answer="试验用的答复",
        law=law_of(session, OWN, is_production=False), by=_staff(session, OWN, "lead", at), at=at,
    )  # fmt: skip
    return Records(
        own={"waiting": _appeal(session, OWN, at, keyring), "answered": answered},
        other=_appeal(session, OTHER, at, keyring),
        nowhere={"appeal_id": NOBODY},
        fields={"version": "1", "outcome": "dismissed", "answer": "试验用的答复"},
    )


@makes("staff_household", "contractor")
def staff_households(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    known = _registered(session, at, keyring)

    def of(county_code: str) -> int:
        return households.declare(
            session, county_code=county_code, staff_id=_staff(session, county_code, "reviewer", at),
            card_number=known[county_code][2], relation="own", by=_staff(session, county_code, "administrator", at),
            at=at,
        )  # fmt: skip

    ended = of(OWN)
    households.end(session, county_code=OWN, number=ended, by=_staff(session, OWN, "administrator", at), at=at)
    return Records(
        own={"holds": {"number": of(OWN)}, "ended": {"number": ended}},
        other={"number": of(OTHER)},
        nowhere={"number": NOBODY},
    )


def _decided(session: Session, county_code: str, at: dt.datetime, keyring: Keyring) -> int:
    """A claim that a reviewer approved."""
    known = _registered(session, at, keyring)
    claim_id = _claim(session, county_code, known[county_code], "in_review", at=at)["claim_id"]
    decisions.approve(
        session, {claim_id: 0}, county_code=county_code, law=law_of(session, county_code, is_production=False),
        keyring=keyring, by=_staff(session, county_code, "reviewer", at), at=at, on=at.date(),
    )  # fmt: skip
    return claim_id


def _correction(session: Session, county_code: str, at: dt.datetime, keyring: Keyring) -> int:
    claim_id = _decided(session, county_code, at, keyring)
    law = law_of(session, county_code, is_production=False)
    foreseen = proposing.reversal_foreseen(session, county_code, claim_id, law=law)
    return proposing.propose(
        session, proposing.REVERSAL, foreseen, county_code=county_code, subject=f"claim/{claim_id}",
        reason_code="audit", note="试验用的说明", by=_staff(session, county_code, "senior", at), at=at,
    )  # fmt: skip


def _confirm(session: Session, county_code: str, correction_id: int, at: dt.datetime, keyring: Keyring) -> None:
    sha = bytes(session.get_one(Correction, (county_code, correction_id)).content_sha256)
    proposing.confirm(
        session, correction_id, shown_sha256=sha, county_code=county_code,
        law=law_of(session, county_code, is_production=False), keyring=keyring,
        by=_staff(session, county_code, "lead", at), at=at,
    )  # fmt: skip


def _appeal(session: Session, county_code: str, at: dt.datetime, keyring: Keyring) -> UrlValues:
    claim_id = _decided(session, county_code, at, keyring)
    number = appeals.file_appeal(
        session, claim_id, county_code=county_code, filed_by="member", filer_name="张三", paper="申诉书 1",
        statement="试验用的说明", filed_on=at.date(), by=_staff(session, county_code, "intake", at), at=at,
    )  # fmt: skip
    return {"appeal_id": number}


def _staff(session: Session, county_code: str, role: str, at: dt.datetime) -> int:
    staff_id = person(session, county_code, f"second-{role}-{next(_numbers)}", at=at)
    grant(session, county_code, staff_id, role, at=at)
    return staff_id
