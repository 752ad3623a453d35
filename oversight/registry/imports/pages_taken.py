"""What was taken into the registry: the list of files, and what one of them changed."""

from __future__ import annotations

import re
from types import SimpleNamespace

from flask import render_template, request
from flask_babel import gettext as _

from chassis.errors import NotFound
from chassis.i18n import language
from chassis.people.queries import names_of
from chassis.web.current import desk_url, the_database, the_visitor
from oversight.registry.imports import queries
from oversight.registry.imports.kinds import KINDS
from oversight.registry.imports.showing import TAKES_ROLES, shown_changes, title_of
from oversight.registry.imports.tables import RegistryImport
from oversight.registry.queries import counties_seen_by
from oversight.registry.showing import sees_names

CURSOR = re.compile(r"([0-9]{6})-([0-9]{1,18})")


def show_list():
    visitor = the_visitor()
    asked = request.args.get("kind", "")
    cursor = CURSOR.fullmatch(request.args.get("after", ""))
    with the_database().transaction() as session:
        counties = {c.county_code: c for c in counties_seen_by(session, visitor.county_code)}
        rows, next_after = queries.imports_page(
            session,
            list(counties),
            kind=asked if asked in KINDS else "",
            after=(cursor[1], int(cursor[2])) if cursor else None,
        )
        names = _names(session, rows)
    here = desk_url("imports.list")
    return render_template(
        "imports/list.html",
        action=here,
        asked=asked,
        kinds=[(kind.key, kind.title) for kind in KINDS.values()],
        tags=[(title_of(asked), here)] if asked in KINDS else [],
        counties={code: c.name_en if language() == "en" else c.name_zh for code, c in counties.items()},
        rows=[_row(row, names) for row in rows],
        first_url=desk_url("imports.list", kind=asked or None) if cursor else None,
        next_url=desk_url("imports.list", kind=asked or None, after=f"{next_after[0]}-{next_after[1]}")
        if next_after
        else None,
        may_take=bool(visitor.roles & TAKES_ROLES),
        ways=[(kind, desk_url("imports.new", kind=kind.key)) for kind in KINDS.values()],
    )


def show_one(county_code: str, import_id: int):
    visitor = the_visitor()
    after = request.args.get("after", "")
    with the_database().transaction() as session:
        codes = [c.county_code for c in counties_seen_by(session, visitor.county_code)]
        record = session.get(RegistryImport, (county_code, import_id)) if county_code in codes else None
        if record is None:
            raise NotFound(kind="registry_import")
        is_later_page = after.isascii() and after.isdigit() and len(after) < 10
        changes, next_after = queries.changes_page(session, record, after=int(after) if is_later_page else 0)
        names = _names(session, [record])
    kind = KINDS[record.kind]
    told = [
        SimpleNamespace(row=c.row_no, subject=c.subject, column=c.column_name, old=c.old_value, new=c.new_value)
        for c in changes
    ]
    here = {"county_code": county_code, "import_id": import_id}
    return render_template(
        "imports/one.html",
        kind=kind,
        record=_row(record, names),
        changes=shown_changes(kind, told, in_full=sees_names(visitor.roles)),
        first_number=changes[0].change_no if changes else 0,
        last_number=changes[-1].change_no if changes else 0,
        first_url=desk_url("imports.one", **here) if is_later_page else None,
        next_url=desk_url("imports.one", **here, after=next_after) if next_after else None,
    )


def _names(session, rows) -> dict[tuple[str, int], str]:
    names: dict[tuple[str, int], str] = {}
    for county_code in {row.county_code for row in rows}:
        people = {row.by for row in rows if row.county_code == county_code and row.by is not None}
        names |= {(county_code, person): name for person, name in names_of(session, county_code, people).items()}
    return names


def _row(row: RegistryImport, names) -> SimpleNamespace:
    return SimpleNamespace(
        title=title_of(row.kind),
        county_code=row.county_code,
        file_name=row.file_name,
        fingerprint=row.sha256.hex(),
        row_count=row.row_count,
        added=row.added_count,
        changed=row.changed_count,
        same=row.same_count,
        at=row.at,
        by=names.get((row.county_code, row.by), "–") if row.by is not None else _("服务器命令行"),
        url=desk_url("imports.one", county_code=row.county_code, import_id=row.id),
    )
