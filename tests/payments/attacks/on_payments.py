"""Acts against a payment: its payee, its amount, its way, its one time."""

from __future__ import annotations

from tests.payments.attacks.sentences import approve, copy, move_batch, move_payment, quietly
from tests.payments.attacks.trying import attack


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
    return [quietly(r.choice(r.choice(list(w.payments.values()))), change)]


@attack
def a_payment_is_changed_under_cover_of_a_move(w, r):
    change = r.choice([{"amount_fen": "amount_fen * 2"}, {"account_index": "sha256('mine')"}, {"account_name": "'m'"}])
    payment = r.choice(w.payments["planned"])
    return [move_payment(payment, "in_batch", "put_in_batch", batch_id=w.batches["draft"], **change)]


@attack
def a_payment_slips_into_a_closed_batch(w, r):
    batch = w.batches[r.choice(["submitted", "approved", "sending", "sent", "settled"])]
    return [move_payment(r.choice(w.payments["planned"]), "in_batch", "put_in_batch", batch_id=batch)]


@attack
def a_payment_of_another_fund_slips_in(w, r):
    batch = w.batches["draft"]
    return [move_payment(r.choice(w.payments["serious"]), "in_batch", "put_in_batch", batch_id=batch)]


@attack
def a_payment_is_taken_from_a_closed_batch(w, r):
    return [move_payment(r.choice(w.payments["submitted"]), "planned", "taken_out", batch_id="NULL")]


@attack
def a_payment_changes_batches(w, r):
    return [move_payment(r.choice(w.payments["submitted"]), "sent", "sent", batch_id=w.batches["draft"])]


@attack
def a_payment_jumps(w, r):
    state, payments = r.choice(list(w.payments.items()))
    to = r.choice(["planned", "sent", "paid", "returned", "in_batch"])
    event = r.choice(["confirmed", "taken_out", "returned", "sent", "put_in_batch", "made_up"])
    allowed = {("planned", "put_in_batch"), ("draft", "taken_out"), ("serious", "put_in_batch"), ("paid", "returned")}
    if (state, event) in allowed:
        event = "made_up"
    return [move_payment(r.choice(payments), to, event)]


@attack
def a_payment_is_confirmed_without_the_bank(w, r):
    event, state = r.choice([("confirmed", "paid"), ("refused", "refused_by_bank")])
    return [move_payment(r.choice(w.payments["sent"]), state, event)]


@attack
def a_paid_payment_comes_back_without_the_bank(w, r):
    return [move_payment(r.choice(w.payments["paid"]), "returned", "returned")]


@attack
def a_settlement_is_paid_twice(w, r):
    return [copy(r.choice(r.choice(list(w.payments.values()))))]


@attack
def a_payment_is_born_paid(w, r):
    state = r.choice(["paid", "sent", "in_batch"])
    return [copy(w.payments["planned"][0], settlement_id=10**9 + r.randrange(10**6), state=f"'{state}'")]


@attack
def a_payment_of_nothing_or_less(w, r):
    return [copy(w.payments["planned"][0], settlement_id=10**9, amount_fen=r.choice([0, -1, -(10**9)]))]


@attack
def a_paid_payment_is_reissued(w, r):
    payment = r.choice(w.payments["paid"] + w.payments["sent"])
    return [copy(payment, replaces_payment_id=payment, planned_by=w.people["cashier"])]


@attack
def a_reissue_is_larger(w, r):
    payment = r.choice(w.payments["refused"])
    moved = move_payment(payment, "reissued", "reissued", last_event_by=w.people["cashier"])
    changed = r.choice(
        [{"amount_fen": "amount_fen + 1"}, {"institution_code": "'990121011'"}, {"claim_id": "claim_id + 1"}]
    )
    return [moved, copy(payment, replaces_payment_id=payment, planned_by=w.people["cashier"], **changed)]


@attack
def a_reissue_by_nobody(w, r):
    payment = r.choice(w.payments["refused"])
    return [
        move_payment(payment, "reissued", "reissued", last_event_by=w.people["cashier"]),
        copy(payment, replaces_payment_id=payment),
    ]


@attack
def a_reissue_that_replaces_nothing(w, r):
    payment = r.choice(w.payments["refused"])
    return [move_payment(payment, "reissued", "reissued", last_event_by=w.people["cashier"])]


@attack
def a_refusal_is_called_off_by_nobody(w, r):
    return [move_payment(r.choice(w.payments["refused"]), "cancelled", "cancelled")]


@attack
def whoever_reissued_approves(w, r):
    payment = w.payments["refused"][0]
    checker, cashier = w.people["checker"], w.people["cashier"]
    batch = "(SELECT max(id) FROM contractor.payment_batch)"
    return [
        move_payment(payment, "reissued", "reissued", last_event_by=checker),
        copy(payment, replaces_payment_id=payment, planned_by=checker),
        "INSERT INTO contractor.payment_batch (county_code, fund, payee_kind, institution_code, made_by, made_at) "
        f"VALUES ('990121', 'pooled', 'institution', '990121001', {cashier}, now())",
        "UPDATE contractor.payment SET state = 'in_batch', version = version + 1, last_event = 'put_in_batch', "
        f"last_event_at = now(), batch_id = {batch} WHERE replaces_payment_id = {payment}",
        move_batch(
            0, "submitted", "submitted", cashier, payment_count=1,
            total_fen=f"(SELECT amount_fen FROM contractor.payment WHERE id = {payment})",
            content_sha256="contractor.batch_content_sha256(county_code, id)", submitted_by=cashier,
            submitted_at="now()",
        ).replace("id = 0", f"id = {batch}"),
        approve(0, checker).replace("id = 0", f"id = {batch}"),
    ]  # fmt: skip
