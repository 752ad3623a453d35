"""The demo's files go through the intake everybody's files go through: read, taken in, checked, decided by rule."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from sqlalchemy import func, select

from chassis.clock import local_day
from chassis.db import Database
from chassis.vault.keyring import Keyring
from contractor.claims.assessment import assess
from contractor.claims.crediting import credit_households
from contractor.claims.doors.exchange import read_exchange
from contractor.claims.intake import take_in_file
from contractor.claims.tables import Claim, ClaimFile
from demo.county import COUNTY
from demo.deciding import TWO_FROM_MONTH, Desk
from demo.history import History
from demo.paying import PayDay, pay_what_waits
from demo.progress import Progress
from demo.sending import Sending, exchange_file, sendings
from rulebook.registry import Timeline

CLAIMS_A_CHUNK = 1_000
OPEN_FROM_MONTH = "2026-10"
"""From this month on the desk has not decided yet."""


@dataclass(frozen=True)
class Intake:
    """One county's two years of files, in the order in which they came."""

    database: Database
    keyring: Keyring
    law: Timeline
    history: History
    told: Callable[[str], None]

    @property
    def county_code(self) -> str:
        return self.history.county.county_code

    def run(self) -> None:
        """Month by month. The months before the last one of which a file is here were finished at an earlier start."""
        progress = Progress(f"claims of {self.county_code}", len(self.history.claims), self.told)
        begun_on = self._last_day_begun()
        for month, of_month in groupby(sendings(self.history.claims), lambda one: one.month):
            files = list(of_month)
            claim_count = sum(len(one.claims) for one in files)
            if begun_on is not None and files[0].received_on < begun_on:
                progress.skip(claim_count)
                continue
            self._credit(files[0])
            for sending in files:
                self._take(sending)
                self._assess(sending.received_at)
                progress.add(len(sending.claims))
            if self.county_code == COUNTY:
                self._close(month, files[0].received_on)
        progress.tell()

    def _last_day_begun(self) -> dt.date | None:
        with self.database.transaction() as session:
            at = session.scalar(
                select(func.max(ClaimFile.received_at)).where(
                    ClaimFile.county_code == self.county_code, ClaimFile.door == "demo"
                )
            )
        return local_day(at) if at else None

    def _credit(self, first: Sending) -> None:
        """At the beginning of a year each household is credited; twice, it changes nothing."""
        year, month = (int(part) for part in first.month.split("-"))
        if month != 1:
            return
        at, after = PayDay(dt.date(year, 1, 2)).at(9), 0
        while True:
            with self.database.transaction() as session:
                step = credit_households(
                    session,
                    year,
                    county_code=self.county_code,
                    law=self.law,
                    at=at,
                    by=None,
                    after_household_id=after,
                )
            if step.last_household_id is None:
                return
            after = step.last_household_id

    def _close(self, month: str, received_on: dt.date) -> None:
        """What the people of the desk do with a month's claims; with the last two months they are not through."""
        desk = Desk(self.county_code, self.keyring, self.law, self.history)
        if month >= TWO_FROM_MONTH:
            with self.database.transaction() as session:
                desk.ensure_policy(session, at=PayDay(received_on).at(8))
        with self.database.transaction() as session:
            desk.end_notices(session, at=PayDay(received_on).at(17))
        if month >= OPEN_FROM_MONTH:
            return
        with self.database.transaction() as session:
            desk.clear(session, at=PayDay(received_on.replace(day=5)).at(10))
        day = PayDay(received_on.replace(day=10))
        with self.database.transaction() as session:
            desk.end_notices(session, at=day.at(8))
        with self.database.transaction() as session:
            pay_what_waits(session, self.keyring, self.county_code, day)

    def _take(self, sending: Sending) -> None:
        """One file, one transaction; a file that is known was taken in at an earlier start."""
        content = exchange_file(sending.claims)
        sha256 = hashlib.sha256(content).digest()
        with tempfile.TemporaryDirectory(prefix="coopmed-demo-") as folder:
            path = Path(folder) / "claims.csv"
            path.write_bytes(content)
            with self.database.transaction() as session:
                known = select(ClaimFile.id).where(
                    ClaimFile.county_code == self.county_code, ClaimFile.sha256 == sha256
                )
                if session.scalar(known) is not None:
                    return
                take_in_file(
                    session,
                    read_exchange(path, file_name=sending.file_name),
                    county_code=self.county_code,
                    door="demo",
                    file_name=sending.file_name,
                    sha256=sha256,
                    byte_count=len(content),
                    at=sending.received_at,
                    on=sending.received_on,
                    by=None,
                    keyring=self.keyring,
                    institution_code=sending.institution_code,
                    township_code=sending.township_code,
                )

    def _assess(self, at: dt.datetime) -> None:
        """Whatever has not been checked, in the order of its numbers."""
        while True:
            with self.database.transaction() as session:
                ids = session.scalars(
                    select(Claim.id)
                    .where(Claim.county_code == self.county_code, Claim.assessed_at.is_(None))
                    .order_by(Claim.id)
                    .limit(CLAIMS_A_CHUNK)
                ).all()
                if not ids:
                    return
                assess(
                    session,
                    ids,
                    county_code=self.county_code,
                    law=self.law,
                    keyring=self.keyring,
                    at=at,
                    on=local_day(at),
                )
