"""Checking a chain: every link recomputed, the head compared, and the heads that other desks keep.

Entries are read in ranges of their places, so that memory and each statement stay small however long the chain is. A
chain may grow while it is checked: what is checked is the chain up to the head seen at the start.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from chassis.house import House
from chassis.trail.chain import genesis
from chassis.trail.sources import Chain, anchors_of, chains_of, readable_sources, source_of
from chassis.trail.verdicts import Fault, Head, Verdict, Why
from chassis.trail.walking import MOST_FAULTS, Walk, walk


@dataclass(frozen=True)
class _Ends:
    """Head, first and last entry, all as of one instant."""

    head: Head | None
    first: int | None
    last: int | None


def verify(
    connection: psycopg.Connection, schema: str, county_code: str, stream: str, since: Head | None = None
) -> Verdict:
    """Check one chain, as the role of the connection may read it.

    Args:
        since: an anchor to start from; only what came after it is recomputed. Without it the whole chain is, and all
            anchors that this role may read are compared.
    """
    chain = Chain(source_of(connection, schema), county_code, stream)
    return verify_chain(connection, chain, since)


def verify_chain(connection: psycopg.Connection, chain: Chain, since: Head | None = None) -> Verdict:
    # Anchors before ends: one taken meanwhile must not be held against an older reading of the head.
    anchors = anchors_of(connection, chain) if since is None else [since] * (since.seq > 0)
    start = Head(0, genesis(chain.source.schema, chain.county_code, chain.stream))
    if chain.source.entries is None:
        head = _head_alone(connection, chain)
        return _verdict(chain, Walk(), head or start, anchors, _head_against_anchors(head or start, anchors))

    ends = _ends(connection, chain)
    stop = min((place for place in (ends.head and ends.head.seq, ends.last) if place is not None), default=0)
    walked = walk(connection, chain, start=start, since=since, first=ends.first, stop=stop)
    head = ends.head or start
    _compare_ends(connection, chain, ends, walked)
    _compare_anchors(connection, chain, anchors, reach=max(head.seq, ends.last or 0), walked=walked)
    return _verdict(chain, walked, head, anchors, walked.faults)


def verify_readable(connection: psycopg.Connection) -> list[Verdict]:
    """Every chain the role of the connection may read: its own, and what others publish to it."""
    sources = readable_sources(connection)
    return [verify_chain(connection, chain) for source in sources for chain in chains_of(connection, source)]


def verify_all(house: House) -> list[Verdict]:
    """Every chain that the desks of this site may read. A chain two desks can read in full is checked once."""
    verdicts: dict[tuple[str, str, str], Verdict] = {}
    for database in house.databases.values():
        with plain_connection(database.engine) as connection:
            for source in readable_sources(connection):
                for chain in chains_of(connection, source):
                    key = (source.schema, chain.county_code, chain.stream)
                    if key not in verdicts or (verdicts[key].rows == 0 and source.entries is not None):
                        verdicts[key] = verify_chain(connection, chain)
    return [verdicts[key] for key in sorted(verdicts)]


@contextmanager
def plain_connection(engine) -> Iterator[psycopg.Connection]:
    """A psycopg connection of the pool, each statement its own transaction: nothing here needs one snapshot."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection.connection.driver_connection


def _verdict(chain: Chain, walked: Walk, head: Head, anchors: Sequence[Head], faults: Sequence[Fault]) -> Verdict:
    ordered = sorted(faults, key=lambda fault: (fault.seq, fault.last))
    return Verdict(
        schema=chain.source.schema,
        county_code=chain.county_code,
        stream=chain.stream,
        rows=walked.rows,
        head=head,
        anchors=len(anchors),
        faults=tuple(ordered),
        unlisted_faults=walked.unlisted,
    )


def _head_alone(connection: psycopg.Connection, chain: Chain) -> Head | None:
    query = sql.SQL("SELECT seq, hash FROM {} WHERE county_code = %(county)s AND stream = %(stream)s")
    found = connection.execute(query.format(chain.source.head_table), chain.key).fetchone()
    return Head(found[0], bytes(found[1])) if found else None


def _head_against_anchors(head: Head, anchors: Sequence[Head]) -> list[Fault]:
    """All that can be said without the entries: a head that went back, or a place that changed its hash."""
    further = [anchor for anchor in anchors if anchor.seq > head.seq]
    if further:
        return [Fault(Why.CUT, head.seq + 1, until=further[-1].seq)]
    if any(anchor.seq == head.seq and anchor.hash != head.hash for anchor in anchors):
        below = max((anchor.seq for anchor in anchors if anchor.seq < head.seq), default=0)
        return [Fault(Why.REBUILT, below + 1, until=head.seq)]
    return []


def _ends(connection: psycopg.Connection, chain: Chain) -> _Ends:
    """One statement, so that a chain that grows meanwhile is not taken for one with a forged tail."""
    here = sql.SQL("county_code = %(county)s AND stream = %(stream)s")
    query = sql.SQL(
        "SELECT (SELECT seq FROM {heads} WHERE {here}), (SELECT hash FROM {heads} WHERE {here}), "
        "(SELECT min(seq) FROM {entries} WHERE {here}), (SELECT max(seq) FROM {entries} WHERE {here})"
    ).format(heads=chain.source.head_table, entries=chain.source.entry_table, here=here)
    seq, hash_, first, last = connection.execute(query, chain.key).fetchone()
    return _Ends(None if seq is None else Head(seq, bytes(hash_)), first, last)


def _compare_ends(connection: psycopg.Connection, chain: Chain, ends: _Ends, walked: Walk) -> None:
    last = ends.last or 0
    if ends.head is None:
        if ends.last is not None:
            walked.add(Fault(Why.HEAD, last))
        return
    head = ends.head
    if last > head.seq:
        beyond = sql.SQL(
            "SELECT seq FROM {} WHERE county_code = %(county)s AND stream = %(stream)s AND seq > %(head)s "
            "ORDER BY seq LIMIT %(most)s"
        ).format(chain.source.entry_table)
        for (seq,) in connection.execute(beyond, {**chain.key, "head": head.seq, "most": MOST_FAULTS}):
            walked.add(Fault(Why.FORGED, seq))
    if walked.expected <= head.seq:
        walked.add(Fault(Why.MISSING, walked.expected, until=head.seq))
    elif walked.prev not in (None, head.hash) and not walked.blames(head.seq):
        walked.add(Fault(Why.HEAD, head.seq))


def _compare_anchors(
    connection: psycopg.Connection, chain: Chain, anchors: Sequence[Head], *, reach: int, walked: Walk
) -> None:
    """What another desk saw must still be there. A fault already named between two anchors explains the second."""
    query = sql.SQL(
        "SELECT seq, hash FROM {} WHERE county_code = %(county)s AND stream = %(stream)s AND seq = ANY(%(seqs)s)"
    ).format(chain.source.entry_table)
    seqs = [anchor.seq for anchor in anchors]
    held = {seq: bytes(hash_) for seq, hash_ in connection.execute(query, {**chain.key, "seqs": seqs})}
    sound = 0
    for anchor in anchors:
        if anchor.seq > reach:
            continue
        if held.get(anchor.seq) == anchor.hash:
            sound = anchor.seq
            continue
        if not any(fault.seq <= anchor.seq and fault.last > sound for fault in walked.faults):
            walked.add(Fault(Why.REBUILT, sound + 1, until=anchor.seq))
        break
    if anchors and anchors[-1].seq > reach:
        walked.add(Fault(Why.CUT, reach + 1, until=anchors[-1].seq))
