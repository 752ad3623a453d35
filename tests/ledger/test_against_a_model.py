"""The ledger does what a few lines of Python do, whatever is tried in whatever order (A8, small)."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from contractor.ledger.charts import open_books, the_chart
from contractor.ledger.identity import BookIdentity, check_books
from tests.ledger.model import LedgerMachine

COUNTY = "990121"

FEW = settings(
    max_examples=6, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@pytest.fixture(scope="module")
def books(module_database):
    database = module_database.desk("contractor")
    yield database
    database.engine.dispose()


def test_the_ledger_and_its_model_never_part(books):
    LedgerMachine.database = books
    LedgerMachine.tried.clear()
    run_state_machine_as_test(LedgerMachine, settings=FEW)
    assert set(LedgerMachine.tried) == {"step", "posting", "crooked posting", "reversal", "late leg", "used key"}


def test_the_chart_opens_once_and_the_identity_holds_from_the_first_day(books, module_database):
    with books.transaction() as session:
        open_books(session, COUNTY)
        assert open_books(session, COUNTY) == 0
    with books.transaction() as session:
        found = check_books(session, county_code=COUNTY, at=dt.datetime(2026, 11, 20, tzinfo=dt.UTC))
    assert [one.book for one in found] == ["entrusted", "serious", "supplementary"]
    assert {
        len({account.role for account in book.accounts}) == len(book.accounts) for book in the_chart().values()
    } == {True}


def test_an_identity_that_parts_is_seen():
    sound = BookIdentity("entrusted", 5, 5, 0, 0)
    assert sound.holds
    for change in ({"held_fen": 6}, {"drifted_count": 1}, {"unbalanced_count": 1}):
        assert not dataclasses.replace(sound, **change).holds
