"""The history of the database and the mapped tables say the same; the history has one head and only goes forward."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from chassis.db import house_metadata
from migrations.apply import code_head, upgrade

SCHEMAS = ("house", "contractor", "oversight", "registry", "finance", "claimant")
VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
ROOT = Path(__file__).parents[2]


def all_tables_mapped():
    """Import every `tables.py` of the house, so that its metadata is whole."""
    for package in ("chassis", "contractor", "oversight"):
        for module in pkgutil.walk_packages([str(ROOT / package)], prefix=f"{package}."):
            if module.name.rpartition(".")[2] == "tables":
                importlib.import_module(module.name)
    return house_metadata()


@pytest.fixture(scope="module")
def owner_engine(house_database):
    engine = create_engine(house_database.owner_url)
    yield engine
    engine.dispose()


def test_the_database_after_all_migrations_is_what_the_code_maps(owner_engine):
    metadata = all_tables_mapped()
    with owner_engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "compare_type": True,
                "compare_server_default": True,
                "include_name": lambda name, kind, _: kind != "schema" or name in SCHEMAS,
                "include_object": lambda _thing, name, kind, *_: (kind, name) != ("table", "alembic_version"),
            },
        )
        assert compare_metadata(context, metadata) == []


def test_every_table_and_column_says_what_it_is(owner_engine):
    with owner_engine.connect() as connection:
        silent = connection.execute(
            text(
                """
                SELECT n.nspname || '.' || c.relname || coalesce('.' || a.attname, '')
                FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY(:schemas)
                LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                WHERE c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
                  AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)
                ORDER BY 1
                """
            ),
            {"schemas": list(SCHEMAS)},
        ).scalars()
        assert list(silent) == []


# One law for all counties stands once: a copy per county could differ from its neighbour's (decision 0018).
OF_NO_COUNTY = {"house.role_conflict"}


def test_the_county_leads_every_primary_key(owner_engine):
    with owner_engine.connect() as connection:
        keys = connection.execute(
            text(
                """
                SELECT n.nspname || '.' || c.relname, a.attname
                FROM pg_index i
                JOIN pg_class c ON c.oid = i.indrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY(:schemas)
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                WHERE i.indisprimary AND c.relname <> 'alembic_version'
                """
            ),
            {"schemas": list(SCHEMAS)},
        ).all()
        assert keys
        assert [(table, first) for table, first in keys if first != "county_code" and table not in OF_NO_COUNTY] == []


def test_the_history_has_one_head():
    assert re.fullmatch(r"\d{4}", code_head())


def test_migrations_only_go_forward_and_import_nothing_of_the_application():
    for file in sorted(VERSIONS.glob("*.py")):
        source = file.read_text(encoding="utf-8")
        assert "def downgrade" not in source, file.name
        assert not re.search(r"^(from|import) (chassis|contractor|oversight|rulebook|kpis)\b", source, re.M), file.name


def test_upgrading_twice_changes_nothing(fresh_database, owner_engine):
    upgrade(fresh_database.owner_url)
    engine = create_engine(fresh_database.owner_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM house.alembic_version")).scalars().all() == [
            code_head()
        ]
    engine.dispose()
