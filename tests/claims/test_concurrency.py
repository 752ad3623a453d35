"""Two workers at once on one member: numbers 1, 2, 3 without a gap and without a double, every sum right."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from chassis.errors import StaleVersion
from contractor.claims import decisions
from contractor.claims.assessment import assess
from contractor.claims.crediting import credit_households
from tests.claims.making import AT, COUNTY, HEALTH_CENTRE, LAW, ON, day, line, lines, make_world, take

WORKERS = 4


@pytest.fixture()
def desk(fresh_database, tmp_path):
    world = make_world(fresh_database, tmp_path, members=4)
    database = fresh_database.desk("contractor")
    yield database, world
    database.engine.dispose()


def at_once(*acts):
    """Run the acts in threads that start together; answers and exceptions in their order."""
    gate = threading.Barrier(len(acts))

    def run(act):
        gate.wait()
        try:
            return act()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(run, act) for act in acts]]


def test_workers_at_once_on_one_member_leave_no_gap_and_no_double_number(desk):
    database, world = desk
    with database.transaction() as session:
        taken = take(session, world, *(
            world.claim(number % 2, admitted_on=day("2026-01-01") + dt.timedelta(days=number * 3),
                        discharged_on=day("2026-01-02") + dt.timedelta(days=number * 3),
                        submitted_on=day("2026-01-04") + dt.timedelta(days=number * 3), diagnosis_code="Z51.1",
                        lines=lines(line(yuan="3000", performed_on=day("2026-01-01") + dt.timedelta(days=number * 3))))
            for number in range(60)
        ))  # fmt: skip

    def worker(place: int):
        def work():
            for first in range(place, 60, WORKERS):
                database.retrying(lambda session, first=first: assess(
                    session, [taken.claim_ids[first]], county_code=COUNTY, law=LAW, keyring=world.keyring, at=AT, on=ON
                ))  # fmt: skip

        return work

    assert at_once(*(worker(place) for place in range(WORKERS))) == [None] * WORKERS
    with database.transaction() as session:
        numbers = session.execute(text(
            "SELECT member_id, array_agg(settlement_no ORDER BY settlement_no), sum(base_fen + top_up_fen) "
            "FROM contractor.settlement GROUP BY member_id ORDER BY member_id"
        )).all()  # fmt: skip
        years = session.execute(text(
            "SELECT member_id, last_settlement_no, pool_paid_fen FROM contractor.member_year ORDER BY member_id"
        )).all()  # fmt: skip
        chain = list(
            session.scalars(text("SELECT seq FROM contractor.trail_entry WHERE stream = 'claims' ORDER BY seq"))
        )
    assert [row[1] for row in numbers] == [list(range(1, 31))] * 2
    assert [(row[0], len(row[1]), row[2]) for row in numbers] == [tuple(row) for row in years]
    assert chain == list(range(1, len(chain) + 1))


def test_the_same_chunk_at_two_workers_is_decided_once(desk):
    database, world = desk
    with database.transaction() as session:
        taken = take(session, world, *(world.claim(place) for place in range(4)))

    def work():
        return database.retrying(lambda session: assess(
            session, taken.claim_ids, county_code=COUNTY, law=LAW, keyring=world.keyring, at=AT, on=ON
        ).counts["approved"])  # fmt: skip

    assert sorted(at_once(*[work] * WORKERS)) == [0, 0, 0, 4]
    with database.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM contractor.payment")) == 4


def test_of_two_reviewers_at_once_one_decides_and_the_other_is_told(desk):
    database, world = desk
    with database.transaction() as session:
        taken = take(session, world, world.claim(0, receipt_signed_on=None))
        assess(session, taken.claim_ids, county_code=COUNTY, law=LAW, keyring=world.keyring, at=AT, on=ON)
        decisions.take_up(session, {taken.claim_ids[0]: 0}, county_code=COUNTY, by=901, at=AT)

    def yes():
        return database.retrying(lambda session: decisions.approve(
            session, {taken.claim_ids[0]: 1}, county_code=COUNTY, law=LAW, keyring=world.keyring, by=901, at=AT, on=ON
        ))  # fmt: skip

    answers = at_once(*[yes] * WORKERS)
    assert sorted(isinstance(answer, StaleVersion) for answer in answers) == [False, True, True, True]
    with database.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM contractor.settlement")) == 1


def test_a_year_is_credited_once_however_many_run_it_and_visits_at_once_never_overdraw(desk):
    database, world = desk

    def credit():
        return database.retrying(
            lambda session: credit_households(session, 2026, county_code=COUNTY, law=LAW, at=AT, by=None).total_fen
        )

    assert sum(at_once(*[credit] * WORKERS)) == 4 * 800
    with database.transaction() as session:
        taken = take(session, world, *(
            world.claim(number % 2, route="outpatient", institution_code=HEALTH_CENTRE, admitted_on=day("2026-04-01"),
                        lines=lines(line(item=f"A{number % 3 + 1}", yuan="5", performed_on=day("2026-04-01"))),
                        invoice_number=f"V{number}", doctor=str(number))
            for number in range(2)
        ))  # fmt: skip

    def visit(claim_id: int):
        return lambda: database.retrying(lambda session: assess(
            session, [claim_id], county_code=COUNTY, law=LAW, keyring=world.keyring, at=AT, on=ON
        ).counts["approved"])  # fmt: skip

    assert at_once(*(visit(claim_id) for claim_id in taken.claim_ids)) == [1, 1]
    with database.transaction() as session:
        entries = session.execute(text(
            "SELECT account_no, balance_fen FROM contractor.account_entry WHERE household_id = :id ORDER BY account_no"
        ), {"id": world.households[0]}).all()  # fmt: skip
    assert [tuple(row) for row in entries] == [(1, 1_600), (2, 1_100), (3, 600)]


def test_two_files_with_one_claim_number_at_once_one_enters_and_the_other_is_told(desk):
    database, world = desk
    claim = world.claim(0)

    def send():
        with database.transaction() as session:
            return len(take(session, world, claim, world.claim(1)).claim_ids)

    answers = at_once(*[send] * 3)
    assert sorted(type(answer).__name__ for answer in answers if answer != 2) in (
        ["ClaimNumbersTaken"] * 2, ["ClaimNumbersTaken", "FileRefused"], ["FileRefused"] * 2,
    )  # fmt: skip
    assert answers.count(2) == 1
    with database.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM contractor.claim")) == 2
        assert session.scalar(text("SELECT count(*) FROM contractor.claim_file")) == 1


def test_one_file_sent_twice_at_once_enters_once(desk):
    database, world = desk

    def send():
        with database.transaction() as session:
            return len(take(session, world, world.claim(0), sha256=b"\5" * 32).claim_ids)

    answers = at_once(*[send] * 3)
    assert sorted(type(answer).__name__ for answer in answers) == ["FileKnown", "FileKnown", "int"]
