"""Lines of the bank that fit nothing we ordered. One statement over a message's lines; nothing is moved here."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from contractor.payments.exceptions import Noticed

# The first case that holds names the exception. A line that only repeats what is known is none.
_STATEMENT = """
    SELECT line.end_to_end_id, payment.id AS payment_id, payment.batch_id, line.amount_fen, line.says,
           payment.amount_fen AS ordered_fen, payment.state,
           CASE
               WHEN payment.id IS NULL THEN 'unknown_payment'
               WHEN payment.amount_fen <> line.amount_fen THEN 'amount_differs'
               WHEN payment.state IN ('planned', 'in_batch', 'cancelled') AND NOT was_sent.yes THEN 'never_sent'
               WHEN line.says = 'paid' AND other.refused THEN 'answers_contradict'
               WHEN line.says = 'refused' AND other.paid THEN 'answers_contradict'
               WHEN line.says = 'returned' AND NOT other.paid THEN 'answers_contradict'
               WHEN line.says = 'paid' AND other.booked > 1 THEN 'paid_twice'
           END AS kind
    FROM contractor.bank_line AS line
    LEFT JOIN contractor.payment AS payment
        ON (payment.county_code, payment.end_to_end_id) = (line.county_code, line.end_to_end_id)
    CROSS JOIN LATERAL (
        SELECT EXISTS (
            SELECT FROM contractor.payment_event AS event
            WHERE (event.county_code, event.payment_id, event.event) = (payment.county_code, payment.id, 'sent')) AS yes
    ) AS was_sent
    CROSS JOIN LATERAL (
        SELECT coalesce(bool_or(one.says = 'paid'), false) AS paid,
               coalesce(bool_or(one.says = 'refused'), false) AS refused,
               count(*) FILTER (WHERE one.says = 'paid' AND one.kind = 'camt053') AS booked
        FROM (
            -- The message is looked up, not joined: without statistics a planner walks every message's lines instead.
            SELECT named.says, (
                SELECT message.kind FROM contractor.bank_message AS message
                WHERE (message.county_code, message.id) = (named.county_code, named.message_id)
                  AND message.direction = 'in') AS kind
            FROM contractor.bank_line AS named
            WHERE (named.county_code, named.end_to_end_id) = (line.county_code, line.end_to_end_id)
        ) AS one
        WHERE one.kind IS NOT NULL
    ) AS other
    WHERE (line.county_code, line.message_id) = (:county_code, :message)
"""


def contradictions(session: Session, county_code: str, message: int) -> list[Noticed]:
    """What a person has to look at in the lines of this message."""
    rows = session.execute(
        text(f"SELECT * FROM ({_STATEMENT}) AS line WHERE kind IS NOT NULL"),  # noqa: S608 – text of ours
        {"county_code": county_code, "message": message},
    )
    return [
        Noticed(
            row.kind,
            row.end_to_end_id,
            f"{row.ordered_fen} {row.state}" if row.payment_id is not None else "a payment of ours",
            f"{row.amount_fen} {row.says}",
            batch_id=row.batch_id,
            payment_id=row.payment_id,
            bank_message_id=message,
        )
        for row in rows
    ]
