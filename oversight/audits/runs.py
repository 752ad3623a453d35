"""Ask for a recomputation, carry it out, keep what it found: each run is a row, and a finished one never changes."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import psycopg
import structlog
from sqlalchemy import func, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from chassis.queue.outbox import post
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from oversight.audits import queries
from oversight.audits.county import Recomputed, recompute_county
from oversight.audits.listing import NONE
from oversight.audits.refusals import RecomputationUnderWay
from oversight.audits.tables import Recomputation
from rulebook.registry import Timeline

KIND = "recompute_county"
STREAM = "recomputations"
RULE = Actor(ActorKind.SYSTEM, "rule")
# A list longer than this is no list any more; the rest is counted, and the sums hold all of it.
MOST_KEPT = 20_000
SECONDS_BETWEEN_MARKS = 0.5
log = structlog.get_logger(__name__)

_COPIED = (
    "difference_no", "kind", "step", "section", "article", "claim_id", "settlement_id", "entry_id", "payment_id",
    "line_no", "trail_seq", "institution_code", "member_id", "year", "published_fen", "recomputed_fen",
    "published_word", "recomputed_word", "effect_fen", "follows_earlier",
)  # fmt: skip
_NUMBERS = ("claim_id", "settlement_id", "entry_id", "payment_id", "line_no", "trail_seq", "member_id", "year")


def ask(
    session: Session,
    *,
    county_code: str,
    occasion: str,
    by: int | None,
    at: dt.datetime,
    batch_id: int | None = None,
) -> Recomputation:
    """Have the county recomputed soon. Raises: RecomputationUnderWay."""
    queries.lock_county(session, county_code)
    open_run = queries.under_way(session, county_code)
    if open_run is not None:
        raise RecomputationUnderWay(recomputation_id=open_run.id)
    run = Recomputation(county_code=county_code, occasion=occasion, batch_id=batch_id, asked_by=by, asked_at=at)
    session.add(run)
    session.flush()
    post(session, county_code=county_code, kind=KIND, payload={"recomputation_id": run.id}, at=at)
    if by is not None:
        _told(session, run, "recomputation.asked", Actor(ActorKind.STAFF, str(by)), {}, at)
    return run


def carry_out(session: Session, run: Recomputation, timeline: Timeline, *, at: dt.datetime) -> Recomputed:
    """Recompute the run's county and keep what was found, in the transaction of the caller."""
    engine = session.get_bind().engine
    # The readers work on connections of their own; this one waits for them, longer than it otherwise may.
    session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '3600s'"))
    mark = _marks(engine, run)
    mark("begun", 0, 0)
    found = recompute_county(engine, run.county_code, timeline, mark)
    kept = found.differences.iloc[:MOST_KEPT]
    _copy(session, run, kept, found.institutions)
    effect = found.differences["effect_fen"].to_numpy()
    finished = {
        "state": "finished",
        "finished_at": func.clock_timestamp(),
        "claim_count": found.claim_count,
        "line_count": found.line_count,
        "settlement_count": found.settlement_count,
        "entry_count": found.entry_count,
        "payment_count": found.payment_count,
        "trail_count": found.trail_count,
        "difference_count": len(found.differences),
        "kept_count": len(kept),
        "published_fen": found.published_fen,
        "recomputed_fen": found.recomputed_fen,
        "overpaid_fen": int(effect[effect > 0].sum()),
        "underpaid_fen": int(-effect[effect < 0].sum()),
        "paid_fen": found.paid_fen,
        "schedule_hashes": found.schedule_hashes,
    }
    _change(session, run, **finished)
    facts = {name: finished[name] for name in ("difference_count", "published_fen", "recomputed_fen", "paid_fen")}
    facts["settlement_count"] = found.settlement_count
    _told(session, run, "recomputation.finished", RULE, facts, at)
    log.info("county_recomputed", county_code=run.county_code, differences=len(found.differences))
    return found


def give_up(session: Session, run: Recomputation, *, failure: str, at: dt.datetime) -> None:
    """The run could not be carried out; that is kept too."""
    _change(session, run, state="failed", finished_at=func.clock_timestamp(), failure=failure)
    _told(session, run, "recomputation.failed", RULE, {}, at)


def _change(session: Session, run: Recomputation, **values: object) -> None:
    changed = session.execute(
        update(Recomputation)
        .where(Recomputation.county_code == run.county_code, Recomputation.id == run.id)
        .where(Recomputation.finished_at.is_(None))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    assert changed.rowcount == 1, "a run ends once"


def _marks(engine: Engine, run: Recomputation) -> Callable[[str, int, int], None]:
    """How far it is, in transactions of their own, so that people see it before the run's own commits."""
    last: dict[str, float] = {}

    def mark(stage: str, done: int, of: int) -> None:
        now = time.monotonic()
        if stage in last and done < of and now - last[stage] < SECONDS_BETWEEN_MARKS:
            return
        last[stage] = now
        values: dict[str, object] = {"stage": stage, "done_count": min(done, of), "total_count": of}
        if stage == "begun":
            values |= {"state": "running", "begun_at": func.clock_timestamp()}
        with engine.begin() as connection:
            connection.execute(
                update(Recomputation)
                .where(Recomputation.county_code == run.county_code, Recomputation.id == run.id)
                .values(**values)
            )

    return mark


def _copy(session: Session, run: Recomputation, kept: pd.DataFrame, institutions: list[str]) -> None:
    """The list by COPY, whatever its length; a number that says nothing becomes null."""
    if not len(kept):
        return
    assert set(kept.columns) == NONE.keys(), "the list has the columns of the list"
    columns: dict[str, list[object]] = {"difference_no": list(range(1, len(kept) + 1))}
    for name in ("kind", "step", "section", "article", "effect_fen", "follows_earlier"):
        columns[name] = kept[name].tolist()
    for name in _NUMBERS:
        columns[name] = [value or None for value in kept[name].tolist()]
    places = kept["institution"].to_numpy()
    codes = np.array([*institutions, ""], dtype=object)[np.where(places < 0, len(institutions), places)]
    columns["institution_code"] = [code or None for code in codes.tolist()]
    is_money = kept["is_money"].tolist()
    for side in ("published", "recomputed"):
        columns[f"{side}_fen"] = [v if m else None for v, m in zip(kept[f"{side}_fen"].tolist(), is_money, strict=True)]
        columns[f"{side}_word"] = [
            None if m else v for v, m in zip(kept[f"{side}_word"].tolist(), is_money, strict=True)
        ]
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    statement = (
        f"COPY oversight.recomputation_difference (county_code, recomputation_id, {', '.join(_COPIED)}) FROM STDIN"
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in zip(*(columns[name] for name in _COPIED), strict=True):
            copy.write_row((run.county_code, run.id, *row))


def _told(session: Session, run: Recomputation, act: str, by: Actor, facts: dict[str, object], at: dt.datetime) -> None:
    entry = Entry(act=act, subject_kind="recomputation", subject_id=str(run.id), by=by, facts=facts)
    append(session, county_code=run.county_code, stream=STREAM, entries=[entry], at=at)
