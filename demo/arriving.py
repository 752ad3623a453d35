"""The whole demo county comes in beside the running sites: people, registry, two years of claims and their money.

Every step is a transaction of its own and looks for what is left to do, so a start that was interrupted goes on, and a
start that finds everything there does nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.db import Database
from chassis.desks import CONTRACTOR, COUNTY
from chassis.errors import Misconfigured
from chassis.queue.outbox import post
from chassis.settings import Settings
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.trail.tables import TrailEntry
from chassis.vault.keyring import Keyring
from contractor.law.loading import law_of
from contractor.payments.opening import open_for_payments
from contractor.rules.jobs import NIGHTLY
from demo import county as places
from demo.claims_in import Intake
from demo.county import COUNTY as FIRST_COUNTY
from demo.county import OTHER_COUNTY, SMALL, WHOLE, CountyPlan
from demo.deciding import Desk, count_in_hand
from demo.fill import staff_number
from demo.history import History, history_of
from demo.paying import count_open_batches, leave_batches_open
from demo.progress import Progress
from demo.registering import KINDS, enter_facts, is_entered
from oversight.audits import queries, runs
from oversight.registry.tables import Household

HOUSEHOLDS_AT_ONCE = 400
STREAM, FILLED = "registry", "demo.filled"
Told = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    """How large the first county is, and how often each irregularity is planted in it."""

    households: int
    rounds: int


SMALL_SIZE, WHOLE_SIZE = Size(SMALL, 1), Size(WHOLE, 6)


@dataclass(frozen=True)
class Doors:
    """What the work needs: each desk's database, so that each part is written by the role that writes it."""

    databases: Mapping[str, Database]
    keyring: Keyring
    settings: Settings
    at: dt.datetime
    told: Told


def bring_in(
    databases: Mapping[str, Database],
    keyring: Keyring,
    settings: Settings,
    *,
    at: dt.datetime,
    told: Told,
    size: Size = WHOLE_SIZE,
) -> bool:
    """Bring in what is not there yet; whether there was anything. `fill_if_empty` comes first."""
    if not settings.is_demo and settings.environment != "test":
        raise Misconfigured("The demo county is filled into demo and test houses only, never into production.")
    doors = Doors(databases, keyring, settings, at, told)
    if _is_all_here(doors):
        return False
    told("making up the demo county: people, registry, two years of claims")
    first = history_of(households=size.households, rounds=size.rounds)
    _people(doors, first.county)
    histories = (first, history_of(OTHER_COUNTY))
    for history in histories:
        _facts(doors, history)
    for history in histories:
        code = history.county.county_code
        with databases[CONTRACTOR.key].transaction() as session:
            law = law_of(session, code)
            open_for_payments(session, code)
        Intake(databases[CONTRACTOR.key], keyring, law, history, told).run()
    _leave_open(doors, first)
    _ask_for_recomputation(doors)
    _ask_for_the_nightly_look(doors)
    with databases[COUNTY.key].transaction() as session:
        entry = Entry(FILLED, "county", FIRST_COUNTY, Actor(ActorKind.SYSTEM, "demo"), {"claims": len(first.claims)})
        append(session, county_code=FIRST_COUNTY, stream=STREAM, entries=[entry], at=at)
    told("the demo county is whole; from here on it is worked by its people")
    return True


def _is_all_here(doors: Doors) -> bool:
    """The last thing a start that came to its end has written."""
    with doors.databases[COUNTY.key].transaction() as session:
        told = select(TrailEntry.seq).where(
            TrailEntry.county_code == FIRST_COUNTY, TrailEntry.stream == STREAM, TrailEntry.act == FILLED
        )
        return session.scalar(told.limit(1)) is not None


def _leave_open(doors: Doors, history: History) -> None:
    """Every page has something to show: claims in hand and waiting, batches at each of their stages."""
    code, database = FIRST_COUNTY, doors.databases[CONTRACTOR.key]
    with database.transaction() as session:
        law = law_of(session, code)
        if not count_in_hand(session, code):
            Desk(code, doors.keyring, law, history).leave_open(session, at=doors.at)
    with database.transaction() as session:
        if not count_open_batches(session, code):
            leave_batches_open(session, code, at=doors.at)


def _ask_for_recomputation(doors: Doors) -> None:
    """The county looks at it all a second time; its worker does so, as whenever an auditor asks."""
    with doors.databases[COUNTY.key].transaction() as session:
        if queries.under_way(session, FIRST_COUNTY) is None:
            by = staff_number(session, FIRST_COUNTY, "auditor")
            runs.ask(session, county_code=FIRST_COUNTY, occasion="asked", by=by, at=doors.at)


def _ask_for_the_nightly_look(doors: Doors) -> None:
    """The checks look over the two years that have just come in; the workspace's worker does so, as every night."""
    with doors.databases[CONTRACTOR.key].transaction() as session:
        post(session, county_code=FIRST_COUNTY, kind=NIGHTLY, payload={}, natural_key="demo", at=doors.at)


def _people(doors: Doors, county: CountyPlan) -> None:
    """Households that are not there, some hundred at a time."""
    with doors.databases[COUNTY.key].transaction() as session:
        there = session.scalar(
            select(func.count()).select_from(Household).where(Household.county_code == county.county_code)
        )
    assert there is not None
    progress = Progress("households entered", len(county.families), doors.told)
    progress.skip(there)
    for start in range(there, len(county.families), HOUSEHOLDS_AT_ONCE):
        some = county.families[start : start + HOUSEHOLDS_AT_ONCE]
        with doors.databases[COUNTY.key].transaction() as session:
            places.write_people(session, doors.keyring, county.county_code, some, at=doors.at)
        progress.add(len(some))
    if there < len(county.families):
        progress.tell()


def _facts(doors: Doors, history: History) -> None:
    code = history.county.county_code
    for kind in KINDS:
        with doors.databases[COUNTY.key].transaction() as session:
            if is_entered(session, kind, code):
                continue
            added = enter_facts(session, doors.keyring, kind, history, by=_registrar(session, code), at=doors.at)
        if added:
            doors.told(f"registry of {code}: {added:,} entries of {kind}")


def _registrar(session: Session, county_code: str) -> int:
    return staff_number(session, county_code, "registrar" if county_code == FIRST_COUNTY else "registrar-liuxi")
