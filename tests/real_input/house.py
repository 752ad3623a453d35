"""A house for one mapped county: its registry entered, its law in force, its claims sent in year by year."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy.orm import Session

from chassis.law.approved import content_of
from chassis.vault.keyring import Keyring
from chassis.vault.keys import ensure_key_file
from contractor.claims.exchange import read_exchange
from contractor.claims.incoming import IncomingClaim
from contractor.claims.intake import FileTaken, take_in_file
from oversight.registry.catalogue.pricing import CatalogueRow, plan_catalogue
from oversight.registry.founding import found_division
from oversight.registry.households.entering import MemberRow, plan_members
from oversight.registry.households.places import PlaceRow, plan_places
from oversight.registry.institutions.entering import AgreementRow, InstitutionRow, plan_agreements, plan_institutions
from oversight.registry.membership.deaths import DeathRow, plan_deaths
from oversight.registry.membership.enrolling import EnrolmentRow, plan_enrolments
from oversight.registry.plans import Plan, Stamp
from oversight.registry.schedules import approving
from oversight.registry.schedules.approving import Decision
from rulebook.schedule_files import schedules_on_file
from tests.conftest import Servers, _copy
from tests.demo.house import LivedIn
from tests.real_input.county import RealCounty
from tests.real_input.exchange_files import write_exchange
from tests.real_input.registry_facts import FIRST_DAY, facts_of

CITY = "990100"
ENTERED_AT = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)
ENTERED_ON = dt.date(2026, 11, 20)
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
                enter_registry(session, home.keyring, county)
                put_law_in_force(session, county.county_code)
            yield home
            home.close()


def enter_registry(session: Session, keyring: Keyring, county: RealCounty) -> dict[str, int]:
    """How many rows of each list were new; a fault in any refuses all of them."""
    code = county.county_code
    plans: dict[str, Callable[[Sequence[dict[str, Any]]], Plan]] = {
        "places": lambda rows: plan_places(session, code, [PlaceRow(**row) for row in rows]),
        "institutions": lambda rows: plan_institutions(session, keyring, code, [InstitutionRow(**r) for r in rows]),
        "agreements": lambda rows: plan_agreements(session, code, [AgreementRow(**row) for row in rows]),
        "catalogue": lambda rows: plan_catalogue(session, code, [CatalogueRow(**row) for row in rows]),
        "members": lambda rows: plan_members(session, keyring, code, [MemberRow(**r) for r in rows], on=ENTERED_ON),
        "enrolments": lambda rows: plan_enrolments(session, code, [EnrolmentRow(**row) for row in rows]),
        "deaths": lambda rows: plan_deaths(session, code, [DeathRow(**row) for row in rows], on=ENTERED_ON),
    }
    added = {}
    for kind, rows in facts_of(county).items():
        plan = plans[kind](rows)
        plan.carry_out(session, Stamp(by=None, at=ENTERED_AT))
        added[kind] = plan.added
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


def send_in(home: LivedIn, county: RealCounty) -> list[FileTaken]:
    """The claims of each year as one file, received in the second week of the next year."""
    taken = []
    for year, claims in groupby(county.claims, key=lambda claim: claim.discharged_on.year):
        taken.append(_send_year(home, county.county_code, year, list(claims)))
    return taken


def _send_year(home: LivedIn, county_code: str, year: int, claims: Sequence[IncomingClaim]) -> FileTaken:
    path = home.folder / f"{county_code}-{year}.csv"
    write_exchange(path, claims)
    content = path.read_bytes()
    received_on = dt.date(year + 1, 1, 10)
    with home.databases["contractor"].transaction() as session:
        return take_in_file(
            session,
            read_exchange(path, file_name=path.name),
            county_code=county_code,
            door="cli",
            file_name=path.name,
            sha256=hashlib.sha256(content).digest(),
            byte_count=len(content),
            at=dt.datetime.combine(received_on, dt.time(2), tzinfo=dt.UTC),
            on=received_on,
            by=None,
            keyring=home.keyring,
        )
