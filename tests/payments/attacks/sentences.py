"""Statements that acts are put together from: a move with all that belongs to it, a copy of a payment."""

from __future__ import annotations


def move_batch(batch: int, state: str, event: str, by: int | str, **more: object) -> str:
    pairs = "".join(f", {column} = {value}" for column, value in more.items())
    return (
        f"UPDATE contractor.payment_batch SET state = '{state}', version = version + 1, last_event = '{event}', "
        f"last_event_at = now(), last_event_by = {by}{pairs} WHERE id = {batch}"
    )


def approve(batch: int, by: int | str, sha: str = "", message: str = "", no: str = "approval_no + 1") -> str:
    sha = sha or "contractor.batch_content_sha256(county_code, id)"
    message = message or (
        "'CM' || county_code || 'T' || lpad(contractor.server_timeline()::text, 3, '0') || 'B' "
        "|| lpad(id::text, 10, '0') || 'A' || lpad((approval_no + 1)::text, 2, '0')"
    )
    return move_batch(
        batch, "approved", "approved", by,
        approved_by=by, approved_at="now()", approved_sha256=sha, approval_no=no, message_id=message,
    )  # fmt: skip


def move_payment(payment: int, state: str, event: str, **more: object) -> str:
    pairs = "".join(f", {column} = {value}" for column, value in more.items())
    return (
        f"UPDATE contractor.payment SET state = '{state}', version = version + 1, last_event = '{event}', "
        f"last_event_at = now(){pairs} WHERE id = {payment}"
    )


def quietly(payment: int, change: str) -> str:
    return f"UPDATE contractor.payment SET {change} WHERE id = {payment}"


COPIED = (
    "county_code, settlement_id, account_entry_id, claim_id, fund, payee_kind, institution_code, member_id, "
    "account_name, account_sealed, account_index, amount_fen, top_up_fen, end_to_end_id, planned_at, "
    "replaces_payment_id, planned_by, state"
)


def copy(payment: int, **changes: object) -> str:
    columns = COPIED.split(", ")
    values = {column: column for column in columns} | {"end_to_end_id": "'COPY' || id", "state": "'planned'"}
    values |= {"replaces_payment_id": "NULL", "planned_by": "NULL"} | {k: str(v) for k, v in changes.items()}
    return (
        f"INSERT INTO contractor.payment ({', '.join(columns)}) SELECT {', '.join(values[c] for c in columns)} "
        f"FROM contractor.payment WHERE id = {payment}"
    )
