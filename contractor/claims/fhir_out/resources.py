"""The two resources of FHIR R4 that tell what became of a claim.

A claim that waits is `queued`; one that is decided is `complete` with every amount, the reason where there is one, and
a note for each step of the sheet with its article. Nobody asks for preauthorization here, so nothing is said of it.
People and institutions are named by the identifiers that came with the claim; no resource of theirs is published.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from chassis.clock import local_day
from chassis.i18n import language
from contractor.claims import reasons
from contractor.claims.doors.fhir_claims import OURS
from contractor.claims.fhir_out.adjudication import HL7, Json, concept, money, of_line, totals
from contractor.claims.record import WholeClaim
from contractor.claims.words import shown_steps, state_words
from rulebook.money import yuan_text

DECIDED = ("approved", "rejected")
OVER = ("withdrawn", "reversed")
"""The claim ended without a decision, or the decision was taken back: the answer stands as cancelled."""
CLASSES = ("none", "A", "B", "C")


def claim_response(found: WholeClaim) -> Json:
    record = found.record
    is_decided = record.state in DECIDED
    told = _head(found, "ClaimResponse") | {
        "requestor": _institution(record),
        "request": {"type": "Claim", "identifier": _identifier("claim-number", record.claim_number)},
        "outcome": "complete" if is_decided or record.state in OVER else "queued",
        "disposition": _disposition(found),
        "payeeType": _payee_type(record),
    }
    if is_decided:
        told["item"] = [{"itemSequence": line.line_no, "adjudication": of_line(found, line)} for line in found.lines]
        told["total"] = totals(found)
    if notes := _notes(found):
        told["processNote"] = notes
    return told | {"insurance": [{"sequence": 1, "focal": True, "coverage": _coverage(record)}]}


def explanation_of_benefit(found: WholeClaim) -> Json:
    """What was claimed and what was decided on it, side by side; of a decided claim."""
    record = found.record
    assert record.state in DECIDED, "the edge refuses what is not decided"
    told = _head(found, "ExplanationOfBenefit") | {
        "billablePeriod": {"start": record.admitted_on.isoformat(), "end": record.discharged_on.isoformat()},
        "provider": _institution(record),
        "payee": {"type": _payee_type(record), "party": _payee(record)},
        "claim": {"type": "Claim", "identifier": _identifier("claim-number", record.claim_number)},
        "claimResponse": {"reference": f"ClaimResponse/{record.id}"},
        "outcome": "complete",
        "disposition": _disposition(found),
        "diagnosis": [_diagnosis(record)],
        "insurance": [{"focal": True, "coverage": _coverage(record)}],
        "item": [_item(found, line) for line in found.lines],
        "total": totals(found),
    }
    if record.procedure_codes:
        told["procedure"] = [
            {"sequence": place, "procedureCodeableConcept": {"coding": [{"code": code}]}}
            for place, code in enumerate(record.procedure_codes, 1)
        ]
    if notes := _notes(found):
        told["processNote"] = notes
    if found.settlement is not None:
        year = found.settlement.year
        told["benefitPeriod"] = {"start": f"{year}-01-01", "end": f"{year}-12-31"}
    return told


def _head(found: WholeClaim, kind: str) -> Json:
    record = found.record
    last_at = found.events[-1].at if found.events else record.received_at
    decided = _decision(found.events)
    created_at = decided.at if decided is not None and record.state in DECIDED else last_at
    name = "claim-response" if kind == "ClaimResponse" else "explanation-of-benefit"
    return {
        "resourceType": kind,
        "id": str(record.id),
        "meta": {"versionId": str(record.version), "lastUpdated": last_at.isoformat(timespec="milliseconds")},
        "language": "en" if language() == "en" else "zh-CN",
        "identifier": [_identifier(name, f"{record.county_code}-{record.id}-{record.version}")],
        "status": "cancelled" if record.state in OVER else "active",
        "type": concept(HL7 + "claim-type", "professional" if record.route == "outpatient" else "institutional"),
        "use": "claim",
        "patient": {"type": "Patient", "identifier": _identifier("card-number", record.card_number)},
        "created": local_day(created_at).isoformat(),
        "insurer": {"type": "Organization", "identifier": _identifier("insurer-of-county", record.county_code)},
    }


def _item(found: WholeClaim, line: Row) -> Json:
    return {
        "sequence": line.line_no,
        "category": concept(OURS + "catalogue-class", CLASSES[line.catalogue_class]),
        "productOrService": concept(OURS + "catalogue-item", line.item_code) | {"text": line.hospital_item_name},
        "servicedDate": line.performed_on.isoformat(),
        "quantity": {"value": _four(line.quantity_e4)},
        "unitPrice": {"value": _four(line.unit_price_e4), "currency": "CNY"},
        "net": money(line.charged_fen),
        "adjudication": of_line(found, line),
    }


def _four(ten_thousandths: int) -> Decimal:
    return Decimal(ten_thousandths).scaleb(-4)


def _diagnosis(record: Row) -> Json:
    code = {"coding": [{"code": record.diagnosis_code}]}
    words = {"text": record.diagnosis_name} if record.diagnosis_name else {}
    return {
        "sequence": 1,
        "diagnosisCodeableConcept": code | words,
        "type": [concept(HL7 + "ex-diagnosistype", "principal")],
    }


def _disposition(found: WholeClaim) -> str:
    """One sentence; of a refusal its reason."""
    words = state_words(found.record.state)
    decided = _decision(found.events)
    if found.record.state == "rejected" and decided is not None and decided.reason_code:
        return f"{words}{_('：')}{reasons.reason_words(decided.event, decided.reason_code)}"
    benefits_fen = found.head.benefits_fen
    if found.record.state == "approved" and benefits_fen is not None:
        return _("%(state)s，补偿 %(amount)s 元", state=words, amount=yuan_text(benefits_fen))
    return words


def _notes(found: WholeClaim) -> list[Json]:
    """Each step of the sheet with its article; of a claim that was sent back the papers it lacks."""
    texts = []
    if found.sheet is not None and not found.is_foreseen:
        texts = [
            _("%(step)s：%(amount)s", step=step.label, amount=step.text or yuan_text(step.amount_fen))
            + (f" [{step.article}]" if step.article else "")
            for step in shown_steps(found.sheet)
        ]
    elif found.record.state == "awaiting_documents" and found.events[-1:]:
        wanted = [reasons.document_words(code) for code in found.events[-1].documents or []]
        texts = [_("缺：%(paper)s", paper=paper) for paper in wanted]
    return [{"number": place, "type": "print", "text": text} for place, text in enumerate(texts, 1)]


def _decision(events: Sequence[Row]) -> Row | None:
    """The event that decided last."""
    return next((one for one in reversed(events) if one.state_after in DECIDED), None)


def _institution(record: Row) -> Json:
    return {"type": "Organization", "identifier": _identifier("institution-code", record.institution_code)}


def _coverage(record: Row) -> Json:
    return {"type": "Coverage", "identifier": _identifier("card-number", record.card_number)}


def _payee_type(record: Row) -> Json:
    return concept(HL7 + "payeetype", "beneficiary" if record.route == "manual" else "provider")


def _payee(record: Row) -> Json:
    if record.route == "manual":
        return {"type": "Patient", "identifier": _identifier("card-number", record.card_number)}
    return _institution(record)


def _identifier(name: str, value: Any) -> Json:
    return {"system": OURS + name, "value": str(value)}
