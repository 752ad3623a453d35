"""Files into the registry: what can be sent, what a file would change, what was taken in, and what was wrong with it.

The registrar comes with a list from a township, a hospital or civil affairs; everybody who oversees the county comes
to see what a list has changed, and who took it in.
"""

from __future__ import annotations

from pathlib import PurePath

from flask import Blueprint, Flask, Response, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _

from chassis import clock
from chassis.desks import COUNTY, Desk
from chassis.errors import NotFound
from chassis.exports import FILE_TYPES, Column, write_csv, write_xlsx
from chassis.i18n import language
from chassis.reading.faults import FileRefused
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.rooms import at
from oversight.registry.imports import pages_taken
from oversight.registry.imports import refusals as _refusals  # noqa: F401 – words
from oversight.registry.imports.importing import plan_file, take_in
from oversight.registry.imports.keeping import Shelf, shelf_of
from oversight.registry.imports.kinds import KINDS, Kind
from oversight.registry.imports.showing import shown_changes, shown_faults

LARGEST_FILE_BYTES = 64 << 20
MOST_ROWS = 50_000
"""Of a file sent through the page, which is taken in while the browser waits; the command line takes more."""
MOST_SHOWN = 200
LONGEST_NAME = 120


def mount(app: Flask, desk: Desk) -> None:
    if desk != COUNTY:
        return
    room = Blueprint("imports", __name__, template_folder="templates", url_prefix="/registry/imports")
    at(room, "", "list", {"GET": pages_taken.show_list})
    at(room, "/new", "new", {"GET": show_form, "POST": preview})
    at(room, "/take", "take", {"POST": take})
    at(room, "/file.<any(csv, xlsx):file_type>", "export", {"GET": export})
    at(room, "/<county_code>/<int:import_id>", "one", {"GET": pages_taken.show_one})
    app.register_blueprint(room)
    app.extensions["coopmed_largest_bodies"]["imports.new"] = LARGEST_FILE_BYTES


def show_form():
    return _form(_kind(request.args))


def preview():
    """What the file would change, or what is wrong with it. Nothing is written; the file waits for an hour."""
    kind = _kind(request.form)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _form(kind, error=_("请选一个文件"), status=422)
    shelf, file_name = _shelf(), _file_name(sent.filename)
    fingerprint = shelf.keep(sent.stream)
    try:
        plan = _planned(kind, shelf, fingerprint, file_name)
    except FileRefused as refusal:
        return _form(kind, refusal=refusal, fingerprint=fingerprint, file_name=file_name, status=refusal.status)
    return render_template(
        "imports/preview.html",
        kind=kind,
        plan=plan,
        file_name=file_name,
        fingerprint=fingerprint,
        changes=shown_changes(kind, plan.changes[:MOST_SHOWN], in_full=True),
        notices=shown_faults(kind, plan.notices.listed[:MOST_SHOWN]),
        most=MOST_SHOWN,
    )


def take():
    """The whole file, or nothing. What was previewed is what is taken: the fingerprint names the bytes."""
    kind, visitor, house, shelf = _kind(request.form), the_visitor(), the_house(), _shelf()
    fingerprint, file_name = request.form.get("fingerprint", ""), _file_name(request.form.get("file_name", ""))
    path = shelf.kept(fingerprint)
    try:
        taken = the_database().retrying(
            lambda session: take_in(
                session,
                house.keyring,
                kind,
                path,
                file_name=file_name,
                county_code=visitor.county_code,
                by=visitor.person_id,
                at=g.at,
                most_rows=MOST_ROWS,
            )
        )
    except FileRefused as refusal:
        return _form(kind, refusal=refusal, fingerprint=fingerprint, file_name=file_name, status=refusal.status)
    shelf.drop(fingerprint)
    plan = taken.plan
    if plan.added or plan.changed:
        flash(_("已导入：新增 %(added)s，改动 %(changed)s。", added=plan.added, changed=plan.changed), "ok")
    else:
        flash(_("文件里的内容都已登记过，什么都没有改动。"), "note")
    return redirect(desk_url("imports.one", county_code=visitor.county_code, import_id=taken.record.id), 303)


def export(file_type: str):
    """The empty template of a kind; or the row report of a file that was refused and is still kept."""
    kind = _kind(request.args)
    if request.args.get("what") == "report":
        columns = [
            Column("row", _("行"), "whole"),
            Column("column", _("列")),
            Column("reason", _("哪里不对")),
            Column("expected", _("应为")),
            Column("found", _("现为")),
        ]
        rows, name = _report(kind), f"row-report-{kind.key}"
    else:
        in_english = language() == "en"
        columns = [Column(c.key, c.title_en if in_english else c.title) for c in kind.table.columns]
        rows, name = [], f"template-{kind.key}"
    body = write_csv(columns, rows) if file_type == "csv" else write_xlsx(columns, rows, sheet=str(kind.title))
    answer = Response(body, content_type=FILE_TYPES[file_type])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{file_type}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _report(kind: Kind):
    shelf, fingerprint = _shelf(), request.args.get("fingerprint", "")
    try:
        _planned(kind, shelf, fingerprint, _file_name(request.args.get("file_name", "")))
    except FileRefused as refusal:
        return shown_faults(kind, refusal.faults)
    return []


def _planned(kind: Kind, shelf: Shelf, fingerprint: str, file_name: str):
    path = shelf.kept(fingerprint)
    with the_database().transaction() as session:
        return plan_file(
            session,
            the_house().keyring,
            kind,
            path,
            file_name=file_name,
            county_code=the_visitor().county_code,
            on=clock.local_day(g.at),
            most_rows=MOST_ROWS,
        )


def _form(
    kind: Kind,
    *,
    error: str | None = None,
    refusal: FileRefused | None = None,
    fingerprint: str = "",
    file_name: str = "",
    status: int = 200,
):
    files = {"kind": kind.key}
    report = {**files, "what": "report", "fingerprint": fingerprint, "file_name": file_name}
    answer = make_response(
        render_template(
            "imports/new.html",
            kind=kind,
            kinds=[(one.key, one.title) for one in KINDS.values()],
            columns=kind.table.columns,
            in_english=language() == "en",
            templates=_download_urls(files),
            error=error,
            refusal=refusal,
            file_name=file_name,
            faults=shown_faults(kind, refusal.faults[:MOST_SHOWN]) if refusal else [],
            most=MOST_SHOWN,
            reports=_download_urls(report) if refusal else [],
            most_rows=MOST_ROWS,
        ),
        status,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _download_urls(values: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (words, desk_url("imports.export", file_type=file_type, **values))
        for file_type, words in (("xlsx", "Excel"), ("csv", "CSV"))
    ]


def _kind(args) -> Kind:
    key = args.get("kind", "")
    if not key:
        return next(iter(KINDS.values()))
    if key not in KINDS:
        raise NotFound(kind="registry_file")
    return KINDS[key]


def _shelf() -> Shelf:
    house = the_house()
    return shelf_of(house.settings.data_dir, house.keyring, the_visitor(), at=g.at)


def _file_name(sent: str) -> str:
    """The last part of what the browser sent, in signs that can be shown; its ending decides how it is read."""
    name = PurePath(sent.replace("\\", "/")).name
    name = "".join(sign for sign in name if sign.isprintable())
    return name if len(name) <= LONGEST_NAME else f"…{name[-LONGEST_NAME:]}"
