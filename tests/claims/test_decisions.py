"""What people decide: every decision compares the version, moves by the table, and is kept with its reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import insert

from chassis.errors import NotFound, StaleVersion
from chassis.identity.tables import Staff
from chassis.vault.blind_index import index
from chassis.vault.sealing import row_id_text, seal
from contractor.claims import decisions, due
from contractor.claims.chunk import locked_chunk
from contractor.claims.crediting import credit_households
from contractor.claims.decisions import Reduction
from contractor.claims.moves import Move, move
from contractor.claims.refusals import (
    AskedBefore,
    NoticeNotOver,
    ReductionTooLarge,
    UnknownReason,
    WrongState,
)
from contractor.claims.reversing import reverse
from contractor.payments.batches import groups_waiting, make_batches
from contractor.payments.refusals import PayeeWithoutAccount
from contractor.payments.taking_back import PaymentOnItsWay
from rulebook.lifecycles.claim import CLAIM, E
from tests.claims.making import AT, CITY_HOSPITAL, COUNTY, HEALTH_CENTRE, LAW, ON, day, line, lines, take
from tests.sites import give_factor, grant

REVIEWER = 901
ACT = {"county_code": COUNTY, "by": REVIEWER, "at": AT}


@pytest.fixture()
def at_the_desk(session, world, decide):
    """A claim that waits for a person (nobody signed the receipt), already taken in hand: number and version."""

    def made(place: int = 0, **changes) -> tuple[int, int]:
        taken = take(session, world, world.claim(place, **({"receipt_signed_on": None} | changes)))
        decide(*taken.claim_ids)
        decisions.take_up(session, {taken.claim_ids[0]: 0}, **ACT)
        return taken.claim_ids[0], 1

    return made


@pytest.fixture()
def money(world):
    return {"law": LAW, "keyring": world.keyring}


def claim_of(rows, claim_id: int):
    return rows("SELECT * FROM contractor.claim WHERE id = :id", id=claim_id)[0]


def test_a_reviewers_yes_settles_pays_and_names_the_reviewer(session, rows, at_the_desk, money):
    claim_id, version = at_the_desk()
    settled = decisions.approve(session, {claim_id: version}, on=ON, note="receipt seen", **money, **ACT)
    assert [(one.base_fen, one.settlement_no) for one in settled] == [(119_000, 1)]
    assert (claim_of(rows, claim_id).state, claim_of(rows, claim_id).version) == ("approved", 2)
    event = rows("SELECT * FROM contractor.claim_event WHERE event_no = 2")[0]
    assert (event.event, event.acted_by, event.note) == ("approved", REVIEWER, "receipt seen")
    assert rows("SELECT decided_by FROM contractor.settlement")[0].decided_by == REVIEWER
    entry = rows("SELECT * FROM contractor.trail_entry ORDER BY seq DESC LIMIT 1")[0]
    assert (entry.act, entry.actor_id, entry.subject_id) == ("claim.approved", str(REVIEWER), str(claim_id))


def test_a_second_decision_on_what_has_changed_is_refused_and_changes_nothing(session, rows, at_the_desk, money):
    claim_id, version = at_the_desk()
    decisions.refuse(session, {claim_id: version}, reason_code="not_genuine", **ACT)
    with pytest.raises(StaleVersion), session.begin_nested():
        decisions.approve(session, {claim_id: version}, on=ON, **money, **ACT)
    assert claim_of(rows, claim_id).state == "rejected"
    assert rows("SELECT * FROM contractor.settlement") == []


def test_a_move_from_a_version_that_is_no_longer_the_claims_changes_nothing(session, rows, at_the_desk):
    """The rows are locked where a person decides; the comparison holds also where somebody forgot to."""
    claim_id, version = at_the_desk()
    claim = locked_chunk(session, COUNTY, [claim_id], law=LAW).claims[0]
    for stale in (version - 1, version + 1):
        with pytest.raises(StaleVersion), session.begin_nested():
            move(session, COUNTY, [Move(claim._replace(version=stale), E.RELEASED)], at=AT, by=REVIEWER)
    assert rows("SELECT state, version FROM contractor.claim WHERE id = :id", id=claim_id) == [("in_review", version)]


def test_a_claim_nobody_has_is_not_found(session, world):
    with pytest.raises(NotFound):
        decisions.take_up(session, {10**9: 0}, **ACT)


@pytest.mark.parametrize(
    ("act", "given"),
    [
        ("release", {}),
        ("refuse", {"reason_code": "late"}),
        ("send_back", {"documents": ["bill"], "on": ON}),
        ("documents_received", {}),
        ("object_to", {"note": "x"}),
        ("reopen", {"note": "x"}),
        ("reverse", {"law": LAW, "reason_code": "audit"}),
    ],
)
def test_what_the_table_of_moves_does_not_have_is_refused(session, world, decide, act, given):
    taken = take(session, world, world.claim(0, receipt_signed_on=None))
    decide(*taken.claim_ids)
    verb = reverse if act == "reverse" else getattr(decisions, act)
    with pytest.raises(WrongState) as refused:
        verb(session, {taken.claim_ids[0]: 0}, **given, **ACT)
    assert refused.value.facts["state"] == "received"


def test_reducing_a_line_takes_it_off_what_is_paid_and_off_the_institution(session, rows, at_the_desk, money):
    claim_id, version = at_the_desk(lines=lines(line(yuan="2000"), line(item="B1", yuan="500")))
    decisions.reduce(session, {claim_id: version}, [Reduction(1, 100_000, "not_necessary")], **ACT)
    kept = rows("SELECT reduced_fen, reduce_reason FROM contractor.claim_line ORDER BY line_no")
    assert [tuple(row) for row in kept] == [(100_000, "not_necessary"), (0, None)]
    decisions.approve(session, {claim_id: version + 1}, on=ON, **money, **ACT)
    settled = rows("SELECT * FROM contractor.settlement")[0]
    # 1,000 of class A and 90 % of 500 of class B; the member bears 1,500 and not the 1,000 taken off.
    assert (settled.cost_fen, settled.class_a_fen, settled.class_b_fen) == (150_000, 100_000, 50_000)
    assert settled.eligible_fen == 145_000


def test_on_the_manual_route_a_reduction_stays_with_the_member_who_has_paid(session, rows, at_the_desk, money):
    claim_id, version = at_the_desk(
        route="manual", institution_code=CITY_HOSPITAL, payee_name="张", payee_account="6222020000000000006"
    )
    decisions.reduce(session, {claim_id: version}, [Reduction(1, 100_000, "no_record")], **ACT)
    decisions.approve(session, {claim_id: version + 1}, on=ON, **money, **ACT)
    over = claim_of(rows, claim_id)
    decisions.end_notices(
        session, {claim_id: over.version}, county_code=COUNTY, at=AT, on=over.notice_until_on, **money
    )
    settled = rows("SELECT * FROM contractor.settlement")[0]
    assert (settled.cost_fen, settled.class_a_fen) == (200_000, 100_000)


@pytest.mark.parametrize(
    ("reduction", "refusal"),
    [
        (Reduction(1, 200_001, "over_price"), ReductionTooLarge),
        (Reduction(1, -1, "over_price"), ReductionTooLarge),
        (Reduction(2, 1, "over_price"), ReductionTooLarge),
        (Reduction(1, 1, "because"), UnknownReason),
    ],
)
def test_a_reduction_beyond_the_line_or_without_a_known_reason_is_refused(
    session, rows, at_the_desk, reduction, refusal
):
    claim_id, version = at_the_desk()
    with pytest.raises(refusal), session.begin_nested():
        decisions.reduce(session, {claim_id: version}, [reduction], **ACT)
    assert claim_of(rows, claim_id).version == version


def test_a_reduction_of_nothing_takes_a_reduction_back(session, rows, at_the_desk):
    claim_id, version = at_the_desk()
    decisions.reduce(session, {claim_id: version}, [Reduction(1, 500, "over_price")], **ACT)
    decisions.reduce(session, {claim_id: version + 1}, [Reduction(1, 0, "over_price")], **ACT)
    assert tuple(rows("SELECT reduced_fen, reduce_reason FROM contractor.claim_line")[0]) == (0, None)


def test_papers_are_asked_for_once_and_with_a_term(session, rows, at_the_desk):
    claim_id, version = at_the_desk()
    decisions.send_back(session, {claim_id: version}, ["receipt", "bill"], on=ON, **ACT)
    asked = rows("SELECT documents FROM contractor.claim_event WHERE event = 'sent_back'")[0]
    assert asked.documents == ["bill", "receipt"]
    # Fifteen working days after Friday 20 November.
    assert claim_of(rows, claim_id).documents_due_on == day("2026-12-11")
    decisions.documents_received(session, {claim_id: version + 1}, **ACT)
    with pytest.raises(AskedBefore):
        decisions.send_back(session, {claim_id: version + 2}, ["identity"], on=ON, **ACT)


def test_papers_that_never_came_refuse_the_claim_the_day_after_the_term_and_an_appeal_reopens_it(
    session, rows, at_the_desk
):
    claim_id, version = at_the_desk()
    decisions.send_back(session, {claim_id: version}, ["bill"], on=ON, **ACT)
    last_day = claim_of(rows, claim_id).documents_due_on
    assert due.papers_overdue(session, COUNTY, last_day, after=0, limit=10) == {}
    late = due.papers_overdue(session, COUNTY, last_day + dt.timedelta(days=1), after=0, limit=10)
    assert late == {claim_id: version + 1}
    decisions.documents_overdue(session, late, county_code=COUNTY, at=AT)
    assert claim_of(rows, claim_id).state == "rejected"
    decisions.reopen(session, {claim_id: version + 2}, note="post was late", **ACT)
    assert claim_of(rows, claim_id).state == "in_review"


@pytest.fixture()
def on_notice(session, world, decide, county):
    """A clean manual claim: its public notice has begun."""
    county.execute(
        "INSERT INTO registry.referral (county_code, slip_number, member_id, from_institution_code, "
        "to_institution_code, reason, valid_from_on, valid_until_on, recorded_at) VALUES (%s, 'R2', %s, %s, %s, "
        "'转诊', '2026-01-01', '2027-01-01', now()) ON CONFLICT DO NOTHING",
        [COUNTY, world.members[5], HEALTH_CENTRE, CITY_HOSPITAL],
    )
    sent = world.claim(
        5, route="manual", institution_code=CITY_HOSPITAL, referral_slip="R2", payee_name="张五",
        payee_account="6222020000000000006",
    )  # fmt: skip
    taken = take(session, world, sent)
    assert decide(*taken.claim_ids).counts == {"on_public_notice": 1}
    return taken.claim_ids[0]


def test_a_manual_claim_is_paid_only_after_its_public_notice(session, rows, on_notice, money):
    claim = claim_of(rows, on_notice)
    assert (claim.state, claim.notice_until_on) == ("on_public_notice", ON + dt.timedelta(days=7))
    assert rows("SELECT * FROM contractor.settlement") == []
    day_before = claim.notice_until_on - dt.timedelta(days=1)
    assert due.notices_over(session, COUNTY, day_before, after=0, limit=10) == {}
    with pytest.raises(NoticeNotOver):
        decisions.end_notices(session, {on_notice: 1}, county_code=COUNTY, at=AT, on=day_before, **money)
    over = due.notices_over(session, COUNTY, claim.notice_until_on, after=0, limit=10)
    assert over == {on_notice: 1}
    decisions.end_notices(session, over, county_code=COUNTY, at=AT, on=claim.notice_until_on, **money)
    assert claim_of(rows, on_notice).state == "approved"
    paid = rows("SELECT * FROM contractor.payment")[0]
    assert (paid.payee_kind, paid.account_name) == ("member", "张五")
    # 2,000 yuan above the county: less 600, 55 %.
    assert paid.amount_fen == 77_000


@pytest.fixture()
def registered_payee(county, world) -> Iterator[Callable[[bool], None]]:
    """Gives the fifth member an account in the registry, or takes it away, while a notice runs."""
    member = world.members[5]
    cell = {"table": "registry.member", "column": "bank_account_sealed"}
    sealed = seal(world.keyring, "bank_account", "6222020000000000006", **cell, row_id=row_id_text(COUNTY, member))
    blind = index(world.keyring, "bank_account", "6222020000000000006")

    def given(has_account: bool) -> None:
        values = [sealed, blind] if has_account else [None, None]
        county.execute(
            "UPDATE registry.member SET bank_account_sealed = %s, bank_account_index = %s WHERE id = %s",
            [*values, member],
        )

    yield given
    given(False)


def test_a_payee_whose_account_has_gone_waits_with_a_finding_and_the_rest_of_the_chunk_is_paid(
    session, rows, world, on_notice, decide, money, registered_payee
):
    registered_payee(True)
    later = {"admitted_on": day("2026-04-02"), "discharged_on": day("2026-04-07"), "submitted_on": day("2026-04-08")}
    sent = world.claim(5, route="manual", institution_code=CITY_HOSPITAL, referral_slip="R2", **later)
    (waits,) = take(session, world, sent).claim_ids
    assert decide(waits).counts == {"on_public_notice": 1}
    registered_payee(False)
    end = claim_of(rows, waits).notice_until_on
    at = dt.datetime.combine(end, dt.time(4), tzinfo=dt.UTC)
    for _round in range(2):
        over = due.notices_over(session, COUNTY, end, after=0, limit=10)
        decisions.end_notices(session, over, county_code=COUNTY, at=at, on=end, **money)
    assert [claim_of(rows, one).state for one in (on_notice, waits)] == ["approved", "on_public_notice"]
    found = rows("SELECT rule, severity, finding_no FROM contractor.claim_finding WHERE claim_id = :id", id=waits)
    assert [one.rule for one in found] == ["no_account"]
    registered_payee(True)
    decisions.end_notices(session, {waits: 1}, county_code=COUNTY, at=at, on=end, **money)
    assert claim_of(rows, waits).state == "approved"
    assert len(rows("SELECT * FROM contractor.payment")) == 2


def test_no_notice_begins_for_a_claim_that_nobody_could_be_paid_for(session, rows, at_the_desk, money):
    claim_id, version = at_the_desk(3, route="manual", institution_code=CITY_HOSPITAL)
    with pytest.raises(PayeeWithoutAccount), session.begin_nested():
        decisions.approve(session, {claim_id: version}, on=ON, **money, **ACT)
    assert claim_of(rows, claim_id).state == "in_review"


def test_nobody_reviews_what_no_check_has_looked_at(session, world):
    taken = take(session, world, world.claim(0))
    with pytest.raises(WrongState):
        decisions.take_up(session, {taken.claim_ids[0]: 0}, **ACT)


def test_an_objection_brings_the_claim_back_to_review_and_nothing_was_paid(session, rows, on_notice):
    decisions.object_to(session, {on_notice: 1}, note="was at home that week", **ACT)
    assert claim_of(rows, on_notice).state == "in_review"
    assert rows("SELECT * FROM contractor.payment") == []


def test_who_sent_a_claim_takes_it_back_before_it_is_decided(session, rows, at_the_desk, money):
    claim_id, version = at_the_desk()
    decisions.withdraw(session, {claim_id: version}, reason_code="sent_by_mistake", **ACT)
    assert claim_of(rows, claim_id).state == "withdrawn"
    with pytest.raises(WrongState):
        decisions.approve(session, {claim_id: version + 1}, on=ON, **money, **ACT)


@pytest.fixture()
def a_year(session, world, decide):
    """Three large stays of one member, of which the cap of 100,000 yuan cuts the third."""
    sent = [
        world.claim(9, admitted_on=day(f"2026-0{month}-02"), discharged_on=day(f"2026-0{month}-20"),
                    submitted_on=day(f"2026-0{month}-21"), institution_code=HEALTH_CENTRE, diagnosis_code="Z51.1",
                    lines=lines(*(line(yuan="49000", performed_on=day(f"2026-0{month}-02")),)))
        for month in (1, 3, 5)
    ]  # fmt: skip
    taken = take(session, world, *sent)
    assert decide(*taken.claim_ids).counts == {"approved": 3}
    return taken.claim_ids


def test_a_reversal_gives_back_what_the_claim_had_used_up_and_proposes_what_the_cap_had_cut(session, rows, a_year):
    before = rows("SELECT base_fen, benefits_fen FROM contractor.settlement ORDER BY settlement_no")
    assert [row.base_fen for row in before] == [3_912_000, 3_912_000, 2_176_000]
    done = reverse(session, {a_year[0]: 1}, law=LAW, reason_code="wrong_person", **ACT)
    turned = rows("SELECT * FROM contractor.settlement WHERE id = :id", id=done.settlement_id)[0]
    assert (turned.settlement_no, turned.base_fen, turned.before_pool_paid_fen) == (4, -3_912_000, 10_000_000)
    assert turned.benefits_fen + turned.member_pays_fen == -turned.cost_fen
    year = rows("SELECT * FROM contractor.member_year WHERE member_id = :id", id=turned.member_id)[0]
    assert (year.last_settlement_no, year.pool_paid_fen) == (4, 10_000_000 - 3_912_000)
    assert claim_of(rows, a_year[0]).state == "reversed"
    cut = [one for one in done.proposals if one.was_cut_by_cap]
    assert [one.proposed.base_fen - one.settled.base_fen for one in cut] == [3_912_000 - 2_176_000]


def test_a_claim_is_reversed_once(session, a_year):
    reverse(session, {a_year[0]: 1}, law=LAW, reason_code="audit", **ACT)
    with pytest.raises(WrongState):
        reverse(session, {a_year[0]: 2}, law=LAW, reason_code="audit", **ACT)


def test_what_was_planned_and_never_batched_is_cancelled_with_the_reversal(session, rows, a_year):
    reverse(session, {a_year[1]: 1}, law=LAW, reason_code="audit", **ACT)
    states = rows("SELECT claim_id, state FROM contractor.payment ORDER BY claim_id")
    assert {row.claim_id for row in states if row.state == "cancelled"} == {a_year[1]}


def test_a_claim_whose_payment_is_on_its_way_is_not_reversed(session, rows, a_year):
    cashier = a_cashier(session)
    make_batches(session, groups_waiting(session, COUNTY), county_code=COUNTY, by=cashier, at=AT)
    with pytest.raises(PaymentOnItsWay), session.begin_nested():
        reverse(session, {a_year[0]: 1}, law=LAW, reason_code="audit", **ACT)
    assert claim_of(rows, a_year[0]).state == "approved"
    assert len(rows("SELECT * FROM contractor.settlement")) == 3


def a_cashier(session) -> int:
    values = {
        "county_code": COUNTY, "sign_in_name": "cashier", "name": "出纳", "name_pinyin": "chuna", "status": "active",
        "password_hash": "$argon2id$none", "password_set_at": AT, "invited_at": AT, "activated_at": AT,
        "status_changed_at": AT,
    }  # fmt: skip
    staff_id = session.execute(insert(Staff).values(values).returning(Staff.id)).scalar_one()
    give_factor(session, COUNTY, staff_id, at=AT)
    grant(session, COUNTY, staff_id, "cashier", at=AT)
    return staff_id


def test_every_life_that_people_gave_replays_to_its_state(session, rows, at_the_desk, money, on_notice, a_year):
    one, version = at_the_desk()
    decisions.reduce(session, {one: version}, [Reduction(1, 1, "over_price")], **ACT)
    decisions.send_back(session, {one: version + 1}, ["bill"], on=ON, **ACT)
    decisions.documents_received(session, {one: version + 2}, **ACT)
    decisions.refuse(session, {one: version + 3}, reason_code="not_genuine", **ACT)
    decisions.reopen(session, {one: version + 4}, note="appeal", **ACT)
    decisions.approve(session, {one: version + 5}, on=ON, **money, **ACT)
    decisions.object_to(session, {on_notice: 1}, note="x", **ACT)
    reverse(session, {a_year[2]: 1}, law=LAW, reason_code="audit", **ACT)
    lives: dict[int, list[E]] = {}
    for row in rows("SELECT claim_id, event FROM contractor.claim_event ORDER BY claim_id, event_no"):
        lives.setdefault(row.claim_id, []).append(E(row.event))
    for claim in rows("SELECT id, state, version FROM contractor.claim"):
        assert (CLAIM.replayed(lives[claim.id]), len(lives[claim.id])) == (claim.state, claim.version)


def test_a_reversed_visit_gives_back_what_it_took_from_the_households_account(session, world, decide, rows):
    credit_households(session, 2026, county_code=COUNTY, law=LAW, at=AT, by=None)
    visit = world.claim(
        0, route="outpatient", institution_code=HEALTH_CENTRE, admitted_on=day("2026-04-01"),
        lines=lines(line(yuan="12", performed_on=day("2026-04-01"))),
    )  # fmt: skip
    taken = take(session, world, visit)
    decide(*taken.claim_ids)
    reverse(session, {taken.claim_ids[0]: 1}, law=LAW, reason_code="wrong_person", **ACT)
    entries = rows("SELECT kind, paid_fen, balance_fen FROM contractor.account_entry WHERE household_id = :id "
                   "ORDER BY account_no", id=world.households[0])  # fmt: skip
    assert [tuple(row) for row in entries] == [(1, 0, 1_600), (2, 1_200, 400), (4, -1_200, 1_600)]
