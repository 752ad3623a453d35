"""Reads of the catalogue, by class and day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select, tuple_
from sqlalchemy.orm import Session

from oversight.registry.asking import PAGE, counted
from oversight.registry.catalogue.tables import CatalogueItem


@dataclass(frozen=True)
class CatalogueAsked:
    county_codes: Sequence[str]
    on: dt.date
    text: str = ""
    catalogue_class: str = ""
    kind: str = ""


def catalogue_page(
    session: Session, asked: CatalogueAsked, *, after: Sequence[str] | None
) -> tuple[Sequence[CatalogueItem], int, bool]:
    """What holds on the day, by county and code; the count; is there more. On one day an item holds once."""
    c = CatalogueItem
    wanted, total = _asked(select(c), asked), counted(session, _asked(select(c.id), asked))
    if after is not None:
        wanted = wanted.where(tuple_(c.county_code, c.item_code) > tuple_(*after))
    rows = session.scalars(wanted.order_by(c.county_code, c.item_code).limit(PAGE + 1)).all()
    return rows[:PAGE], total, len(rows) > PAGE


def _asked(statement: Select[Any], asked: CatalogueAsked) -> Select[Any]:
    c = CatalogueItem
    statement = statement.where(
        c.county_code.in_(list(asked.county_codes)),
        c.from_on <= asked.on,
        or_(c.until_on.is_(None), c.until_on > asked.on),
    )
    if asked.text:
        statement = statement.where(
            or_(c.name.contains(asked.text, autoescape=True), c.item_code.startswith(asked.text, autoescape=True))
        )
    if asked.catalogue_class:
        statement = statement.where(c.catalogue_class == int(asked.catalogue_class))
    if asked.kind:
        statement = statement.where(c.kind == asked.kind)
    return statement
