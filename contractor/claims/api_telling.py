"""Claims and uploads as programs are told of them."""

from __future__ import annotations

import base64
import datetime as dt
import re
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from chassis.errors import UnreadableInput
from contractor.claims.listing import Place
from contractor.claims.record import WholeClaim
from contractor.claims.uploads import keeping
from contractor.claims.uploads.pace import pace_of
from contractor.claims.uploads.tables import ClaimUpload
from contractor.claims.words import rule_title
from rulebook.benefits.sheet import Step


def told_head(row: Row) -> dict[str, Any]:
    return dict(row._mapping)


def told_claim(found: WholeClaim) -> dict[str, Any]:
    """All of one claim but what is the insurer's own: who held it, the member's other stays, the alert score."""
    return told_head(found.head) | {
        "reduced_fen": found.reduced_fen,
        "findings": [
            {
                "finding_no": one.finding_no,
                "rule": one.rule,
                "title": rule_title(one.rule),
                "severity": one.severity,
                "line_no": one.line_no,
                "expected": one.expected,
                "found": one.found,
                "source": one.source,
            }
            for one in found.findings
        ],
        "lines": [
            {
                "line_no": one.line_no,
                "item_code": one.item_code,
                "catalogue_class": one.catalogue_class,
                "charged_fen": one.charged_fen,
                "over_limit_fen": found.over_limit_fen(one),
                "reduced_fen": one.reduced_fen,
                "reduce_reason": one.reduce_reason,
                "allowed_fen": found.allowed_fen(one),
            }
            for one in found.lines
        ],
        "money": found.settlement,
        "household_account_fen": found.entry.paid_fen if found.entry else None,
        "sheet": [told_step(step) for step in (found.sheet.steps if found.sheet and not found.is_foreseen else ())],
        "events": [
            {
                "event": one.event,
                "state_after": one.state_after,
                "at": one.at,
                "reason_code": one.reason_code,
                "note": one.note,
                "documents": one.documents or [],
            }
            for one in found.events
        ],
    }


def told_step(step: Step) -> dict[str, Any]:
    line = step.line
    return {
        "operator": line.operator,
        "label": line.label,
        "amount": step.amount,
        "unit": line.unit,
        "article": line.article,
    }


def told_upload(session: Session, upload: ClaimUpload, *, at: dt.datetime) -> dict[str, Any]:
    county, file_id, pace = upload.county_code, upload.file_id, pace_of(upload, at=at)
    return {
        "id": upload.id,
        "state": upload.state,
        "file_name": upload.file_name,
        "sha256": bytes(upload.sha256).hex(),
        "sent_at": upload.sent_at,
        "claims_seen": upload.claims_seen,
        "claims_a_second": pace.claims_a_second,
        "seconds_left": pace.seconds_left,
        "refusal": upload.refusal,
        "fault_count": upload.fault_count,
        "faults": [
            dict(zip(("row", "column", "expected", "found", "reason"), fault, strict=True)) for fault in upload.faults
        ],
        "claims_by_state": keeping.states_of_file(session, county, file_id) if file_id else {},
    }


def cursor_of(place: Place | None) -> str | None:
    """Where the next page begins, in a form that nobody is tempted to reckon with."""
    if place is None:
        return None
    due = place.due_on.isoformat() if place.due_on else ""
    return base64.urlsafe_b64encode(f"{place.claim_id}/{due}".encode()).decode().rstrip("=")


def place_of(cursor: str) -> Place | None:
    """Raises: UnreadableInput for a cursor that we did not give."""
    if not cursor:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        found = re.fullmatch(r"(\d{1,18})/(\d{4}-\d{2}-\d{2})?", text)
        if found is None:
            raise ValueError
        return Place(int(found[1]), dt.date.fromisoformat(found[2]) if found[2] else None)
    except ValueError:
        raise UnreadableInput(faults={"cursor": ["?"]}) from None
