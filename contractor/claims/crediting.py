"""The yearly credit of the household accounts: so much for each enrolled person ([0] 三、补助原则和办法 1 第2句)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Entry
from contractor.claims.approving import STREAM, actor
from contractor.claims.chunk import Chunk
from contractor.claims.copying import copy_rows, reserved_numbers
from contractor.claims.settling import ENTRY_COLUMNS, locked_accounts, write_accounts
from contractor.claims.statements import statement
from rulebook.benefits.accounts import credit_fen
from rulebook.benefits.household_account import CREDIT
from rulebook.registry import Timeline

HOUSEHOLDS_A_STEP = 2_000


@dataclass(frozen=True)
class Credited:
    """One step of a year's credit. `last_household_id` is None when no household is left."""

    household_count: int
    total_fen: int
    last_household_id: int | None


def credit_households(
    session: Session,
    year: int,
    *,
    county_code: str,
    law: Timeline,
    at: dt.datetime,
    by: int | None,
    after_household_id: int = 0,
    limit: int = HOUSEHOLDS_A_STEP,
) -> Credited:
    """Credit the next households in the order of their numbers. A household is credited once a year, however often
    this runs. Raises: NotApproved, NotInForce where the schedule knows no household account.

    ASSUMPTION: who is enrolled later in the year brings no further credit; the documents speak of the year's start.
    """
    rows = session.execute(
        statement(
            "SELECT e.household_id, count(*) FROM registry.published_enrolment AS e "
            "WHERE e.county_code = :county_code AND e.year = :year AND e.kind = 'scheme' AND e.household_id > :after "
            "GROUP BY e.household_id ORDER BY e.household_id LIMIT :limit"
        ),
        {"county_code": county_code, "year": year, "after": after_household_id, "limit": limit},
    ).all()
    if not rows:
        return Credited(0, 0, None)
    first_day = dt.date(year, 1, 1)
    schedule = law.schedule_on(first_day)
    chunk = Chunk(session, county_code, law, [])
    accounts = locked_accounts(chunk, [row[0] for row in rows])
    # Looked at after the locks: a second run waits here and then finds what the first one has written.
    done = set(
        session.scalars(
            statement(
                "SELECT household_id FROM contractor.account_entry WHERE county_code = :county_code "
                "AND year = :year AND kind = :kind AND household_id BETWEEN :first AND :last"
            ),
            {
                "county_code": county_code, "year": year, "kind": CREDIT, "first": rows[0][0], "last": rows[-1][0],
            },
        )
    )  # fmt: skip
    due = {row[0]: credit_fen(schedule, on=first_day, persons=row[1]) for row in rows if row[0] not in done}
    ids = reserved_numbers(session, "account_entry", "entry_id", len(due))
    written, changed = [], {}
    for entry_id, (household_id, amount_fen) in zip(ids, due.items(), strict=True):
        number, balance_fen = accounts[household_id]
        changed[household_id] = (number + 1, balance_fen + amount_fen)
        written.append(
            (
                county_code, entry_id, household_id, number + 1, CREDIT, amount_fen, 0, balance_fen + amount_fen,
                None, 0, year, at, by,
            )
        )  # fmt: skip
    if written:
        copy_rows(session, "account_entry", ENTRY_COLUMNS, written)
        write_accounts(chunk, changed)
        facts = {"households": len(due), "year": year, "total_fen": sum(due.values()), "last": rows[-1][0]}
        entry = Entry("accounts.credited", "county", county_code, actor(by), facts)
        append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
    return Credited(len(due), sum(due.values()), rows[-1][0] if len(rows) == limit else None)
