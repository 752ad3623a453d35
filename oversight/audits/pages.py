"""The room of recomputations: which runs there were, what one found, a claim as the county reads it.

The auditor comes after a batch was paid, to see in one word whether it agrees, and walks through what does not. The
officer and the director read the same; the audit bureau and the insurance regulator read over their shoulder.
"""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

from flask import Blueprint, Flask, Response, flash, g, redirect, render_template, request
from flask_babel import gettext as _

from chassis.desks import COUNTY, Desk
from chassis.errors import NotFound
from chassis.i18n import language
from chassis.people.queries import names_of
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from oversight.audits import pages_claim, pages_run, queries, runs
from oversight.audits.refusals import RecomputationUnderWay
from oversight.audits.showing import pill_of
from oversight.audits.tables import Recomputation
from oversight.audits.words import occasion_words
from oversight.registry.queries import counties_seen_by

STARTS = "auditor"


def mount(app: Flask, desk: Desk) -> None:
    if desk != COUNTY:
        return
    room = Blueprint("audits", __name__, template_folder="templates", url_prefix="/recomputations")
    at(room, "", "list", {"GET": show_list, "POST": start})
    one = "/<county_code>/<int:recomputation_id>"
    at(room, one, "run", {"GET": pages_run.show})
    at(room, f"{one}/progress", "progress", {"GET": progress})
    at(room, f"{one}/differences.<any(csv, xlsx):file_type>", "export", {"GET": pages_run.export})
    at(room, "/claims/<county_code>/<int:claim_id>", "claim", {"GET": pages_claim.show})
    app.register_blueprint(room)


def show_list():
    visitor = the_visitor()
    with the_database().transaction() as session:
        counties = {c.county_code: c for c in counties_seen_by(session, visitor.county_code)}
        found = queries.runs_page(session, list(counties), before=_cursor())
        people = names_of(session, visitor.county_code, [run.asked_by for run in found if run.asked_by is not None])
    rows, more = found[: queries.PAGE_ROWS], len(found) > queries.PAGE_ROWS
    names = {code: c.name_en if language() == "en" else c.name_zh for code, c in counties.items()}
    last = rows[-1] if rows else None
    return render_template(
        "audits/list.html",
        rows=[_row(run, names, people) for run in rows],
        has_counties=len(names) > 1,
        may_start=STARTS in visitor.roles,
        first_url=desk_url("audits.list") if request.args.get("before") else None,
        next_url=desk_url("audits.list", before=f"{last.asked_at.isoformat()}~{last.id}") if more and last else None,
    )


def start():
    visitor = the_visitor()
    try:
        run = the_database().retrying(
            lambda session: runs.ask(
                session, county_code=visitor.county_code, occasion="asked", by=visitor.person_id, at=g.at
            )
        )
        run_id = run.id
        flash(_("已开始复算，结论会写在这里。"), "note")
    except RecomputationUnderWay as refusal:
        run_id = refusal.facts["recomputation_id"]
        flash(_("正在复算，等它算完。"), "note")
    return redirect(desk_url("audits.run", county_code=visitor.county_code, recomputation_id=run_id), 303)


def progress(county_code: str, recomputation_id: int):
    """The bar alone, as htmx asks for it; when the run has ended the whole page comes anew with what it found."""
    with the_database().transaction() as session:
        seen = {c.county_code for c in counties_seen_by(session, the_visitor().county_code)}
        run = queries.run_of(session, county_code, recomputation_id) if county_code in seen else None
    if run is None:
        raise NotFound(kind="recomputation")
    answer = Response(render_template("audits/progress.html", run=pages_run.shown_progress(run)))
    if run.finished_at is not None:
        answer.headers["HX-Refresh"] = "true"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _row(run: Recomputation, names: dict[str, str], people: dict[int, str]) -> SimpleNamespace:
    return SimpleNamespace(
        id=run.id,
        county=names[run.county_code],
        url=desk_url("audits.run", county_code=run.county_code, recomputation_id=run.id),
        pill=pill_of(run),
        occasion=occasion_words(run.occasion),
        who=people.get(run.asked_by or 0, ""),
        batch_id=run.batch_id,
        asked_at=run.asked_at,
        finished_at=run.finished_at,
        claims=run.claim_count,
        lines=run.line_count,
        published_fen=run.published_fen,
        overpaid_fen=run.overpaid_fen,
        underpaid_fen=run.underpaid_fen,
    )


def _cursor() -> tuple[dt.datetime, int] | None:
    """Where the page before ended. What is no such place begins at the beginning."""
    instant, _tilde, number = request.args.get("before", "").partition("~")
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        return None
    try:
        moment = dt.datetime.fromisoformat(instant)
    except ValueError:
        return None
    return (moment, int(number)) if moment.tzinfo is not None else None
