"""Bring a database to the state the code expects: roles first, by an administrator; then the history, as owner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql

HERE = Path(__file__).parent


def ensure_roles(admin_url: str, passwords: Mapping[str, str]) -> None:
    """Run roles.sql and set the login roles' passwords. `admin_url` is a superuser of the embedded server."""
    with psycopg.connect(_plain(admin_url), autocommit=True) as connection:
        connection.execute((HERE / "roles.sql").read_text())
        for role, password in passwords.items():
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)))


def ensure_database(admin_url: str, name: str) -> None:
    with psycopg.connect(_plain(admin_url), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Run the history forward to `revision`. Going back is not offered: migrations only go forward."""
    command.upgrade(_config(owner_url), revision)


def code_head() -> str:
    """The revision this code expects. More than one head is a mistake of ours."""
    heads = ScriptDirectory.from_config(_config("")).get_heads()
    assert len(heads) == 1, f"the history has {len(heads)} heads: {heads}"
    return heads[0]


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url.replace("postgres://", "postgresql://", 1)
    return config


def _plain(url: str) -> str:
    """psycopg's own form of a SQLAlchemy URL."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
