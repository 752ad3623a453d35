"""Many reviewers at one queue: each takes the next claim and decides it, gives it back, or walks away from it.

Claims are written straight into the table, because the queue looks at heads alone. The clock is the crowd's own:
whoever walks away leaves a hold behind that ends an hour later, and comes back after that.
"""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import create_engine, text

from chassis.db import Database
from chassis.desks import DESKS
from chassis.errors import Refusal, StaleVersion
from contractor.claims import decisions
from contractor.claims.refusals import HeldByAnother
from contractor.review.leasing import Handed, next_claim
from contractor.review.refusals import NothingWaiting, TooManyInHand
from tests.claims.making import AT, COUNTY, HOSPITAL, ON, World
from tests.conftest import TestDatabase

AT_ONCE = 4
CONNECTIONS = 16
LATER = AT + dt.timedelta(hours=1)
FIRST_REVIEWER = 900_000
Take = Callable[..., Handed]


@dataclass
class Told:
    """What the reviewers lived through."""

    handed: Counter[tuple[int, int]] = field(default_factory=Counter)
    """Claim and version, and to how many people it was handed."""
    decided: Counter[int] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, claim: Handed | None = None) -> None:
        with self.lock:
            self.counts[what] += 1
            if what == "handed" and claim is not None:
                self.handed[claim.claim_id, claim.version] += 1
            if what == "decided" and claim is not None:
                self.decided[claim.claim_id] += 1

    @property
    def handed_twice(self) -> int:
        return sum(count > 1 for count in self.handed.values())


def waiting_claims(database: TestDatabase, world: World, count: int, *, seed: int = 1) -> None:
    """Heads of claims that wait for a person, some of them about to be late, with every score and amount."""
    with psycopg.connect(database.owner_url) as connection:
        file_id = connection.execute(
            "INSERT INTO contractor.claim_file (county_code, door, file_name, sha256, byte_count, claim_count, "
            "line_count, charged_fen, received_at) VALUES (%s, 'demo', 'crowd', sha256(%s), 1, %s, 0, 0, %s) "
            "RETURNING id",
            [COUNTY, str(seed).encode(), count, AT],
        ).fetchone()[0]
        connection.execute(
            """
            INSERT INTO contractor.claim (county_code, claim_number, file_id, route, institution_code, member_id,
                household_id, card_number, invoice_number, admitted_on, discharged_on, diagnosis_code, diagnosis_name,
                department, doctor, charged_fen, institution_reduced_fen, paid_elsewhere_fen, advanced_fen,
                received_at, received_on, submitted_on, due_on, assessed_at, alert_ppm, is_clean)
            SELECT m.county_code, 'Q' || lpad((%(seed)s * 10000000 + n)::text, 10, '0'), %(file_id)s, 'direct',
                %(hospital)s, m.id, m.household_id, m.card_number, 'I' || n, DATE '2026-10-01', DATE '2026-10-05',
                'J18.9', '肺炎', '', '', 100000 + n * 7919 %% 4000000, 0, 0, n * 7919 %% 50000, %(at)s, %(on)s,
                %(on)s, %(on)s + (n * 31 %% 28 - 2)::int, %(at)s, 100000 + n * 104729 %% 890000, false
            FROM generate_series(1::bigint, %(count)s) AS n
            JOIN registry.member AS m
                ON m.county_code = %(county)s AND m.id = (%(members)s::bigint[])[n %% %(size)s + 1]
            """,
            {
                "file_id": file_id, "hospital": HOSPITAL, "at": AT, "on": ON, "count": count, "county": COUNTY,
                "members": world.members, "size": len(world.members), "seed": seed,
            },
        )  # fmt: skip
        connection.execute("ANALYZE contractor.claim")


def desk_for(database: TestDatabase) -> Database:
    """The workspace's own role with as many connections as a few web processes have; people wait their turn for one."""
    desk = DESKS["contractor"]
    engine = create_engine(
        database.url(desk.database_role), hide_parameters=True, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=600
    )
    return Database(desk, engine.execution_options(schema_translate_map={"desk": desk.schema}))


def work(database: Database, people: int, *, seed: int, take: Take = next_claim) -> Told:
    """Everybody works until nothing waits; then those who walked away come back, and the rest is decided."""
    told = Told()
    left_behind: list[tuple[int, Handed]] = []

    def review(reviewer: int, at: dt.datetime, may_leave: bool) -> None:
        chance = random.Random(seed * 1_000_003 + reviewer + may_leave)
        in_hand: list[Handed] = []
        while True:
            try:
                claim = database.retrying(lambda s: take(s, reviewer, county_code=COUNTY, at=at, on=ON))
            except (NothingWaiting, TooManyInHand):
                _decide(database, told, in_hand, reviewer, at)
                return
            except StaleVersion:
                # Two people were about to be handed the same claim, and one was sent away with nothing.
                told.note("collided")
                continue
            told.note("handed", claim)
            luck = chance.random() if may_leave else 1.0
            if luck < 0.04:
                seen = {claim.claim_id: claim.version}
                database.retrying(
                    lambda s, seen=seen: decisions.release(s, seen, county_code=COUNTY, by=reviewer, at=at)
                )
                told.note("given back")
            elif luck < 0.06 and sum(one == reviewer for one, _ in left_behind) < 5:
                told.note("left lying")
                left_behind.append((reviewer, claim))
            else:
                in_hand.append(claim)
            if len(in_hand) >= AT_ONCE:
                _decide(database, told, in_hand, reviewer, at)
                in_hand = []

    def shift(at: dt.datetime, may_leave: bool) -> None:
        gate = threading.Barrier(people)

        def run(reviewer: int) -> None:
            gate.wait()
            try:
                review(reviewer, at, may_leave)
            except Exception as error:  # an answer of the run, and not the end of a thread
                with told.lock:
                    told.unexpected.append(f"{type(error).__name__}: {error}"[:300])

        with ThreadPoolExecutor(people) as pool:
            list(pool.map(run, range(FIRST_REVIEWER, FIRST_REVIEWER + people)))

    shift(AT, may_leave=True)
    shift(LATER, may_leave=False)
    for reviewer, claim in left_behind:
        _come_back(database, told, claim, reviewer)
    return told


def _decide(database: Database, told: Told, in_hand: list[Handed], reviewer: int, at: dt.datetime) -> None:
    """All that one has in hand, in one act: the crowd is here to try who gets what."""
    if not in_hand:
        return
    seen = {claim.claim_id: claim.version for claim in in_hand}
    try:
        database.retrying(
            lambda s: decisions.refuse(s, seen, reason_code="duplicate", county_code=COUNTY, by=reviewer, at=at)
        )
    except (StaleVersion, HeldByAnother):
        told.note("collided")
    else:
        for claim in in_hand:
            told.note("decided", claim)


def _come_back(database: Database, told: Told, claim: Handed, reviewer: int) -> None:
    """Whoever walked away decides what somebody else has decided meanwhile: they are told, and nothing happens."""
    try:
        database.retrying(
            lambda s: decisions.refuse(
                s, {claim.claim_id: claim.version}, reason_code="duplicate", county_code=COUNTY, by=reviewer, at=LATER
            )
        )
    except Refusal:
        told.note("came back too late", claim)
    else:
        told.note("decided", claim)


def what_stands(database: Database) -> dict[str, int]:
    """What the database itself says happened, whatever the reviewers believe."""
    with database.transaction() as session:
        row = session.execute(
            text(
                "SELECT (SELECT count(*) FROM contractor.claim WHERE state = 'rejected') AS rejected, "
                "(SELECT count(*) FROM contractor.claim WHERE is_waiting) AS skipped, "
                "(SELECT count(*) FROM (SELECT claim_id FROM contractor.claim_event WHERE event = 'rejected' "
                "GROUP BY claim_id HAVING count(*) > 1) AS twice) AS decided_twice, "
                "(SELECT count(*) FROM contractor.claim_event WHERE event = 'taken_up') AS taken_up, "
                "(SELECT count(*) FROM contractor.trail_entry WHERE act = 'claim.rejected') AS told"
            )
        ).one()
        return dict(row._mapping)
