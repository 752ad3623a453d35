"""Claims in every state and uploads in every state, of the institution and the township that the scoped roles have."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools

from sqlalchemy import create_engine, insert, select
from sqlalchemy.orm import Session

from chassis.vault.blind_index import index
from chassis.vault.keyring import Keyring
from chassis.vault.sealing import row_id_text, seal
from contractor.claims.tables import Claim, ClaimFile, ClaimLine
from contractor.claims.uploads.tables import ClaimUpload
from oversight.registry.institutions.tables import Institution
from oversight.registry.tables import Member
from tests.authorisation.objects import OTHER, OWN, Records, UrlValues, makes, members
from tests.authorisation.objects_law import approvals

STATES = (
    "received",
    "in_review",
    "awaiting_documents",
    "in_second_review",
    "on_public_notice",
    "approved",
    "rejected",
    "withdrawn",
    "reversed",
)
INSTITUTION, ELSEWHERE, TOWNSHIP = "H001", "H002", "990121101"
ACCOUNT = "6222020000000000006"
NOBODY = 999_999_999
DAY = dt.date(2026, 3, 2)
_numbers = itertools.count(1)


@makes("claim", "contractor")
def claims(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    known = _registered(session, at, keyring)
    own = {state: _claim(session, OWN, known[OWN], state, at=at) for state in STATES}
    of_township = {
        state: _claim(session, OWN, known[OWN], state, at=at, route="manual", township_code=TOWNSHIP)
        for state in STATES
    }
    elsewhere = _claim(session, OWN, known[OWN], "received", at=at, institution_code=ELSEWHERE)
    return Records(
        own=own,
        other=_claim(session, OTHER, known[OTHER], "received", at=at),
        nowhere={"claim_id": NOBODY},
        fields={
            "version": "0",
            "refuse_reason": "duplicate",
            "withdraw_reason": "asked",
            "documents": "invoice",
            "note": "试验用的说明",
            "reduced-1": "1.00",
            "reason-1": "over_price",
            "decided": "approve",
            "reason_code": "audit",
            "content_hash": "0" * 64,
            "filed_by": "member",
            "filer_name": "张三",
            "paper": "申诉书 1",
            "statement": "试验用的说明",
            "filed_on": at.date().isoformat(),
        },
        own_of={"township": of_township},
        beyond={"institution": elsewhere, "township": own["received"]},
    )


@makes("claim_upload", "contractor")
def uploads(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    _registered(session, at, keyring)
    return Records(
        own={state: _upload(session, OWN, state, at=at) for state in ("waiting", "taken", "refused", "stopped")},
        other=_upload(session, OTHER, "waiting", at=at),
        nowhere={"upload_id": NOBODY, "file_type": "csv"},
        beyond={"institution": _upload(session, OWN, "waiting", at=at, institution_code=ELSEWHERE)},
    )


def _registered(session: Session, at: dt.datetime, keyring: Keyring) -> dict[str, tuple[int, int, str]]:
    """(member, household, card) of each county, with law and institutions; written by the county, once."""
    url = session.get_bind().url.set(username="county_rw", password="test-county_rw")
    engine = create_engine(url).execution_options(schema_translate_map={"desk": "oversight"})
    with Session(engine) as of_county, of_county.begin():
        if of_county.scalars(select(Member.id).limit(1)).first() is None:
            members(of_county, at, keyring)
        approvals(of_county, at, keyring)
        found = {}
        for county_code in (OWN, OTHER):
            for code in (INSTITUTION, ELSEWHERE):
                if of_county.get(Institution, (county_code, code)) is None:
                    of_county.execute(insert(Institution).values(_institution(keyring, county_code, code, at)))
            m = Member
            one = select(m.id, m.household_id, m.card_number).where(m.county_code == county_code).order_by(m.id)
            found[county_code] = tuple(of_county.execute(one.limit(1)).one())
    engine.dispose()
    return found


def _institution(keyring: Keyring, county_code: str, code: str, at: dt.datetime) -> dict:
    return {
        "county_code": county_code,
        "institution_code": code,
        "name_zh": "试验县医院" if code == INSTITUTION else "试验乡卫生院",
        "name_en": "Trial County Hospital" if code == INSTITUTION else "Trial Health Centre",
        "name_pinyin": "shiyan",
        "tier": 2,
        "beds": 100,
        "account_name": "试验县医院",
        "bank_account_sealed": seal(
            keyring,
            "bank_account",
            ACCOUNT,
            table="registry.institution",
            column="bank_account_sealed",
            row_id=row_id_text(county_code, code),
        ),
        "bank_account_index": index(keyring, "bank_account", ACCOUNT),
        "recorded_at": at,
    }


def _claim(
    session: Session,
    county_code: str,
    member: tuple[int, int, str],
    state: str,
    *,
    at: dt.datetime,
    route: str = "direct",
    institution_code: str = INSTITUTION,
    township_code: str | None = None,
) -> UrlValues:
    number = next(_numbers)
    values = {
        "county_code": county_code,
        "claim_number": f"M{number:06d}",
        "file_id": _file(session, county_code, at=at),
        "route": route,
        "institution_code": institution_code,
        "member_id": member[0],
        "household_id": member[1],
        "card_number": member[2],
        "invoice_number": f"F{number:06d}",
        "admitted_on": DAY,
        "discharged_on": DAY + dt.timedelta(days=5),
        "diagnosis_code": "K35.800",
        "diagnosis_name": "急性阑尾炎",
        "department": "普外科",
        "doctor": "D01",
        "charged_fen": 200_000,
        "institution_reduced_fen": 0,
        "paid_elsewhere_fen": 0,
        "advanced_fen": 100_000 if route == "direct" else 0,
        "township_code": township_code,
        "received_at": at,
        "received_on": at.date(),
        "submitted_on": at.date(),
        "due_on": at.date(),
        "state": state,
        "assessed_at": at,
        "is_clean": False,
        "notice_until_on": at.date() if state == "on_public_notice" else None,
        "documents_due_on": at.date() if state == "awaiting_documents" else None,
    }
    claim_id = session.execute(insert(Claim).values(values).returning(Claim.id)).scalar_one()
    session.execute(
        insert(ClaimLine).values(
            county_code=county_code,
            claim_id=claim_id,
            line_no=1,
            item_code="A1",
            hospital_item_name="注射用青霉素钠",
            performed_on=DAY,
            quantity_e4=10_000,
            unit_price_e4=20_000_000,
            charged_fen=200_000,
            catalogue_class=1,
            price_limit_e4=-1,
        )
    )
    return {"claim_id": claim_id}


def _file(session: Session, county_code: str, *, at: dt.datetime) -> int:
    number = next(_numbers)
    made = insert(ClaimFile).values(
        county_code=county_code,
        door="cli",
        file_name=f"{number}.csv",
        sha256=hashlib.sha256(f"matrix {number}".encode()).digest(),
        byte_count=1,
        claim_count=1,
        line_count=1,
        charged_fen=200_000,
        received_at=at,
    )
    return session.execute(made.returning(ClaimFile.id)).scalar_one()


def _upload(
    session: Session, county_code: str, state: str, *, at: dt.datetime, institution_code: str = INSTITUTION
) -> UrlValues:
    number = next(_numbers)
    values = {
        "county_code": county_code,
        "door": "page",
        "file_name": f"试验{number}.csv",
        "stored_as": f"{number}.sent",
        "sha256": hashlib.sha256(f"upload {number}".encode()).digest(),
        "byte_count": 100,
        "sent_at": at,
        "sent_by": 1,
        "institution_code": institution_code,
        "state": state,
        "finished_at": None if state == "waiting" else at,
        "begun_at": None if state == "waiting" else at,
    }
    if state == "taken":
        values["file_id"] = _file(session, county_code, at=at)
    if state == "stopped":
        values |= {"stop_asked_at": at, "stop_asked_by": 1}
    if state == "refused":
        values |= {
            "refusal": "file_refused",
            "fault_count": 2,
            "faults": [
                [3, "charged", "1234.50", "1E5", "exponent_notation"],
                [7, "card_number", "", "0000", "unknown_card"],
            ],
        }
    upload_id = session.execute(insert(ClaimUpload).values(values).returning(ClaimUpload.id)).scalar_one()
    return {"upload_id": upload_id, "file_type": "csv"}
