"""What the law of hands costs: the triggers that keep deciders apart, on 20,000 decisions by rule and 200 by a person.

Each chunk is decided twice in a transaction that is rolled back, with the triggers and without, one after the other, so
that both decide the same claims on the same rows; deferred triggers are made to speak before the rollback.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import psycopg
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from chassis.launcher.throwaway import throwaway_servers
from contractor.claims.assessment import assess
from contractor.claims.doors.exchange import read_exchange
from contractor.claims.intake import take_in_file
from contractor.claims.moves import Move, move
from contractor.second import deciding
from contractor.second.tables import ReviewPolicy
from rulebook.lifecycles.claim import E
from tests.bench.intake import CHUNK, CLAIMS, _claims, _migrated, _server_seconds
from tests.claims.making import AT, COUNTY, LAW, ON, make_world
from tests.real_input.exchange_files import write_exchange

BY_PERSON = 200
LAW_OF_HANDS = (
    ("claim_event", "events_keep_hands_apart"),
    ("claim_event", "first_word_is_enough"),
    ("settlement", "settlements_keep_hands_apart"),
    ("account_entry", "entries_keep_hands_apart"),
    ("claim", "decision_has_its_event"),
    ("review_proposal", "proposal_is_own"),
)
POLICY = {"limit_fen": 10**12, "household_limit_fen": 10**12, "payee_limit_fen": 10**12, "rolling_days": 30,
          "is_on_critical": True, "share_ppm": 0, "seed": b"s" * 32, "note": "bench"}  # fmt: skip


def main() -> None:
    with ExitStack() as stack:
        admin_url = stack.enter_context(throwaway_servers(durable=True)).postgres.superuser_url()
        database = _migrated(admin_url)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        world = make_world(database, folder, members=CLAIMS // 2)
        desk = database.desk("contractor")
        owner = stack.enter_context(psycopg.connect(database.owner_url, autocommit=True))
        path = folder / "claims.csv"
        write_exchange(path, _claims(world, 0, CLAIMS))
        with desk.transaction() as session:
            take_in_file(
                session, read_exchange(path, file_name=path.name), county_code=COUNTY, door="cli", file_name=path.name,
                sha256=bytes(32), byte_count=path.stat().st_size, at=AT, on=ON, by=None, keyring=world.keyring,
            )  # fmt: skip
        owner.execute("ALTER TABLE contractor.review_policy DISABLE TRIGGER policy_is_the_leads")
        with desk.transaction() as session:
            session.execute(insert(ReviewPolicy).values(county_code=COUNTY, from_on=ON, set_at=AT, set_by=1, **POLICY))
        ids = [row[0] for row in owner.execute("SELECT id FROM contractor.claim ORDER BY id").fetchall()]
        owner.execute("ANALYZE contractor.claim, contractor.claim_line")

        def by_rule(session: Session, chunk: Sequence[int]) -> None:
            assess(session, chunk, county_code=COUNTY, law=LAW, keyring=world.keyring, at=AT, on=ON)

        chunks = [ids[first : first + CHUNK] for first in range(0, CLAIMS, CHUNK)]
        _rolled_back(desk, by_rule, chunks[0])
        found = _both(desk, owner, by_rule, chunks)
        _tell(f"{CLAIMS:,} claims decided by rule, chunks of {CHUNK:,}", found)

        def by_person(session: Session, chunk: Sequence[int]) -> None:
            given = {"county_code": COUNTY, "law": LAW, "keyring": world.keyring, "by": 7, "at": AT, "on": ON}
            deciding.propose(session, dict.fromkeys(chunk, 1), "approve", **given)

        few = ids[:BY_PERSON]
        with desk.transaction() as session:
            rows = deciding.locked_as_seen(session, COUNTY, dict.fromkeys(few, 0), law=LAW).claims
            move(session, COUNTY, [Move(row, E.TAKEN_UP) for row in rows], at=AT, by=7)
        found = _both(desk, owner, by_person, [[one] for one in few])
        _tell(f"{BY_PERSON} claims decided one by one by a person, under a policy", found)
        desk.engine.dispose()


def _both(desk, owner, act: Callable, chunks: Sequence[Sequence[int]]) -> dict[bool, list[tuple[float, float]]]:
    found: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for number, chunk in enumerate(chunks):
        for is_on in (True, False) if number % 2 else (False, True):
            for table, trigger in LAW_OF_HANDS:
                how = "ENABLE ALWAYS" if is_on else "DISABLE"
                owner.execute(f"ALTER TABLE contractor.{table} {how} TRIGGER {trigger}")
            found[is_on].append(_rolled_back(desk, act, chunk))
    return found


def _rolled_back(desk, act: Callable, chunk: Sequence[int]) -> tuple[float, float]:
    """Wall seconds and the server's processor seconds of one transaction, its deferred triggers included."""
    with desk._sessions() as session:
        session.execute(text("SELECT 1"))
        used, started = _server_seconds(session), time.perf_counter()
        act(session, chunk)
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        wall = time.perf_counter() - started
        used = _server_seconds(session) - used
        session.rollback()
    return wall, used


def _tell(what: str, found: dict[bool, list[tuple[float, float]]]) -> None:
    wall, used = ({is_on: sum(one[part] for one in found[is_on]) for is_on in found} for part in (0, 1))
    median = {is_on: statistics.median(one[0] for one in found[is_on]) * 1000 for is_on in found}
    print(f"  {what}: with {wall[True]:.2f} s, without {wall[False]:.2f} s, ratio {wall[True] / wall[False]:.3f}")
    print(f"    server's processor time: with {used[True]:.2f} s, without {used[False]:.2f} s")
    print(f"    median of one transaction: with {median[True]:.1f} ms, without {median[False]:.1f} ms")
