"""A migrated database with a small county in it, and a session of the insurer's that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tests.claims.making import World, make_world
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
