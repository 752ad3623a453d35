"""Corrections: what waits for a second person, appeals, and what is still owed back; one's map of the room.

A lead or a senior reviewer previews a reversal or a repricing run, proposes it, and another one confirms exactly that.
"""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, Flask, render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis.desks import Desk
from chassis.terms import FUNDS, term
from chassis.visitors import Visitor
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from contractor.claims import slots
from contractor.corrections import pages_appeals, pages_one, pages_propose, queries, words
from contractor.corrections.beside import beside


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("corrections", __name__, template_folder="templates", url_prefix="/corrections")
    at(room, "", "page", {"GET": show})
    pages_propose.add(room)
    pages_one.add(room)
    pages_appeals.add(room)
    slots.fill("corrections", beside)
    app.register_blueprint(room)
    app.extensions["coopmed_largest_bodies"] |= pages_appeals.largest_bodies(app)


def count_for_visitor(session: Session, visitor: Visitor) -> int:
    return queries.waiting_count(session, visitor.county_code) if visitor.roles & {"senior", "lead"} else 0


def show():
    visitor = the_visitor()
    with the_database().transaction() as session:
        county = visitor.county_code
        waiting = [_correction(row) for row in queries.corrections(session, county, is_open=True)]
        ended = [_correction(row) for row in queries.corrections(session, county, is_open=False)]
        appeals = [_appeal(row) for row in queries.appeals(session, county, is_open=True)]
        owed = [_owed(row) for row in queries.still_owed(session, county)]
    return render_template(
        "corrections/page.html",
        waiting=waiting,
        ended=ended,
        appeals=appeals,
        owed=owed,
        reprice_url=desk_url("corrections.reprice"),
    )


def _correction(row) -> SimpleNamespace:
    return SimpleNamespace(
        title=_("第 %(n)s 号", n=row.id),
        url=desk_url("corrections.correction", correction_id=row.id),
        kind=words.kind_words(row.kind),
        note=row.note,
        count=row.claim_count,
        before_fen=row.before_fen,
        after_fen=row.after_fen,
        pill=words.state_pill(row),
    )


def _appeal(row) -> SimpleNamespace:
    return SimpleNamespace(
        number=row.claim_number,
        url=desk_url("corrections.appeal", appeal_id=row.id),
        by=words.filer_words(row.filed_by),
        filed_on=row.filed_on,
        due_on=row.due_on,
    )


def _owed(row) -> SimpleNamespace:
    return SimpleNamespace(
        number=row.claim_number,
        url=desk_url("claims.claim", claim_id=row.claim_id),
        fund=term(FUNDS, row.fund),
        holder=_("医疗机构") if row.payee_kind == "institution" else _("参合人"),
        since=row.since,
        open_fen=row.open_fen,
    )
