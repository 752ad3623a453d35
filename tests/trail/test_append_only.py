"""What is written stays: against the desk's role, the owner, and a superuser in replica mode."""

from __future__ import annotations

import psycopg
import pytest

from chassis.desks import DESKS
from migrations.grants import DESK_SCHEMAS, STAFF_SCHEMAS
from tests.trail.making import add

KEPT = [(schema, "trail_entry") for schema in DESK_SCHEMAS] + [(schema, "trail_anchor") for schema in STAFF_SCHEMAS]
ACTS = ["UPDATE {} SET seq = seq", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"]


@pytest.fixture(scope="module")
def written(trail_database):
    """Each desk has one entry, and each keeper one anchor."""
    for desk in DESKS.values():
        database = trail_database.desk(desk.key)
        with database.transaction() as session:
            add(session, 1)
            if desk.schema in STAFF_SCHEMAS:
                session.connection().exec_driver_sql(
                    f"INSERT INTO {desk.schema}.trail_anchor (county_code, desk, stream, seq, hash, verdict, "
                    "checked_entries) VALUES ('410100', 'claimant', 'claims', 1, sha256('a'), 'sound', 1)"
                )
        database.engine.dispose()
    return trail_database


def refused(connection, statement: str) -> str:
    """The SQLSTATE of the refusal; the statement must have had a row to fall upon."""
    with pytest.raises(psycopg.Error) as caught, connection.transaction():
        connection.execute(statement)
    return caught.value.sqlstate


@pytest.mark.parametrize(("schema", "table"), KEPT)
def test_the_desk_itself_may_only_add(written, schema, table):
    desk = next(desk for desk in DESKS.values() if desk.schema == schema)
    with psycopg.connect(written.url(desk.database_role), autocommit=True) as connection:
        for act in ACTS:
            assert refused(connection, act.format(f"{schema}.{table}")) == "42501"


@pytest.mark.parametrize(("schema", "table"), KEPT)
@pytest.mark.parametrize("mode", ["SET ROLE owner", "SET session_replication_role = replica", "RESET ROLE"])
def test_triggers_stop_those_whom_no_grant_stops(written, schema, table, mode):
    with psycopg.connect(written.owner_url, autocommit=True) as connection:
        connection.execute(mode)
        assert connection.execute(f"SELECT count(*) FROM {schema}.{table}").fetchone() == (1,)
        for act in ACTS:
            assert refused(connection, act.format(f"{schema}.{table}")) == "23001"


@pytest.mark.parametrize("schema", DESK_SCHEMAS)
@pytest.mark.parametrize("mode", ["SET ROLE owner", "SET session_replication_role = replica"])
def test_a_head_is_neither_deleted_nor_set_back(written, schema, mode):
    with psycopg.connect(written.owner_url, autocommit=True) as connection:
        connection.execute(mode)
        for act in (
            f"DELETE FROM {schema}.trail_head",
            f"TRUNCATE {schema}.trail_head",
            f"UPDATE {schema}.trail_head SET seq = 0",
            f"UPDATE {schema}.trail_head SET hash = sha256('other')",
        ):
            assert refused(connection, act) == "23001"
