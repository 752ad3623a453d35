"""Servers and databases for the suite; COOPMED_TEST_ADMIN_DATABASE_URL and COOPMED_TEST_REDIS_URL name your own."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
import structlog
from playwright.sync_api import Browser
from psycopg import sql
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from chassis.db import Database, make_engine
from chassis.desks import DESKS
from migrations.apply import ensure_database, ensure_roles, upgrade
from tests.browser import launch_chromium

ROLES = ("contractor_rw", "county_rw", "finance_rw", "claimant_rw", "auditor_ro", "backup")
PASSWORDS = {role: f"test-{role}" for role in ROLES}
_numbers = itertools.count(1)

# Plain lines through the standard library, so that a test can read them and a failure does not print local variables.
structlog.configure(
    processors=[
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["event"]),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=False,
)


@dataclass(frozen=True)
class Servers:
    admin_url: str
    redis_url: str


@dataclass(frozen=True)
class TestDatabase:
    """A migrated database of its own. `url(role)` signs in as that role, `owner_url` may SET ROLE owner."""

    __test__ = False
    owner_url: str

    def url(self, role: str) -> str:
        url = make_url(self.owner_url).set(username=role, password=PASSWORDS[role])
        return url.render_as_string(hide_password=False)

    def desk(self, key: str) -> Database:
        desk = DESKS[key]
        return Database(desk, make_engine(self.url(desk.database_role), schema=desk.schema))


@contextmanager
def running_servers() -> Iterator[Servers]:
    """The servers that the environment names, or throw-away ones."""
    admin_url, redis_url = (
        os.environ.get("COOPMED_TEST_ADMIN_DATABASE_URL"),
        os.environ.get("COOPMED_TEST_REDIS_URL"),
    )
    if admin_url and redis_url:
        yield Servers(admin_url, redis_url)
        return
    from chassis.launcher.throwaway import throwaway_servers

    with throwaway_servers() as running:
        yield Servers(running.postgres.superuser_url(), running.valkey.url())


def migrated_template(servers: Servers) -> str:
    """The name of a migrated, empty database that every other is copied from."""
    name = f"coopmed_template_{os.getpid()}"
    ensure_database(servers.admin_url, name)
    ensure_roles(_in_database(servers.admin_url, name), PASSWORDS)
    upgrade(_in_database(servers.admin_url, name))
    return name


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with running_servers() as running:
        yield running


@pytest.fixture(scope="session")
def template(servers: Servers) -> Iterator[str]:
    name = migrated_template(servers)
    yield name
    _drop(servers, name)


@pytest.fixture(scope="session")
def house_database(servers: Servers, template: str) -> Iterator[TestDatabase]:
    """One database for all tests that roll back what they do."""
    yield from _copy(servers, template)


@pytest.fixture(scope="module")
def module_database(servers: Servers, template: str) -> Iterator[TestDatabase]:
    """A database that the tests of one module share and commit to."""
    yield from _copy(servers, template)


@pytest.fixture()
def fresh_database(servers: Servers, template: str) -> Iterator[TestDatabase]:
    """A database of the test's own, for tests that commit."""
    yield from _copy(servers, template)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one browser of the suite: Playwright cannot be started twice in a process."""
    with launch_chromium() as browser:
        yield browser


@pytest.fixture()
def session_of(house_database: TestDatabase) -> Iterator:
    """`session_of("contractor")` gives a session of that desk's role, rolled back afterwards."""
    open_sessions: list[tuple[Session, object, object]] = []

    def open_session(desk_key: str) -> Session:
        engine = house_database.desk(desk_key).engine
        connection = engine.connect()
        outer = connection.begin()
        session = Session(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        open_sessions.append((session, outer, engine))
        return session

    yield open_session
    for session, outer, engine in open_sessions:
        session.close()
        outer.rollback()
        engine.dispose()


def _copy(servers: Servers, template: str) -> Iterator[TestDatabase]:
    name = f"coopmed_test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(servers.admin_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    # Rights on the database itself are not copied from a template.
    ensure_roles(_in_database(servers.admin_url, name), {})
    yield TestDatabase(_in_database(servers.admin_url, name))
    _drop(servers, name)


def _drop(servers: Servers, name: str) -> None:
    with psycopg.connect(servers.admin_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _in_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
