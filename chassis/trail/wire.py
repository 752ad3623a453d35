"""Entries as PostgreSQL sends them: a message of a binary COPY is the hashed bytes of an entry, then its hash.

The server sends one row a message and prepares the next while this one is hashed; memory holds one message.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

from chassis.trail.chain import FIELDS, FORM
from chassis.trail.sources import Chain

ROWS_A_COPY = 250_000  # a few seconds of work: well inside a role's statement timeout
SIGNATURE = b"PGCOPY\n\xff\r\n\0"
HEADER_BYTES = 19
END = b"\xff\xff"
HASH_FIELD_BYTES = 36  # a length of four bytes and the hash
PREV = slice(6, 38)
SEQ = slice(58, 66)


def messages(connection: psycopg.Connection, chain: Chain, first: int, last: int) -> Iterator[bytes]:
    """The entries with `first <= seq < last`, in order, as they come over the wire; `END` comes last."""
    with connection.cursor() as cursor, cursor.copy(_copy_query(chain, first, last)) as copy:
        opening = bytes(copy.read())
        assert opening.startswith(SIGNATURE), "a binary COPY opens with its signature"
        if len(opening) > HEADER_BYTES:
            yield opening[HEADER_BYTES:]
        yield from map(bytes, copy)


def own_hash_holds(row: bytes) -> bool:
    """Does the entry's content, the hash before it included, give its own hash?"""
    return hashlib.sha256(row[:-HASH_FIELD_BYTES]).digest() == row[-32:]


@dataclass(frozen=True)
class Opened:
    """The parts of a message, for the few entries that are not sound."""

    prev: bytes
    before_seq: bytes
    seq: bytes
    after_seq: bytes
    hash: bytes

    def with_content_of(self, other: Opened) -> Iterator[bytes]:
        """The messages this place would have held, were the other's content its own."""
        for prev in {self.prev, other.prev}:
            for hash_ in {self.hash, other.hash}:
                yield _field(prev, lead=FIELDS_LEAD) + self.before_seq + self.seq + other.after_seq + _field(hash_)


FIELDS_LEAD = struct.pack(">h", len(FIELDS))


def opened(row: bytes) -> Opened | None:
    """The message taken apart, or None where a column no longer has the size it must have."""
    if row[:6] != FIELDS_LEAD + struct.pack(">i", 32) or row[-HASH_FIELD_BYTES:-32] != struct.pack(">i", 32):
        return None
    return Opened(row[PREV], row[38:54], row[54:66], row[66:-HASH_FIELD_BYTES], row[-32:])


def _field(value: bytes, lead: bytes = b"") -> bytes:
    return lead + struct.pack(">i", len(value)) + value


def _copy_query(chain: Chain, first: int, last: int) -> sql.Composed:
    columns = [
        sql.SQL("{}::smallint").format(sql.Literal(FORM)) if name == "form" else sql.Identifier(name) for name in FIELDS
    ]
    return sql.SQL(
        "COPY (SELECT {columns} FROM {entries} WHERE county_code = {county} AND stream = {stream} "
        "AND seq >= {first} AND seq < {last} ORDER BY seq) TO STDOUT (FORMAT binary)"
    ).format(
        columns=sql.SQL(", ").join(columns),
        entries=chain.source.entry_table,
        county=sql.Literal(chain.county_code),
        stream=sql.Literal(chain.stream),
        first=sql.Literal(first),
        last=sql.Literal(last),
    )
