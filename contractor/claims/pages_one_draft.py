"""Deciding on lines before anything is decided: what it would come to, and the draft that keeps it.

The preview runs the engine in a transaction that the database itself holds to reading. With script only the changed
lines are sent and only what changed comes back; without, the whole screen comes back with what was typed.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from marshmallow import EXCLUDE, Schema, fields, validate
from sqlalchemy import text

from chassis.errors import StaleVersion
from chassis.identity.forms import read
from chassis.people.queries import names_of
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from contractor.claims import judging
from contractor.claims.pages_one import claim_seen, page_of, screen
from contractor.claims.pages_one_deciding import desk_of, held_by_another
from contractor.claims.pages_one_lines import Typed, read_typed, too_much
from contractor.claims.words import event_words, state_words
from contractor.review import drafts

BY_SCRIPT = "X-Asked-By"
"""Our own script says so: it wants the pieces and not the page."""


class DraftForm(Schema):
    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(required=True, validate=validate.Range(min=0, max=2**31 - 1))
    note = fields.String(load_default="", validate=validate.Length(max=drafts.LONGEST_NOTE))
    window = fields.String(load_default="", validate=validate.Regexp("^[0-9a-f]{0,32}$"))
    seen_at = fields.String(load_default="", validate=validate.Length(max=40))


def add(room: Blueprint) -> None:
    at(room, "/<int:claim_id>/preview", "preview", {"POST": preview})
    at(room, "/<int:claim_id>/draft", "draft", {"POST": keep})
    at(room, "/<int:claim_id>/draft/discard", "discard_draft", {"POST": discard})


def preview(claim_id: int):
    """What an approval with these lines would come to. Nothing is written."""
    values, typed = _sent()
    if not request.headers.get(BY_SCRIPT):
        return screen(claim_id, typed=typed, note=values["note"], errors=_faults(typed))
    visitor = the_visitor()
    with the_database().transaction() as session:
        session.execute(text("SET TRANSACTION READ ONLY"))
        found = claim_seen(session, visitor, claim_id)
        names = names_of(session, visitor.county_code, _people(found))
        desk = desk_of(session, visitor, found, names, typed=typed, note=values["note"])
        context = page_of(found, visitor, names, desk)
    faults = {**typed.faults, **too_much(found, typed)}
    context |= {
        "touched": [line for line in context["lines"] if line.line_no in typed.asked],
        "errors": {name: "".join(texts) for name, texts in faults.items()},
        "moved": _moved(found, names, values["version"], visitor),
        "claim_url": desk_url("claims.claim", claim_id=claim_id),
    }
    return _pieces("claims/reckoned.html", context)


def keep(claim_id: int):
    """Save the draft of this reviewer, on the version they have before them."""
    values, typed = _sent()
    visitor = the_visitor()
    with the_database().transaction() as session:
        found = claim_seen(session, visitor, claim_id)
        names = names_of(session, visitor.county_code, _people(found))
        said = judging.said_anew(session, found)
    moved = _moved(found, names, values["version"], visitor)
    try:
        the_database().retrying(
            lambda session: drafts.keep(
                session,
                county_code=visitor.county_code,
                claim_id=claim_id,
                claim_version=min(values["version"], found.record.version),
                lines=list(typed.lines.values()),
                note=_plain(values["note"]),
                verdicts=said,
                window=values["window"],
                seen_at=_instant(values["seen_at"]),
                by=visitor.person_id,
                at=g.at,
            )
        )
    except (StaleVersion, drafts.NewerDraft):
        moved = moved or _("另一个窗口里有您更新的草稿，这里的没有存。")
    if request.headers.get(BY_SCRIPT):
        context = {"saved_at": g.at, "moved": moved, "claim_url": desk_url("claims.claim", claim_id=claim_id)}
        return _pieces("claims/kept.html", context)
    flash(moved or _("草稿已存。"), "wait" if moved else "ok")
    return redirect(desk_url("claims.claim", claim_id=claim_id), 303)


def discard(claim_id: int):
    """Throw the own draft away; a clear act, and the lines stay as they are."""
    visitor = the_visitor()
    with the_database().transaction() as session:
        claim_seen(session, visitor, claim_id)
        drafts.discard(session, county_code=visitor.county_code, claim_id=claim_id, by=visitor.person_id, at=g.at)
    flash(_("草稿已放弃，各行和原来一样。"), "ok")
    return redirect(desk_url("claims.claim", claim_id=claim_id), 303)


def _sent() -> tuple[dict[str, Any], Typed]:
    return read(DraftForm(), request.form), read_typed(request.form)


def _faults(typed: Typed) -> dict[str, str]:
    return {name: "".join(texts) for name, texts in typed.faults.items()}


def _people(found) -> set[int]:
    return {one.acted_by for one in found.events if one.acted_by} | {found.record.held_by or 0}


def _moved(found, names: dict[int, str], version: int, visitor) -> str:
    """What became of the claim while it was looked at; empty where nothing did."""
    record = found.record
    last = found.events[-1] if found.events else None
    if record.version != version and last is not None:
        who = names.get(last.acted_by or 0) or _("规则")
        return _(
            "%(who)s：%(what)s，现在%(state)s。您填的都在草稿里，没有丢。",
            who=who,
            what=event_words(last.event),
            state=state_words(record.state),
        )
    other = held_by_another(record, visitor, g.at)
    if other:
        return _("这件已由 %(who)s 接手。您填的都在草稿里，没有丢。", who=names.get(other) or str(other))
    return ""


def _instant(text: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _plain(note: str) -> str:
    note = " ".join(note.split())
    return "".join(sign for sign in note if sign.isprintable())[: drafts.LONGEST_NOTE]


def _pieces(template: str, context: dict[str, Any]) -> Response:
    response = make_response(render_template(template, **context))
    response.headers["Cache-Control"] = "no-store"
    return response
