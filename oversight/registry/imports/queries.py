"""Reads of what was imported."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from oversight.registry.imports.tables import ImportChange, RegistryImport

PAGE = 50
CHANGES_PAGE = 100


def imports_page(
    session: Session, county_codes: Sequence[str], *, kind: str = "", after: tuple[str, int] | None = None
) -> tuple[Sequence[RegistryImport], tuple[str, int] | None]:
    """The newest first, and where the next page begins; None on the last."""
    i = RegistryImport
    page = select(i).where(i.county_code.in_(county_codes))
    if kind:
        page = page.where(i.kind == kind)
    if after is not None:
        page = page.where(tuple_(i.id, i.county_code) < tuple_(after[1], after[0]))
    rows = session.scalars(page.order_by(i.id.desc(), i.county_code.desc()).limit(PAGE + 1)).all()
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], (last.county_code, last.id) if last else None


def changes_page(
    session: Session, record: RegistryImport, *, after: int = 0
) -> tuple[Sequence[ImportChange], int | None]:
    """The changes of an import in their order, and where the next page begins."""
    c = ImportChange
    page = select(c).where(c.county_code == record.county_code, c.import_id == record.id, c.change_no > after)
    rows = session.scalars(page.order_by(c.change_no).limit(CHANGES_PAGE + 1)).all()
    return rows[:CHANGES_PAGE], rows[CHANGES_PAGE - 1].change_no if len(rows) > CHANGES_PAGE else None
