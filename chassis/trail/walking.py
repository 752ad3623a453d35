"""Going along a chain from link to link. The first half is the fast path; the second names what is wrong."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import combinations

import psycopg
from psycopg import sql

from chassis.trail import wire
from chassis.trail.sources import Chain
from chassis.trail.verdicts import Fault, Head, Why
from chassis.trail.wire import END, HASH_FIELD_BYTES, PREV, ROWS_A_COPY, SEQ, Opened

MOST_FAULTS = 64
_PLACE = struct.Struct(">q")


@dataclass
class Walk:
    """Where the walk stands: how many entries were recomputed, the hash the next must remember, what was wrong."""

    rows: int = 0
    prev: bytes | None = None
    expected: int = 1
    faults: list[Fault] = field(default_factory=list)
    unlisted: int = 0
    suspects: list[tuple[int, Opened]] = field(default_factory=list)
    last_was_changed: bool = False

    def add(self, fault: Fault) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)
        else:
            self.unlisted += 1

    def pass_to(self, prev: bytes | None, expected: int) -> None:
        """Everything up to `expected` was sound."""
        if expected > self.expected:
            self.rows += expected - self.expected
            self.prev, self.expected, self.last_was_changed = prev, expected, False

    def blames(self, seq: int) -> bool:
        return any(fault.seq <= seq <= fault.last for fault in self.faults)


def walk(
    connection: psycopg.Connection, chain: Chain, *, start: Head, since: Head | None, first: int | None, stop: int
) -> Walk:
    """Recompute the entries up to place `stop`, from the beginning or from an anchor."""
    walked = Walk(prev=start.hash, expected=start.seq + 1)
    low = min(walked.expected, first if first is not None else 1)
    if since is not None and since.seq > 0:
        # The anchored entry itself is read again; that it still has the hash that was seen is compared at the end.
        walked.prev, walked.expected, low = None, since.seq, since.seq
    for low_, high in _ranges(connection, chain, low, stop, walked):
        _along(walked, wire.messages(connection, chain, low_, high))
    _recognise_swaps(walked)
    return walked


def _along(walked: Walk, messages: Iterator[bytes]) -> None:
    """The loop that a million entries go through: three comparisons and one hash each."""
    pack, end = _PLACE.pack, -HASH_FIELD_BYTES
    prev, expected = walked.prev, walked.expected
    for row in messages:
        hash_ = row[-32:]
        if row[PREV] == prev and row[SEQ] == pack(expected) and sha256(row[:end]).digest() == hash_:
            prev = hash_
            expected += 1
        elif row != END:
            walked.pass_to(prev, expected)
            walked.rows += 1
            _examine(walked, row)
            prev, expected = walked.prev, walked.expected
    walked.pass_to(prev, expected)


def _ranges(
    connection: psycopg.Connection, chain: Chain, low: int, stop: int, walked: Walk
) -> Iterator[tuple[int, int]]:
    """Half-open ranges of places up to `stop`; over an empty stretch the walk jumps instead of counting."""
    onward = sql.SQL(
        "SELECT min(seq) FROM {} WHERE county_code = %(county)s AND stream = %(stream)s AND seq >= %(low)s"
    ).format(chain.source.entry_table)
    while low <= stop:
        high, before = min(low + ROWS_A_COPY, stop + 1), walked.rows
        yield low, high
        low = high
        if walked.rows == before:
            (found,) = connection.execute(onward, {**chain.key, "low": low}).fetchone()
            low = stop + 1 if found is None else found


def _examine(walked: Walk, row: bytes) -> None:
    """An entry that did not pass, or the first one after an anchor or a gap."""
    parts = wire.opened(row)
    if parts is None:
        walked.add(Fault(Why.CHANGED, walked.expected))
        walked.prev, walked.expected, walked.last_was_changed = None, walked.expected + 1, True
        return
    (seq,) = _PLACE.unpack(row[SEQ])
    if seq < walked.expected:
        walked.add(Fault(Why.FORGED, seq))
        return
    if seq > walked.expected:
        walked.add(Fault(Why.MISSING, walked.expected, until=seq - 1))
        walked.prev = None
    holds = wire.own_hash_holds(row)
    if not holds:
        walked.add(Fault(Why.CHANGED, seq))
        if len(walked.suspects) < MOST_FAULTS:
            walked.suspects.append((seq, parts))
    elif walked.prev is not None and parts.prev != walked.prev and not walked.last_was_changed:
        # This entry is whole and remembers another predecessor: that one was changed together with its hash.
        walked.add(Fault(Why.REWRITTEN, max(seq - 1, 1)))
    walked.prev, walked.expected, walked.last_was_changed = parts.hash, seq + 1, not holds


def _recognise_swaps(walked: Walk) -> None:
    """Two changed entries whose contents fit each other's places were exchanged."""
    pairs = {}
    for (a, at_a), (b, at_b) in combinations(walked.suspects, 2):
        if any(map(wire.own_hash_holds, at_a.with_content_of(at_b))) and any(
            map(wire.own_hash_holds, at_b.with_content_of(at_a))
        ):
            pairs[a], pairs[b] = b, a
    walked.faults = [
        Fault(Why.SWAPPED, fault.seq, other=pairs[fault.seq])
        if fault.why is Why.CHANGED and fault.seq in pairs
        else fault
        for fault in walked.faults
    ]
