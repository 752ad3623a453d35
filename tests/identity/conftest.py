"""Keys, settings and people for the tests of sign-in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.orm import Session

from chassis.db import Database
from chassis.house import House
from chassis.settings import Settings
from tests.identity.people import Person, make_person
from tests.sites import house_for, settings_for_tests

AT = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def settings(tmp_path_factory) -> Settings:
    return settings_for_tests(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def keyring(settings):
    return house_for("workspace", {}, settings).keyring


@pytest.fixture()
def session(session_of) -> Session:
    """The contractor's session; what it does is rolled back."""
    return session_of("contractor")


@pytest.fixture()
def person(session, settings, keyring) -> Callable[..., Person]:
    return lambda name="zhangsan", **more: make_person(session, settings, keyring, name, at=AT, **more)


@pytest.fixture()
def desk_database(fresh_database) -> Iterator[Database]:
    """The contractor's database for tests that commit."""
    database = fresh_database.desk("contractor")
    yield database
    database.engine.dispose()


@pytest.fixture()
def house(desk_database, settings) -> House:
    return house_for("workspace", {"contractor": desk_database}, settings)
