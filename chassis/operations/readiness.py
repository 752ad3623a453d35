"""Is a process fit to serve: its databases answer at the revision its code expects; the doorbell is a comfort."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import redis
import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chassis.errors import Misconfigured
from chassis.house import House
from migrations.apply import code_head

log = structlog.get_logger()


@dataclass(frozen=True)
class Readiness:
    checks: dict[str, str]
    """What was asked → `ok`, or what is wrong in one word."""

    @property
    def is_ready(self) -> bool:
        """Without Redis the house is slower, not down: PostgreSQL is the queue."""
        return all(answer == "ok" for name, answer in self.checks.items() if name != "redis")


def ask(house: House) -> Readiness:
    checks = {}
    for key, database in house.databases.items():
        checks[f"database.{key}"] = _revision(database)
    try:
        house.redis.ping()
        checks["redis"] = "ok"
    except Misconfigured:
        checks["redis"] = "not_set"
    except (redis.RedisError, OSError):
        checks["redis"] = "unreachable"
    return Readiness(checks)


def _revision(database) -> str:
    try:
        with database.transaction() as session:
            found = session.execute(text("SELECT version_num FROM house.alembic_version")).scalar()
    except SQLAlchemyError as error:
        log.warning("not ready", error=type(error).__name__)
        return "unreachable"
    return "ok" if found == _expected() else "other_revision"


@cache
def _expected() -> str:
    return code_head()
