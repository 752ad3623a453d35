"""A county that pays: books open, people with their roles, one hospital with an account, a bank beside it."""

from __future__ import annotations

import datetime as dt
import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psycopg
from sqlalchemy import insert

from chassis.db import Database
from chassis.desks import CONTRACTOR
from chassis.house import House
from chassis.identity.tables import Staff
from chassis.queue.outbox import NewTask, post_many
from chassis.queue.worker import Worker
from chassis.settings import Settings, read_settings
from chassis.vault.blind_index import index
from chassis.vault.keyring import Keyring
from chassis.vault.keys import ensure_key_file, load_keys
from chassis.vault.sealing import seal
from contractor.ledger.entries import receive_advance
from contractor.payments import jobs
from contractor.payments.approving import approve_proved
from contractor.payments.batches import content_sha256, groups_waiting, make_batches, submit
from contractor.payments.opening import open_for_payments
from contractor.payments.planning import Decided, Planned, plan_payments
from demo.county import COUNTY, write_divisions
from oversight.registry.institutions.tables import Institution
from simulated_bank.bank import Bank
from simulated_bank.fates import Rates
from simulated_bank.memory import open_memory
from tests.conftest import TestDatabase
from tests.sites import give_factor, grant

HOSPITAL, CLINIC = "990121001", "990121011"
AT = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)
MUCH_FEN = 10**11
ALL_PAY = Rates(refused=0, returned=0, delayed=0)
_names = itertools.count(1)


@dataclass
class Trade:
    test_database: TestDatabase
    folder: Path
    people: dict[str, int] = field(default_factory=dict)
    county_code: str = COUNTY
    _claims: itertools.count = field(default_factory=lambda: itertools.count(1))

    @cached_property
    def database(self) -> Database:
        return self.test_database.desk("contractor")

    @cached_property
    def settings(self) -> Settings:
        return trade_settings(self.folder)

    @cached_property
    def keyring(self) -> Keyring:
        return load_keys(self.folder / "keys.json")

    @cached_property
    def house(self) -> House:
        return House(self.settings, "workspace", {CONTRACTOR.key: self.database})

    @cached_property
    def owner(self) -> psycopg.Connection:
        """A superuser, who is asked nothing: what no role of the house may do, tests plant with it."""
        url = self.test_database.owner_url.replace("postgresql+psycopg", "postgresql")
        return psycopg.connect(url, autocommit=True)

    def as_contractor(self) -> psycopg.Connection:
        """The app's own role, without the app."""
        return psycopg.connect(self.test_database.url("contractor_rw"))

    def bank(self, rates: Rates = ALL_PAY, **more) -> Bank:
        folder = self.folder / "data" / "bank"
        folder.mkdir(parents=True, exist_ok=True)
        return Bank(folder, open_memory(self.folder / "bank.sqlite"), rates=rates, **more)

    def claims(self, count: int, *, fen: int = 10_000, **amounts: object) -> list[Decided]:
        rows = []
        for _ in range(count):
            number = next(self._claims)
            given = {"pooled_fen": fen + number, "institution_code": HOSPITAL, "route": "direct"} | amounts
            rows.append(Decided(claim_id=number, member_id=number, settlement_id=number, **given))
        return rows

    @staticmethod
    def numbered(first: int, count: int) -> list[Decided]:
        """The same claims whoever asks: a process that was killed goes on where it stopped."""
        return [
            Decided(number, "direct", HOSPITAL, number, settlement_id=number, pooled_fen=10_000 + number % 997)
            for number in range(first, first + count)
        ]

    def plan(self, rows: Sequence[Decided]) -> Planned:
        with self.database.transaction() as session:
            return plan_payments(session, rows, county_code=self.county_code, keyring=self.keyring, at=AT)

    def submitted(self, *, most: int = 10_000) -> list[int]:
        with self.database.transaction() as session:
            groups = groups_waiting(session, self.county_code)
            by = self.people["cashier"]
            made = make_batches(session, groups, county_code=self.county_code, by=by, at=AT, most=most)
            for batch_id in made:
                submit(session, county_code=self.county_code, batch_id=batch_id, by=by, at=AT)
        return made

    def approved(self, *, most: int = 10_000) -> list[int]:
        made = self.submitted(most=most)
        for batch_id in made:
            self.approve(batch_id)
        return made

    def approve(self, batch_id: int, *, by: str = "checker", database: Database | None = None) -> None:
        with (database or self.database).transaction() as session:
            approve_proved(
                session,
                county_code=self.county_code,
                batch_id=batch_id,
                shown_sha256=content_sha256(session, self.county_code, batch_id),
                proof=None,
                by=self.people[by],
                at=AT,
            )

    def work(self, *, at: dt.datetime | None = None) -> int:
        """Do what waits; returns how many tasks were done."""
        return Worker([self.database], house=self.house).drain()

    def listen(self) -> None:
        """What the sweeper has the worker do every few seconds."""
        self.announce_listening()
        self.work()

    def announce_listening(self) -> None:
        with self.database.transaction() as session:
            task = NewTask({}, natural_key=f"test/{next(_names)}")
            post_many(session, county_code=self.county_code, kind="payments.listen", tasks=[task], at=AT)

    def paid(self, bank: Bank, *, rounds: int = 3, at: dt.datetime | None = None) -> None:
        """Send what is approved and exchange with the bank for some rounds, a minute apart."""
        self.work()
        for minute in range(rounds):
            bank.round((at or AT) + dt.timedelta(minutes=minute))
            self.listen()

    def states(self) -> dict[str, int]:
        rows = self.owner.execute("SELECT state, count(*) FROM contractor.payment GROUP BY state")
        return dict(rows.fetchall())

    def batch_states(self) -> list[str]:
        return [row[0] for row in self.owner.execute("SELECT state FROM contractor.payment_batch ORDER BY id")]

    def exceptions(self) -> dict[str, int]:
        rows = self.owner.execute(
            "SELECT kind, count(*) FROM contractor.payment_exception WHERE resolved_at IS NULL GROUP BY kind"
        )
        return dict(rows.fetchall())

    def balances(self) -> dict[str, int]:
        rows = self.owner.execute(
            "SELECT account_code, balance_fen FROM contractor.account_balance WHERE balance_fen <> 0"
        )
        return dict(rows.fetchall())

    def close(self) -> None:
        self.owner.close()
        self.database.engine.dispose()


def trade_settings(folder: Path) -> Settings:
    return read_settings(
        {
            "COOPMED_ENVIRONMENT": "test",
            "COOPMED_KEY_FILE": str(folder / "keys.json"),
            "COOPMED_SECRET_KEY_FILE": str(folder / "secret"),
            "COOPMED_DATA_DIR": str(folder / "data"),
        }
    )


def opened_trade(test_database: TestDatabase, folder: Path, *, advance_fen: int = MUCH_FEN) -> Trade:
    """Handlers are registered by importing the jobs; `jobs` is named so that nobody tidies the import away."""
    assert jobs.__name__ in sys.modules
    ensure_key_file(folder / "keys.json")
    (folder / "secret").write_bytes(b"s" * 48)
    trade = Trade(test_database, folder)
    county_desk = test_database.desk("county")
    with county_desk.transaction() as session:
        write_divisions(session)
        for number, code in enumerate((HOSPITAL, CLINIC)):
            account = f"41000000000000{number:03d}"
            cell = {"table": "registry.institution", "column": "bank_account_sealed"}
            session.add(
                Institution(
                    county_code=COUNTY,
                    institution_code=code,
                    name_zh="试验医院",
                    name_en="Trial Hospital",
                    name_pinyin="shiyan",
                    tier=2,
                    beds=10,
                    account_name=f"试验医院{number}",
                    bank_account_sealed=seal(trade.keyring, "bank_account", account, **cell, row_id=f"{COUNTY}/{code}"),
                    bank_account_index=index(trade.keyring, "bank_account", account),
                    recorded_at=AT,
                )
            )
    county_desk.engine.dispose()
    with trade.database.transaction() as session:
        for name, role in (
            ("cashier", "cashier"),
            ("cashier2", "cashier"),
            ("checker", "checker"),
            ("checker2", "checker"),
            ("lead", "lead"),
        ):
            trade.people[name] = _person(session, name, role)
        open_for_payments(session, COUNTY)
        if advance_fen:
            for book in ("entrusted", "serious", "supplementary"):
                receive_advance(
                    session, county_code=COUNTY, book=book, amount_fen=advance_fen, reference="opening", on=AT.date()
                )
    return trade


def _person(session, name: str, role: str) -> int:
    staff_id = session.execute(
        insert(Staff)
        .values(
            county_code=COUNTY,
            sign_in_name=f"trade-{name}",
            name="试验员",
            name_pinyin=name,
            status="active",
            password_hash="$argon2id$none",
            password_set_at=AT,
            invited_at=AT,
            activated_at=AT,
            status_changed_at=AT,
        )
        .returning(Staff.id)
    ).scalar_one()
    give_factor(session, COUNTY, staff_id, at=AT)
    grant(session, COUNTY, staff_id, role, at=AT)
    return staff_id
