"""The queue of claims that wait for a person, and the map of the room.

A reviewer opens it in the morning, sees what is about to be late and where most money is at stake, and takes the next
claim. The filters stand in the address; what is looked at every day is saved under a name.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Flask, flash, g, redirect, render_template, request
from flask_babel import gettext as _
from psycopg.errors import QueryCanceled
from sqlalchemy import Row
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.fields import MOST_ID
from chassis.desks import Desk
from chassis.errors import NotFound, Refusal, UnreadableInput
from chassis.identity.forms import read, words_of
from chassis.layout.formats import capped
from chassis.people.queries import names_of
from chassis.visitors import Visitor
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from contractor.claims.listing import MOST_COUNTED, institutions_seen
from contractor.claims.sight import Sight, sight_of
from contractor.review import leasing, pages_board, views
from contractor.review import wording as _wording  # noqa: F401 – registers the words
from contractor.review.filters import fields_of, tags_of
from contractor.review.forms import QueueRequest, ViewForm, next_values, read_queue_request, request_of
from contractor.review.queue import (
    MOST_IN_A_VIEW,
    Moment,
    Standing,
    counts_of_views,
    queue_page,
    standing,
    waiting_count,
)
from contractor.review.refusals import HoldOver
from contractor.review.shown import facts_of, groups_of_rows, is_held, rows_of

REVIEWERS = frozenset({"reviewer", "senior", "lead"})


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("review", __name__, template_folder="templates", url_prefix="/review")
    at(room, "", "queue", {"GET": show})
    at(room, "/next", "next", {"POST": take_next})
    at(room, "/views", "save_view", {"POST": save_view})
    at(room, "/views/<int:view_id>/remove", "remove_view", {"POST": remove_view})
    at(room, "/claims/<int:claim_id>/hold", "hold", {"POST": hold})
    pages_board.add(room)
    app.register_blueprint(room)


def count_for_visitor(session: Session, visitor: Visitor) -> int | str:
    """What waits for a reviewer, up to the cap; for others nothing is counted."""
    if not visitor.roles & REVIEWERS:
        return 0
    # The queue's own page has counted already.
    count = g.get("review_waiting_count")
    if count is None:
        count = waiting_count(session, sight_of(visitor))
    return count if count <= MOST_COUNTED else capped(MOST_COUNTED, True)


def show():
    return _page()


def take_next():
    """Hand out the next claim and open it."""
    visitor = the_visitor()
    try:
        claim = the_database().retrying(
            lambda session: leasing.next_claim(
                session,
                visitor.person_id,
                county_code=visitor.county_code,
                at=g.at,
                on=clock.local_day(g.at),
            )
        )
    except Refusal as refusal:
        return _page(status=refusal.status, refused=refusal)
    return redirect(desk_url("claims.claim", claim_id=claim.claim_id), 303)


def save_view():
    """The filters as they stand, under a name."""
    visitor = the_visitor()
    asked = request_of(request.form.get("query", "")[:500])
    try:
        values = read(ViewForm(), request.form)
        name = " ".join(values["name"].split())
        if not name or not name.isprintable():
            raise UnreadableInput(faults={"name": [_("看不懂这一项")]})
        the_database().retrying(
            lambda session: views.save(
                session,
                county_code=visitor.county_code,
                name=name,
                query=asked.query,
                by=visitor.person_id,
                at=g.at,
            )
        )
    except UnreadableInput as refusal:
        return _page(asked, status=422, errors=words_of(refusal.facts["faults"]))
    except Refusal as refusal:
        return _page(asked, status=refusal.status, refused=refusal)
    flash(_("视图“%(name)s”已存。把地址发给别人，别人看到同样的条件。", name=name), "ok")
    return redirect(desk_url("review.queue", **asked.values()), 303)


def remove_view(view_id: int):
    visitor = the_visitor()
    with the_database().transaction() as session:
        views.remove(session, view_id, county_code=visitor.county_code, by=visitor.person_id, at=g.at)
    flash(_("视图已去掉。"), "ok")
    return redirect(desk_url("review.queue"), 303)


def hold(claim_id: int):
    """The open screen says that it is still open: one small question, one line back."""
    if not 0 < claim_id <= MOST_ID:
        raise NotFound(kind="claim")
    visitor = the_visitor()
    try:
        with the_database().transaction() as session:
            until = leasing.renew(session, claim_id, county_code=visitor.county_code, by=visitor.person_id, at=g.at)
    except HoldOver as refusal:
        # An answer htmx puts in place: the screen says so beside the decision, and keeps what was written.
        told = answer_to(refusal)
        return render_template("review/hold.html", claim_id=claim_id, until=None, told=told), refusal.status
    return render_template("review/hold.html", claim_id=claim_id, until=until, told=None)


def _page(
    asked: QueueRequest | None = None,
    *,
    status: int = 200,
    refused: Refusal | None = None,
    errors: dict[str, str] | None = None,
):
    visitor, moment = the_visitor(), Moment(the_visitor().person_id, g.at, clock.local_day(g.at))
    asked = asked or read_queue_request(request.args)
    sight = sight_of(visitor)
    with the_database().transaction() as session:
        page = queue_page(session, sight, asked.asked, moment, after=asked.after)
        stands = standing(session, sight, moment, day_began_at=clock.day_began_at(moment.on))
        g.review_waiting_count = stands.waiting
        institutions = institutions_seen(session, sight)
        own_views = views.views_of(session, county_code=visitor.county_code, by=visitor.person_id)
        held = {row.held_by for row in page.rows if is_held(row, moment)}
        names = names_of(session, sight.county_code, held) if held else {}
    view_counts = _counts(sight, own_views, moment)
    rows = rows_of(page, moment, names)
    last = asked.first - 1 + len(rows)
    action = desk_url("review.queue")
    return (
        render_template(
            "review/queue.html",
            action=action,
            facts=facts_of(stands),
            groups=groups_of_rows(page, rows),
            page=page,
            total=page.total if asked.values() else min(stands.waiting, MOST_COUNTED),
            is_capped=page.is_capped if asked.values() else stands.waiting > MOST_COUNTED,
            fields=fields_of(asked, institutions),
            tags=tags_of(asked, institutions),
            views=_views(asked, own_views, stands, view_counts),
            current_view=next((one for one in own_views if one.query == asked.query), None),
            remove_url=lambda view_id: desk_url("review.remove_view", view_id=view_id),
            save_url=desk_url("review.save_view"),
            next_claim_url=desk_url("review.next"),
            board_url=desk_url("review.board") if "lead" in visitor.roles else None,
            query=asked.query,
            is_filtered=bool(asked.values()),
            first=asked.first if rows else 0,
            last=last if rows else 0,
            first_url=desk_url("review.queue", **asked.values()) if asked.after else None,
            next_url=desk_url("review.queue", **next_values(asked, page.next, last + 1)) if page.next else None,
            refused=answer_to(refused) if refused else None,
            errors=errors or {},
            typed=request.form,
        ),
        status,
    )


def _counts(sight: Sight, own_views: Sequence[Row], moment: Moment) -> list[int | None]:
    """What stands in a person's own views; where the database needs too long for it, nothing is said."""
    wanted = [request_of(view.query).asked for view in own_views]
    if not wanted:
        return []
    try:
        with the_database().transaction() as session:
            return counts_of_views(session, sight, wanted, moment)
    except OperationalError as error:
        if not isinstance(error.orig, QueryCanceled):
            raise
        return [None] * len(wanted)


def _views(asked: QueueRequest, own_views, stands: Standing, counts: Sequence[int | None]) -> list[tuple]:
    query = asked.query

    def shown(count: int | None, most: int) -> str | None:
        return None if count is None else capped(min(count, most), count > most)

    views = [
        (_("全部待审"), "", shown(stands.waiting, MOST_COUNTED)),
        (_("我手上的"), "hand=mine", stands.in_hand),
        (_("没有人在审"), "hand=free", None),
        (_("二审"), "state=in_second_review", shown(stands.in_second_review, MOST_COUNTED)),
        *((view.name, view.query, shown(count, MOST_IN_A_VIEW)) for view, count in zip(own_views, counts, strict=True)),
    ]
    return [
        (label, desk_url("review.queue", **request_of(of).values()), count, of == query) for label, of, count in views
    ]
