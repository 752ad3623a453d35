"""Claim, payment, ledger and bank compared both ways, line by line: four witnesses of the same money (A9).

The bank's statement is the fourth: what it says it booked, whatever we believe. A night's check is a handful of
statements over whole tables; each discrepancy becomes an exception that a person closes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from chassis.vault.refusals import SealBroken
from chassis.vault.sealing import row_id_text, unseal
from contractor.payments.exceptions import Noticed, note
from contractor.payments.parity_queries import COUNTS, QUERIES
from contractor.payments.planning import PURPOSE
from contractor.payments.releasing import CONTENT_CELL
from contractor.payments.tables import BankMessage, ParityCheck

MOST_FOUND = 1000
"""Of one kind; a thousand are as alarming as all of them, and people read them one by one."""


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Two witnesses that do not agree."""

    kind: str
    subject: str
    expected: str
    found: str
    payment_id: int | None = None
    batch_id: int | None = None


@dataclass(frozen=True, slots=True)
class Parity:
    settlement_count: int
    payment_count: int
    leg_count: int
    bank_line_count: int
    discrepancies: tuple[Discrepancy, ...]

    @property
    def kinds(self) -> Counter[str]:
        return Counter(one.kind for one in self.discrepancies)


def check(
    session: Session, *, county_code: str, at: dt.datetime, keyring: Keyring | None = None, grace: dt.timedelta
) -> Parity:
    """Compare, and write nothing.

    Args:
        keyring: opens the kept files to compare them with their fingerprints; without it that one check is left out.
        grace: how long a payment may be paid before the bank's statement must name it.
    """
    given = {"county_code": county_code, "booked_before": at - grace, "most": MOST_FOUND}
    found: list[Discrepancy] = []
    with over_whole_tables(session):
        for kind, query in QUERIES.items():
            found += [_discrepancy(kind, row) for row in session.execute(text(query), given)]
        counts = session.execute(text(COUNTS), given).one()
    if keyring is not None:
        found += _changed_files(session, county_code, keyring)
    return Parity(*counts, discrepancies=tuple(found))


@contextmanager
def over_whole_tables(session: Session) -> Iterator[None]:
    """Every comparison goes once through whole tables, whatever the planner knows of them.

    Right after a great many rows came in it has no statistics, takes a county for a few rows and walks one table for
    each row of another until the time limit ends it. A role may not refresh the statistics of what it does not own.
    """
    session.execute(text("SET LOCAL enable_nestloop = off"))
    yield
    # After an error the transaction ends, and the setting with it.
    session.execute(text("SET LOCAL enable_nestloop = on"))


def check_and_note(
    session: Session, *, county_code: str, at: dt.datetime, keyring: Keyring, grace: dt.timedelta
) -> Parity:
    """Compare, keep that it was done, and put what was found before people."""
    parity = check(session, county_code=county_code, at=at, keyring=keyring, grace=grace)
    noticed = [
        Noticed("parity", f"{one.kind}/{one.subject}", one.expected, one.found, one.batch_id, one.payment_id)
        for one in parity.discrepancies
    ]
    note(session, noticed, county_code=county_code, at=at)
    session.execute(
        insert(ParityCheck).values(
            county_code=county_code,
            checked_at=at,
            settlement_count=parity.settlement_count,
            payment_count=parity.payment_count,
            leg_count=parity.leg_count,
            bank_line_count=parity.bank_line_count,
            discrepancy_count=len(parity.discrepancies),
        )
    )
    return parity


def _discrepancy(kind: str, row: Any) -> Discrepancy:
    values = row._mapping
    return Discrepancy(
        kind,
        str(values["subject"]),
        str(values["expected"]),
        str(values["found"]),
        values.get("payment_id"),
        values.get("batch_id"),
    )


def _changed_files(session: Session, county_code: str, keyring: Keyring) -> Iterator[Discrepancy]:
    rows = session.execute(
        select(BankMessage.id, BankMessage.message_id, BankMessage.sha256, BankMessage.content, BankMessage.batch_id)
        .where(BankMessage.county_code == county_code)
        .execution_options(yield_per=20)
    )
    for row in rows:
        try:
            content = unseal(
                keyring, PURPOSE, row.content, **CONTENT_CELL, row_id=row_id_text(county_code, row.id)
            ).encode()
            found = hashlib.sha256(content).hexdigest()
        except SealBroken:
            found = "seal broken"
        if found != bytes(row.sha256).hex():
            yield Discrepancy("file_was_changed", row.message_id, bytes(row.sha256).hex(), found, batch_id=row.batch_id)
