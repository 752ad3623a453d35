"""Databases in which chains are really committed, shared by a module's tests where each undoes what it did."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from migrations.grants import DESK_SCHEMAS, STAFF_SCHEMAS
from tests.conftest import Servers, TestDatabase, _copy

TABLES = [f"{schema}.{table}" for schema in DESK_SCHEMAS for table in ("trail_entry", "trail_head")] + [
    f"{schema}.trail_anchor" for schema in STAFF_SCHEMAS
]
STATES = {"O": "ENABLE", "A": "ENABLE ALWAYS"}


@pytest.fixture(scope="module")
def trail_database(servers: Servers, template: str) -> Iterator[TestDatabase]:
    yield from _copy(servers, template)


@pytest.fixture()
def emptied_database(trail_database: TestDatabase) -> Iterator[TestDatabase]:
    """The module's database with its guards up and no entry in it; making a database for each test takes longer."""
    with psycopg.connect(trail_database.owner_url, autocommit=True) as connection:
        guards = connection.execute(
            "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE tgrelid = ANY(%s::regclass[])",
            [TABLES],
        ).fetchall()
        yield trail_database
        for table in TABLES:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        connection.execute(f"TRUNCATE {', '.join(TABLES)}")
        for table, name, state in guards:
            connection.execute(f"ALTER TABLE {table} {STATES[state]} TRIGGER {name}")
