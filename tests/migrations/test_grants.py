"""B3: each role tries to write every relation and to call every function outside its own, as pg_catalog lists them."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from migrations.grants import WRITER

APP_ROLES = ("contractor_rw", "county_rw", "finance_rw", "claimant_rw", "auditor_ro")
HOUSE_SCHEMAS = ("house", "contractor", "oversight", "registry", "finance", "claimant", "extensions", "public")
OWN = {role: tuple(s for s, writer in WRITER.items() if writer == role) for role in APP_ROLES}

# Volatile functions of PostgreSQL itself that an app role may call: each acts on the caller's own session or
# transaction, or only reads. A function that a new PostgreSQL adds is not on the list and fails the test.
HARMLESS = {
    "clock_timestamp": "reads the clock",
    "timeofday": "reads the clock",
    "random": "draws a number",
    "random_normal": "draws a number",
    "setseed": "seeds the caller's own generator",
    "gen_random_uuid": "draws a number",
    "uuidv4": "draws a number",
    "uuidv7": "draws a number",
    "set_config": "the caller's own settings; no policy of ours trusts a setting",
    "nextval": "asks for rights on the sequence",
    "currval": "asks for rights on the sequence",
    "setval": "asks for rights on the sequence",
    "lastval": "the caller's own session",
    "array_sample": "draws from its argument",
    "array_shuffle": "draws from its argument",
    "pg_advisory_xact_lock": "ends with the transaction",
    "pg_advisory_xact_lock_shared": "ends with the transaction",
    "pg_try_advisory_xact_lock": "ends with the transaction",
    "pg_try_advisory_xact_lock_shared": "ends with the transaction",
    "pg_is_in_recovery": "reads one flag",
    "pg_export_snapshot": "names the caller's own snapshot; the county's readers alone",
    "txid_status": "reads the fate of a transaction",
    "pg_xact_status": "reads the fate of a transaction",
    "plpgsql_call_handler": "cannot be called from SQL",
    "plpgsql_validator": "checks a function that its owner has written",
}


@pytest.fixture(scope="module")
def catalogue(house_database):
    with psycopg.connect(house_database.owner_url, autocommit=True) as connection:
        yield connection


def relations(catalogue) -> list[tuple[str, str, str]]:
    """(schema, relation, kind) of everything in the house's schemas that can hold or show rows."""
    return catalogue.execute(
        """
        SELECT n.nspname, c.relname, c.relkind::text
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        ORDER BY 1, 2
        """,
        [list(HOUSE_SCHEMAS)],
    ).fetchall()


def attempts(catalogue, schema: str, name: str, kind: str) -> list[sql.Composed]:
    """Every way to write a relation, none of which needs a right sort of value to be refused."""
    relation = sql.Identifier(schema, name)
    if kind == "S":
        return [sql.SQL("SELECT setval({}, 1)").format(sql.Literal(f"{schema}.{name}"))]
    column = catalogue.execute(
        """
        SELECT a.attname FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity <> 'a'
        ORDER BY a.attnum LIMIT 1
        """,
        [schema, name],
    ).fetchone()[0]
    tries = [
        sql.SQL("INSERT INTO {} ({}) VALUES (NULL)").format(relation, sql.Identifier(column)),
        sql.SQL("UPDATE {} SET {} = NULL").format(relation, sql.Identifier(column)),
        sql.SQL("DELETE FROM {}").format(relation),
    ]
    if kind in ("r", "p"):
        tries += [
            sql.SQL("TRUNCATE {}").format(relation),
            sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(relation),
            sql.SQL("DROP TABLE {}").format(relation),
            sql.SQL("CREATE INDEX ON {} ({})").format(relation, sql.Identifier(column)),
        ]
    return tries


@pytest.mark.parametrize("role", APP_ROLES)
def test_a_role_writes_nothing_outside_its_own_schemas(role, house_database, catalogue):
    tried = 0
    with psycopg.connect(house_database.url(role), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")  # a convenience, not a control
        for schema, name, kind in relations(catalogue):
            if schema in OWN[role] and not name.startswith("published_"):
                continue
            for attempt in attempts(catalogue, schema, name, kind):
                with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)):
                    connection.execute(attempt)
                tried += 1
    assert tried > 10


@pytest.mark.parametrize("role", APP_ROLES)
def test_a_role_reads_across_through_published_views_only(role, house_database, catalogue):
    with psycopg.connect(house_database.url(role), autocommit=True) as connection:
        for schema, name, kind in relations(catalogue):
            if schema in OWN[role] or kind == "S" or name.startswith("published_") or name == "alembic_version":
                continue
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(schema, name)))


@pytest.mark.parametrize("role", APP_ROLES)
def test_a_role_deletes_and_truncates_nothing_even_of_its_own(role, house_database, catalogue):
    with psycopg.connect(house_database.url(role), autocommit=True) as connection:
        for schema, name, kind in relations(catalogue):
            if schema not in OWN[role] or kind not in ("r", "p"):
                continue
            for act in ("DELETE FROM {}", "TRUNCATE {}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql.SQL(act).format(sql.Identifier(schema, name)))


@pytest.mark.parametrize("role", APP_ROLES)
def test_a_role_calls_only_its_own_functions_and_harmless_ones(role, house_database, catalogue):
    """Functions that change something: ours must be granted to the role by name, PostgreSQL's must be on the list."""
    callable_ = catalogue.execute(
        """
        SELECT n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE has_function_privilege(%s, p.oid, 'EXECUTE') AND has_schema_privilege(%s, n.oid, 'USAGE')
          AND p.provolatile = 'v' AND p.prorettype <> 'trigger'::regtype AND p.prorettype <> 'event_trigger'::regtype
          AND NOT ('internal'::regtype = ANY (p.proargtypes))
          AND n.nspname NOT IN ('information_schema', 'extensions')
        """,
        [role, role],
    ).fetchall()
    foreign = [
        f"{schema}.{name}({arguments})"
        for schema, name, arguments in callable_
        if not (schema in OWN[role] or (schema == "pg_catalog" and name in HARMLESS))
    ]
    assert foreign == []


def test_what_a_role_with_select_alone_could_still_do_is_refused(house_database):
    acts = (
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_lock(1)",
        "SELECT pg_notify('a', 'b')",
        "SELECT pg_sleep(0)",
        "SELECT pg_read_file('/etc/hostname')",
        "SELECT pg_ls_dir('.')",
        "SELECT pg_logical_emit_message(true, 'a', 'b')",
        "SELECT pg_terminate_backend(pg_backend_pid())",
        "CREATE TEMP TABLE t (a int)",
        "CREATE SCHEMA mine",
        "CREATE TABLE public.t (a int)",
        "CREATE TABLE contractor.t (a int)",
        "CREATE FUNCTION contractor.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "COPY (SELECT 1) TO '/tmp/coopmed-should-not-exist'",
        "SET ROLE owner",
        "SET SESSION AUTHORIZATION owner",
        "SET session_replication_role = replica",
        "ALTER ROLE contractor_rw SUPERUSER",
        "CREATE EXTENSION citext",
    )
    for role in APP_ROLES:
        with psycopg.connect(house_database.url(role), autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            for act in acts:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(act)


def test_transaction_level_advisory_locks_stay(house_database):
    with psycopg.connect(house_database.url("contractor_rw")) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(1)")


def test_nobody_owns_what_they_write(catalogue):
    owners = catalogue.execute(
        """
        SELECT DISTINCT pg_get_userbyid(c.relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('house', 'contractor', 'oversight', 'registry', 'finance', 'claimant')
        """
    ).fetchall()
    assert owners == [("owner",)]


def test_the_owner_cannot_sign_in(catalogue):
    assert catalogue.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'owner'").fetchone() == (False,)
