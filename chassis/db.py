"""Tables, engines and the transaction that the edge opens.

Tables that every desk has of its own (people, sessions, tasks, trail) are mapped once under the schema name
`desk`; the engine of a desk translates it to the desk's schema. Tables of one schema name it outright.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import MetaData, create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from chassis.desks import DESKS, Desk

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
ROUNDS_OF_A_TRANSACTION = {"40001": 5, "40P01": 5, "55P03": 2}
"""How often a transaction is tried: after a serialization failure, a deadlock, and a lock that was not to be had in
time. Whoever waited for that has waited long, and is told rather than kept."""

Answer = TypeVar("Answer")


class DeskBase(DeclarativeBase):
    """A table that each desk has in its own schema. `info={"desks": {...}}` narrows it to some desks."""

    metadata = MetaData(schema="desk", naming_convention=NAMES)


class HouseBase(DeclarativeBase):
    """A table of one schema, which it names in `__table_args__`."""

    metadata = MetaData(naming_convention=NAMES)


def house_metadata() -> MetaData:
    """All tables of the house as the database should hold them, desk tables once per desk."""
    whole = MetaData(naming_convention=NAMES)
    for desk in DESKS.values():
        for table in DeskBase.metadata.sorted_tables:
            if desk.key in table.info.get("desks", DESKS.keys()):
                table.to_metadata(whole, schema=desk.schema)
    for table in HouseBase.metadata.sorted_tables:
        table.to_metadata(whole)
    return whole


def make_engine(url: str, *, schema: str, pool_size: int = 5, application: str = "coopmed") -> Engine:
    """An engine whose errors never print parameters: they may be names and identity numbers."""
    engine = create_engine(
        url.replace("postgres://", "postgresql://", 1),
        hide_parameters=True,
        pool_pre_ping=True,
        # The connection used last has its statements planned and its pages at hand; the others rest.
        pool_use_lifo=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        connect_args={"application_name": application, "connect_timeout": 10},
    )
    return engine.execution_options(schema_translate_map={"desk": schema})


class Database:
    """A desk's connections. `transaction()` commits once, at the edge, and then does what waited for the commit."""

    def __init__(self, desk: Desk, engine: Engine) -> None:
        self.desk = desk
        self.engine = engine
        # What every session of this desk carries: the desk itself and, once hung, its doorbell (chassis.queue).
        self.info: dict[str, Any] = {"desk": desk}
        self._sessions = sessionmaker(engine, expire_on_commit=False, info=self.info)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with self._sessions() as session:
            with session.begin():
                yield session
            for act in session.info.pop("after_commit", []):
                act()

    def retrying(self, work: Callable[[Session], Answer]) -> Answer:
        """Run a whole transaction again where the database says that another was in its way, never a part of one."""
        for round_ in range(1, max(ROUNDS_OF_A_TRANSACTION.values()) + 1):
            try:
                with self.transaction() as session:
                    return work(session)
            except DBAPIError as error:
                if round_ >= ROUNDS_OF_A_TRANSACTION.get(getattr(error.orig, "sqlstate", ""), 1):
                    raise
                time.sleep(random.uniform(0.01, 0.05) * round_)  # noqa: S311 – jitter, not a secret
        raise AssertionError("the last round either returned or raised")


def after_commit(session: Session, act: Callable[[], None]) -> None:
    """Do `act` once this session's transaction is committed; never when it is rolled back."""
    session.info.setdefault("after_commit", []).append(act)
