"""Alembic's environment: one history, run as `owner`, under one lock, with short timeouts."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, pool, text

MIGRATION_LOCK = 7_401_001  # transaction-level advisory lock; the key space is listed in docs/decisions/0001

config = context.config


def run() -> None:
    engine = create_engine(
        config.attributes["url"],
        poolclass=pool.NullPool,
        hide_parameters=True,
        connect_args={"application_name": "coopmed migrate"},
    )
    with engine.connect() as connection, connection.begin():
        connection.execute(text("SET LOCAL ROLE owner"))
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        connection.execute(text("SET LOCAL statement_timeout = '15min'"))
        connection.execute(text("SET LOCAL timezone = 'UTC'"))
        connection.execute(text("SET LOCAL search_path = pg_catalog, extensions"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS house"))
        context.configure(connection=connection, version_table_schema="house", transactional_ddl=True)
        context.run_migrations()
    engine.dispose()


run()
