"""Acts against history, and against the law itself."""

from __future__ import annotations

from tests.payments.attacks.sentences import copy
from tests.payments.attacks.trying import attack


@attack
def history_is_rewritten(w, r):
    table = r.choice(["payment_event", "batch_event", "posting", "leg", "posting_seal", "bank_message", "bank_line",
                      "book", "account", "ledger_check", "sending_permit", "assistance_entitlement"])  # fmt: skip
    return [r.choice([f"DELETE FROM contractor.{table}", f"UPDATE contractor.{table} SET county_code = '990121'",
                      f"TRUNCATE contractor.{table} CASCADE"])]  # fmt: skip


@attack
def a_record_is_deleted(w, r):
    table = r.choice(["payment", "payment_batch", "payment_exception", "account_balance"])
    return [r.choice([f"DELETE FROM contractor.{table}", f"TRUNCATE contractor.{table} CASCADE"])]


@attack
def history_is_invented(w, r):
    return [
        r.choice(
            [
                "INSERT INTO contractor.payment_event (county_code, payment_id, event_no, event, state_after, at) "
                "VALUES ('990121', 1, 99, 'confirmed', 'paid', now())",
                "INSERT INTO contractor.batch_event (county_code, batch_id, event_no, event, state_after, at) "
                "VALUES ('990121', 1, 99, 'approved', 'approved', now())",
                "INSERT INTO contractor.posting_seal (county_code, posting_id, leg_count, debit_fen) "
                "VALUES ('990121', 1, 2, 1)",
                "UPDATE contractor.account_balance SET balance_fen = balance_fen + 1",
                "INSERT INTO contractor.account_balance (county_code, book, account_code) "
                "VALUES ('990121', 'entrusted', 'M102')",
            ]
        )
    ]


@attack
def the_law_is_switched_off(w, r):
    return [
        r.choice(
            [
                "ALTER TABLE contractor.payment DISABLE TRIGGER ALL",
                "ALTER TABLE contractor.leg DISABLE TRIGGER legs_move_balances",
                "SET session_replication_role = replica",
                "SET ROLE owner",
                "SET SESSION AUTHORIZATION postgres",
                "DROP TRIGGER batch_moves ON contractor.payment_batch",
                "CREATE OR REPLACE FUNCTION contractor.holds_role(text, bigint, text) RETURNS boolean "
                "LANGUAGE sql AS 'SELECT true'",
                "ALTER TABLE contractor.payment_batch DROP CONSTRAINT ck_payment_batch_checker_is_not_maker",
                "SELECT contractor.holds_role('990121', 1, 'checker')",
            ]
        )
    ]


@attack
def an_update_hides_in_an_insert(w, r):
    return [
        copy(r.choice(w.payments["planned"] + w.payments["submitted"]))
        + " ON CONFLICT (county_code, settlement_id, fund) WHERE settlement_id IS NOT NULL AND "
        "replaces_payment_id IS NULL DO UPDATE SET amount_fen = excluded.amount_fen + 1"
    ]


@attack
def sending_is_permitted_by_nobody(w, r):
    by = r.choice(["NULL", str(w.people["cashier"]), str(w.people["checker"]), "999999"])
    reason = "NULL" if by == "NULL" else "'compared'"
    return [
        "INSERT INTO contractor.sending_permit (county_code, timeline, permitted_by, reason) VALUES "
        f"('990121', {r.choice(['1', '2', 'contractor.server_timeline()'])}, {by}, {reason})"
    ]


@attack
def an_exception_is_closed_before_it_is_seen(w, r):
    return [
        "INSERT INTO contractor.payment_exception (county_code, kind, subject, expected, found, noticed_at, "
        "resolved_at, resolved_by, resolution) VALUES ('990121', 'parity', 'x', '', '', now(), now(), 1, 'fine')"
    ]
