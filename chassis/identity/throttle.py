"""Guessing is slowed until it is hopeless, and the person guessed at still gets in.

Every try is counted before it is examined, in the same database that knows the account, so a crash or a missing Redis
never opens the door. Three growing waits stand before a stranger: for one name from one network, for one network over
all names, for one name over all networks. Two ways past them stay open to the owner: a device they signed in from
before (its own count, its own wait) and the code of their authenticator app given together with the password.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, insert, select, true
from sqlalchemy.orm import Session

from chassis.identity.tables import UNKNOWN_COUNTY, SignInAttempt

LOCK_CLASS = 7_401
"""Key space of `pg_advisory_xact_lock(class, name)`: one try at a time is counted for a name."""


@dataclass(frozen=True)
class Limit:
    """After `free` failures the next try waits `first`, then twice that, and so on up to `longest`."""

    free: int
    first: dt.timedelta
    longest: dt.timedelta
    within: dt.timedelta

    def wait_after(self, failures: int) -> dt.timedelta:
        if failures < self.free:
            return dt.timedelta(0)
        doublings = min(failures - self.free, 20)
        return min(self.longest, self.first * 2**doublings)


NAME_FROM_NETWORK = Limit(5, dt.timedelta(seconds=30), dt.timedelta(minutes=15), dt.timedelta(hours=24))
NETWORK = Limit(30, dt.timedelta(seconds=10), dt.timedelta(minutes=5), dt.timedelta(hours=1))
NAME = Limit(20, dt.timedelta(seconds=30), dt.timedelta(minutes=5), dt.timedelta(hours=24))
KNOWN_DEVICE = Limit(10, dt.timedelta(seconds=30), dt.timedelta(minutes=15), dt.timedelta(hours=24))
RECORD_AGAIN_AFTER = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Try:
    """Somebody, somewhere, offering a secret for a name."""

    stage: str
    """`password`, `second_factor` or `step_up`: each counts for itself."""
    name_digest: bytes
    network_digest: bytes
    device_digest: bytes | None
    """Set only for a device that is known for this very name."""
    county_code: str = UNKNOWN_COUNTY


@dataclass(frozen=True)
class Throttled:
    """The try was not examined. `is_recorded` is true for the first of a minute."""

    wait_seconds: int
    is_recorded: bool

    @property
    def wait_minutes(self) -> int:
        return -(-self.wait_seconds // 60)


def hold_the_name(session: Session, name_digest: bytes) -> None:
    """Until the transaction ends, nobody else counts a try at this name: a hundred at once are not one."""
    key = int.from_bytes(name_digest[:4], "big", signed=True)
    session.execute(select(func.pg_advisory_xact_lock(LOCK_CLASS, key)))


def wait_before(session: Session, try_: Try, *, at: dt.datetime) -> int:
    """Whole seconds until this try may be examined; 0: now. The caller holds the name. One statement."""
    a = SignInAttempt
    is_stage = a.stage == try_.stage
    if try_.device_digest is not None:
        tallies = [(KNOWN_DEVICE, _since_passed(is_stage & (a.device_digest == try_.device_digest), at))]
    else:
        stranger = is_stage & a.device_digest.is_(None)
        of_name = stranger & (a.name_digest == try_.name_digest)
        of_network = stranger & (a.network_digest == try_.network_digest)
        tallies = [
            (NAME_FROM_NETWORK, _since_passed(of_name & (a.network_digest == try_.network_digest), at)),
            (NAME, _less_passed(of_name, at - NAME.within)),
            (NETWORK, _less_passed(of_network, at - NETWORK.within)),
        ]
    subqueries = [tally.subquery() for _limit, tally in tallies]
    side_by_side = select(*(column for tally in subqueries for column in tally.c)).select_from(subqueries[0])
    for tally in subqueries[1:]:
        side_by_side = side_by_side.join(tally, true())
    row = session.execute(side_by_side).one()
    waits = [
        row[2 * n + 1] + limit.wait_after(row[2 * n]) - at
        for n, (limit, _tally) in enumerate(tallies)
        if row[2 * n + 1] is not None
    ]
    longest = max(waits, default=dt.timedelta(0))
    return max(0, -(-longest // dt.timedelta(seconds=1)))


def record(session: Session, try_: Try, outcome: str, *, at: dt.datetime) -> None:
    session.execute(insert(SignInAttempt).values(_row(try_, outcome, at)))


def record_throttled(session: Session, try_: Try, *, at: dt.datetime) -> bool:
    """Keep the first refusal of a minute; the thousands after it would only fill the disk."""
    a = SignInAttempt
    recent = select(a.id).where(
        a.name_digest == try_.name_digest, a.outcome == "throttled", a.at > at - RECORD_AGAIN_AFTER
    )
    if session.execute(recent.limit(1)).first() is not None:
        return False
    record(session, try_, "throttled", at=at)
    return True


def _since_passed(condition: ColumnElement[bool], at: dt.datetime) -> Select[tuple[int, dt.datetime | None]]:
    """Tries since the last that passed, and when the latest was."""
    a = SignInAttempt
    earliest = at - NAME_FROM_NETWORK.within
    passed_at = select(func.max(a.at)).where(condition, a.outcome == "passed", a.at > earliest).scalar_subquery()
    begun = condition & (a.outcome == "begun") & (a.at > func.coalesce(passed_at, earliest))
    return select(func.count().label("failures"), func.max(a.at).label("latest")).where(begun)


def _less_passed(condition: ColumnElement[bool], since: dt.datetime) -> Select[tuple[int, dt.datetime | None]]:
    """Tries less those that passed. One pass does not wipe the rest out: an attacker may own an account too."""
    a = SignInAttempt
    begun = func.count().filter(a.outcome == "begun")
    passed = func.count().filter(a.outcome == "passed")
    latest = func.max(a.at).filter(a.outcome == "begun")
    return select((begun - passed).label("failures"), latest.label("latest")).where(condition, a.at > since)


def _row(try_: Try, outcome: str, at: dt.datetime) -> dict[str, object]:
    return {
        "county_code": try_.county_code,
        "at": at,
        "stage": try_.stage,
        "outcome": outcome,
        "name_digest": try_.name_digest,
        "network_digest": try_.network_digest,
        "device_digest": try_.device_digest,
    }
