"""A desk's database in which every request happens and nothing stays: one connection, one outer transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from chassis.db import Database


class RolledBack(Database):
    """Commits of the request become savepoints; `forget()` undoes them all."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.desk, database.engine)
        self._connection = database.engine.connect()
        self._outer = self._connection.begin()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        session = Session(self._connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        with session, session.begin():
            yield session

    def forget(self) -> None:
        self._outer.rollback()
        self._outer = self._connection.begin()

    def close(self) -> None:
        self._outer.rollback()
        self._connection.close()
        self.engine.dispose()
