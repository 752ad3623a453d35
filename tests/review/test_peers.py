"""What a stay cost beside its like, as the nightly look measured it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text

from contractor.review.peers import FEWEST, peers_of
from contractor.rules.nightly import STAYS, look_over
from tests.claims.conftest import decide, session, world  # noqa: F401 – the county of the claims' tests
from tests.claims.making import AT, COUNTY, HEALTH_CENTRE, LAW, ON, line, take

WINTER = dt.date(2026, 1, 5)


def stays(session, world, decide, totals, **changes) -> list[int]:  # noqa: F811
    claims = [
        world.claim(place % 12, lines=(line(yuan=str(yuan), performed_on=WINTER),), **changes)
        for place, yuan in enumerate(totals)
    ]
    ids = take(session, world, *claims).claim_ids
    decide(*ids)
    return ids


def days(**more):
    return {"admitted_on": WINTER, "discharged_on": WINTER + dt.timedelta(days=3)} | more


def measure(session, on=ON, at=AT) -> None:  # noqa: F811
    look_over(session, STAYS, county_code=COUNTY, law=LAW, at=at, on=on)


def seen(session, code="K35.8", tier=2):  # noqa: F811
    return peers_of(session, county_code=COUNTY, diagnosis_code=code, tier=tier)


def test_a_category_is_measured_at_its_tier_and_a_stay_finds_its_place(session, world, decide):  # noqa: F811
    stays(session, world, decide, range(100, 200), **days(diagnosis_code="K35.801"))
    stays(session, world, decide, [9_000], **days(diagnosis_code="K35.8", institution_code=HEALTH_CENTRE))
    measure(session)
    peers = seen(session)
    assert (peers.category, peers.stay_count) == ("K35", 100)
    assert peers.percentile(1) == 10_000 and peers.percentile(50) == 14_900 and peers.percentile(99) == 19_800
    assert [peers.place_of(fen) for fen in (0, 10_000, 14_950, 19_900, 10**9)] == [0, 0, 50, 99, 99]
    assert seen(session, tier=1).stay_count == 1 < FEWEST
    assert not seen(session, tier=1).is_telling and peers.is_telling


def test_refused_stays_and_those_before_last_year_are_nobodys_peers(session, world, decide):  # noqa: F811
    old = {"admitted_on": dt.date(2024, 12, 1), "discharged_on": dt.date(2024, 12, 3)}
    stays(session, world, decide, [500], **days(diagnosis_code="M10.0") | old)
    gone = stays(session, world, decide, [600, 700], **days(diagnosis_code="M10.9"))
    session.execute(
        text("UPDATE contractor.claim SET state = 'in_review', version = version + 1 WHERE id = ANY(:ids)"),
        {"ids": [one for one in gone if state_of(session, one) == "received"]},
    )
    session.execute(
        text(
            "UPDATE contractor.claim SET state = CASE state WHEN 'in_review' THEN 'rejected' ELSE 'reversed' END, "
            "version = version + 1 WHERE id = ANY(:ids)"
        ),
        {"ids": gone},
    )
    measure(session)
    assert seen(session, "M10.1") is None


def state_of(session, claim_id):  # noqa: F811
    return session.execute(text("SELECT state FROM contractor.claim WHERE id = :id"), {"id": claim_id}).scalar_one()


def test_what_nobody_came_with_for_two_years_is_known_no_longer(session, world, decide):  # noqa: F811
    stays(session, world, decide, [800], **days(diagnosis_code="N20.0"))
    measure(session)
    assert seen(session, "N20.1").stay_count == 1
    measure(session, on=dt.date(2028, 1, 1), at=AT + dt.timedelta(days=400))
    assert seen(session, "N20.1") is None


def test_what_no_night_has_measured_since_the_upgrade_is_not_shown(session, world, decide):  # noqa: F811
    stays(session, world, decide, [800], **days(diagnosis_code="N20.0"))
    measure(session)
    session.execute(text("UPDATE contractor.peer_statistic SET percentiles_fen = '{}'"))
    assert seen(session, "N20.1") is None
