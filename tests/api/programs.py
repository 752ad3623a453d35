"""Programs that call the workspace: a county, its law, people with tokens. No fixtures, only functions."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from chassis import clock
from chassis.db import Database
from chassis.house import House
from contractor.claims.incoming import IncomingClaim
from rulebook.money import yuan_text
from tests.authorisation.objects_law import confirmed
from tests.authorisation.people import person, program
from tests.claims.making import COUNTY, HOSPITAL, World, day, make_world
from tests.conftest import TestDatabase
from tests.sites import apps_of_the_house, grant, house_for, settings_for_tests

_numbers = itertools.count(1)


@dataclass
class Programs:
    """A workspace with its county; `token(role)` lets a program in."""

    house: House
    app: Flask
    database: Database
    world: World
    tokens: dict[tuple[str, str | None], str] = field(default_factory=dict)
    people: dict[tuple[str, str | None], int] = field(default_factory=dict)

    def token(self, role: str, scope: str | None = None) -> str:
        """The token of a person in this role, made once."""
        if (role, scope) not in self.tokens:
            at = clock.now()
            with self.database.transaction() as session:
                staff_id = person(session, COUNTY, f"p{next(_numbers)}-program", at=at)
                grant(session, COUNTY, staff_id, role, scope=scope, at=at)
                self.people[role, scope] = staff_id
                self.tokens[role, scope] = program(session, COUNTY, staff_id, role, at=at)
        return self.tokens[role, scope]

    def client(self) -> FlaskClient:
        return self.app.test_client(use_cookies=False)

    def post(
        self, path: str, body: Any, *, role: str = "intake", scope: str | None = None, key: str | None = None, **more
    ):
        """Post JSON as the role's program; `key` None makes one up."""
        headers = {
            "Authorization": f"Bearer {self.token(role, scope)}",
            "Idempotency-Key": key or f"made-up-{next(_numbers):06d}",
        }
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        more.setdefault("content_type", "application/json")
        return self.client().post(path, data=data, headers=headers, **more)

    def get(self, path: str, *, role: str = "intake", scope: str | None = None):
        return self.client().get(path, headers={"Authorization": f"Bearer {self.token(role, scope)}"})

    def close(self) -> None:
        self.database.engine.dispose()


def make_programs(database: TestDatabase, folder: Path, *, members: int = 12, **changes: str) -> Programs:
    """The county of tests/claims with a confirmed law, and its workspace; `changes` of its settings."""
    world = make_world(database, folder, members=members)
    approve_law(database)
    own = database.desk("contractor")
    settings = settings_for_tests(folder, **changes)
    house = house_for("workspace", {"contractor": own}, settings)
    return Programs(house, apps_of_the_house("workspace", house), own, world)


def approve_law(database: TestDatabase) -> None:
    """The committee's schedule, in force since before any claim of the tests."""
    engine = create_engine(database.url("county_rw")).execution_options(schema_translate_map={"desk": "oversight"})
    with Session(engine) as session, session.begin():
        confirmed(session, COUNTY, day("2011-01-01"), at=clock.now())
    engine.dispose()


def as_sent(claim: IncomingClaim) -> dict[str, Any]:
    """A claim as a hospital's program writes it, in the names of the exchange format."""
    sent = {
        "claim_number": claim.claim_number,
        "route": claim.route,
        "institution_code": claim.institution_code,
        "card_number": claim.card_number,
        "invoice_number": claim.invoice_number,
        "admitted_on": claim.admitted_on.isoformat(),
        "discharged_on": claim.discharged_on.isoformat(),
        "diagnosis_code": claim.diagnosis_code,
        "charged": yuan_text(claim.charged_fen),
        "institution_reduced": yuan_text(claim.institution_reduced_fen),
        "advanced": yuan_text(claim.advanced_fen),
        "submitted_on": claim.submitted_on.isoformat(),
        "lines": [
            {
                "item_code": line.item_code,
                "hospital_item_name": line.hospital_item_name,
                "performed_on": line.performed_on.isoformat(),
                "quantity": f"{line.quantity_e4 / 10_000:.4f}",
                "unit_price": f"{line.unit_price_e4 / 10_000:.4f}",
                "line_charged": yuan_text(line.charged_fen),
            }
            for line in claim.lines
        ],
    }
    if claim.receipt_signed_on:
        sent["receipt_signed_on"] = claim.receipt_signed_on.isoformat()
    return sent


def claim_of(programs: Programs, place: int = 0, **changes) -> dict[str, Any]:
    return as_sent(programs.world.claim(place, **changes))


__all__ = ["COUNTY", "HOSPITAL", "Programs", "as_sent", "claim_of", "make_programs"]
