"""The thin path: taken in, checked, decided, paid for."""

from __future__ import annotations

from sqlalchemy import text

from contractor.claims.assessment import assess
from tests.claims.making import AT, COUNTY, LAW, ON, take


def decide(session, world, ids):
    return assess(session, ids, county_code=COUNTY, law=LAW, keyring=world.keyring, at=AT, on=ON)


def test_a_clean_claim_is_settled_paid_for_and_told_in_one_transaction(session, world):
    taken = take(session, world, world.claim())
    assessed = decide(session, world, taken.claim_ids)
    assert assessed.counts == {"approved": 1}
    row = session.execute(text("SELECT state, version, is_clean FROM contractor.claim")).one()
    assert tuple(row) == ("approved", 1, True)
    settled = session.execute(text("SELECT * FROM contractor.settlement")).one()
    # 2,000 yuan of class A, less 300 deductible, 70 %: 1,190 yuan.
    assert (settled.base_fen, settled.member_pays_fen, settled.settlement_no) == (119_000, 81_000, 1)
    assert session.scalar(text("SELECT sum(amount_fen) FROM contractor.payment")) == 119_000
    acts = list(session.scalars(text("SELECT act FROM contractor.trail_entry ORDER BY seq")))
    assert acts == ["claims.taken_in", "claim.approved_by_rule"]
