"""Tasks and the server's command: a file comes in, a worker decides it, in parts, once."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from chassis.desks import CONTRACTOR
from chassis.house import House
from chassis.identity.demo import ensure_demo_staff
from chassis.queue.outbox import NewTask, post_many
from chassis.queue.worker import Worker
from chassis.settings import read_settings
from contractor.claims import decisions, jobs
from contractor.claims.asking import ASSESS, ask_to_assess
from coopmed.importing import import_claims
from demo import law
from demo.people import staff_of
from tests.claims.making import AT, CITY_HOSPITAL, COUNTY, make_world, take
from tests.real_input.exchange_files import write_exchange


@pytest.fixture(scope="module")
def home(module_database, tmp_path_factory):
    """A county with a law in force, and the insurer's worker."""
    folder = tmp_path_factory.mktemp("house")
    world = make_world(module_database, folder)
    (folder / "secret").write_bytes(b"s" * 48)
    environment = {
        "COOPMED_ENVIRONMENT": "test",
        "COOPMED_KEY_FILE": str(folder / "keys.json"),
        "COOPMED_SECRET_KEY_FILE": str(folder / "secret"),
        "COOPMED_DATA_DIR": str(folder / "data"),
        "COOPMED_CONTRACTOR_DATABASE_URL": module_database.url("contractor_rw"),
    }
    settings = read_settings(environment)
    with module_database.desk("county").transaction() as session:
        officers = staff_of("county")[COUNTY]
        ensure_demo_staff(session, county_code=COUNTY, people=officers, at=AT, settings=settings)
        law.ensure_law(session, COUNTY, at=AT)
    database = module_database.desk("contractor")
    house = House(settings, CONTRACTOR.site, {CONTRACTOR.key: database})
    assert jobs.ASSESS == ASSESS
    yield world, database, Worker([database], house=house), environment
    database.engine.dispose()


def states(database, file_id: int) -> dict[str, int]:
    with database.transaction() as session:
        rows = session.execute(
            text("SELECT state, count(*) FROM contractor.claim WHERE file_id = :id GROUP BY state"), {"id": file_id}
        )
        return {row[0]: row[1] for row in rows}


def test_a_worker_assesses_what_was_asked_for_in_the_transaction_that_took_it_in(home):
    world, database, worker, _ = home
    with database.transaction() as session:
        taken = take(session, world, *(world.claim(place) for place in range(6)))
        ask_to_assess(session, COUNTY, taken.file_id, at=AT)
        ask_to_assess(session, COUNTY, taken.file_id, at=AT)
    worker.drain()
    assert states(database, taken.file_id) == {"approved": 6}


def test_the_parts_of_a_file_share_out_its_households_and_miss_nobody(home, monkeypatch):
    world, database, worker, _ = home
    monkeypatch.setattr(jobs, "CLAIMS_A_STEP", 2)
    with database.transaction() as session:
        taken = take(session, world, *(world.claim(place, diagnosis_code="Z51.1") for place in range(12)))
        tasks = [NewTask({"file_id": taken.file_id, "part": part, "parts": 3}) for part in range(3)]
        post_many(session, county_code=COUNTY, kind=ASSESS, tasks=tasks, at=AT)
    worker.drain()
    assert sum(states(database, taken.file_id).values()) == 12
    with database.transaction() as session:
        left = session.scalar(text("SELECT count(*) FROM contractor.claim WHERE assessed_at IS NULL"))
        progress = list(session.scalars(text("SELECT progress_all FROM contractor.task WHERE payload->>'parts' = '3'")))
    assert left == 0 and sum(progress) == 12


def test_terms_that_are_over_end_by_themselves(home):
    world, database, worker, _ = home
    with database.transaction() as session:
        taken = take(session, world, world.claim(2, route="manual", institution_code=CITY_HOSPITAL, payee_name="张",
                                                 payee_account="6222020000000000006"))  # fmt: skip
        ask_to_assess(session, COUNTY, taken.file_id, at=AT)
    worker.drain()
    assert states(database, taken.file_id) == {"received": 1}
    long_ago = AT.replace(year=2025)
    with database.transaction() as session:
        act = {"county_code": COUNTY, "by": 901, "at": long_ago}
        decisions.take_up(session, {taken.claim_ids[0]: 0}, **act)
        decisions.send_back(session, {taken.claim_ids[0]: 1}, ["bill"], on=long_ago.date(), **act)
        post_many(session, county_code=COUNTY, kind=jobs.TERMS, tasks=[NewTask({})], at=AT)
    worker.drain()
    assert states(database, taken.file_id) == {"rejected": 1}


def test_the_command_takes_a_file_in_tells_how_fast_and_refuses_it_the_second_time(home, tmp_path):
    world, database, worker, environment = home
    path = tmp_path / "march.csv"
    write_exchange(path, [world.claim(place, invoice_number=f"CLI{place}") for place in range(6, 9)])
    run = CliRunner()
    tried = run.invoke(import_claims, [str(path), "--county", COUNTY, "--dry-run"], env=environment)
    assert tried.exit_code == 0 and "nothing is kept" in tried.output, tried.output
    done = run.invoke(import_claims, [str(path), "--county", COUNTY, "--claims", "3"], env=environment)
    assert done.exit_code == 0 and "3 claims, 3 lines, 6,000.00 yuan" in done.output, done.output
    assert "a second" in done.output and "s left" in done.output
    again = run.invoke(import_claims, [str(path), "--county", COUNTY], env=environment)
    assert again.exit_code == 1 and "claim_file_known" in again.output
    worker.drain()
    with database.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM contractor.claim WHERE invoice_number LIKE 'CLI%'")) == 3


def test_the_command_names_the_rows_of_a_bad_file_and_keeps_nothing(home, tmp_path):
    world, database, _, environment = home
    path = tmp_path / "bad.csv"
    write_exchange(path, [world.claim(1), world.claim(1, card_number="990121888888")])
    refused = CliRunner().invoke(import_claims, [str(path), "--county", COUNTY], env=environment)
    assert refused.exit_code == 1
    assert "row 3 card_number: unknown_card, found 990121888888" in refused.output
    with database.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM contractor.claim_file WHERE file_name = 'bad.csv'")) == 0
