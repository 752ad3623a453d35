"""Acts against who may do what with a batch, and what it says."""

from __future__ import annotations

from tests.payments.attacks.sentences import approve, move_batch
from tests.payments.attacks.trying import attack


@attack
def the_maker_approves(w, r):
    return [approve(w.batches["submitted"], w.people["cashier"])]


@attack
def another_cashier_approves(w, r):
    return [approve(w.batches["submitted"], w.people["cashier2"])]


@attack
def the_lead_approves(w, r):
    return [approve(w.batches["submitted"], w.people["lead"])]


@attack
def nobody_approves(w, r):
    return [approve(w.batches["submitted"], r.choice(["NULL", "999999", "0", "-1"]))]


@attack
def the_checker_is_made_the_maker_of_it(w, r):
    return [
        f"UPDATE contractor.payment_batch SET made_by = {w.people['checker2']} "
        f"WHERE id = {r.choice(list(w.batches.values()))}"
    ]


@attack
def the_maker_is_changed_while_approving(w, r):
    return [
        approve(w.batches["submitted"], w.people["checker"]).replace(
            " WHERE id", f", made_by = {w.people['cashier2']} WHERE id"
        )
    ]


@attack
def something_else_is_approved_than_shown(w, r):
    sha = r.choice([f"sha256('{r.random()}'::bytea)", "NULL", "'\\x00'::bytea"])
    return [approve(w.batches["submitted"], w.people["checker"], sha=sha)]


@attack
def an_approval_takes_another_name_for_the_bank(w, r):
    return [approve(w.batches["submitted"], w.people["checker"], message=f"'CM{r.randrange(10**6)}'")]


@attack
def an_approval_is_not_counted(w, r):
    return [approve(w.batches["submitted"], w.people["checker"], no=r.choice(["approval_no", "approval_no + 2"]))]


@attack
def a_draft_is_approved_unseen(w, r):
    return [approve(w.batches["draft"], w.people["checker"])]


@attack
def an_approved_batch_is_approved_again(w, r):
    return [approve(w.batches[r.choice(["approved", "sending", "sent", "settled"])], w.people["checker2"])]


@attack
def a_batch_skips_its_approval(w, r):
    batch = w.batches[r.choice(["draft", "submitted"])]
    return [move_batch(batch, "sending", "sending_begun", w.people["cashier"], sending_begun_at="now()")]


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
    return [move_batch(w.batches["draft"], "submitted", "submitted", w.people["cashier"], **(right | wrong))]


@attack
def the_checker_submits_for_the_cashier(w, r):
    return [
        move_batch(
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
