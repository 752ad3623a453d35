"""Many rows in one statement: they travel as one JSON document, which PostgreSQL takes apart.

Only the registry's own verbs write through here, after everything about the rows was checked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import (
    JSON,
    LargeBinary,
    Table,
    Text,
    bindparam,
    column,
    func,
    insert,
    select,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from chassis.db import HouseBase

ROWS_A_STATEMENT = 20_000
Row = Mapping[str, Any]


def table_of(mapped: type[HouseBase]) -> Table:
    return cast(Table, mapped.__table__)


def insert_rows(session: Session, mapped: type[HouseBase], rows: Sequence[Row]) -> None:
    """All rows name the same columns."""
    table = table_of(mapped)
    for some in _portions(rows):
        sent = _sent(table, some)
        names = list(some[0])
        values = select(*(_value(table, sent, name) for name in names))
        session.execute(insert(table).from_select(names, values))


def update_rows(session: Session, mapped: type[HouseBase], rows: Sequence[Row], *, key: Sequence[str]) -> None:
    """Each row becomes what is given, found by `key`. One that is not there is a mistake of ours."""
    table = table_of(mapped)
    for some in _portions(rows):
        sent = _sent(table, some)
        changed = {name: _value(table, sent, name) for name in some[0] if name not in key}
        result = session.execute(
            update(table)
            .where(*(table.c[name] == sent.c[name] for name in key))
            .values(changed)
            .execution_options(synchronize_session=False)
        )
        assert result.rowcount == len(some), f"{result.rowcount} rows of {table.name} changed, {len(some)} were to"  # type: ignore[attr-defined]


def drawn_ids(session: Session, mapped: type[HouseBase], count: int) -> list[int]:
    """Numbers drawn ahead, for rows whose cells are sealed for their number or whom other rows name."""
    sequence = func.pg_get_serial_sequence(table_of(mapped).fullname, "id")
    drawn = select(func.nextval(sequence)).select_from(func.generate_series(1, count))
    return list(session.execute(drawn).scalars())


def _portions(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        yield rows[start : start + ROWS_A_STATEMENT]


def _sent(table: Table, rows: Sequence[Row]) -> Any:
    document = json.dumps([{name: _json(value) for name, value in row.items()} for row in rows], ensure_ascii=False)
    columns = [
        column(name, Text() if isinstance(table.c[name].type, LargeBinary) else table.c[name].type) for name in rows[0]
    ]
    unpacked = func.json_to_recordset(sql_cast(bindparam(None, document, Text()), JSON))
    return unpacked.table_valued(*columns, name="sent").render_derived(with_types=True)


def _value(table: Table, sent: Any, name: str) -> Any:
    return func.decode(sent.c[name], "hex") if isinstance(table.c[name].type, LargeBinary) else sent.c[name]


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if hasattr(value, "isoformat") else value
