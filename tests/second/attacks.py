"""Acts that keep no hands apart, as SQL of the app's own role: what someone would try who has the app's password (A12).

Each is a whole transaction and must be refused by the database. One that touches nothing tries nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

Attack = Callable[["World", random.Random], list[str]]
ATTACKS: dict[str, Attack] = {}


@dataclass
class World:
    """Claims by what is special about them, and people by their role."""

    intruder: psycopg.Connection
    people: dict[str, int]
    claims: dict[str, int]
    versions: dict[str, int]
    proposal: int
    disputed: int
    correction: int
    appeal: int
    policy: int


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


def _event(w: World, claim: str, event: str, state: str, by: int | str) -> str:
    reason = "'late'" if event == "rejected" else "NULL"
    return (
        "INSERT INTO contractor.claim_event (county_code, claim_id, event_no, event, state_after, at, acted_by, "
        f"reason_code) VALUES ('990121', {w.claims[claim]}, {w.versions[claim] + 1}, '{event}', '{state}', now(), "
        f"{by}, {reason})"
    )


def _state(w: World, claim: str, state: str) -> str:
    return f"UPDATE contractor.claim SET state = '{state}', version = version + 1 WHERE id = {w.claims[claim]}"


def _settle(w: World, claim: str, by: int | str, fen: int) -> str:
    return (
        "INSERT INTO contractor.settlement (county_code, claim_id, member_id, year, settlement_no, admitted_on, "
        "discharged_on, tier, status_on_admission, status_on_discharge, is_supplemented, cost_fen, class_a_fen, "
        "class_b_fen, class_c_fen, schedule_hash, before_covered_fen, before_pool_paid_fen, before_burden_fen, "
        "before_serious_paid_fen, before_supplementary_paid_fen, before_assistance_paid_fen, eligible_fen, "
        "above_deductible_fen, base_fen, top_up_fen, serious_fen, supplementary_fen, assistance_fen, benefits_fen, "
        "member_pays_fen, decided_at, decided_by) "
        "SELECT county_code, id, member_id, 2026, 900, admitted_on, discharged_on, 1, 0, 0, 0, "
        f"{fen}, {fen}, 0, 0, 'x', 0, 0, 0, 0, 0, 0, {fen}, {fen}, {fen}, 0, 0, 0, 0, {fen}, 0, now(), {by} "
        f"FROM contractor.claim WHERE id = {w.claims[claim]}"
    )


DECIDING = (
    ("approved", "approved"),
    ("rejected", "rejected"),
    ("reduced", "in_review"),
    ("referred_up", "in_second_review"),
)


@attack
def one_decides_their_own_households_claim(w, r):
    event, state = r.choice(DECIDING)
    return [_event(w, "own_household", event, state, w.people["senior2"])]


@attack
def one_decides_what_they_entered(w, r):
    event, state = r.choice(DECIDING)
    return [_event(w, "entered", event, state, w.people["reviewer"])]


@attack
def one_settles_their_own_households_claim(w, r):
    return [_settle(w, r.choice(["own_household"]), w.people["senior2"], r.randrange(1, 10**6))]


@attack
def one_settles_what_they_entered(w, r):
    return [_settle(w, "entered", w.people["reviewer"], r.randrange(1, 10**6))]


@attack
def the_first_reviewer_decides_second(w, r):
    event, state = r.choice((("approved", "approved"), ("rejected", "rejected"), ("notice_begun", "on_public_notice")))
    return [_event(w, r.choice(["second", "disputed"]), event, state, w.people["reviewer"])]


@attack
def the_first_reviewer_settles_second(w, r):
    return [_settle(w, r.choice(["second", "disputed"]), w.people["reviewer"], r.randrange(1, 10**6))]


@attack
def who_disagreed_decides_alone(w, r):
    event, state = r.choice((("approved", "approved"), ("rejected", "rejected")))
    return [_event(w, "disputed", event, state, w.people["senior"])]


@attack
def nobody_decides_second(w, r):
    return [_event(w, r.choice(["second", "disputed"]), r.choice(["approved", "rejected"]), "approved", "NULL")]


@attack
def a_rule_settles_what_waits_for_a_person(w, r):
    return [_settle(w, r.choice(["second", "received", "review"]), "NULL", r.randrange(1, 10**6))]


@attack
def a_rule_approves_what_waits_for_a_person(w, r):
    return [_event(w, "received", "approved_by_rule", "approved", "NULL")]


@attack
def one_person_settles_above_the_limit(w, r):
    return [_settle(w, "review", w.people["senior"], r.randrange(100_000, 10**9))]


@attack
def one_person_decides_what_a_critical_finding_speaks_of(w, r):
    event, state = r.choice((("approved", "approved"), ("rejected", "rejected")))
    return [_event(w, "critical", event, state, w.people["senior"])]


@attack
def a_claim_is_decided_and_no_event_says_so(w, r):
    claim = r.choice(["second", "review", "own_household", "received"])
    return [_state(w, claim, r.choice(["rejected", "approved"]))]


@attack
def an_opinion_of_the_first_reviewer(w, r):
    return [_opinion(w, w.proposal, 1, "second", "approve", w.people["reviewer"])]


@attack
def an_opinion_without_the_role(w, r):
    by = r.choice([w.people["cashier"], w.people["checker"], w.people["administrator"], 999_999])
    return [_opinion(w, w.proposal, 1, "second", r.choice(["approve", "refuse"]), by)]


@attack
def the_lead_decides_before_anybody_disagreed(w, r):
    return [_opinion(w, w.proposal, 2, "second", "approve", w.people["lead"])]


@attack
def a_second_reviewer_decides_the_disagreement(w, r):
    return [_opinion(w, w.disputed, 2, "disputed", "approve", r.choice([w.people["senior"], w.people["senior2"]]))]


@attack
def a_disagreement_is_written_as_agreement(w, r):
    said = _opinion(w, w.proposal, 1, "second", "refuse", w.people["senior"])
    return [said.replace("false", "true")]


@attack
def an_opinion_is_changed(w, r):
    change = r.choice(["agrees = true", "decided = 'approve'", "note = 'x'", f'"by" = {w.people["lead"]}'])
    return [f"UPDATE contractor.review_opinion SET {change}"]


@attack
def a_proposal_is_changed(w, r):
    change = r.choice(["grounds = '{}'", "proposed_by = 1", "stake_fen = 0", "drawn_ppm = 999999"])
    return [f"UPDATE contractor.review_proposal SET {change} WHERE id = {w.proposal}"]


@attack
def a_draw_is_chosen(w, r):
    return [_proposal(w, drawn=r.randrange(1_000_000), grounds="'{limit}'")]


@attack
def a_proposal_hides_why(w, r):
    return [_proposal(w, drawn=None, grounds="'{}'", stake=r.randrange(100_000, 10**9))]


@attack
def a_policy_is_set_by_another(w, r):
    by = r.choice([w.people["reviewer"], w.people["senior"], w.people["administrator"], 999_999])
    return [_policy(by, "2026-11-20")]


@attack
def a_policy_is_set_for_days_past(w, r):
    return [_policy(w.people["lead"], f"2026-{r.randrange(1, 11):02d}-01")]


@attack
def a_policy_is_changed_or_dropped(w, r):
    return [
        r.choice(
            ["UPDATE contractor.review_policy SET limit_fen = 10", "DELETE FROM contractor.review_policy",
             "TRUNCATE contractor.review_policy CASCADE"]
        )
    ]  # fmt: skip


@attack
def one_frees_oneself_of_a_household(w, r):
    by = r.choice([w.people["senior2"], w.people["lead"], w.people["reviewer"]])
    return [
        r.choice(
            [f"UPDATE contractor.staff_household SET ended_at = now(), ended_by = {by}",
             "UPDATE contractor.staff_household SET household_id = household_id + 1",
             "DELETE FROM contractor.staff_household"]
        )
    ]  # fmt: skip


@attack
def a_correction_by_one_person(w, r):
    return [_confirm(w, w.people["senior"])]


@attack
def a_correction_without_the_role(w, r):
    return [_confirm(w, r.choice([w.people["cashier"], w.people["reviewer"], w.people["administrator"], 999_999]))]


@attack
def a_correction_is_changed(w, r):
    change = r.choice(["after_fen = 0", "proposed_by = 1", "note = 'x'", "content_sha256 = sha256('x')"])
    return [f"UPDATE contractor.correction SET {change} WHERE id = {w.correction}"]


@attack
def money_is_owed_back_that_nobody_was_paid(w, r):
    return [
        "INSERT INTO contractor.owed_back (county_code, claim_id, settlement_id, fund, payee_kind, institution_code, "
        f"amount_fen, reason_code, at, by) VALUES ('990121', {w.claims['review']}, {r.randrange(1, 99)}, 'pooled', "
        f"'institution', '990121900', {r.randrange(1, 10**6)}, 'audit', now(), 1)"
    ]


@attack
def an_appeal_is_decided_by_who_decided_first_or_entered_it(w, r):
    by = r.choice([w.people["lead"], w.people["reviewer"], w.people["cashier"]])
    return [
        "UPDATE contractor.appeal SET outcome = 'upheld', answer = 'x', decided_at = now(), "
        f"decided_by = {by} WHERE id = {w.appeal}"
    ]


def _opinion(w: World, proposal: int, number: int, claim: str, decided: str, by: int) -> str:
    reason = "'late'" if decided == "refuse" else "NULL"
    return (
        "INSERT INTO contractor.review_opinion (county_code, proposal_id, opinion_no, claim_id, decided, agrees, "
        f"reason_code, note, at, \"by\") VALUES ('990121', {proposal}, {number}, {w.claims[claim]}, '{decided}', "
        f"{'true' if decided == 'approve' else 'false'}, {reason}, 'x', now(), {by})"
    )


def _proposal(w: World, *, drawn: int | None, grounds: str, stake: int = 10**6) -> str:
    told = "contractor.drawn_ppm(p.seed, c.id, c.version)" if drawn is None else f"{drawn}"
    return (
        "INSERT INTO contractor.review_proposal (county_code, claim_id, claim_version, proposed, stake_fen, "
        "household_fen, payee_fen, grounds, policy_id, drawn_ppm, proposed_at, proposed_by) "
        f"SELECT c.county_code, c.id, c.version, 'approve', {stake}, 0, 0, {grounds}, p.id, {told}, now(), "
        f"{w.people['reviewer']} FROM contractor.claim AS c, contractor.review_policy AS p "
        f"WHERE c.id = {w.claims['review']} AND p.id = {w.policy}"
    )


def _policy(by: int, from_on: str) -> str:
    return (
        "INSERT INTO contractor.review_policy (county_code, from_on, limit_fen, rolling_days, household_limit_fen, "
        "payee_limit_fen, is_on_critical, share_ppm, seed, note, set_at, set_by) VALUES ('990121', "
        f"'{from_on}', 1000000000, 30, 1000000000, 1000000000, false, 0, sha256('x'), 'x', '2026-11-20 02:00Z', {by})"
    )


def _confirm(w: World, by: int) -> str:
    return f"UPDATE contractor.correction SET confirmed_at = now(), confirmed_by = {by} WHERE id = {w.correction}"
