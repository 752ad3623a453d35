"""Which chains a database role may read: its own tables, and what the other desks publish to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from chassis.desks import DESKS
from chassis.trail.verdicts import Head


@dataclass(frozen=True)
class Source:
    """A desk's chains as this role may read them. `entries` is None where only the heads are published."""

    desk: str
    schema: str
    heads: str
    entries: str | None
    is_own: bool

    @property
    def head_table(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.heads)

    @property
    def entry_table(self) -> sql.Identifier:
        assert self.entries is not None, f"the entries of {self.schema} are not published to this role"
        return sql.Identifier(self.schema, self.entries)


@dataclass(frozen=True)
class Chain:
    source: Source
    county_code: str
    stream: str

    @property
    def key(self) -> dict[str, str]:
        return {"county": self.county_code, "stream": self.stream}


def readable_sources(connection: psycopg.Connection) -> list[Source]:
    """Every desk whose chains this role may read, asked of the catalogue and not of a list of ours."""
    found = []
    for desk in DESKS.values():
        may = _readable(connection, desk.schema)
        heads = next((name for name in ("trail_head", "published_trail_head") if name in may), None)
        entries = next((name for name in ("trail_entry", "published_trail_entry") if name in may), None)
        if heads is not None:
            found.append(Source(desk.key, desk.schema, heads, entries, is_own=heads == "trail_head"))
    return found


def source_of(connection: psycopg.Connection, schema: str) -> Source:
    return next(source for source in readable_sources(connection) if source.schema == schema)


def chains_of(connection: psycopg.Connection, source: Source) -> list[Chain]:
    """Every chain that has a head, an entry or an anchor: one whose head was deleted must not drop out."""
    query = sql.SQL("SELECT county_code, stream FROM {}").format(source.head_table)
    keys = set(connection.execute(query).fetchall())
    if source.entries is not None:
        keys |= _chains_with_entries(connection, source)
    for _keeper, table in anchor_tables(connection):
        query = sql.SQL("SELECT DISTINCT county_code, stream FROM {} WHERE desk = %s AND verdict = 'sound'")
        keys |= set(connection.execute(query.format(table), [source.desk]).fetchall())
    return [Chain(source, county_code, stream) for county_code, stream in sorted(keys)]


def anchors_of(connection: psycopg.Connection, chain: Chain) -> list[Head]:
    """The sound heads of a chain that other desks keep and this role may read, oldest first."""
    heads: set[Head] = set()
    for _keeper, table in anchor_tables(connection):
        query = sql.SQL(
            "SELECT seq, hash FROM {} WHERE county_code = %(county)s AND desk = %(desk)s AND stream = %(stream)s "
            "AND verdict = 'sound' AND seq > 0"
        ).format(table)
        rows = connection.execute(query, {**chain.key, "desk": chain.source.desk}).fetchall()
        heads |= {Head(seq, bytes(hash_)) for seq, hash_ in rows}
    return sorted(heads, key=lambda head: (head.seq, head.hash))


def anchor_tables(connection: psycopg.Connection) -> Sequence[tuple[str, sql.Identifier]]:
    """(the desk that keeps them, the table or view) of all anchors this role may read."""
    tables = []
    for desk in DESKS.values():
        may = _readable(connection, desk.schema)
        name = next((name for name in ("trail_anchor", "published_trail_anchor") if name in may), None)
        if name is not None:
            tables.append((desk.key, sql.Identifier(desk.schema, name)))
    return tables


def _readable(connection: psycopg.Connection, schema: str) -> set[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relname ~ '^(published_)?trail_' "
        "AND relkind IN ('r', 'v', 'p') AND has_table_privilege(oid, 'SELECT')",
        [schema],
    ).fetchall()
    return {name for (name,) in rows}


def _chains_with_entries(connection: psycopg.Connection, source: Source) -> set[tuple[str, str]]:
    """The distinct keys by jumping along the primary key, not by reading every entry."""
    query = sql.SQL(
        """
        WITH RECURSIVE jump AS (
            (SELECT county_code, stream FROM {entries} ORDER BY county_code, stream LIMIT 1)
            UNION ALL
            SELECT onward.county_code, onward.stream FROM jump, LATERAL (
                SELECT county_code, stream FROM {entries} AS entry
                WHERE (entry.county_code, entry.stream) > (jump.county_code, jump.stream)
                ORDER BY county_code, stream LIMIT 1) AS onward
        )
        SELECT county_code, stream FROM jump
        """
    ).format(entries=source.entry_table)
    return set(connection.execute(query).fetchall())
