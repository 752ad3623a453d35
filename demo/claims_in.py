"""The demo's files go through the intake everybody's files go through: read, taken in, checked, decided by rule."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from chassis.clock import local_day
from chassis.db import Database
from chassis.vault.keyring import Keyring
from contractor.claims.assessment import assess
from contractor.claims.exchange import read_exchange
from contractor.claims.intake import take_in_file
from contractor.claims.tables import Claim, ClaimFile
from demo.history import History
from demo.progress import Progress
from demo.sending import Sending, exchange_file, sendings
from rulebook.registry import Timeline

CLAIMS_A_CHUNK = 1_000


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
        progress = Progress(f"claims of {self.county_code}", len(self.history.claims), self.told)
        for sending in sendings(self.history.claims):
            self._take(sending)
            self._assess(sending.received_at)
            progress.add(len(sending.claims))
        progress.tell()

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
