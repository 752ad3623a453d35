"""What was corrected of one claim, what was appealed, and what its payee still holds: reads for its screen."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row
from sqlalchemy.orm import Session

from contractor.claims.statements import statement

_CORRECTIONS = """
    SELECT c.id, c.kind, c.reason_code, c.note, c.proposed_at, c.confirmed_at, c.withdrawn_at, l.before_fen, l.after_fen
    FROM contractor.correction_line AS l
    JOIN contractor.correction AS c ON (c.county_code, c.id) = (l.county_code, l.correction_id)
    WHERE l.county_code = :county_code AND l.claim_id = :claim_id ORDER BY c.id DESC
"""
_LINES = """
    SELECT o.correction_id, o.line_no, coalesce(nullif(l.hospital_item_name, ''), l.item_code) AS item, o.old_class,
        o.new_class, o.old_limit_e4, o.new_limit_e4
    FROM contractor.line_correction AS o
    JOIN contractor.claim_line AS l ON (l.county_code, l.claim_id, l.line_no) = (o.county_code, o.claim_id, o.line_no)
    WHERE o.county_code = :county_code AND o.claim_id = :claim_id ORDER BY o.correction_id DESC, o.line_no
"""
_APPEALS = """
    SELECT id, filed_by, filed_on, due_on, outcome, answer, decided_at FROM contractor.appeal
    WHERE county_code = :county_code AND claim_id = :claim_id ORDER BY id DESC
"""


def corrections_of(session: Session, county_code: str, claim_id: int) -> Sequence[Row]:
    """The newest first; each with what it makes of this claim.

    A row: 12, 'reprice', 'wrong_catalogue', '甲类录成了乙类', proposed, confirmed, None, 215000, 187000.
    """
    return _rows(session, _CORRECTIONS, county_code, claim_id)


def lines_of(session: Session, county_code: str, claim_id: int) -> Sequence[Row]:
    """Lines of its bill that the catalogue says otherwise since: before and after."""
    return _rows(session, _LINES, county_code, claim_id)


def appeals_of(session: Session, county_code: str, claim_id: int) -> Sequence[Row]:
    """The newest first."""
    return _rows(session, _APPEALS, county_code, claim_id)


def _rows(session: Session, sql: str, county_code: str, claim_id: int) -> Sequence[Row]:
    return session.execute(statement(sql), {"county_code": county_code, "claim_id": claim_id}).all()
