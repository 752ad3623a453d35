"""A file is taken in whole or not at all; members and institutions are found in the registry, or the row is named."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import text

from chassis.reading.faults import FileRefused
from chassis.vault.blind_index import index
from chassis.vault.sealing import row_id_text, unseal
from contractor.claims.incoming import IncomingBatch
from contractor.claims.intake import MANY, take_in_file
from contractor.claims.refusals import FileKnown
from rulebook.workdays import Calendar
from tests.claims.making import (
    AT,
    CITY_HOSPITAL,
    CLINIC,
    COUNTY,
    HOSPITAL,
    MEMBER_ACCOUNT,
    ON,
    day,
    line,
    lines,
    take,
)


def faults_of(refused: FileRefused) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.reason) for fault in refused.faults]


def counted(session) -> tuple[int, int, int]:
    return tuple(
        session.scalar(text(f"SELECT count(*) FROM contractor.{table}"))
        for table in ("claim_file", "claim", "claim_line")
    )


def test_a_claim_is_kept_as_it_was_sent_with_the_member_the_card_names(session, world, rows):
    sent = world.claim(3, lines=lines(line(), line(item="B1", yuan="30", quantity=3)), procedure_codes=("47.09",))
    taken = take(session, world, sent)
    claim = rows("SELECT * FROM contractor.claim")[0]
    assert (claim.member_id, claim.household_id) == (world.members[3], world.households[1])
    assert (claim.charged_fen, claim.state, claim.version, claim.procedure_codes) == (209_000, "received", 0, ["47.09"])
    assert (taken.line_count, taken.charged_fen) == (2, 209_000)
    file = rows("SELECT * FROM contractor.claim_file")[0]
    assert (file.claim_count, file.line_count, file.charged_fen) == (1, 2, 209_000)


def test_a_line_takes_class_and_limit_of_the_catalogue_on_its_own_day(session, world, rows, county):
    county.execute(
        "INSERT INTO registry.catalogue_item (county_code, item_code, name, catalogue_class, kind, from_on, until_on, "
        "limit_township_e4, limit_county_e4, recorded_at) VALUES (%s, 'MOVED', 'x', 3, 'drug', '2003-01-01', "
        "'2026-03-03', NULL, NULL, now()), (%s, 'MOVED', 'x', 1, 'drug', '2026-03-03', NULL, 50000, 70000, now())",
        [COUNTY, COUNTY],
    )
    bill = lines(
        line(item="MOVED", performed_on=day("2026-03-02")),
        line(item="MOVED", performed_on=day("2026-03-03")),
        line(item="UNHEARD", performed_on=day("2026-03-03")),
    )
    take(session, world, world.claim(lines=bill))
    found = rows("SELECT catalogue_class, price_limit_e4 FROM contractor.claim_line ORDER BY line_no")
    assert [tuple(row) for row in found] == [(3, -1), (1, 70_000), (0, -1)]


def test_every_fault_is_named_and_nothing_is_kept(session, world):
    good = world.claim(0)
    stranger = world.claim(1, card_number="990121999999")
    elsewhere = world.claim(2, institution_code="990121777")
    twice = world.claim(3, claim_number=good.claim_number)
    with pytest.raises(FileRefused) as refused, session.begin_nested():
        take(session, world, good, stranger, elsewhere, twice)
    assert faults_of(refused.value) == [
        (2, "card_number", "unknown_card"),
        (3, "institution_code", "unknown_institution"),
        (4, "claim_number", "claim_known"),
    ]
    assert counted(session) == (0, 0, 0)


def test_a_number_the_institution_has_used_is_refused_and_another_institution_may_use_it(session, world):
    first = world.claim(0)
    take(session, world, first)
    with pytest.raises(FileRefused) as refused, session.begin_nested():
        take(session, world, world.claim(1, claim_number=first.claim_number))
    assert faults_of(refused.value) == [(1, "claim_number", "claim_known")]
    take(session, world, world.claim(1, claim_number=first.claim_number, institution_code=CITY_HOSPITAL))
    assert counted(session)[1] == 2


def test_a_number_used_in_an_earlier_batch_of_the_same_file_is_refused(session, world):
    first, second = world.claim(0), world.claim(1)
    again = dataclasses.replace(second, claim_number=first.claim_number)
    batches = [IncomingBatch.of([first]), IncomingBatch.of([again], first_row=2)]
    with pytest.raises(FileRefused) as refused, session.begin_nested():
        take_in_file(
            session, batches, county_code=COUNTY, door="cli", file_name="x", sha256=b"\1" * 32, byte_count=1, at=AT,
            on=ON, by=None, keyring=world.keyring,
        )  # fmt: skip
    assert faults_of(refused.value) == [(2, "claim_number", "claim_known")]
    assert counted(session) == (0, 0, 0)


def test_the_same_file_twice_is_refused_by_name(session, world):
    taken = take(session, world, world.claim(0), sha256=b"\7" * 32)
    with pytest.raises(FileKnown) as known:
        take(session, world, world.claim(1), sha256=b"\7" * 32)
    assert known.value.facts["file_id"] == taken.file_id
    assert counted(session)[1] == 1


def test_the_planner_knows_of_a_large_files_claims_before_their_lines_come(session, world, rows):
    """Else it takes the table for empty and looks through all claims for each line; a first large file never ends."""
    taken = take(session, world, *(world.claim(number % 12) for number in range(MANY)))
    (found,) = rows("SELECT reltuples FROM pg_class WHERE oid = 'contractor.claim'::regclass")
    assert found.reltuples >= len(taken.claim_ids) == MANY


def test_an_institution_sends_its_own_claims_and_no_others(session, world):
    with pytest.raises(FileRefused) as refused, session.begin_nested():
        take(session, world, world.claim(0), world.claim(1, institution_code=CLINIC), institution_code=HOSPITAL)
    assert faults_of(refused.value) == [(2, "institution_code", "not_your_institution")]


def test_a_claim_that_is_not_the_sum_of_its_lines_is_refused(session, world):
    with pytest.raises(FileRefused) as refused, session.begin_nested():
        take(session, world, world.claim(0, charged_fen=199_999))
    assert faults_of(refused.value) == [(1, "charged_fen", "sum_differs")]


def test_a_file_without_claims_is_refused(session, world):
    with pytest.raises(FileRefused), session.begin_nested():
        take(session, world)


def test_an_account_to_pay_to_is_sealed_for_its_row_and_found_by_its_index(session, world, rows):
    sent = world.claim(0, route="manual", payee_name="张零", payee_account=MEMBER_ACCOUNT)
    take(session, world, sent)
    claim = rows("SELECT id, payee_name, payee_account_sealed, payee_account_index FROM contractor.claim")[0]
    opened = unseal(
        world.keyring, "bank_account", claim.payee_account_sealed, table="contractor.claim",
        column="payee_account_sealed", row_id=row_id_text(COUNTY, claim.id),
    )  # fmt: skip
    assert (opened, claim.payee_name) == (MEMBER_ACCOUNT, "张零")
    assert claim.payee_account_index == index(world.keyring, "bank_account", MEMBER_ACCOUNT)


def test_an_account_that_is_none_is_refused_without_being_shown(session, world):
    with pytest.raises(FileRefused) as refused, session.begin_nested():
        take(session, world, world.claim(0, route="manual", payee_name="张零", payee_account="62220X"))
    assert faults_of(refused.value) == [(1, "payee_account", "not_an_account")]
    assert "62220X" not in str(refused.value.faults)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-20", "2026-12-18"),
        # Seven days of National Day from the 1st, and two weekend days that make up for them.
        ("2026-09-18", "2026-10-22"),
    ],
)
def test_the_term_to_decide_runs_in_working_days_from_receipt(session, world, rows, received, due):
    take(session, world, world.claim(0), on=day(received))
    known = rows("SELECT due_on FROM contractor.claim")[0].due_on
    assert known == day(due)


def test_a_year_without_a_calendar_leaves_the_due_day_open_and_intake_goes_on(session, world, rows):
    take(session, world, world.claim(0), calendar=Calendar([]))
    assert rows("SELECT due_on FROM contractor.claim")[0].due_on is None


def test_what_was_received_is_not_changed_afterwards(session, world):
    take(session, world, world.claim(0))
    for change in (
        "UPDATE contractor.claim SET charged_fen = 1, institution_reduced_fen = 0",
        "UPDATE contractor.claim SET member_id = member_id + 1",
        "UPDATE contractor.claim_line SET unit_price_e4 = 0, charged_fen = 0",
        "UPDATE contractor.claim_file SET claim_count = 0",
    ):
        with pytest.raises(Exception, match="keeps what it holds"), session.begin_nested():
            session.execute(text(change))


def test_the_numbers_of_a_year_and_of_an_account_only_go_on(session, world):
    session.execute(
        text(
            "INSERT INTO contractor.member_year (county_code, member_id, year, last_settlement_no) VALUES (:c, 1, 1, 3)"
        ),
        {"c": COUNTY},
    )
    session.execute(
        text("INSERT INTO contractor.household_account (county_code, household_id, last_account_no) VALUES (:c, 1, 3)"),
        {"c": COUNTY},
    )
    for change in ("member_year SET last_settlement_no = 2", "household_account SET last_account_no = 2"):
        with pytest.raises(Exception, match="keeps what it holds"), session.begin_nested():
            session.execute(text(f"UPDATE contractor.{change}"))


def test_the_database_refuses_a_move_that_the_table_of_moves_does_not_have(session, world):
    take(session, world, world.claim(0))
    for change in (
        "state = 'reversed', version = 1",
        "state = 'approved'",
        "state = 'approved', version = 2",
        "version = version - 1",
    ):
        with pytest.raises(Exception, match=r"keeps what it holds|violates check"), session.begin_nested():
            session.execute(text(f"UPDATE contractor.claim SET {change}"))


def test_the_trail_keeps_what_was_taken_in(session, world, rows):
    taken = take(session, world, world.claim(0), world.claim(1))
    entry = rows("SELECT * FROM contractor.trail_entry")[0]
    assert (entry.act, entry.subject_id) == ("claims.taken_in", str(taken.file_id))
    assert entry.facts["claims"] == 2 and entry.facts["charged_fen"] == 400_000
    assert isinstance(entry.recorded_at, dt.datetime)
