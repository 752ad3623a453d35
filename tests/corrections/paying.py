"""A small county whose claims are decided, paid by the simulated bank, and recomputed by the county."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from contractor.claims.assessment import assess
from contractor.ledger.entries import receive_advance
from contractor.payments import jobs
from contractor.payments.opening import open_for_payments
from contractor.payments.parity import check
from oversight.audits.county import Recomputed, recompute_county
from rulebook.registry import Timeline
from tests.claims.making import AT, COUNTY, HEALTH_CENTRE, LAW, ON, World, day, line, lines, make_world, take
from tests.conftest import TestDatabase
from tests.payments.trade import MUCH_FEN, Trade, _person

assert jobs.__name__.endswith("jobs"), "importing it registers the tasks that the trade's worker does"


@dataclass
class Paying:
    """The desks, the people and the bank of one county."""

    test_database: TestDatabase
    world: World
    trade: Trade
    folder: Path
    people: dict[str, int] = field(default_factory=dict)

    @property
    def database(self):
        return self.trade.database

    def decided(self, *claims, law: Timeline = LAW) -> list[int]:
        """Taken in and decided by rule."""
        with self.database.transaction() as session:
            taken = take(session, self.world, *claims)
            assess(session, taken.claim_ids, county_code=COUNTY, law=law, keyring=self.world.keyring, at=AT, on=ON)
        states = dict(
            self.trade.owner.execute(
                "SELECT id, state FROM contractor.claim WHERE id = ANY(%s)", [taken.claim_ids]
            ).fetchall()
        )
        assert set(states.values()) == {"approved"}, states
        return taken.claim_ids

    def stay(self, place: int, month: int, yuan: str = "49000", **changes):
        """A long stay at the township's health centre: two of them nearly use up the year's cap."""
        first = day(f"2026-{month:02d}-02")
        given = {
            "admitted_on": first, "discharged_on": day(f"2026-{month:02d}-20"),
            "submitted_on": day(f"2026-{month:02d}-21"), "institution_code": HEALTH_CENTRE,
            "diagnosis_code": "Z51.1", "lines": lines(line(yuan=yuan, performed_on=first)),
        }  # fmt: skip
        return self.world.claim(place, **(given | changes))

    def pay(self) -> None:
        self.trade.approved()
        self.trade.paid(self.trade.bank())

    def recomputed(self, law: Timeline = LAW, **more) -> Recomputed:
        desk = self.test_database.desk("county")
        try:
            return recompute_county(desk.engine, COUNTY, law, **more)
        finally:
            desk.engine.dispose()

    def parted(self) -> dict[str, int]:
        """What claim, payment, ledger and bank do not agree on, by kind."""
        with self.database.transaction() as session:
            found = check(session, county_code=COUNTY, at=AT, keyring=self.world.keyring, grace=dt.timedelta(days=9))
        return dict(found.kinds)

    def rows(self, sql: str, *given):
        return self.trade.owner.execute(sql, list(given)).fetchall()


def paying(database: TestDatabase, folder: Path) -> Paying:
    world = make_world(database, folder)
    (folder / "secret").write_bytes(b"s" * 48)
    trade = Trade(database, folder)
    found = Paying(database, world, trade, folder)
    with trade.database.transaction() as session:
        for name, role in (
            ("cashier", "cashier"), ("checker", "checker"), ("lead", "lead"), ("lead2", "lead"), ("senior", "senior"),
            ("senior2", "senior"), ("reviewer", "reviewer"), ("administrator", "administrator"),
        ):  # fmt: skip
            found.people[name] = trade.people[name] = _person(session, name, role)
        open_for_payments(session, COUNTY)
        for book in ("entrusted", "serious", "supplementary"):
            receive_advance(
                session, county_code=COUNTY, book=book, amount_fen=MUCH_FEN, reference="opening", on=AT.date()
            )
    return found
