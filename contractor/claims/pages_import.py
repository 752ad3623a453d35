"""Sending a file of claims: the form, how far it is, and the report of what is wrong with it, row by row.

A hospital's clerk sends the month's file and goes for tea; what they come back to is either counts that agree with
their own, or a list of rows to correct. The report stays, so that it can be taken along to whoever keeps the program.
"""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, Flask, Response, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.fields import MOST_ID
from chassis.desks import Desk
from chassis.errors import NotFound, Refusal
from chassis.exports import FILE_TYPES, Column, write_csv, write_xlsx
from chassis.i18n import language
from chassis.people.queries import names_of
from chassis.reading.faults import FileRefused, RowFault
from chassis.reading.wording import place_words, reason_words
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.rooms import at
from contractor.claims.doors.exchange_columns import COLUMNS
from contractor.claims.doors.exchange_template import template
from contractor.claims.refusals import FileKnown
from contractor.claims.sight import sight_of
from contractor.claims.uploads import keeping
from contractor.claims.uploads.keeping import UNASSESSED
from contractor.claims.uploads.pace import pace_of
from contractor.claims.uploads.tables import REFUSED, STOPPED, TAKEN, WAITING, ClaimUpload
from contractor.claims.words import state_words

FAULTS_SHOWN = 200
ACCEPTED = ".csv,.txt,.tsv,.xlsx,.json,.jsonl,.ndjson"
COLUMN_NAMES = {column.key: column for column in COLUMNS}


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("uploads", __name__, template_folder="templates", url_prefix="/claims/import")
    at(room, "", "send", {"GET": show_form, "POST": send})
    at(room, "/<int:upload_id>", "upload", {"GET": show})
    at(room, "/<int:upload_id>/progress", "progress", {"GET": progress})
    at(room, "/<int:upload_id>/stop", "stop", {"POST": stop})
    at(room, "/<int:upload_id>/report.<any(csv, xlsx):file_type>", "export", {"GET": export})
    app.register_blueprint(room)
    form = Blueprint("exchange", __name__, url_prefix="/claims/template")
    at(form, "/claims.<any(csv, xlsx):file_type>", "export", {"GET": give_template})
    app.register_blueprint(form)
    app.extensions["coopmed_largest_bodies"]["uploads.send"] = keeping.LARGEST_BYTES


def show_form():
    return _form({}, 200)


def send():
    visitor = the_visitor()
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _form({"file": _("请选一个文件")}, 422)
    house = the_house()
    folder = keeping.folder_of(house.settings)
    stored_as, sha256, byte_count = keeping.store(sent.stream, folder, house.keyring)
    try:
        with the_database().transaction() as session:
            upload_id = keeping.keep_upload(
                session,
                sight_of(visitor),
                door="page",
                file_name=sent.filename[:200],
                stored_as=stored_as,
                sha256=sha256,
                byte_count=byte_count,
                by=visitor.person_id,
                at=g.at,
            )
    except FileKnown as refusal:
        keeping.forget(folder, stored_as)
        return _form({"file": _known(refusal)}, refusal.status)
    except FileRefused as refusal:
        keeping.forget(folder, stored_as)
        return _form({"file": reason_words(refusal.faults[0])}, refusal.status)
    return redirect(desk_url("uploads.upload", upload_id=upload_id), 303)


def show(upload_id: int):
    visitor = the_visitor()
    with the_database().transaction() as session:
        upload = _upload(session, upload_id)
        names = names_of(session, visitor.county_code, {upload.sent_by})
        shown = _shown(session, upload, names)
    faults = [_fault(*one) for one in upload.faults]
    response = make_response(
        render_template(
            "claims/upload.html",
            upload=shown,
            faults=faults[:FAULTS_SHOWN],
            by_claim=upload.file_name.casefold().endswith((".json", ".jsonl", ".ndjson")),
            more_faults=upload.fault_count - min(len(faults), FAULTS_SHOWN),
            exports=[
                (words, desk_url("uploads.export", upload_id=upload.id, file_type=kind))
                for kind, words in (("xlsx", _("导出 Excel")), ("csv", _("导出 CSV")))
            ],
        )
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def progress(upload_id: int):
    """The bar alone, as htmx asks for it; once the file is in or refused the whole page comes anew."""
    with the_database().transaction() as session:
        shown = _shown(session, _upload(session, upload_id), {})
    response = make_response(render_template("claims/upload_progress.html", upload=shown))
    if not shown.is_working:
        response.headers["HX-Refresh"] = "true"
    response.headers["Cache-Control"] = "no-store"
    return response


def stop(upload_id: int):
    """Nothing of the file stays. Where it was in already, the page says so."""
    visitor = the_visitor()
    with the_database().transaction() as session:
        _upload(session, upload_id)
        keeping.ask_to_stop(session, sight_of(visitor), upload_id, by=visitor.person_id, at=g.at)
    return redirect(desk_url("uploads.upload", upload_id=upload_id), 303)


def export(upload_id: int, file_type: str):
    """The row report as a file, to be worked off beside the one that was sent."""
    with the_database().transaction() as session:
        upload = _upload(session, upload_id)
    columns = [
        Column("row", _("行"), "whole"),
        Column("column", _("列")),
        Column("what", _("问题")),
        Column("expected", _("应为")),
        Column("found", _("现为")),
    ]
    rows = [vars(_fault(*one)) for one in upload.faults]
    body = write_csv(columns, rows) if file_type == "csv" else write_xlsx(columns, rows, sheet="report")
    return _download(body, file_type, f"report-{upload.county_code}-{upload.id}")


def give_template(file_type: str):
    return _download(template(file_type), file_type, "claims-template")


def _download(body: bytes, file_type: str, name: str) -> Response:
    answer = Response(body, content_type=FILE_TYPES[file_type])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{file_type}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _form(errors: dict[str, str], status: int):
    visitor = the_visitor()
    with the_database().transaction() as session:
        uploads = keeping.uploads_of(session, sight_of(visitor))
        names = names_of(session, visitor.county_code, {one.sent_by for one in uploads})
        shown = [_brief(one, names) for one in uploads]
    response = make_response(
        render_template(
            "claims/import.html",
            errors=errors,
            accepted=ACCEPTED,
            largest_mb=keeping.LARGEST_BYTES >> 20,
            uploads=shown,
            templates=[
                (words, desk_url("exchange.export", file_type=kind))
                for kind, words in (("xlsx", _("Excel 模板")), ("csv", _("CSV 模板")))
            ],
            guide_url=desk_url("interfaces.guide"),
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _upload(session: Session, upload_id: int) -> ClaimUpload:
    found = keeping.upload_of(session, sight_of(the_visitor()), upload_id) if 0 < upload_id <= MOST_ID else None
    if found is None:
        raise NotFound(kind="claim_upload")
    return found


def _brief(upload: ClaimUpload, names: dict[int, str]) -> SimpleNamespace:
    pills = {
        WAITING: (_("正在收"), "wait"),
        TAKEN: (_("已收下"), "ok"),
        REFUSED: (_("没有收下"), "bad"),
        STOPPED: (_("已停下"), "note"),
    }
    return SimpleNamespace(
        id=upload.id,
        url=desk_url("uploads.upload", upload_id=upload.id),
        name=upload.file_name,
        pill=pills[upload.state],
        sent_at=upload.sent_at,
        sent_by=names.get(upload.sent_by, ""),
        claims=upload.claims_seen,
        fault_count=upload.fault_count,
    )


def _shown(session: Session, upload: ClaimUpload, names: dict[int, str]) -> SimpleNamespace:
    shown = _brief(upload, names)
    counts = keeping.states_of_file(session, upload.county_code, upload.file_id) if upload.file_id else {}
    waiting = counts.pop(UNASSESSED, 0)
    shown.is_waiting, shown.is_taken, shown.is_refused = (upload.state == one for one in (WAITING, TAKEN, REFUSED))
    shown.is_stopped = upload.state == STOPPED
    shown.is_stopping = shown.is_waiting and upload.stop_asked_at is not None
    shown.stop_url = desk_url("uploads.stop", upload_id=upload.id)
    shown.is_begun = upload.begun_at is not None
    shown.is_working = shown.is_waiting or waiting > 0
    shown.sha256 = bytes(upload.sha256).hex()
    shown.byte_count = upload.byte_count
    shown.why = _why(upload)
    shown.result = keeping.result_of(session, upload.county_code, upload.file_id) if upload.file_id else None
    shown.assessed = sum(counts.values())
    shown.states = [
        (state_words(state), count, desk_url("claims.list", file=upload.file_id, state=state))
        for state, count in sorted(counts.items(), key=lambda one: -one[1])
    ]
    pace = pace_of(upload, at=clock.now())
    shown.rate, shown.seconds_left, shown.read_ppm = pace.claims_a_second, pace.seconds_left, upload.read_ppm
    shown.claims_url = desk_url("claims.list", file=upload.file_id) if upload.file_id else None
    shown.progress_url = desk_url("uploads.progress", upload_id=upload.id)
    return shown


def _why(upload: ClaimUpload) -> str | None:
    """A refusal without row faults, in a sentence."""
    if upload.refusal == FileKnown.key:
        return _("同一份文件已经收过，不会再收一次。")
    if upload.refusal is not None and not upload.faults:
        return _("另一份文件同时报送了其中的申请。请稍后再送一次。")
    return None


def _known(refusal: Refusal) -> str:
    answer = answer_to(refusal)
    return f"{answer.title}{_('：')}{answer.text}"


def _fault(row: int, column: str, expected: str, found: str, reason: str) -> SimpleNamespace:
    fault = RowFault(row, column, expected, found, reason)
    known = COLUMN_NAMES.get(column)
    name = (known.title_en if language() == "en" else known.title) if known else column
    return SimpleNamespace(
        row=row or None,
        column=name,
        place=place_words(fault),
        what=reason_words(fault),
        expected=expected,
        found=found,
    )
