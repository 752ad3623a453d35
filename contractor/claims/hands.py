"""Whose claim it is: nobody decides one of their own household, one they entered, or one they had a say on already.

The same is held by the database for whatever comes past these verbs (migration 0017).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.clock import local_day
from contractor.claims.arrays import numbers_text
from contractor.claims.chunk import Chunk
from contractor.claims.refusals import HadASay, HandedOut, TooNear
from contractor.claims.statements import statement
from contractor.claims.worth import lock_worth, stakes_fen
from rulebook.lifecycles.claim import S


def require_other_hands(session: Session, county_code: str, claim_ids: Sequence[int], *, by: int) -> None:
    """Whether this person may decide on these claims: one statement. Raises: TooNear, HadASay."""
    row = session.execute(
        statement(
            "SELECT id, contractor.is_too_near(county_code, household_id, received_by, :by) AS is_near, "
            "received_by = :by AS is_entered FROM contractor.claim "
            "WHERE county_code = :county_code AND id = ANY(CAST(:ids AS bigint[])) "
            "AND (contractor.is_too_near(county_code, household_id, received_by, :by) "
            "OR (state = 'in_second_review' AND contractor.has_had_a_say(county_code, id, version + 1, :by))) "
            "ORDER BY id LIMIT 1"
        ),
        {"county_code": county_code, "ids": numbers_text(claim_ids), "by": by},
    ).one_or_none()
    if row is not None and row.is_near:
        raise TooNear(claim_id=row.id, is_entered=bool(row.is_entered))
    if row is not None:
        raise HadASay(claim_id=row.id)


def require_handed_out(chunk: Chunk, *, by: int) -> None:
    """In second review nobody works at a claim they were not handed; the lead may choose one. Raises: HandedOut."""
    chosen = [one for one in chunk.claims if one.state == S.IN_SECOND_REVIEW and one.held_by != by]
    if chosen and not holds_lead(chunk.session, chunk.county_code, by):
        raise HandedOut(claim_id=chosen[0].id)


def asking_for_two(chunk: Chunk, rows: Sequence[int], *, at: dt.datetime) -> set[int]:
    """Those of these rows on public notice that one person alone began and that by now ask for a second.

    What was decided for the same household or account since then counts, and what the claim has come to be worth: a
    constant number of statements. Raises: NoLawOnDay.
    """
    alone = set(
        chunk.session.scalars(
            statement(
                "SELECT id FROM unnest(CAST(:ids AS bigint[])) AS own (id) "
                "WHERE contractor.is_one_persons(CAST(:county_code AS bpchar), own.id) AND EXISTS (SELECT FROM "
                "contractor.review_policy_on(CAST(:county_code AS bpchar), :on))"
            ),
            {
                "ids": numbers_text(chunk.claims[row].id for row in rows),
                "county_code": chunk.county_code,
                "on": local_day(at),
            },
        )
    )
    asked = [row for row in rows if chunk.claims[row].id in alone]
    if not asked:
        return set()
    lock_worth(chunk, asked)
    found = chunk.session.scalars(
        statement(
            "SELECT own.id FROM unnest(CAST(:ids AS bigint[]), CAST(:stakes AS bigint[])) AS own (id, fen) "
            "WHERE cardinality(contractor.asks_for_two(CAST(:county_code AS bpchar), own.id, own.fen, :at)) > 0"
        ),
        {
            "ids": numbers_text(chunk.claims[row].id for row in asked),
            "stakes": numbers_text(stakes_fen(chunk, asked)),
            "county_code": chunk.county_code,
            "at": at,
        },
    )
    return {chunk.row_of[claim_id] for claim_id in found}


def holds_lead(session: Session, county_code: str, by: int) -> bool:
    """Whether this person leads the reviewers now."""
    asked = statement(
        "SELECT EXISTS (SELECT FROM contractor.role_grant WHERE county_code = :county_code AND staff_id = :by "
        "AND role = 'lead' AND decision = 'approved' AND ended_at IS NULL)"
    )
    return bool(session.scalar(asked, {"county_code": county_code, "by": by}))
