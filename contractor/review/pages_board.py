"""The lead's board: who has what, who decided how much, how old the queue is; and claims put into another hand."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

from flask import Blueprint, flash, g, render_template, request
from flask import redirect as go_to
from flask_babel import gettext as _

from chassis import clock
from chassis.errors import Refusal, UnreadableInput
from chassis.identity.forms import read, words_of
from chassis.layout.figures import histogram
from chassis.people.queries import names_of, people_with_roles
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from contractor.review.board import DAYS, Board, board
from contractor.review.forms import HandOverForm
from contractor.review.leasing import MOST_HANDED_OVER, hand_over
from contractor.review.refusals import NobodyToHandTo
from contractor.rules import afterwards

REVIEWERS = ("reviewer", "senior", "lead")
ON_THE_DESK = 0


def add(room: Blueprint) -> None:
    at(room, "/board", "board", {"GET": show})
    at(room, "/board/hand-over", "hand_over", {"POST": redistribute})


def show():
    return _page()


def redistribute():
    """Claims out of one hand into another's, or back on the desk, with a note."""
    visitor = the_visitor()
    try:
        values = read(HandOverForm(), request.form)
        note = " ".join(values["note"].split())
        if len(note) < 2 or not note.isprintable():
            raise UnreadableInput(faults={"note": [_("写明为什么，2 到 200 个字")]})
        to_hand = values["to_hand"] or None

        def work(session) -> tuple[int, str]:
            people = people_with_roles(session, visitor.county_code, REVIEWERS, at=g.at)
            if to_hand is not None and (to_hand not in people or to_hand == values["from_hand"]):
                raise NobodyToHandTo(staff_id=to_hand)
            count = hand_over(
                session,
                county_code=visitor.county_code,
                from_hand=values["from_hand"],
                to_hand=to_hand,
                most=values["most"],
                note=note,
                by=visitor.person_id,
                at=g.at,
            )
            return count, people.get(to_hand or ON_THE_DESK, "")

        count, name = the_database().retrying(work)
    except UnreadableInput as refusal:
        return _page(status=refusal.status, errors=words_of(refusal.facts["faults"]))
    except Refusal as refusal:
        return _page(status=refusal.status, refused=refusal)
    if not count:
        flash(_("没有可以转的：手上没有申请，或按规定不能由对方审。"), "wait")
    elif name:
        flash(_("%(count)s 件转给了%(name)s。", count=count, name=name), "ok")
    else:
        flash(_("%(count)s 件放回了待审。", count=count), "ok")
    return go_to(desk_url("review.board"), 303)


def _page(*, status: int = 200, errors: dict[str, str] | None = None, refused: Refusal | None = None):
    visitor, on = the_visitor(), clock.local_day(g.at)
    since = clock.day_began_at(on - dt.timedelta(days=DAYS - 1))
    with the_database().transaction() as session:
        found = board(session, visitor.county_code, at=g.at, on=on, since=since)
        people = people_with_roles(session, visitor.county_code, REVIEWERS, at=g.at)
        by_night = afterwards.counted(session, visitor.county_code)
        # Whoever had the role until yesterday may still have claims in hand.
        names = names_of(session, visitor.county_code, {hand.staff_id for hand in found.hands}) | people
    rows = _rows(found, names)
    errors = errors or {}
    return (
        render_template(
            "review/board.html",
            queue_url=desk_url("review.queue"),
            by_night=by_night,
            by_night_url=desk_url("rules.afterwards"),
            rows=rows,
            total=[
                _("合计"),
                sum(row.held for row in rows),
                sum(row.loss for row in rows),
                None,
                sum(row.today for row in rows),
                sum(row.days for row in rows),
            ],
            ages=[{"what": _age(age), "count": count} for age, count in found.ages],
            ages_plot=histogram([(_short_age(age), count) for age, count in found.ages], width=380),
            by_day=[{"what": day, "count": count} for day, count in found.by_day],
            days_plot=histogram([(f"{day:%m-%d}", count) for day, count in found.by_day], width=380),
            days=DAYS,
            from_choices=[("", _("请选一项"))] + [(row.id, f"{row.name}（{row.held}）") for row in rows if row.held],
            to_choices=[("", _("请选一项")), (ON_THE_DESK, _("放回待审")), *people.items()],
            hand_over_url=desk_url("review.hand_over"),
            most=MOST_HANDED_OVER,
            errors=errors,
            error_list=[(text, f"f-{field}") for field, text in errors.items()],
            refused=answer_to(refused) if refused else None,
            typed=request.form,
        ),
        status,
    )


def _rows(found: Board, names: dict[int, str]) -> list[SimpleNamespace]:
    """Who has most in hand first; people of the room who have nothing yet stand there too."""
    known = {hand.staff_id: hand for hand in found.hands}
    rows = [
        SimpleNamespace(
            id=staff_id,
            name=name,
            held=known[staff_id].held_count if staff_id in known else 0,
            loss=known[staff_id].loss_fen if staff_id in known else 0,
            due_on=known[staff_id].earliest_due_on if staff_id in known else None,
            today=known[staff_id].decided_today if staff_id in known else 0,
            days=known[staff_id].decided_in_days if staff_id in known else 0,
        )
        for staff_id, name in names.items()
    ]
    return sorted(rows, key=lambda row: (-row.held, -row.days, row.id))


def _age(age: str) -> str:
    return {
        "late": _("已逾期"),
        "today": _("今日到期"),
        "one": _("剩 1 工作日"),
        "to_three": _("剩 2–3 工作日"),
        "to_seven": _("剩 4–7 工作日"),
        "beyond": _("剩 8 工作日以上"),
        "unknown": _("期限未知"),
    }[age]


def _short_age(age: str) -> str:
    return {
        "late": _("逾期"),
        "today": _("今日"),
        "one": "1",
        "to_three": "2–3",
        "to_seven": "4–7",
        "beyond": "8+",
        "unknown": "?",
    }[age]
