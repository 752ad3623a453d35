"""A house for one mapped county: its registry entered, its law in force, its claims sent in year by year."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from chassis.law.approved import content_of
from chassis.vault.keys import ensure_key_file
from contractor.claims.doors.exchange import read_exchange
from contractor.claims.incoming import IncomingClaim
from contractor.claims.intake import FileTaken, take_in_file
from oversight.registry.founding import found_division
from oversight.registry.imports.importing import take_in
from oversight.registry.imports.kinds import KINDS
from oversight.registry.schedules import approving
from oversight.registry.schedules.approving import Decision
from rulebook.schedule_files import schedules_on_file
from tests.conftest import Servers, _copy
from tests.demo.house import LivedIn
from tests.real_input.county import RealCounty
from tests.real_input.exchange_files import write_exchange
from tests.real_input.registry_files import FIRST_DAY, write_lists

CITY = "990100"
ENTERED_AT = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)
REGISTRAR, DIRECTOR = 1, 2
LAW = "balin_zuoqi"
"""The one scheme on file whose law begins before 2008."""


@contextmanager
def house_of(servers: Servers, template: str, county: RealCounty) -> Iterator[LivedIn]:
    """The county with its registry and its law, before any claim."""
    for database in _copy(servers, template):
        with TemporaryDirectory(prefix="coopmed-real-") as folder:
            home = LivedIn(database, Path(folder), servers.redis_url)
            ensure_key_file(home.folder / "keys.json")
            (home.folder / "secret").write_bytes(b"s" * 48)
            with home.databases["county"].transaction() as session:
                found_division(
                    session, county_code=CITY, city_code=CITY, name_zh="清河市", name_en="Qinghe", at=ENTERED_AT
                )
                found_division(
                    session,
                    county_code=county.county_code,
                    city_code=CITY,
                    name_zh=county.name_zh,
                    name_en=county.name_en,
                    at=ENTERED_AT,
                )
                enter_registry(session, home, county)
                put_law_in_force(session, county.county_code)
            yield home
            home.close()


def enter_registry(session: Session, home: LivedIn, county: RealCounty) -> dict[str, int]:
    """Every list through the registry's import; how many rows of each were new."""
    added = {}
    for kind, path in write_lists(home.folder, county):
        taken = take_in(
            session,
            home.keyring,
            KINDS[kind],
            path,
            file_name=path.name,
            county_code=county.county_code,
            by=None,
            at=ENTERED_AT,
        )
        added[kind] = taken.plan.added
    return added


def put_law_in_force(session: Session, county_code: str) -> None:
    """The committee's decision, entered by one and confirmed by another."""
    decision = Decision(FIRST_DAY, None, "来源县合作医疗管理委员会", dt.date(2006, 11, 28), "来源合管委〔2006〕1号")
    row = approving.propose(
        session, schedules_on_file()[LAW], decision, county_code=county_code, by=REGISTRAR, at=ENTERED_AT
    )
    approving.put_in_force(
        session,
        county_code=county_code,
        approval_id=row.id,
        shown_sha256=content_of(row),
        proof=None,
        by=DIRECTOR,
        at=ENTERED_AT,
    )


@dataclass(frozen=True)
class SentFile:
    """A file that was taken in, and the day on which it was."""

    taken: FileTaken
    received_on: dt.date


def send_in(home: LivedIn, county: RealCounty) -> list[SentFile]:
    """The claims of each year as one file, received in the second week of the next year."""
    return [
        _send_year(home, county.county_code, list(claims), received_on=dt.date(year + 1, 1, 10))
        for year, claims in groupby(county.claims, key=lambda claim: claim.discharged_on.year)
    ]


def at_morning_of(day: dt.date) -> dt.datetime:
    """Ten o'clock there."""
    return dt.datetime.combine(day, dt.time(2), tzinfo=dt.UTC)


def _send_year(home: LivedIn, county_code: str, claims: Sequence[IncomingClaim], *, received_on: dt.date) -> SentFile:
    path = home.folder / f"{county_code}-{received_on}.csv"
    write_exchange(path, claims)
    content = path.read_bytes()
    with home.databases["contractor"].transaction() as session:
        taken = take_in_file(
            session,
            read_exchange(path, file_name=path.name),
            county_code=county_code,
            door="cli",
            file_name=path.name,
            sha256=hashlib.sha256(content).digest(),
            byte_count=len(content),
            at=at_morning_of(received_on),
            on=received_on,
            by=None,
            keyring=home.keyring,
        )
    return SentFile(taken, received_on)
