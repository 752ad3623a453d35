"""Checks find, the engine settles in order, and what nobody must look at is decided by rule."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest

from contractor.claims.crediting import credit_households
from rulebook.benefits import Claim, State, explain
from rulebook.benefits.accounts import settle_accounts
from rulebook.benefits.assessment import RESULTS
from rulebook.benefits.assessment import assess as recompute
from rulebook.lifecycles.claim import CLAIM, E
from rulebook.published import SETTLEMENT_INPUT
from rulebook.rule_shapes import STATUSES, TIERS
from tests.claims.making import (
    AT,
    CITY_HOSPITAL,
    CLINIC,
    COUNTY,
    HEALTH_CENTRE,
    HOSPITAL,
    LAW,
    day,
    line,
    lines,
    take,
)


def found_by(rows, claim_id: int) -> list[str]:
    return [row.rule for row in rows("SELECT rule FROM contractor.claim_finding WHERE claim_id = :id "
                                     "ORDER BY finding_no", id=claim_id)]  # fmt: skip


def state_of(rows, claim_id: int) -> str:
    return rows("SELECT state FROM contractor.claim WHERE id = :id", id=claim_id)[0].state


def test_a_clean_claim_is_settled_paid_for_and_told_in_one_transaction(session, world, decide, rows):
    taken = take(session, world, world.claim())
    assert decide(*taken.claim_ids).counts == {"approved": 1}
    assert tuple(rows("SELECT state, version, is_clean FROM contractor.claim")[0]) == ("approved", 1, True)
    settled = rows("SELECT * FROM contractor.settlement")[0]
    # 2,000 yuan of class A, less 300 deductible, 70 %: 1,190 yuan.
    assert (settled.base_fen, settled.member_pays_fen, settled.settlement_no) == (119_000, 81_000, 1)
    assert rows("SELECT sum(amount_fen) AS paid FROM contractor.payment")[0].paid == 119_000
    entries = rows("SELECT act, facts FROM contractor.trail_entry ORDER BY seq")
    assert [entry.act for entry in entries] == ["claims.taken_in", "claim.approved_by_rule"]
    assert entries[1].facts == {
        "settlement": settled.id, "settlement_no": 1, "year": 2026, "cost_fen": 200_000, "base_fen": 119_000,
        "member_pays_fen": 81_000, "class_a_fen": 200_000, "class_b_fen": 0, "class_c_fen": 0, "terms": 2000,
        "schedule": int(settled.schedule_hash[:8], 16),
    }  # fmt: skip


def test_assessing_twice_changes_nothing_the_second_time(session, world, decide, rows):
    taken = take(session, world, world.claim(0), world.claim(1, receipt_signed_on=None))
    decide(*taken.claim_ids)
    before = rows("SELECT * FROM contractor.claim ORDER BY id"), rows("SELECT * FROM contractor.claim_finding")
    assert decide(*taken.claim_ids).counts == {}
    after = rows("SELECT * FROM contractor.claim ORDER BY id"), rows("SELECT * FROM contractor.claim_finding")
    assert before == after
    assert len(rows("SELECT * FROM contractor.settlement")) == 1


BED_OF_FIVE = line(item="BED", yuan="20", quantity=5)
CASES = [
    ("no receipt", {"receipt_signed_on": None}, "no_receipt", "received"),
    ("the institution never had an agreement", {"institution_code": CLINIC}, "not_designated", "rejected"),
    ("a year nobody enrolled for", {"admitted_on": day("2023-12-20"), "discharged_on": day("2023-12-31"),
                                    "submitted_on": day("2024-01-02")}, "not_enrolled", "rejected"),
    ("before the county had any law", {"admitted_on": day("2010-12-20"), "discharged_on": day("2010-12-31"),
                                       "submitted_on": day("2011-01-02")}, "no_law", "received"),
    ("180 days after discharge", {"submitted_on": day("2026-09-03")}, None, "approved"),
    ("181 days after discharge", {"submitted_on": day("2026-09-04")}, "late_submission", "received"),
    ("50,000.00 yuan", {"lines": lines(line(yuan="50000"))}, None, "approved"),
    ("50,001 yuan", {"lines": lines(line(yuan="50001"))}, "F29", "received"),
    ("six bed days in five", {"lines": lines(line(), line(item="BED", yuan="20", quantity=6))}, None, "approved"),
    ("seven bed days in five", {"lines": lines(line(), line(item="BED", yuan="20", quantity=7))}, "F41", "received"),
    ("an item twice on one day", {"lines": lines(line(), line())}, "F16", "received"),
    ("an item on two days", {"lines": lines(line(), line(performed_on=day("2026-03-03")), BED_OF_FIVE)}, None,
     "approved"),
    ("days on which nothing was done", {"lines": lines(line(), line(performed_on=day("2026-03-03")))}, "F05",
     "received"),
    ("a bed and nothing else", {"lines": lines(BED_OF_FIVE)}, "F06", "approved"),
    ("nothing charged", {"lines": lines(line(yuan="0"))}, "nothing_charged", "received"),
    ("a line on the day of discharge", {"lines": lines(line(performed_on=day("2026-03-07")))}, None, "approved"),
    ("a line after discharge", {"lines": lines(line(performed_on=day("2026-03-08")))}, "outside_stay", "received"),
    ("a line before admission", {"lines": lines(line(performed_on=day("2026-03-01")))}, "outside_stay", "received"),
    ("an item for women, a man", {"lines": lines(line(item="WOMEN"))}, "F12", "received"),
    ("a diagnosis of women, a man", {"diagnosis_code": "O80"}, "F12", "received"),
    ("at the price limit", {"lines": lines(line(item="CAPPED", yuan="100"))}, None, "approved"),
    ("over the price limit", {"lines": lines(line(item="CAPPED", yuan="101"))}, "F18", "approved"),
    ("an item nobody listed", {"lines": lines(line(), line(item="X"))}, "not_in_catalogue", "approved"),
    ("manual without a referral", {"route": "manual", "institution_code": CITY_HOSPITAL}, "no_referral", "received"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "rule", "state"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_one_claim_shows_is_found_and_decides_where_it_goes(session, world, decide, rows, sent, rule, state):
    taken = take(session, world, world.claim(0, **sent))
    decide(*taken.claim_ids)
    expected = [rule] if rule else []
    if rule == "no_referral":
        expected = ["no_referral", "no_account"]
    assert found_by(rows, taken.claim_ids[0]) == expected
    assert state_of(rows, taken.claim_ids[0]) == state


def test_who_is_refused_by_rule_is_told_the_reason_and_nothing_is_settled(session, world, decide, rows):
    taken = take(session, world, world.claim(0, institution_code=CLINIC))
    decide(*taken.claim_ids)
    written = rows("SELECT event, event_no, state_after, reason_code, acted_by FROM contractor.claim_event")[0]
    assert tuple(written) == ("rejected_by_rule", 1, "rejected", "not_designated", None)
    assert rows("SELECT * FROM contractor.settlement") == []


def test_the_dead_are_not_admitted_and_the_day_of_death_is_still_theirs(session, world, decide, rows, county):
    county.execute(
        "INSERT INTO registry.death (county_code, member_id, died_on, source, recorded_at) "
        "VALUES (%s, %s, '2026-03-02', 'certificate', now())", [COUNTY, world.members[11]],
    )  # fmt: skip
    on_the_day = world.claim(11, discharged_on=day("2026-03-02"))
    after = world.claim(11, admitted_on=day("2026-03-03"))
    taken = take(session, world, on_the_day, after)
    decide(*taken.claim_ids)
    assert "F10" not in found_by(rows, taken.claim_ids[0])
    assert "F10" in found_by(rows, taken.claim_ids[1])


def stays(world, *days: tuple[str, str], **second):
    (first_in, first_out), (second_in, second_out) = days
    return [
        world.claim(4, admitted_on=day(first_in), discharged_on=day(first_out), submitted_on=day("2026-06-01")),
        world.claim(4, **{
            "admitted_on": day(second_in), "discharged_on": day(second_out), "submitted_on": day("2026-06-01"),
            "lines": lines(line(yuan="1999", performed_on=day(second_in))),
        } | second),
    ]  # fmt: skip


PAIRS = [
    # days of two stays; what differs of the second; found at the first, at the second
    ((("2026-03-01", "2026-03-05"), ("2026-03-12", "2026-03-15")), {}, [], ["F01"]),
    ((("2026-03-01", "2026-03-05"), ("2026-03-13", "2026-03-15")), {}, [], ["F02"]),
    ((("2026-03-01", "2026-03-05"), ("2026-03-12", "2026-03-15")), {"diagnosis_code": "K35"}, [], ["F02"]),
    ((("2026-03-01", "2026-03-05"), ("2026-03-20", "2026-03-25")), {}, [], ["F02"]),
    ((("2026-03-01", "2026-03-05"), ("2026-03-21", "2026-03-25")), {}, [], []),
    ((("2026-03-01", "2026-03-05"), ("2026-03-12", "2026-03-15")), {"diagnosis_code": "Z51.1"}, [], []),
    ((("2026-03-01", "2026-03-05"), ("2026-03-12", "2026-03-15")), {"procedure_codes": ("39.95",)}, [], []),
    ((("2026-03-01", "2026-03-05"), ("2026-03-06", "2026-03-09")), {"institution_code": CITY_HOSPITAL}, [], ["F03"]),
    ((("2026-03-01", "2026-03-05"), ("2026-03-07", "2026-03-09")), {"institution_code": CITY_HOSPITAL}, [], []),
    ((("2026-03-01", "2026-03-05"), ("2026-03-04", "2026-03-09")), {}, ["F13"], ["F13"]),
    ((("2026-03-04", "2026-03-09"), ("2026-03-01", "2026-03-05")), {}, ["F13"], ["F13"]),
    ((("2026-03-01", "2026-03-05"), ("2026-03-05", "2026-03-09")), {}, [], ["F01"]),
    ((("2026-03-01", "2026-03-05"), ("2026-03-01", "2026-03-05")), {"institution_code": CITY_HOSPITAL},
     ["same_days"], ["same_days"]),
    ((("2026-03-01", "2026-03-05"), ("2026-03-01", "2026-03-05")), {}, ["same_days"], ["same_days"]),
    ((("2026-03-01", "2026-03-05"), ("2026-03-01", "2026-03-05")), {"lines": None}, [], ["F17"]),
]  # fmt: skip


@pytest.mark.parametrize(("days", "second", "at_first", "at_second"), PAIRS)
def test_two_stays_of_one_person_are_looked_at_beside_each_other(
    session, world, decide, rows, days, second, at_first, at_second
):
    taken = take(session, world, *stays(world, *days, **second))
    decide(*taken.claim_ids)
    assert [found_by(rows, claim_id) for claim_id in taken.claim_ids] == [at_first, at_second]


def test_the_same_invoice_at_an_institution_is_a_duplicate_even_of_another_person(session, world, decide, rows):
    first = world.claim(0)
    taken = take(session, world, first, world.claim(6, invoice_number=first.invoice_number))
    decide(*taken.claim_ids)
    assert found_by(rows, taken.claim_ids[0]) == []
    assert found_by(rows, taken.claim_ids[1]) == ["F17"]
    other = rows("SELECT other_claim_id FROM contractor.claim_finding")[0].other_claim_id
    assert other == taken.claim_ids[0]


def test_a_claim_that_came_in_another_file_stands_beside_it_too(session, world, decide, rows):
    first = take(session, world, world.claim(0))
    decide(*first.claim_ids)
    second = take(session, world, world.claim(0, admitted_on=day("2026-03-10"), discharged_on=day("2026-03-12"),
                                              submitted_on=day("2026-03-20")))  # fmt: skip
    decide(*second.claim_ids)
    assert found_by(rows, second.claim_ids[0]) == ["F01"]


def test_a_referral_is_for_its_member_its_institution_and_its_days(session, world, decide, rows, county):
    county.execute(
        "INSERT INTO registry.referral (county_code, slip_number, member_id, from_institution_code, "
        "to_institution_code, reason, valid_from_on, valid_until_on, recorded_at) "
        "VALUES (%s, 'R1', %s, %s, %s, '转诊', '2026-03-01', '2026-04-01', now())",
        [COUNTY, world.members[2], HOSPITAL, CITY_HOSPITAL],
    )
    manual = {"route": "manual", "institution_code": CITY_HOSPITAL, "referral_slip": "R1", "payee_name": "张",
              "payee_account": "6222020000000000006"}  # fmt: skip
    last_day = {"admitted_on": day("2026-03-31"), "discharged_on": day("2026-04-03"), "submitted_on": day("2026-04-04")}
    a_day_late = {"admitted_on": day("2026-04-01"), "discharged_on": day("2026-04-03"),
                  "submitted_on": day("2026-04-04")}  # fmt: skip
    for place, given, rule in (
        (2, last_day, None),
        (2, a_day_late, "no_referral"),
        (4, last_day, "no_referral"),
        (2, last_day | {"institution_code": HOSPITAL}, "no_referral"),
    ):
        with session.begin_nested() as tried:
            taken = take(session, world, world.claim(place, **(manual | given)))
            decide(*taken.claim_ids)
            assert found_by(rows, taken.claim_ids[0]) == ([rule] if rule else [])
            tried.rollback()


def test_one_members_claims_are_settled_in_the_order_of_discharge(session, world, decide, rows):
    later = world.claim(0, admitted_on=day("2026-05-02"), discharged_on=day("2026-05-09"))
    earlier = world.claim(0, admitted_on=day("2026-01-02"), discharged_on=day("2026-01-09"))
    other_year = world.claim(0, admitted_on=day("2025-05-02"), discharged_on=day("2025-05-09"), lines=lines(
        line(performed_on=day("2025-05-03"))), submitted_on=day("2025-05-10"))  # fmt: skip
    taken = take(session, world, later, earlier, other_year)
    decide(*taken.claim_ids)
    order = rows("SELECT claim_id, year, settlement_no FROM contractor.settlement ORDER BY year, settlement_no")
    assert [tuple(row) for row in order] == [
        (taken.claim_ids[2], 2025, 1), (taken.claim_ids[1], 2026, 1), (taken.claim_ids[0], 2026, 2),
    ]  # fmt: skip


@pytest.fixture()
def a_full_year(session, world, decide, county):
    """Sixty claims of ten members of every status at every tier, in chunks of seven; some reach the cap."""
    for place, status in ((7, "poor"), (8, "five_guarantee")):
        county.execute(
            "INSERT INTO registry.member_status (county_code, member_id, status, from_on, until_on, document, "
            "recorded_at) VALUES (%s, %s, %s, '2026-02-01', '2026-07-01', 'x', now()) ON CONFLICT DO NOTHING",
            [COUNTY, world.members[place], status],
        )
    sent = []
    for number in range(60):
        place = number % 10
        admitted = day("2026-01-01") + dt.timedelta(days=40 * (number // 10) + place)
        bill = lines(
            line(item="A1", yuan=str(3_000 + 1_700 * number % 40_000), performed_on=admitted),
            line(item="B1", yuan=str(100 + number * 37 % 900), quantity=3, performed_on=admitted),
            line(item="CAPPED", yuan="333", performed_on=admitted),
            line(item="C1", yuan="77", performed_on=admitted),
        )
        sent.append(world.claim(
            place, admitted_on=admitted, discharged_on=admitted + dt.timedelta(days=9), lines=bill,
            submitted_on=admitted + dt.timedelta(days=10), institution_code=(HEALTH_CENTRE, HOSPITAL, CITY_HOSPITAL)[
                number % 3], diagnosis_code="K35" if place % 2 else "J18.9",
        ))  # fmt: skip
    ids = take(session, world, *sent).claim_ids
    for first in range(0, len(ids), 7):
        assert set(decide(*ids[first : first + 7]).counts) == {"approved"}
    return ids


@pytest.mark.usefixtures("a_full_year")
def test_every_settlement_equals_its_own_sheet_to_the_fen(rows):
    settled = rows("SELECT * FROM contractor.settlement ORDER BY id")
    assert len(settled) == 60
    for row in settled:
        before = State(*(getattr(row, f"before_{name}") for name in State._fields))
        sheet = explain(
            Claim(row.cost_fen, row.class_a_fen, row.class_b_fen, row.class_c_fen, row.is_supplemented), before,
            schedule=LAW.schedule_on(row.discharged_on), day=row.discharged_on,
            status=STATUSES[row.status_on_discharge], tier=TIERS[row.tier - 1],
        )  # fmt: skip
        assert row.schedule_hash == LAW.schedule_on(row.discharged_on).content_hash
        assert row.base_fen == sheet.outcome.pooled.base_fen
        assert row.benefits_fen == sheet.outcome.benefits_fen
        assert row.member_pays_fen == sheet.outcome.member_pays_fen


@pytest.mark.usefixtures("a_full_year")
def test_recomputing_the_whole_county_from_scratch_gives_the_same_fen(rows):
    settled = [row._asdict() | {"settlement_id": row.id} for row in rows("SELECT * FROM contractor.settlement")]
    again = recompute({c.name: [row[c.name] for row in settled] for c in SETTLEMENT_INPUT}, LAW)
    for name in RESULTS:
        assert again[name].tolist() == [row[name] for row in settled], name


@pytest.mark.usefixtures("a_full_year")
def test_a_members_year_is_the_sum_of_its_settlements(rows):
    assert (
        rows(
            """
        SELECT y.member_id FROM contractor.member_year AS y
        JOIN (SELECT member_id, year, max(settlement_no) AS last, sum(above_deductible_fen) AS covered,
                     sum(base_fen + top_up_fen) AS pool, sum(eligible_fen - base_fen - top_up_fen) AS burden,
                     sum(serious_fen) AS serious, sum(assistance_fen) AS assistance
              FROM contractor.settlement GROUP BY member_id, year) AS s USING (member_id, year)
        WHERE (y.last_settlement_no, y.covered_fen, y.pool_paid_fen, y.burden_fen, y.serious_paid_fen,
               y.assistance_paid_fen) <> (s.last, s.covered, s.pool, s.burden, s.serious, s.assistance)
        """
        )
        == []
    )


@pytest.mark.usefixtures("a_full_year")
def test_what_the_database_holds_of_each_life_replays_to_its_state(rows):
    lives: dict[int, list[E]] = {}
    for row in rows("SELECT claim_id, event FROM contractor.claim_event ORDER BY claim_id, event_no"):
        lives.setdefault(row.claim_id, []).append(E(row.event))
    for claim in rows("SELECT id, state, version FROM contractor.claim"):
        assert CLAIM.replayed(lives.get(claim.id, [])) == claim.state
        assert len(lives.get(claim.id, [])) == claim.version


@pytest.mark.usefixtures("a_full_year")
def test_status_is_that_of_the_day_it_is_asked_for(world, rows):
    seen = rows(
        "SELECT DISTINCT discharged_on, status_on_discharge FROM contractor.settlement WHERE member_id = :id",
        id=world.members[7],
    )
    assert {(row.discharged_on < day("2026-07-01")) and row.discharged_on >= day("2026-02-01") for row in seen
            if row.status_on_discharge} == {True}  # fmt: skip
    assert {row.status_on_discharge for row in seen if row.discharged_on >= day("2026-07-01")} == {0}


@pytest.mark.parametrize(
    ("sent", "cost_fen", "class_a_fen"),
    [
        # The institution's own review of 500 yuan: less cost, and less of class A where nothing else is on the bill.
        ({"institution_reduced_fen": 50_000}, 150_000, 150_000),
        ({"paid_elsewhere_fen": 50_000}, 150_000, 200_000),
        # 100 yuan is the limit and 300 were asked: on the direct route the 200 above it are the institution's.
        ({"lines": lines(line(item="CAPPED", yuan="300"), line(item="A1", yuan="1000"))}, 110_000, 110_000),
        # What counts nothing gives way first.
        ({"lines": lines(line(item="C1", yuan="400"), line()), "institution_reduced_fen": 50_000}, 190_000, 190_000),
    ],
)
def test_what_falls_on_the_institution_is_no_cost_of_the_member(
    session, world, decide, rows, sent, cost_fen, class_a_fen
):
    taken = take(session, world, world.claim(0, **sent))
    decide(*taken.claim_ids)
    settled = rows("SELECT cost_fen, class_a_fen FROM contractor.settlement")[0]
    assert tuple(settled) == (cost_fen, class_a_fen)


def test_a_visit_is_paid_from_the_households_account_as_far_as_it_reaches(session, world, decide, rows):
    credited = credit_households(session, 2026, county_code=COUNTY, law=LAW, at=AT, by=None)
    assert (credited.household_count, credited.total_fen) == (6, 12 * 800)
    assert credit_households(session, 2026, county_code=COUNTY, law=LAW, at=AT, by=None).household_count == 0
    visit = {"route": "outpatient", "institution_code": HEALTH_CENTRE}
    sent = [
        world.claim(
            0, admitted_on=day("2026-04-01"), lines=lines(line(yuan="12", performed_on=day("2026-04-01"))), **visit
        ),
        world.claim(
            1, admitted_on=day("2026-04-02"), lines=lines(line(yuan="9", performed_on=day("2026-04-02"))), **visit
        ),
    ]
    taken = take(session, world, *sent)
    assert decide(*taken.claim_ids).counts == {"approved": 2}
    entries = rows("SELECT * FROM contractor.account_entry WHERE household_id = :id ORDER BY account_no",
                   id=world.households[0])  # fmt: skip
    assert [(e.kind, e.amount_fen, e.paid_fen, e.balance_fen) for e in entries] == [
        (1, 1_600, 0, 1_600), (2, 1_200, 1_200, 400), (2, 900, 400, 0),
    ]  # fmt: skip
    everything = rows("SELECT * FROM contractor.account_entry")
    columns = ("entry_id", "reverses_entry_id", "household_id", "account_no", "kind", "amount_fen")
    again = settle_accounts({name: [getattr(row, name) for row in everything] for name in columns}, is_compiled=False)
    assert again["balance_fen"].tolist() == [row.balance_fen for row in everything]
    assert (
        rows("SELECT sum(amount_fen) AS paid FROM contractor.payment WHERE fund = 'household_account'")[0].paid == 1_600
    )


def test_the_number_of_statements_does_not_grow_with_the_chunk(session, world, decide, monkeypatch):
    sent: list[object] = []
    for name in ("execute", "executemany", "copy"):
        plain = getattr(psycopg.Cursor, name)

        def counting(self, *given, plain=plain, **more):
            sent.append(given[0])
            return plain(self, *given, **more)

        monkeypatch.setattr(psycopg.Cursor, name, counting)
    counts = {}
    for size in (10, 1_000):
        with session.begin_nested() as tried:
            taken = take(session, world, *a_mixture(world, size))
            sent.clear()
            assert set(decide(*taken.claim_ids).counts) == {"approved", "rejected", "waiting"}
            counts[size] = len(sent)
            tried.rollback()
    assert counts[10] == counts[1_000], counts


def a_mixture(world, size: int):
    """Claims of which some are refused by rule, some wait, and the rest are approved."""
    for number in range(size):
        admitted = day("2026-01-01") + dt.timedelta(days=number // 7 * 2)
        yield world.claim(
            # Nobody of status: medical assistance is a statement of its own, once for a chunk that has any.
            number % 7,
            admitted_on=admitted,
            discharged_on=admitted + dt.timedelta(days=1),
            submitted_on=admitted + dt.timedelta(days=2),
            receipt_signed_on=None if number % 5 == 0 else admitted,
            institution_code=CLINIC if number % 6 == 1 else HOSPITAL,
            diagnosis_code="Z49.1",
        )
