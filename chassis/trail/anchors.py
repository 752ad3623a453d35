"""Keeping the heads of the other desks: what a superuser elsewhere rewrites, he does not rewrite here.

Every quarter of an hour a desk reads the heads that are published to it, recomputes every link since the last head it
kept, where it may read the entries, and keeps the new head with its verdict.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from chassis.desks import Desk
from chassis.trail.sources import Chain, chains_of, readable_sources
from chassis.trail.tables import TrailAnchor
from chassis.trail.verdicts import Head, Verdict
from chassis.trail.verification import verify_chain

SOUND = "sound"


def take_anchors(session: Session, desk: Desk) -> list[Verdict]:
    """Check and keep the heads of all chains published to this desk. Returns a verdict for each, new or not."""
    connection = session.connection().connection.driver_connection
    newest, sound = _kept(session)
    verdicts, rows = [], []
    for source in readable_sources(connection):
        if source.schema == desk.schema:
            continue
        for chain in chains_of(connection, source):
            key = (source.desk, chain.county_code, chain.stream)
            verdict = _check(connection, chain, sound.get(key))
            verdicts.append(verdict)
            row = _row(source.desk, verdict)
            seen_before = newest.get(key)
            if seen_before is None or seen_before != (row["seq"], row["hash"], row["verdict"], row["bad_seq"]):
                rows.append(row)
    if rows:
        session.execute(insert(TrailAnchor).values(rows))
    return verdicts


def _check(connection, chain: Chain, since: Head | None) -> Verdict:
    """From the last sound head; where that finds a fault, once more from the beginning, to name it exactly."""
    verdict = verify_chain(connection, chain, since)
    if verdict.ok or since is None:
        return verdict
    whole = verify_chain(connection, chain)
    return verdict if whole.ok else whole


def _kept(session: Session) -> tuple[Mapping[tuple, tuple], Mapping[tuple, Head]]:
    """By chain: what was kept last, and the last head that was sound."""
    key = (TrailAnchor.desk, TrailAnchor.county_code, TrailAnchor.stream)
    last = select(*key, TrailAnchor.seq, TrailAnchor.hash, TrailAnchor.verdict, TrailAnchor.bad_seq)
    last = last.ext(distinct_on(*key)).order_by(*key, TrailAnchor.seen_at.desc())
    newest = {tuple(row[:3]): (row.seq, bytes(row.hash), row.verdict, row.bad_seq) for row in session.execute(last)}
    sound = {
        tuple(row[:3]): Head(row.seq, bytes(row.hash))
        for row in session.execute(last.where(TrailAnchor.verdict == SOUND))
    }
    return newest, sound


def _row(desk_key: str, verdict: Verdict) -> dict:
    return {
        "county_code": verdict.county_code,
        "desk": desk_key,
        "stream": verdict.stream,
        "seq": verdict.head.seq,
        "hash": verdict.head.hash,
        "verdict": verdict.why.value if verdict.why else SOUND,
        "bad_seq": verdict.first_bad_seq,
        "checked_entries": verdict.rows,
    }
