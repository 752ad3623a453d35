"""Carrying a table over to a new key, chunk by chunk.

Each call does one chunk inside the caller's transaction and returns where it came to. Stopped at any moment it loses
at most the uncommitted chunk; run twice it finds nothing left to do. A row that changes meanwhile is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    Table,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from chassis.errors import Refusal
from chassis.vault.blind_index import index_many
from chassis.vault.keyring import Keyring
from chassis.vault.refusals import KeyMissing, SealBroken
from chassis.vault.sealing import NONCE_AT, head_of_newest, row_id_text, seal, unseal

Change = tuple[dict[str, Any], dict[str, bytes]]


@dataclass(frozen=True)
class Unreadable:
    """A value that does not open: damaged, moved, or its key is gone. A finding; the rest is carried over."""

    row_id: str
    column: str
    key: str


@dataclass(frozen=True)
class Chunk:
    """What one call did. `cursor` goes into the next call's `after`; `is_last` says there is none."""

    cursor: tuple[Any, ...] | None
    is_last: bool
    seen_rows: int
    changed_rows: int
    unreadable: tuple[Unreadable, ...]


def reseal(
    connection: Connection,
    keyring: Keyring,
    *,
    table: Table,
    id_columns: Sequence[str],
    sealed_columns: Sequence[str],
    purpose: str,
    after: tuple[Any, ...] | None,
    chunk: int = 1000,
    sealed_as: str | None = None,
) -> Chunk:
    """Seal the next rows anew that an older key sealed.

    Args:
        id_columns: the primary key, in the order in which `row_id_text` was given it.
        after: `Chunk.cursor` of the call before; None starts from the first row.
        sealed_as: the table's name as it was sealed under, when that is not `schema.table`.
    """
    newest = head_of_newest(keyring, purpose)
    is_old = or_(*(and_(table.c[c].is_not(None), _head_in_sql(table.c[c]) != literal(newest)) for c in sealed_columns))
    rows = _next_rows(connection, table, id_columns, sealed_columns, after, chunk, where=is_old)
    name = sealed_as or table.fullname
    changes: list[Change] = []
    unreadable: list[Unreadable] = []
    for row in rows:
        row_id = row_id_text(*(row[c] for c in id_columns))
        new = {}
        for column in sealed_columns:
            old = row[column]
            if old is None or bytes(old)[:NONCE_AT] == newest:
                continue
            cell = {"table": name, "column": column, "row_id": row_id}
            try:
                new[column] = seal(keyring, purpose, unseal(keyring, purpose, old, **cell), **cell)
            except (SealBroken, KeyMissing) as refusal:
                unreadable.append(Unreadable(row_id=row_id, column=column, key=refusal.key))
        if new:
            changes.append((row, new))
    changed = _changed_alone(connection, table, id_columns, changes, watched=sealed_columns)
    return _chunk(rows, id_columns, chunk, changed, unreadable)


def reindex(
    connection: Connection,
    keyring: Keyring,
    *,
    table: Table,
    id_columns: Sequence[str],
    sealed_column: str,
    index_column: str,
    purpose: str,
    normalise: Callable[[str], str],
    after: tuple[Any, ...] | None,
    chunk: int = 1000,
    sealed_as: str | None = None,
) -> Chunk:
    """Write the blind index of the next rows anew with the newest index key; a digest does not say which key made it,
    so every row is walked."""
    columns = (sealed_column, index_column)
    rows = _next_rows(connection, table, id_columns, columns, after, chunk, where=table.c[sealed_column].is_not(None))
    name = sealed_as or table.fullname
    texts, readable, unreadable = [], [], []
    for row in rows:
        row_id = row_id_text(*(row[c] for c in id_columns))
        try:
            text = unseal(keyring, purpose, row[sealed_column], table=name, column=sealed_column, row_id=row_id)
            texts.append(normalise(text))
            readable.append(row)
        except Refusal as refusal:
            unreadable.append(Unreadable(row_id=row_id, column=sealed_column, key=refusal.key))
    digests = zip(readable, index_many(keyring, purpose, texts), strict=True)
    changes: list[Change] = [(row, {index_column: digest}) for row, digest in digests if row[index_column] != digest]
    changed = _changed_alone(connection, table, id_columns, changes, watched=columns)
    return _chunk(rows, id_columns, chunk, changed, unreadable)


def count_not_newest(
    connection: Connection, keyring: Keyring, *, table: Table, sealed_column: str, purpose: str
) -> int:
    """How many values an older key still holds; a key is retired only when this is 0 everywhere, backups included."""
    column = table.c[sealed_column]
    is_old = and_(column.is_not(None), _head_in_sql(column) != literal(head_of_newest(keyring, purpose)))
    return connection.execute(select(func.count()).select_from(table).where(is_old)).scalar_one()


def _head_in_sql(column: Column[bytes]) -> Any:
    return func.substr(column, 1, NONCE_AT, type_=LargeBinary)


def _next_rows(
    connection: Connection,
    table: Table,
    id_columns: Sequence[str],
    columns: Sequence[str],
    after: tuple[Any, ...] | None,
    chunk: int,
    *,
    where: Any,
) -> list[dict[str, Any]]:
    assert chunk > 0, "a chunk of none never ends"
    ids = [table.c[c] for c in id_columns]
    query = select(*ids, *(table.c[c] for c in columns)).where(where).order_by(*ids).limit(chunk)
    if after is not None:
        query = query.where(tuple_(*ids) > tuple_(*(literal(v, c.type) for v, c in zip(after, ids, strict=True))))
    # Locked in key order, so that two runs of the job wait for each other instead of deadlocking.
    return [dict(row) for row in connection.execute(query.with_for_update()).mappings()]


def _changed_alone(
    connection: Connection,
    table: Table,
    id_columns: Sequence[str],
    changes: Sequence[Change],
    *,
    watched: Sequence[str],
) -> int:
    """Write only onto what was read: where there is no row lock, a value someone wrote meanwhile stays."""
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row, new in changes:
        values = {f"new_{c}": value for c, value in new.items()}
        values |= {f"id_{c}": row[c] for c in id_columns} | {f"old_{c}": row[c] for c in watched}
        by_columns.setdefault(tuple(new), []).append(values)
    changed = 0
    for columns, parameters in by_columns.items():
        statement = update(table).values({c: bindparam(f"new_{c}") for c in columns})
        for c in id_columns:
            statement = statement.where(table.c[c] == bindparam(f"id_{c}"))
        for c in watched:
            statement = statement.where(table.c[c].is_not_distinct_from(bindparam(f"old_{c}")))
        changed += connection.execute(statement, parameters).rowcount
    return changed


def _chunk(
    rows: list[dict[str, Any]],
    id_columns: Sequence[str],
    chunk: int,
    changed: int,
    unreadable: list[Unreadable],
) -> Chunk:
    cursor = tuple(rows[-1][c] for c in id_columns) if rows else None
    return Chunk(
        cursor=cursor,
        is_last=len(rows) < chunk,
        seen_rows=len(rows),
        changed_rows=changed,
        unreadable=tuple(unreadable),
    )
