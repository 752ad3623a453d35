"""A county whose law is approved and whose claims are published, with one settlement a superuser has changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import psycopg
import pytest

from chassis import clock
from chassis.db import Database
from chassis.queue.handlers import load_handlers
from chassis.queue.worker import Worker
from tests.authorisation.objects_law import confirmed
from tests.conftest import Servers, TestDatabase, _copy
from tests.feed import county as made
from tests.feed.county import COUNTY, County
from tests.sites import portal_client, settings_for_tests, sign_in

CHANGED_FEN = 1_234


@dataclass
class Audited:
    """A database with a county, and where its one change is."""

    database: TestDatabase
    desk: Database
    county: County
    settlement_id: int
    claim_id: int

    def work(self) -> None:
        """Everything that is due at the county's desk, done by a worker."""
        Worker([self.desk], doorbell=None, lease=dt.timedelta(minutes=5)).drain()

    def change(self, fen: int) -> None:
        """As a superuser who knows the table's own sums and keeps them."""
        with psycopg.connect(self.database.owner_url) as connection:
            connection.execute(
                "UPDATE contractor.settlement SET base_fen = base_fen + %(fen)s, "
                "benefits_fen = benefits_fen + %(fen)s, "
                "member_pays_fen = member_pays_fen - %(fen)s WHERE id = %(id)s",
                {"fen": fen, "id": self.settlement_id},
            )

    def client(self, *roles: str, county_code: str = COUNTY):
        client = portal_client(self.database, settings_for_tests())
        sign_in(client, *roles, desk="county", county_code=county_code)
        return client


@pytest.fixture(scope="module")
def audited(servers: Servers, template: str) -> Iterator[Audited]:
    load_handlers("portal")
    copies = _copy(servers, template)
    database = next(copies)
    county = made.made_up(240, seed=11)
    with psycopg.connect(database.owner_url) as connection:
        made.write(connection, county)
    made.remember(database.desk("contractor"), county)
    desk = database.desk("county")
    with desk.transaction() as session:
        confirmed(session, COUNTY, dt.date(2011, 1, 1), scheme=made.SCHEME, at=clock.now())
    first = county.settlements
    can_take_it = (first["base_fen"] > CHANGED_FEN) & (first["member_pays_fen"] > 2 * CHANGED_FEN)
    row = int(np.flatnonzero(can_take_it)[0])
    yield Audited(database, desk, county, int(first["settlement_id"][row]), int(first["claim_id"][row]))
    desk.engine.dispose()
    next(copies, None)
