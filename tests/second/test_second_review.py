"""When one person's decision waits for another's: limits that roll, critical findings, a share that is drawn."""

from __future__ import annotations

import threading

import psycopg
import pytest

from contractor.claims import decisions
from contractor.claims.refusals import HadASay, HandedOut, TooNear
from contractor.review import leasing
from contractor.review.refusals import NothingWaiting
from contractor.second.policy import drawn_ppm
from contractor.second.refusals import LeadDecides, SaysWhy
from rulebook.lifecycles.claim import CLAIM, E
from tests.claims.making import AT, CITY_HOSPITAL, COUNTY, MEMBER_ACCOUNT, ON
from tests.second.reviewing import (
    at_the_desk,
    declare,
    give,
    of_yuan,
    opinion,
    policy,
    propose,
    state_of,
    version_of,
)


def test_without_a_policy_a_reviewers_word_takes_effect(county):
    claim_id = at_the_desk(county, 0)
    assert propose(county, claim_id).waiting == {}
    assert state_of(county, claim_id) == "approved"


def test_above_the_limit_another_person_decides_and_money_moves_only_then(county):
    policy(county, limit_fen=100_000)
    claim_id = at_the_desk(county, 1)
    assert propose(county, claim_id).waiting == {claim_id: ("limit",)}
    assert state_of(county, claim_id) == "in_second_review"
    assert county.rows("SELECT * FROM contractor.settlement WHERE claim_id = %s", claim_id) == []
    done = opinion(county, claim_id, by="senior")
    assert [one.base_fen for one in done.settled] == [119_000]
    assert state_of(county, claim_id) == "approved"
    assert county.rows("SELECT decided_by FROM contractor.settlement WHERE claim_id = %s", claim_id) == [
        (county.people["senior"],)
    ]


def test_below_the_limit_nobody_else_is_asked(county):
    policy(county, limit_fen=119_001)
    claim_id = at_the_desk(county, 2)
    propose(county, claim_id)
    assert state_of(county, claim_id) == "approved"


def test_who_proposed_never_decides_second(county):
    policy(county, limit_fen=1)
    claim_id = at_the_desk(county, 3, by="senior")
    propose(county, claim_id, by="senior")
    with pytest.raises(HadASay):
        opinion(county, claim_id, by="senior")
    # Nor by the door of the first decision.
    with pytest.raises(HadASay), county.database.transaction() as session:
        decisions.refuse(
            session, {claim_id: version_of(county, claim_id)}, county_code=COUNTY, reason_code="late",
            by=county.people["senior"], at=AT,
        )  # fmt: skip
    assert state_of(county, claim_id) == "in_second_review"


def test_a_disagreement_says_why_and_goes_to_the_lead_who_had_no_part_in_it(county):
    policy(county, limit_fen=1)
    claim_id = at_the_desk(county, 4)
    propose(county, claim_id, note="单据齐全")
    with pytest.raises(SaysWhy):
        opinion(county, claim_id, "refuse", by="lead2")
    opinion(county, claim_id, "refuse", by="lead2", note="发票是复印件")
    assert state_of(county, claim_id) == "in_second_review"
    with pytest.raises(HadASay):
        opinion(county, claim_id, by="lead2")
    with pytest.raises(LeadDecides):
        opinion(county, claim_id, by="senior2")
    opinion(county, claim_id, by="lead")
    assert state_of(county, claim_id) == "approved"
    events = [E(row[0]) for row in county.rows(
        "SELECT event FROM contractor.claim_event WHERE claim_id = %s ORDER BY event_no", claim_id)]  # fmt: skip
    assert events == [E.TAKEN_UP, E.REFERRED_UP, E.TAKEN_UP, E.DISPUTED, E.APPROVED]
    assert CLAIM.replayed(events) == "approved"


def test_a_refusal_too_waits_for_another_person(county):
    policy(county, limit_fen=1)
    claim_id = at_the_desk(county, 5)
    propose(county, claim_id, "refuse")
    assert state_of(county, claim_id) == "in_second_review"
    opinion(county, claim_id, "refuse", by="senior")
    assert state_of(county, claim_id) == "rejected"


def test_what_comes_back_to_the_first_reviewer_is_theirs_to_propose_again(county):
    policy(county, limit_fen=1)
    claim_id = at_the_desk(county, 6)
    propose(county, claim_id)
    opinion(county, claim_id, "return", by="senior", note="第三行没有医嘱")
    assert state_of(county, claim_id) == "in_review"
    propose(county, claim_id, "refuse")
    opinion(county, claim_id, "refuse", by="senior")
    assert state_of(county, claim_id) == "rejected"


def test_a_reduction_counts_towards_the_limit(county):
    """Taking off so much that what is left falls below the limit does not spare the second look."""
    policy(county, limit_fen=119_000)
    claim_id = at_the_desk(county, 7)
    _take_off(county, claim_id, 150_000, by="reviewer")
    assert propose(county, claim_id).waiting == {claim_id: ("limit",)}


def test_one_claim_split_in_many_does_not_escape_the_limit_of_its_household(county):
    policy(county, limit_fen=100_000, household_limit_fen=100_000)
    waited = []
    # Four visits to hospital of two members of one household, each far below the limit.
    for number, place in enumerate((8, 9, 8, 9)):
        claim_id = at_the_desk(county, place, **of_yuan(800), invoice_number=f"SPLIT{number}")
        waited.append(propose(county, claim_id).waiting.get(claim_id, ()))
    # 800 yuan give 350: the third reaches 1,000 in sum.
    assert waited == [(), (), ("household",), ("household",)]


def test_what_goes_to_one_account_is_added_up_over_households(county):
    policy(county, payee_limit_fen=60_000)
    waited = []
    for place in (0, 2, 4):
        claim_id = at_the_desk(
            county, place, route="manual", institution_code=CITY_HOSPITAL, payee_name="张",
            payee_account=MEMBER_ACCOUNT, **of_yuan(1000),
        )  # fmt: skip
        waited.append(propose(county, claim_id).waiting.get(claim_id, ()))
    # 1,000 yuan above the county give 220; on public notice they count as much as when they are settled.
    assert waited == [(), (), ("payee",)]


def test_two_halves_decided_at_the_same_moment_do_not_both_stay_below(county):
    policy(county, household_limit_fen=60_000)
    ids = [at_the_desk(county, place, **of_yuan(800), invoice_number=f"TWIN{place}") for place in (10, 11)]
    waited: dict[int, tuple[str, ...]] = {}
    gate = threading.Barrier(2)

    def decide(claim_id: int) -> None:
        gate.wait()
        waited[claim_id] = propose(county, claim_id).waiting.get(claim_id, ())

    threads = [threading.Thread(target=decide, args=[claim_id]) for claim_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waited.values()) == [(), ("household",)]


def test_the_draw_is_what_the_seed_says_whoever_draws_it(county):
    number = policy(county, share_ppm=400_000, seed=bytes(range(32)))
    found = []
    for place in range(12):
        claim_id = at_the_desk(county, place, invoice_number=f"DRAW{place}", **of_yuan(600 + place))
        propose(county, claim_id)
        found.append((claim_id, state_of(county, claim_id)))
    rows = county.rows(
        "SELECT p.claim_id, p.drawn_ppm, p.grounds, "
        "contractor.drawn_ppm(y.seed, p.claim_id, p.claim_version) FROM contractor.review_proposal AS p "
        "JOIN contractor.review_policy AS y ON y.id = p.policy_id WHERE p.policy_id = %s ORDER BY p.claim_id",
        number,
    )
    assert [row[0] for row in rows] == [claim_id for claim_id, _state in found]
    for (claim_id, drawn, grounds, again), (_claim, state) in zip(rows, found, strict=True):
        assert drawn == again == drawn_ppm(bytes(range(32)), claim_id, 1)
        assert grounds == (["drawn"] if drawn < 400_000 else [])
        assert state == ("in_second_review" if drawn < 400_000 else "approved")
    assert {state for _claim, state in found} == {"in_second_review", "approved"}


def test_of_many_draws_the_share_is_the_policys():
    drawn = sum(drawn_ppm(b"x" * 32, claim_id, 1) < 100_000 for claim_id in range(20_000))
    assert 1_850 < drawn < 2_150


def test_a_critical_finding_is_decided_by_two(county):
    policy(county, is_on_critical=True)
    claim_id = at_the_desk(county, 1, invoice_number="CRIT")
    plain = at_the_desk(county, 2, invoice_number="PLAIN", **of_yuan(700))
    county.trade.owner.execute(
        "INSERT INTO contractor.claim_finding (county_code, claim_id, finding_no, rule, severity, expected, found, "
        "source, found_at) VALUES (%s, %s, 99, 'F01', 'C', '', '', '', %s)",
        [COUNTY, claim_id, AT],
    )
    assert propose(county, claim_id).waiting == {claim_id: ("critical",)}
    assert propose(county, plain).waiting == {}


def test_nobody_decides_a_claim_of_their_own_household_or_one_they_entered(county):
    policy(county, limit_fen=10**9)
    declare(county, "senior2", 0)
    own = at_the_desk(county, 1, invoice_number="OWN")
    with pytest.raises(TooNear):
        propose(county, own, by="senior2")
    with pytest.raises(TooNear):
        at_the_desk(county, 0, by="senior2", invoice_number="OWN2")
    another = at_the_desk(county, 2, by="senior2", invoice_number="OTHER", **of_yuan(650))
    assert propose(county, another, by="senior2").waiting == {}
    entered = at_the_desk(county, 3, invoice_number="ENTERED")
    county.trade.owner.execute("ALTER TABLE contractor.claim DISABLE TRIGGER claim_keeps_what_was_received")
    county.trade.owner.execute(
        "UPDATE contractor.claim SET received_by = %s WHERE id = %s", [county.people["reviewer"], entered]
    )
    county.trade.owner.execute("ALTER TABLE contractor.claim ENABLE ALWAYS TRIGGER claim_keeps_what_was_received")
    with pytest.raises(TooNear):
        propose(county, entered)


def test_nobody_chooses_the_claim_they_decide_second(county):
    policy(county, limit_fen=1)
    first, other = at_the_desk(county, 5), at_the_desk(county, 6)
    for claim_id in (first, other):
        propose(county, claim_id)
    with pytest.raises(HandedOut):
        _take_up(county, other, by="senior")
    with pytest.raises(HandedOut):  # nor is a line taken off on the way to a yes
        _take_off(county, other, 100, by="senior")
    with pytest.raises(HandedOut):
        give(county, other, by="senior")
    given = _next(county, "senior")
    with pytest.raises(HandedOut):
        give(county, other if given == first else first, by="senior")
    give(county, given, by="senior")
    assert state_of(county, given) == "approved"


def test_what_somebody_gave_back_is_not_handed_to_them_again_but_to_the_next(county):
    policy(county, limit_fen=1)
    waits = {at_the_desk(county, place) for place in (7, 8)}
    for claim_id in waits:
        propose(county, claim_id)
    seen = []
    with pytest.raises(NothingWaiting):
        for _claim in range(100):
            seen.append(_next(county, "senior2"))
            _release(county, seen[-1], by="senior2")
    assert len(seen) == len(set(seen)) and waits <= set(seen)
    assert _next(county, "senior") in seen


def test_the_lead_may_take_one_they_choose_and_ends_what_two_disagree_about(county):
    policy(county, limit_fen=1)
    claim_id = at_the_desk(county, 9)
    propose(county, claim_id)
    with pytest.raises(HandedOut):
        give(county, claim_id, by="lead")
    _take_up(county, claim_id, by="lead")
    give(county, claim_id, by="lead")
    assert state_of(county, claim_id) == "approved"


def test_the_database_refuses_a_second_opinion_of_whoever_does_not_hold_the_claim(county):
    policy(county, limit_fen=1)
    claim_id = at_the_desk(county, 10)
    propose(county, claim_id)
    (proposal,) = county.rows("SELECT id FROM contractor.review_proposal WHERE claim_id = %s", claim_id)[0]
    row = [COUNTY, proposal, claim_id, AT, county.people["senior"]]
    with pytest.raises(psycopg.errors.RestrictViolation) as refused, county.trade.owner.transaction():
        county.trade.owner.execute(
            'INSERT INTO contractor.review_opinion (county_code, proposal_id, opinion_no, claim_id, decided, agrees, '
            "at, \"by\") VALUES (%s, %s, 1, %s, 'approve', true, %s, %s)", row)  # fmt: skip
    assert refused.value.diag.constraint_name == "handed_out"


def _take_off(county, claim_id: int, fen: int, *, by: str) -> None:
    with county.database.transaction() as session:
        seen, lines = {claim_id: version_of(county, claim_id)}, [decisions.Reduction(1, fen, "no_record")]
        decisions.reduce(session, seen, lines, county_code=COUNTY, by=county.people[by], at=AT)


def _take_up(county, claim_id: int, *, by: str) -> None:
    with county.database.transaction() as session:
        seen = {claim_id: version_of(county, claim_id)}
        decisions.take_up(session, seen, county_code=COUNTY, by=county.people[by], at=AT)


def _release(county, claim_id: int, *, by: str) -> None:
    with county.database.transaction() as session:
        seen = {claim_id: version_of(county, claim_id)}
        decisions.release(session, seen, county_code=COUNTY, by=county.people[by], at=AT)


def _next(county, who: str) -> int:
    with county.database.transaction() as session:
        given = {"county_code": COUNTY, "at": AT, "on": ON}
        return leasing.next_second_review(session, county.people[who], **given).claim_id
