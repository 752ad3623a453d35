"""The queue of claims that wait for a person, and the map of the room.

A reviewer opens it in the morning, sees what is about to be late and where most money is at stake, and takes the next
claim. The filters stand in the address; what is looked at every day is saved under a name.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from types import SimpleNamespace

from flask import Blueprint, Flask, flash, g, get_template_attribute, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy import Row
from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.fields import MOST_ID
from chassis.desks import Desk
from chassis.errors import NotFound, Refusal, UnreadableInput
from chassis.i18n import language
from chassis.identity.forms import read, words_of
from chassis.layout.formats import capped
from chassis.people.queries import names_of
from chassis.vault.masking import mask_account
from chassis.visitors import Visitor
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, desk_urls, the_database, the_visitor
from chassis.web.rooms import at
from contractor.claims.listing import MOST_COUNTED, institutions_seen
from contractor.claims.sight import sight_of
from contractor.claims.words import route_words, shown_finding, state_pill
from contractor.review import leasing, pages_board, views
from contractor.review import wording as _wording  # noqa: F401 – registers the words
from contractor.review.filters import fields_of, tags_of
from contractor.review.forms import QueueRequest, ViewForm, next_values, read_queue_request, request_of
from contractor.review.order import workdays_left
from contractor.review.queue import Moment, QueuePage, Standing, queue_page, standing, waiting_count
from contractor.review.refusals import HoldOver

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
        held = {row.held_by for row in page.rows if _is_held(row, moment)}
        names = names_of(session, sight.county_code, held) if held else {}
    rows = _rows(page, moment, names)
    last = asked.first - 1 + len(rows)
    action = desk_url("review.queue")
    return (
        render_template(
            "review/queue.html",
            action=action,
            facts=_facts(stands),
            groups=_groups(page, rows),
            page=page,
            total=page.total if asked.values() else min(stands.waiting, MOST_COUNTED),
            is_capped=page.is_capped if asked.values() else stands.waiting > MOST_COUNTED,
            fields=fields_of(asked, institutions),
            tags=tags_of(asked, institutions),
            views=_views(asked, own_views, stands),
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


def _is_held(row: Row, moment: Moment) -> bool:
    return row.held_by is not None and row.held_until > moment.at


def _facts(stands: Standing) -> list[str]:
    def count(number: int) -> str:
        return capped(min(number, MOST_COUNTED), number > MOST_COUNTED)

    return [
        _("待审 %(count)s 件", count=count(stands.waiting)),
        _("已逾期 %(count)s", count=count(stands.late)),
        _("今日到期 %(count)s", count=count(stands.due_today)),
        _("我手上 %(count)s", count=count(stands.in_hand)),
        _("今天我审结 %(count)s 件", count=count(stands.decided_today)),
    ]


def _groups(page: QueuePage, rows: list[SimpleNamespace]) -> list[dict]:
    parts = (
        (_("先办：已逾期，或今天、下一个工作日到期"), rows[: page.overtaking]),
        (_("其余，按预计损失"), rows[page.overtaking :]),
    )
    return [{"title": title, "rows": part} for title, part in parts if part]


def _rows(page: QueuePage, moment: Moment, names: dict[int, str]) -> list[SimpleNamespace]:
    """The rows as they are shown. What many rows share is worded once a page: fifty rows have a few badges."""
    badge = cache(get_template_attribute("layout/parts/words.html", "finding_badge"))
    route, pill, shown = cache(route_words), cache(state_pill), cache(shown_finding)
    english, url, term = language() == "en", desk_urls("claims.claim", "claim_id"), cache(_term)
    hands = {person: (name, "wait") for person, name in names.items()} | {moment.reviewer: (_("我在审"), "note")}

    def of(row: Row) -> SimpleNamespace:
        held = _is_held(row, moment)
        finding = shown(row.rule, row.severity, row.finding_count)
        return SimpleNamespace(
            id=row.id,
            url=url(row.id),
            number=row.claim_number,
            route=route(row.route),
            term=term(row.due_on, moment.on),
            name=row.member_name,
            card=mask_account(row.card_number)[-4:],
            institution=(row.institution_en if english else row.institution_zh) or row.institution_code,
            diagnosis=row.diagnosis_name or row.diagnosis_code,
            discharged_on=row.discharged_on,
            charged_fen=row.charged_fen,
            badge=badge(finding["code"], finding["name"], finding["severity"], finding["more"]) if finding else None,
            score=f"{(row.alert_ppm + 5_000) // 10_000 / 100:.2f}",
            loss_fen=row.expected_loss_fen,
            state=pill(row.state) if row.state != "in_review" or not held else None,
            hand=hands.get(row.held_by, ("", "wait")) if held else None,
            until=row.held_until if held else None,
        )

    return [of(row) for row in page.rows]


def _term(due_on: dt.date | None, on: dt.date) -> tuple[str, str | None]:
    """Working days left, in words, and how much they press."""
    left = workdays_left(due_on, on) if due_on is not None else None
    if left is None:
        return _("期限未知"), None
    if left < 0:
        return _("逾期 %(days)s 工作日", days=-left), "bad"
    if left == 0:
        return _("今日到期"), "wait"
    return _("剩 %(days)s 工作日", days=left), "wait" if left == 1 else None


def _views(asked: QueueRequest, own_views, stands: Standing) -> list[tuple]:
    query = asked.query
    all_count = capped(min(stands.waiting, MOST_COUNTED), stands.waiting > MOST_COUNTED)
    shown = [
        (_("全部待审"), "", all_count),
        (_("我手上的"), "hand=mine", stands.in_hand),
        (_("没有人在审"), "hand=free", None),
        (_("二审"), "state=in_second_review", None),
        *((view.name, view.query, None) for view in own_views),
    ]
    return [
        (label, desk_url("review.queue", **request_of(of).values()), count, of == query) for label, of, count in shown
    ]
