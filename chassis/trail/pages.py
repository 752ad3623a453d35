"""The trail as people read it, at every staff desk, each its own county's.

The log auditor comes after something looked odd, to see who did what on that day and whether anybody changed the
record since. They come once a month for the same without a cause, and take the file along. The director, the audit
bureau and the insurance regulator come to read over the auditor's shoulder: they see the same and start nothing.
"""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

from flask import Blueprint, Flask, Response, flash, g, redirect, render_template, request
from flask_babel import gettext as _

from chassis import clock
from chassis.desks import Desk
from chassis.exports import FILE_TYPES, MOST_ROWS, Column, write_csv, write_xlsx
from chassis.people.queries import everybody, names_of
from chassis.queue.outbox import post
from chassis.queue.queries import latest_task
from chassis.queue.tables import DEAD, RUNNING, WAITING
from chassis.trail import reading
from chassis.trail.act_words import act_words, desk_words, facts_words, fault_words, stream_words, subject_words
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.trail.reading import Filter
from chassis.trail.tables import TrailEntry
from chassis.web.current import desk_url, room_name, the_database, the_visitor

KIND = "verify_trail"
FIRST_STREAM = "people"
EXPORTS = "exports"
EXPORTERS = frozenset({"log_auditor", "audit_bureau", "insurance_regulator"})


def mount(app: Flask, desk: Desk) -> None:
    if not desk.has_staff:
        return
    room = Blueprint("trail", __name__, template_folder="templates")
    room.get("/trail", endpoint="page")(page)
    room.get("/trail.<any(csv, xlsx):file_type>", endpoint="export")(export)
    room.post("/trail/check", endpoint="check")(check)
    room.get("/trail/progress", endpoint="progress")(progress)
    app.register_blueprint(room, name=room_name(desk, "trail"), url_prefix=desk.path or None)


def page():
    visitor = the_visitor()
    county_code = visitor.county_code
    with the_database().transaction() as session:
        heads = reading.streams_of(session, county_code)
        stream = _stream([head.stream for head in heads])
        wanted = _wanted()
        found = reading.entries_page(session, county_code, stream, wanted, before=_number("before"))
        acts = reading.acts_lately(session, county_code, stream)
        checks = reading.last_checks(session, county_code, [head.stream for head in heads])
        anchors = reading.anchors_about(session, county_code)
        people = everybody(session, county_code)
        task = latest_task(session, county_code, KIND)
    names = {str(person.id): person.name for person in people}
    kept = _kept(stream, wanted)
    return render_template(
        "trail/page.html",
        action=desk_url("trail.page"),
        stream=stream,
        stream_words=stream_words(stream),
        streams=[(head.stream, stream_words(head.stream)) for head in heads],
        acts=[("", _("全部")), *((act, act_words(act)) for act in acts)],
        people=[("", _("全部")), *((person.id, person.name) for person in people)],
        wanted=wanted,
        tags=_tags(kept, names),
        rows=[_shown(entry, names) for entry in found.rows],
        looked_down_to=found.looked_down_to,
        chains=[_chain(head, checks.get(head.stream), names) for head in heads],
        anchors=[_anchor(anchor) for anchor in anchors],
        task=_task(task),
        first_url=desk_url("trail.page", **kept) if request.args.get("before") else None,
        next_url=desk_url("trail.page", **kept, before=found.next_before) if found.next_before else None,
        export_urls=[
            (words, desk_url("trail.export", file_type=kind, **kept))
            for kind, words in (("xlsx", _("导出 Excel")), ("csv", _("导出 CSV")))
            if visitor.roles & EXPORTERS
        ],
        may_check="log_auditor" in visitor.roles,
    )


def export(file_type: str):
    """The list as a file, hashes whole; that it left the house is itself an entry."""
    visitor = the_visitor()
    with the_database().transaction() as session:
        heads = reading.streams_of(session, visitor.county_code)
        stream, wanted = _stream([head.stream for head in heads]), _wanted()
        entries = reading.entries_for_export(session, visitor.county_code, stream, wanted, most=MOST_ROWS)
        staff = {int(entry.actor_id) for entry in entries if entry.actor_kind == "staff" and entry.actor_id.isdigit()}
        names = {str(key): name for key, name in names_of(session, visitor.county_code, staff).items()}
        entry = Entry(
            act="trail.exported",
            subject_kind="trail",
            subject_id=stream,
            by=Actor(ActorKind.STAFF, str(visitor.person_id)),
            facts={"rows": len(entries), "kind": file_type},
        )
        append(session, county_code=visitor.county_code, stream=EXPORTS, entries=[entry], at=g.at)
    columns = [
        Column("seq", _("序号"), "whole"),
        Column("recorded_at", _("记下时间"), "instant"),
        Column("acted_on", _("日期"), "day"),
        Column("who", _("谁")),
        Column("act", _("做了什么")),
        Column("subject", _("对谁、对什么")),
        Column("facts", _("事实")),
        Column("prev_hash", _("前一条指纹")),
        Column("hash", _("本条指纹")),
    ]
    rows = [
        {
            "seq": one.seq,
            "recorded_at": one.recorded_at,
            "acted_on": one.acted_on,
            "who": _who(one, names),
            "act": act_words(one.act),
            "subject": f"{subject_words(one.subject_kind)} {one.subject_id}",
            "facts": "; ".join(f"{name}={value}" for name, value in one.facts.items()),
            "prev_hash": bytes(one.prev_hash).hex(),
            "hash": bytes(one.hash).hex(),
        }
        for one in entries
    ]
    body = write_csv(columns, rows) if file_type == "csv" else write_xlsx(columns, rows, sheet="trail")
    answer = Response(body, content_type=FILE_TYPES[file_type])
    name = f"trail-{visitor.county_code}-{stream}-{clock.local_day(g.at)}.{file_type}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def check():
    """Ask for a check of the county's own chains. One at a time: a second click finds the first."""
    visitor = the_visitor()
    with the_database().transaction() as session:
        task = latest_task(session, visitor.county_code, KIND)
        if task is None or task.state not in (WAITING, RUNNING):
            payload = {"asked_by": visitor.person_id}
            post(session, county_code=visitor.county_code, kind=KIND, payload=payload, at=g.at)
    flash(_("已开始核对，结论会写在这里，也写进操作记录。"), "note")
    return redirect(desk_url("trail.page"), 303)


def progress():
    """The bar alone, as htmx asks for it; when the check has ended the whole page comes anew with what it found."""
    visitor = the_visitor()
    with the_database().transaction() as session:
        task = latest_task(session, visitor.county_code, KIND)
    if task is None:
        return redirect(desk_url("trail.page"), 303)
    answer = Response(render_template("trail/progress.html", task=_task(task)))
    if task.state not in (WAITING, RUNNING):
        answer.headers["HX-Refresh"] = "true"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _task(task) -> SimpleNamespace | None:
    """The check that is under way, or died; one that was done says so in the chain of checks."""
    if task is None or task.state not in (WAITING, RUNNING, DEAD):
        return None
    return SimpleNamespace(
        is_dead=task.state == DEAD,
        is_waiting=task.state == WAITING,
        done=task.progress_done,
        all=task.progress_all or 0,
        asked_at=task.created_at,
        error=task.last_error,
        url=desk_url("trail.progress"),
        page_url=desk_url("trail.page"),
    )


def _shown(entry: TrailEntry, names: dict[str, str]) -> SimpleNamespace:
    subject = names.get(entry.subject_id) if entry.subject_kind == "staff" else None
    return SimpleNamespace(
        seq=entry.seq,
        at=entry.recorded_at,
        who=_who(entry, names),
        act=act_words(entry.act),
        subject=subject or f"{subject_words(entry.subject_kind)} {entry.subject_id}",
        facts=facts_words(entry.facts),
        hash=bytes(entry.hash).hex()[:12],
    )


def _who(entry: TrailEntry, names: dict[str, str]) -> str:
    if entry.actor_kind == "staff":
        return names.get(entry.actor_id, entry.actor_id)
    kinds = {"member": _("参合人"), "institution": _("医疗机构"), "system": _("系统")}
    return f"{kinds[entry.actor_kind]} {entry.actor_id}"


def _chain(head, checked: reading.Checked | None, names: dict[str, str]) -> SimpleNamespace:
    row = SimpleNamespace(
        stream=head.stream,
        words=stream_words(head.stream),
        url=desk_url("trail.page", stream=head.stream),
        seq=head.seq,
        updated_at=head.updated_at,
        pill=(_("没有核对过"), "wait"),
        at=None,
        by=None,
        faults=[],
    )
    if checked is not None:
        row.at = checked.at
        row.by = names.get(checked.by_staff, checked.by_staff) if checked.by_staff else _("每日自动")
        row.faults = fault_words(checked.facts["faults"], checked.facts["more_faults"])
        row.pill = (_("完好"), "ok") if checked.is_sound else (_("有改动"), "bad")
        row.checked = checked.facts["entries"]
    return row


def _anchor(anchor: reading.Anchored) -> SimpleNamespace:
    is_sound = anchor.verdict == "sound"
    return SimpleNamespace(
        keeper=desk_words(anchor.keeper),
        desk=desk_words(anchor.desk),
        stream=stream_words(anchor.stream),
        seq=anchor.seq,
        seen_at=anchor.seen_at,
        pill=(_("完好"), "ok") if is_sound else (_("第 %(seq)s 条起不符", seq=anchor.bad_seq), "bad"),
    )


def _stream(known: list[str]) -> str:
    asked = request.args.get("stream", FIRST_STREAM)
    return asked if asked in known else FIRST_STREAM


def _wanted() -> Filter:
    act = request.args.get("act", "")
    person = request.args.get("person", "")
    return Filter(
        act=act if len(act) <= 80 and act.isascii() else "",
        person=person if person.isascii() and person.isdigit() and len(person) <= 18 else "",
        on=_day("on"),
    )


def _kept(stream: str, wanted: Filter) -> dict[str, str]:
    parts = {"act": wanted.act, "person": wanted.person, "on": wanted.on.isoformat() if wanted.on else ""}
    return {"stream": stream} | {name: value for name, value in parts.items() if value}


def _tags(kept: dict[str, str], names: dict[str, str]) -> list[tuple[str, str]]:
    said = {
        "act": act_words(kept.get("act", "")),
        "person": names.get(kept.get("person", ""), kept.get("person", "")),
        "on": kept.get("on", ""),
    }
    return [
        (said[part], desk_url("trail.page", **{name: value for name, value in kept.items() if name != part}))
        for part in said
        if part in kept
    ]


def _day(name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
