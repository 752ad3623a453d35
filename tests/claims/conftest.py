"""A migrated database with a small county in it, and a session of the insurer's that is rolled back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from contractor.claims.assessment import Assessed, assess
from tests.claims.making import AT, COUNTY, LAW, ON, World, make_world
from tests.conftest import TestDatabase


@pytest.fixture(scope="module")
def world(module_database: TestDatabase, tmp_path_factory) -> World:
    return make_world(module_database, tmp_path_factory.mktemp("keys"))


@pytest.fixture()
def session(module_database: TestDatabase, world: World) -> Iterator[Session]:
    engine = module_database.desk("contractor").engine
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        outer.rollback()
    engine.dispose()


@pytest.fixture(scope="module")
def county(module_database: TestDatabase) -> Iterator[psycopg.Connection]:
    """The registry's own hand: what it writes is committed, for the whole module."""
    with psycopg.connect(module_database.owner_url, autocommit=True) as connection:
        yield connection


@pytest.fixture()
def decide(session: Session, world: World) -> Callable[..., Assessed]:
    """Check claims and decide by rule, on the day of the tests."""

    def decided(*claim_ids: int, **changes: Any) -> Assessed:
        given = {"county_code": COUNTY, "law": LAW, "keyring": world.keyring, "at": AT, "on": ON} | changes
        return assess(session, list(claim_ids), **given)

    return decided


@pytest.fixture()
def rows(session: Session) -> Callable[..., list[Row]]:
    """`rows("SELECT …")` as the insurer's role sees it."""
    return lambda statement, **given: list(session.execute(text(statement), given).all())
