"""Adding to a chain: the head row is locked, a chunk is hashed, one insert, the head moves. Three statements a chunk.

The lock lasts until the edge commits, so append late in a transaction; one that adds to several streams does so in
the order of their names, as `Database.retrying` is the way out of a deadlock and not the plan.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from sqlalchemy import BigInteger, Date, DateTime, Text, bindparam, cast, column, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.trail import chain
from chassis.trail.chain import Entry, Placed
from chassis.trail.tables import TrailEntry, TrailHead

LARGEST_CHUNK = 50_000
_TEXTS = ("actor_kind", "actor_id", "act", "subject_kind", "subject_id", "facts")
_SENT = (column("seq", BigInteger), *(column(name, Text) for name in (*_TEXTS, "prev_hash", "hash")))


def append(session: Session, *, county_code: str, stream: str, entries: Sequence[Entry], at: dt.datetime) -> list[int]:
    """Add the entries to the end of a chain and return their places. Nothing is kept unless the edge commits."""
    if not entries:
        return []
    assert len(entries) <= LARGEST_CHUNK, f"{len(entries)} entries in one chunk; the largest is {LARGEST_CHUNK}"
    schema = session.connection().get_execution_options()["schema_translate_map"]["desk"]
    last_seq, prev, recorded_at = _locked_head(session, schema, county_code, stream)
    acted_on = local_day(at)
    rows: list[dict[str, object]] = []
    for seq, entry in enumerate(entries, last_seq + 1):
        assert chain.machine_word(entry.subject_id) and chain.machine_word(entry.by.id), "a subject is named by an id"
        facts = chain.facts_text(entry.facts)
        texts = (entry.by.kind.value, entry.by.id, entry.act, entry.subject_kind, entry.subject_id, facts)
        form = chain.canonical(Placed(county_code, stream, seq, recorded_at, acted_on, *texts))
        hash_ = chain.link(prev, form)
        rows.append({"seq": seq, **dict(zip(_TEXTS, texts, strict=True)), "prev_hash": prev.hex(), "hash": hash_.hex()})
        prev = hash_
    _insert(session, county_code, stream, recorded_at, acted_on, rows)
    session.execute(
        update(TrailHead)
        .where(TrailHead.county_code == county_code, TrailHead.stream == stream)
        .values(seq=last_seq + len(entries), hash=prev, updated_at=func.clock_timestamp())
        .execution_options(synchronize_session=False)
    )
    return list(range(last_seq + 1, last_seq + len(entries) + 1))


def _locked_head(session: Session, schema: str, county_code: str, stream: str) -> tuple[int, bytes, dt.datetime]:
    """The head, ours until the transaction ends, and the database's time. A new chain starts from its genesis."""
    head = (
        select(TrailHead.seq, TrailHead.hash, func.clock_timestamp())
        .where(TrailHead.county_code == county_code, TrailHead.stream == stream)
        .with_for_update()
    )
    found = session.execute(head).one_or_none()
    if found is None:
        # Of two first writers one inserts and the other waits here, then both queue at the lock below.
        session.execute(
            pg_insert(TrailHead)
            .values(county_code=county_code, stream=stream, seq=0, hash=chain.genesis(schema, county_code, stream))
            .on_conflict_do_nothing()
        )
        found = session.execute(head).one()
    return found[0], bytes(found[1]), found[2]


def _insert(
    session: Session,
    county_code: str,
    stream: str,
    recorded_at: dt.datetime,
    acted_on: dt.date,
    rows: Sequence[dict[str, object]],
) -> None:
    """One statement however many rows: the chunk travels as one document, which is far cheaper to write than arrays."""
    document = bindparam("chunk", json.dumps(rows, ensure_ascii=False, separators=(",", ":")), Text())
    new = func.json_to_recordset(cast(document, JSON)).table_valued(*_SENT, name="new").render_derived(with_types=True)
    session.execute(
        insert(TrailEntry).from_select(
            ["county_code", "stream", "recorded_at", "acted_on", "seq", *_TEXTS, "prev_hash", "hash"],
            select(
                literal(county_code, Text()),
                literal(stream, Text()),
                literal(recorded_at, DateTime(timezone=True)),
                literal(acted_on, Date()),
                new.c.seq,
                *(cast(new.c[name], JSON) if name == "facts" else new.c[name] for name in _TEXTS),
                func.decode(new.c.prev_hash, "hex"),
                func.decode(new.c.hash, "hex"),
            ),
        )
    )
