"""The catalogue by class and date, with the highest price at each tier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from oversight.registry.catalogue.tables import CatalogueItem
from oversight.registry.lookups import texts
from oversight.registry.plans import Incoming, Plan, compare
from oversight.registry.spans import refuse_empty, settle_ends

VALUES = (
    "name",
    "catalogue_class",
    "kind",
    "until_on",
    "limit_township_e4",
    "limit_county_e4",
    "limit_above_e4",
    "reserved_sex",
)


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    item_code: str
    name: str
    catalogue_class: int
    """1 A, 2 B, 3 C"""
    kind: str
    """drug, service, material, bed, nursing or examination"""
    from_on: dt.date
    until_on: dt.date | None = None
    limit_township_e4: int | None = None
    limit_county_e4: int | None = None
    limit_above_e4: int | None = None
    reserved_sex: str | None = None
    row: int = 0


def plan_catalogue(session: Session, county_code: str, rows: Sequence[CatalogueRow]) -> Plan:
    """Compare with what is known. A new price list ends the open prices it replaces, item by item."""
    plan = Plan()
    plan.refuse_twice(((r.row, (r.item_code, r.from_on)) for r in rows), column="from_on")
    known = _known(session, county_code, rows)
    incoming = []
    for r in rows:
        refuse_empty(plan, r.row, r.from_on, r.until_on)
        values = {name: getattr(r, name) for name in VALUES}
        incoming.append(Incoming(r.row, (r.item_code, r.from_on), f"{r.item_code} {r.from_on}", values))
    compared = compare(plan, settle_ends(plan, incoming, known), known)
    plan.will_update(
        CatalogueItem,
        [{"county_code": county_code, **record} for _one, record in compared.changed],
        key=("county_code", "id"),
    )
    plan.will_insert(
        CatalogueItem,
        [
            {"county_code": county_code, "item_code": one.key[0], "from_on": one.key[1], **one.values}
            for one in compared.new
        ],
    )
    return plan


def _known(session: Session, county_code: str, rows: Sequence[CatalogueRow]) -> dict[Any, dict[str, Any]]:
    c = CatalogueItem
    columns = [getattr(c, name) for name in VALUES]
    found = session.execute(
        select(c.item_code, c.from_on, c.id, *columns).where(
            c.county_code == county_code, c.item_code.in_(select(texts(r.item_code for r in rows)))
        )
    )
    return {
        (code, from_on): {"id": id_, **dict(zip(VALUES, values, strict=True))} for code, from_on, id_, *values in found
    }
