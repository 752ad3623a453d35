"""Acts that no rule allows, as SQL of the app's own role: what someone would try who has the app's password (A12).

Each is a whole transaction. It must be refused by the database; one that touches nothing tries nothing and counts as a
mistake of this file.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import psycopg

from tests.payments.trade import Trade

Attack = Callable[["World", random.Random], list[str]]
ATTACKS: dict[str, Attack] = {}


@dataclass
class World:
    """A batch in each state, and payments in most."""

    trade: Trade
    batches: dict[str, int]
    payments: dict[str, list[int]]

    @cached_property
    def intruder(self) -> psycopg.Connection:
        return self.trade.as_contractor()

    @property
    def people(self) -> dict[str, int]:
        return self.trade.people


def attack(function: Attack) -> Attack:
    ATTACKS[function.__name__] = function
    return function


def tried(world: World, name: str, chance: random.Random) -> str:
    """What the database said: its SQLSTATE. Raises AssertionError where it let the act pass."""
    statements = ATTACKS[name](world, chance)
    touched = 0
    try:
        for statement in statements:
            touched = max(touched, world.intruder.execute(statement).rowcount)
        world.intruder.commit()
    except psycopg.Error as error:
        world.intruder.rollback()
        return error.sqlstate or "none"
    assert touched > 0, f"{name} tried nothing: {statements}"
    raise AssertionError(f"{name} passed: {statements}")


def _move_batch(batch: int, state: str, event: str, by: int | str, **more: object) -> str:
    pairs = "".join(f", {column} = {value}" for column, value in more.items())
    return (
        f"UPDATE contractor.payment_batch SET state = '{state}', version = version + 1, last_event = '{event}', "
        f"last_event_at = now(), last_event_by = {by}{pairs} WHERE id = {batch}"
    )


def _approve(batch: int, by: int | str, sha: str = "", message: str = "", no: str = "approval_no + 1") -> str:
    sha = sha or "contractor.batch_content_sha256(county_code, id)"
    message = message or (
        "'CM' || county_code || 'T' || lpad(contractor.server_timeline()::text, 3, '0') || 'B' "
        "|| lpad(id::text, 10, '0') || 'A' || lpad((approval_no + 1)::text, 2, '0')"
    )
    return _move_batch(
        batch, "approved", "approved", by,
        approved_by=by, approved_at="now()", approved_sha256=sha, approval_no=no, message_id=message,
    )  # fmt: skip


def _move_payment(payment: int, state: str, event: str, **more: object) -> str:
    pairs = "".join(f", {column} = {value}" for column, value in more.items())
    return (
        f"UPDATE contractor.payment SET state = '{state}', version = version + 1, last_event = '{event}', "
        f"last_event_at = now(){pairs} WHERE id = {payment}"
    )


def _quietly(payment: int, change: str) -> str:
    return f"UPDATE contractor.payment SET {change} WHERE id = {payment}"


@attack
def the_maker_approves(w, r):
    return [_approve(w.batches["submitted"], w.people["cashier"])]


@attack
def another_cashier_approves(w, r):
    return [_approve(w.batches["submitted"], w.people["cashier2"])]


@attack
def the_lead_approves(w, r):
    return [_approve(w.batches["submitted"], w.people["lead"])]


@attack
def nobody_approves(w, r):
    return [_approve(w.batches["submitted"], r.choice(["NULL", "999999", "0", "-1"]))]


@attack
def the_checker_is_made_the_maker_of_it(w, r):
    return [
        f"UPDATE contractor.payment_batch SET made_by = {w.people['checker2']} "
        f"WHERE id = {r.choice(list(w.batches.values()))}"
    ]


@attack
def the_maker_is_changed_while_approving(w, r):
    return [
        _approve(w.batches["submitted"], w.people["checker"]).replace(
            " WHERE id", f", made_by = {w.people['cashier2']} WHERE id"
        )
    ]


@attack
def something_else_is_approved_than_shown(w, r):
    sha = r.choice([f"sha256('{r.random()}'::bytea)", "NULL", "'\\x00'::bytea"])
    return [_approve(w.batches["submitted"], w.people["checker"], sha=sha)]


@attack
def an_approval_takes_another_name_for_the_bank(w, r):
    return [_approve(w.batches["submitted"], w.people["checker"], message=f"'CM{r.randrange(10**6)}'")]


@attack
def an_approval_is_not_counted(w, r):
    return [_approve(w.batches["submitted"], w.people["checker"], no=r.choice(["approval_no", "approval_no + 2"]))]


@attack
def a_draft_is_approved_unseen(w, r):
    return [_approve(w.batches["draft"], w.people["checker"])]


@attack
def an_approved_batch_is_approved_again(w, r):
    return [_approve(w.batches[r.choice(["approved", "sending", "sent", "settled"])], w.people["checker2"])]


@attack
def a_batch_skips_its_approval(w, r):
    batch = w.batches[r.choice(["draft", "submitted"])]
    return [_move_batch(batch, "sending", "sending_begun", w.people["cashier"], sending_begun_at="now()")]


@attack
def a_batch_jumps(w, r):
    state, batch = r.choice(list(w.batches.items()))
    to = r.choice([s for s in ("draft", "submitted", "approved", "sent", "settled", "in_doubt") if s != state])
    return [f"UPDATE contractor.payment_batch SET state = '{to}' WHERE id = {batch}"]


@attack
def a_batch_changes_without_an_event(w, r):
    change = r.choice(
        ["total_fen = total_fen + 1", "payment_count = 0", "fund = 'serious'", "institution_code = '990121999'",
         "version = version + 1", "approved_by = NULL", "message_id = 'X1234'", "content_sha256 = NULL"]
    )  # fmt: skip
    return [f"UPDATE contractor.payment_batch SET {change} WHERE id = {r.choice(list(w.batches.values()))}"]


@attack
def a_draft_is_submitted_with_a_false_sum(w, r):
    wrong = r.choice([{"total_fen": 1}, {"payment_count": 1}, {"content_sha256": "sha256('x'::bytea)"}])
    right = {
        "payment_count": f"(SELECT count(*) FROM contractor.payment WHERE batch_id = {w.batches['draft']})",
        "total_fen": f"(SELECT sum(amount_fen) FROM contractor.payment WHERE batch_id = {w.batches['draft']})",
        "content_sha256": "contractor.batch_content_sha256(county_code, id)",
        "submitted_by": w.people["cashier"],
        "submitted_at": "now()",
    }
    return [_move_batch(w.batches["draft"], "submitted", "submitted", w.people["cashier"], **(right | wrong))]


@attack
def the_checker_submits_for_the_cashier(w, r):
    return [
        _move_batch(
            w.batches["draft"], "submitted", "submitted", w.people["checker"],
            payment_count=f"(SELECT count(*) FROM contractor.payment WHERE batch_id = {w.batches['draft']})",
            total_fen=f"(SELECT sum(amount_fen) FROM contractor.payment WHERE batch_id = {w.batches['draft']})",
            content_sha256="contractor.batch_content_sha256(county_code, id)",
            submitted_by=w.people["checker"], submitted_at="now()",
        )
    ]  # fmt: skip


@attack
def the_checker_makes_a_batch(w, r):
    by = r.choice([w.people["checker"], w.people["lead"], 999_999])
    return [
        "INSERT INTO contractor.payment_batch (county_code, fund, payee_kind, institution_code, made_by, made_at) "
        f"VALUES ('990121', 'pooled', 'institution', '990121001', {by}, now())"
    ]


@attack
def a_batch_is_born_approved(w, r):
    state = r.choice(["approved", "submitted", "sending", "sent"])
    return [
        "INSERT INTO contractor.payment_batch (county_code, fund, payee_kind, institution_code, made_by, made_at, "
        "state, submitted_by, submitted_at, content_sha256, approved_by, approved_at, approved_sha256, message_id) "
        f"VALUES ('990121', 'pooled', 'institution', '990121001', {w.people['cashier']}, now(), '{state}', "
        f"{w.people['cashier']}, now(), sha256('x'), {w.people['checker']}, now(), sha256('x'), 'CM1234')"
    ]


@attack
def what_a_payment_says_is_changed(w, r):
    change = r.choice(
        [
            "amount_fen = amount_fen + 1",
            "amount_fen = 1",
            "account_name = 'mine'",
            "account_sealed = account_index || account_index",
            "account_index = sha256('mine')",
            "fund = 'serious'",
            "claim_id = claim_id + 1",
            "institution_code = '990121011'",
            "end_to_end_id = 'MINE'",
            "settlement_id = settlement_id + 100000",
            "top_up_fen = 1",
            "planned_by = 1",
            "county_code = '330110'",
            "batch_id = NULL",
            "version = version + 1",
        ]
    )
    return [_quietly(r.choice(r.choice(list(w.payments.values()))), change)]


@attack
def a_payment_is_changed_under_cover_of_a_move(w, r):
    change = r.choice([{"amount_fen": "amount_fen * 2"}, {"account_index": "sha256('mine')"}, {"account_name": "'m'"}])
    payment = r.choice(w.payments["planned"])
    return [_move_payment(payment, "in_batch", "put_in_batch", batch_id=w.batches["draft"], **change)]


@attack
def a_payment_slips_into_a_closed_batch(w, r):
    batch = w.batches[r.choice(["submitted", "approved", "sending", "sent", "settled"])]
    return [_move_payment(r.choice(w.payments["planned"]), "in_batch", "put_in_batch", batch_id=batch)]


@attack
def a_payment_of_another_fund_slips_in(w, r):
    batch = w.batches["draft"]
    return [_move_payment(r.choice(w.payments["serious"]), "in_batch", "put_in_batch", batch_id=batch)]


@attack
def a_payment_is_taken_from_a_closed_batch(w, r):
    return [_move_payment(r.choice(w.payments["submitted"]), "planned", "taken_out", batch_id="NULL")]


@attack
def a_payment_changes_batches(w, r):
    return [_move_payment(r.choice(w.payments["submitted"]), "sent", "sent", batch_id=w.batches["draft"])]


@attack
def a_payment_jumps(w, r):
    state, payments = r.choice(list(w.payments.items()))
    to = r.choice(["planned", "sent", "paid", "returned", "in_batch"])
    event = r.choice(["confirmed", "taken_out", "returned", "sent", "put_in_batch", "made_up"])
    allowed = {("planned", "put_in_batch"), ("draft", "taken_out"), ("serious", "put_in_batch"), ("paid", "returned")}
    if (state, event) in allowed:
        event = "made_up"
    return [_move_payment(r.choice(payments), to, event)]


@attack
def a_payment_is_confirmed_without_the_bank(w, r):
    event, state = r.choice([("confirmed", "paid"), ("refused", "refused_by_bank")])
    return [_move_payment(r.choice(w.payments["sent"]), state, event)]


@attack
def a_paid_payment_comes_back_without_the_bank(w, r):
    return [_move_payment(r.choice(w.payments["paid"]), "returned", "returned")]


COPIED = (
    "county_code, settlement_id, account_entry_id, claim_id, fund, payee_kind, institution_code, member_id, "
    "account_name, account_sealed, account_index, amount_fen, top_up_fen, end_to_end_id, planned_at, "
    "replaces_payment_id, planned_by, state"
)


def _copy(payment: int, **changes: object) -> str:
    columns = COPIED.split(", ")
    values = {column: column for column in columns} | {"end_to_end_id": "'COPY' || id", "state": "'planned'"}
    values |= {"replaces_payment_id": "NULL", "planned_by": "NULL"} | {k: str(v) for k, v in changes.items()}
    return (
        f"INSERT INTO contractor.payment ({', '.join(columns)}) SELECT {', '.join(values[c] for c in columns)} "
        f"FROM contractor.payment WHERE id = {payment}"
    )


@attack
def a_settlement_is_paid_twice(w, r):
    return [_copy(r.choice(r.choice(list(w.payments.values()))))]


@attack
def a_payment_is_born_paid(w, r):
    state = r.choice(["paid", "sent", "in_batch"])
    return [_copy(w.payments["planned"][0], settlement_id=10**9 + r.randrange(10**6), state=f"'{state}'")]


@attack
def a_payment_of_nothing_or_less(w, r):
    return [_copy(w.payments["planned"][0], settlement_id=10**9, amount_fen=r.choice([0, -1, -(10**9)]))]


@attack
def a_paid_payment_is_reissued(w, r):
    payment = r.choice(w.payments["paid"] + w.payments["sent"])
    return [_copy(payment, replaces_payment_id=payment, planned_by=w.people["cashier"])]


@attack
def a_reissue_is_larger(w, r):
    payment = r.choice(w.payments["refused"])
    moved = _move_payment(payment, "reissued", "reissued", last_event_by=w.people["cashier"])
    changed = r.choice([{"amount_fen": "amount_fen + 1"}, {"institution_code": "'990121011'"}, {"claim_id": 7}])
    return [moved, _copy(payment, replaces_payment_id=payment, planned_by=w.people["cashier"], **changed)]


@attack
def a_reissue_by_nobody(w, r):
    payment = r.choice(w.payments["refused"])
    return [
        _move_payment(payment, "reissued", "reissued", last_event_by=w.people["cashier"]),
        _copy(payment, replaces_payment_id=payment),
    ]


@attack
def a_reissue_that_replaces_nothing(w, r):
    payment = r.choice(w.payments["refused"])
    return [_move_payment(payment, "reissued", "reissued", last_event_by=w.people["cashier"])]


@attack
def a_refusal_is_called_off_by_nobody(w, r):
    return [_move_payment(r.choice(w.payments["refused"]), "cancelled", "cancelled")]


@attack
def whoever_reissued_approves(w, r):
    payment = w.payments["refused"][0]
    checker, cashier = w.people["checker"], w.people["cashier"]
    batch = "(SELECT max(id) FROM contractor.payment_batch)"
    return [
        _move_payment(payment, "reissued", "reissued", last_event_by=checker),
        _copy(payment, replaces_payment_id=payment, planned_by=checker),
        "INSERT INTO contractor.payment_batch (county_code, fund, payee_kind, institution_code, made_by, made_at) "
        f"VALUES ('990121', 'pooled', 'institution', '990121001', {cashier}, now())",
        "UPDATE contractor.payment SET state = 'in_batch', version = version + 1, last_event = 'put_in_batch', "
        f"last_event_at = now(), batch_id = {batch} WHERE replaces_payment_id = {payment}",
        _move_batch(
            0, "submitted", "submitted", cashier, payment_count=1,
            total_fen=f"(SELECT amount_fen FROM contractor.payment WHERE id = {payment})",
            content_sha256="contractor.batch_content_sha256(county_code, id)", submitted_by=cashier,
            submitted_at="now()",
        ).replace("id = 0", f"id = {batch}"),
        _approve(0, checker).replace("id = 0", f"id = {batch}"),
    ]  # fmt: skip


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


def _posting(key: str) -> str:
    return (
        "INSERT INTO contractor.posting (county_code, book, idempotency_key, kind, posted_on) "
        f"VALUES ('990121', 'entrusted', '{key}', 'advance_received', '2026-11-20')"
    )


def _leg(number: int, account: str, fen: int, posting: str = "(SELECT max(id) FROM contractor.posting)") -> str:
    return (
        "INSERT INTO contractor.leg (county_code, posting_id, leg_no, book, account_code, amount_fen) "
        f"VALUES ('990121', {posting}, {number}, 'entrusted', '{account}', {fen})"
    )


@attack
def a_posting_out_of_balance(w, r):
    fen = r.randrange(1, 10**6)
    key = f"trial/{r.randrange(10**9)}"
    return [_posting(key), _leg(1, "M101", fen), _leg(2, "M201", -fen - r.choice([1, -1 if fen > 1 else 2, 10**6]))]


@attack
def a_posting_of_one_leg_or_none(w, r):
    key = f"trial/{r.randrange(10**9)}"
    return [_posting(key), _leg(1, "M101", 5)] if r.random() < 0.5 else [_posting(key)]


@attack
def a_leg_joins_late(w, r):
    posting = "(SELECT min(id) FROM contractor.posting WHERE book = 'entrusted')"
    late = [_leg(90_001, "M101", 7, posting), _leg(90_002, "M201", -7, posting)]
    return late[: r.choice([1, 2])]


@attack
def a_leg_joins_after_the_constraints_were_hurried(w, r):
    return [
        _posting(f"trial/{r.randrange(10**9)}"),
        _leg(1, "M101", 5),
        _leg(2, "M201", -5),
        "SET CONSTRAINTS ALL IMMEDIATE",
        _leg(3, "M101", 5),
    ]


@attack
def an_account_goes_below_its_floor(w, r):
    fen = 10**13
    return [_posting(f"trial/{r.randrange(10**9)}"), _leg(1, "M101", -fen), _leg(2, "M201", fen)]


@attack
def a_posting_crosses_the_books(w, r):
    other = _leg(2, "S101", -5).replace("'entrusted'", r.choice(["'serious'", "'entrusted'"]))
    return [_posting(f"trial/{r.randrange(10**9)}"), _leg(1, "M101", 5), other]


@attack
def a_key_is_posted_twice(w, r):
    return [
        "INSERT INTO contractor.posting (county_code, book, idempotency_key, kind, posted_on) "
        "SELECT county_code, book, idempotency_key, kind, posted_on FROM contractor.posting LIMIT 1"
    ]


@attack
def a_reversal_takes_back_something_else(w, r):
    return [
        "INSERT INTO contractor.posting (county_code, book, idempotency_key, kind, posted_on, reverses_posting_id) "
        f"SELECT '990121', 'entrusted', 'trial/{r.randrange(10**9)}', 'taken_back', '2026-11-20', min(id) "
        "FROM contractor.posting WHERE book = 'entrusted'",
        _leg(1, "M101", -3),
        _leg(2, "M201", 3),
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
        _copy(r.choice(w.payments["planned"] + w.payments["submitted"]))
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
