"""The nightly look against real PostgreSQL: it adds what no single claim shows, once, and moves nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import text

from contractor.rules.nightly import STAGES, STAYS, look_over
from rulebook.checks import all_cards
from tests.claims.conftest import county, decide, rows, session, world  # noqa: F401 – its fixtures are ours too
from tests.claims.making import AT, CITY_HOSPITAL, COUNTY, HOSPITAL, LAW, ON, day, line, lines, take

NIGHT = AT + dt.timedelta(hours=14)


@pytest.fixture()
def look(session):  # noqa: F811
    def looked(*stages: str, **changes):
        given = {"county_code": COUNTY, "law": LAW, "at": NIGHT, "on": ON} | changes
        added = [look_over(session, stage, **given) for stage in stages or STAGES]
        return {rule: count for one in added for rule, count in one.items()}

    return looked


def weeks_apart(world, place: int, yuan: int, **changes):  # noqa: F811
    """Five days each, a week between two of them: nobody goes to hospital with the neighbours."""
    admitted_on = day("2026-01-05") + dt.timedelta(weeks=place)
    stay = {
        "admitted_on": admitted_on,
        "discharged_on": admitted_on + dt.timedelta(days=5),
        "submitted_on": admitted_on + dt.timedelta(days=6),
        "lines": lines(line(yuan=str(yuan), performed_on=admitted_on)),
    }
    return world.claim(place, **(stay | changes))


def of_claim(rows, claim_id):  # noqa: F811
    return rows(
        "SELECT finding_no, rule, severity, source FROM contractor.claim_finding WHERE claim_id = :id ORDER BY 1",
        id=claim_id,
    )


def test_a_decided_claim_is_told_and_not_moved(session, world, decide, rows, look):  # noqa: F811
    stays = [weeks_apart(world, place, 2_000 + place) for place in range(10)]
    dear = weeks_apart(world, 10, 20_000)
    taken = take(session, world, *stays, dear)
    decide(*taken.claim_ids)
    last = taken.claim_ids[-1]
    before = rows("SELECT state, version, is_clean FROM contractor.claim WHERE id = :id", id=last)
    assert tuple(before[0]) == ("approved", 1, True)
    assert look()["F28"] == 1
    assert [tuple(one)[:3] for one in of_claim(rows, last)] == [(1, "F28", "H")]
    assert rows("SELECT state, version, is_clean FROM contractor.claim WHERE id = :id", id=last) == before
    assert rows("SELECT alert_ppm FROM contractor.claim WHERE id = :id", id=last)[0].alert_ppm == 600_000
    told = rows("SELECT act, facts FROM contractor.trail_entry ORDER BY seq DESC LIMIT 1")[0]
    assert (told.act, told.facts["added"]["F28"]) == ("rules.looked_over", 1)


def test_a_second_night_adds_nothing_and_what_is_new_comes_behind(session, world, decide, rows, look):  # noqa: F811
    stays = [weeks_apart(world, place, 2_000 + place) for place in range(10)]
    dear = weeks_apart(world, 10, 20_000, receipt_signed_on=None)
    taken = take(session, world, *stays, dear)
    decide(*taken.claim_ids)
    last = taken.claim_ids[-1]
    assert [one.rule for one in of_claim(rows, last)] == ["no_receipt"]
    look()
    assert [(one.finding_no, one.rule) for one in of_claim(rows, last)] == [(1, "no_receipt"), (2, "F28")]
    assert rows("SELECT alert_ppm FROM contractor.claim WHERE id = :id", id=last)[0].alert_ppm == 840_000
    findings, entries = rows("SELECT * FROM contractor.claim_finding"), rows("SELECT * FROM contractor.trail_entry")
    assert look() == {}
    assert rows("SELECT * FROM contractor.claim_finding") == findings
    assert rows("SELECT * FROM contractor.trail_entry") == entries


def test_the_next_days_claim_is_held_against_last_nights_measure_and_waits(session, world, decide, rows, look):  # noqa: F811
    taken = take(session, world, *(weeks_apart(world, place, 2_000 + place) for place in range(10)))
    decide(*taken.claim_ids)
    look(STAYS)
    measured = rows("SELECT category, tier, stay_count, days_p95 FROM contractor.peer_statistic")
    assert [tuple(one) for one in measured] == [("J18", 2, 10, 5.0)]
    usual, dear = weeks_apart(world, 10, 2_005), weeks_apart(world, 11, 9_000)
    elsewhere = {"institution_code": CITY_HOSPITAL, "card_number": world.card(0)}
    other_tier = weeks_apart(world, 12, 9_000, **elsewhere)
    taken = take(session, world, usual, dear, other_tier)
    decide(*taken.claim_ids)
    assert [[one.rule for one in of_claim(rows, each)] for each in taken.claim_ids] == [[], ["F28"], []]
    assert rows("SELECT state FROM contractor.claim WHERE id = :id", id=taken.claim_ids[1])[0].state == "received"


def test_what_the_institution_advanced_is_held_against_what_was_decided(session, world, decide, rows, look):  # noqa: F811
    """2,000 yuan of class A come to 1,190."""
    right, more, less, none = (world.claim(n, advanced_fen=fen) for n, fen in enumerate((119_000, 119_001, 118_999, 0)))
    taken = take(session, world, right, more, less, none)
    decide(*taken.claim_ids)
    assert look("advance_differs") == {"advance_differs": 2}
    named = rows("SELECT claim_id, expected, found FROM contractor.claim_finding ORDER BY 1")
    assert [tuple(one) for one in named] == [
        (taken.claim_ids[1], "1190.00 advanced", "1190.01 advanced"),
        (taken.claim_ids[2], "1190.00 advanced", "1189.99 advanced"),
    ]


def test_a_suspended_check_says_nothing_and_a_countys_threshold_is_its_own(session, world, decide, look):  # noqa: F811
    take_and = take(session, world, *(world.claim(n, advanced_fen=100_000) for n in range(2)))
    decide(*take_and.claim_ids)
    cards = dict(all_cards())
    del cards["advance_differs"]
    assert look("advance_differs", cards=cards) == {}
    assert look("advance_differs") == {"advance_differs": 2}


def test_drugs_from_three_places_in_half_a_year(session, world, decide, rows, look):  # noqa: F811
    """Outpatient claims of one member: 61 units from three places; as many from two are nothing."""
    places = ("990121001", HOSPITAL, CITY_HOSPITAL)
    visits = [
        world.claim(
            0, route="outpatient", institution_code=place, admitted_on=day(f"2026-0{n}-03"),
            submitted_on=day(f"2026-0{n}-03"),
            lines=lines(line(item="A1", yuan="1", quantity=count, performed_on=day(f"2026-0{n}-03"))),
        )
        for n, (place, count) in enumerate(zip(places, (20, 20, 21), strict=True), 1)
    ]  # fmt: skip
    taken = take(session, world, *visits)
    decide(*taken.claim_ids)
    assert look("F22") == {"F22": 1}
    assert "F22" in [one.rule for one in of_claim(rows, taken.claim_ids[-1])]


def test_an_unlike_name_is_told_at_its_line(session, world, decide, rows, look):  # noqa: F811
    bill = lines(line(yuan="900"), replace(line(item="A2", yuan="100"), hospital_item_name="足疗"))
    taken = take(session, world, world.claim(0, lines=bill))
    decide(*taken.claim_ids)
    assert look("F24") == {"F24": 1}, "“item A1” and “A1” share half of their letters"
    told = rows("SELECT claim_id, line_no, expected, found FROM contractor.claim_finding")
    assert [tuple(one) for one in told] == [(taken.claim_ids[0], 2, "a name like A2", "足疗, 0 % alike")]


def test_a_number_enrolled_in_two_counties_is_told(session, world, decide, rows, look, county: psycopg.Connection):  # noqa: F811
    county.execute(
        "INSERT INTO registry.division (county_code, level, city_code, name_zh, name_en, name_pinyin) "
        "VALUES ('990199', 'county', '990100', '邻县', 'Next', 'lin') ON CONFLICT DO NOTHING"
    )
    county.execute(
        "INSERT INTO registry.township (county_code, code, name_zh, name_en, name_pinyin) "
        "VALUES ('990199', '990199001', '邻镇', 'Next', 'lin')"
    )
    county.execute(
        "INSERT INTO registry.village (county_code, code, township_code, name_zh, name_en, name_pinyin) "
        "VALUES ('990199', '990199001001', '990199001', '邻村', 'Next', 'lin')"
    )
    household = county.execute(
        "INSERT INTO registry.household (county_code, village_code, household_number, recorded_at) "
        "VALUES ('990199', '990199001001', 'X', now()) RETURNING id"
    ).fetchone()
    assert household
    member = county.execute(
        "INSERT INTO registry.member (county_code, household_id, card_number, name, name_pinyin, sex, born_on, "
        "identity_number_sealed, identity_number_index, is_head, recorded_at) "
        "SELECT '990199', %s, '990199000001', name, name_pinyin, sex, born_on, identity_number_sealed, "
        "identity_number_index, true, recorded_at FROM registry.member WHERE id = %s RETURNING id",
        [household[0], world.members[3]],
    ).fetchone()
    assert member
    county.execute(
        "INSERT INTO registry.enrolment (county_code, member_id, year, kind, household_id, enrolled_on, premium_fen, "
        "paid_by, recorded_at) VALUES ('990199', %s, 2026, 'scheme', %s, '2026-01-01', 1000, 'member', now())",
        [member[0], household[0]],
    )
    taken = take(session, world, world.claim(3), world.claim(4))
    decide(*taken.claim_ids)
    assert look("F11") == {"F11": 1}
    told = rows("SELECT claim_id, found FROM contractor.claim_finding WHERE rule = 'F11'")
    assert [tuple(one) for one in told] == [(taken.claim_ids[0], "enrolled in 990199 too")]


def test_the_lists_are_as_the_checks_read_them(session, look):  # noqa: F811
    """Every statement runs and answers the columns its check asks for, also where there is nothing."""
    assert look() == {}
    assert session.scalar(text("SELECT count(*) FROM contractor.claim_finding")) == 0
