"""The work that goes on behind the pages, at every staff desk.

The administrator comes because somebody says "it does not go on", to see whether work waits, runs or has died and why.
They come to have a dead task tried again once its cause is gone. Seldom they decide that nobody needs it any more.
"""

from __future__ import annotations

from flask import Blueprint, Flask, flash, g, redirect, render_template
from flask_babel import gettext as _

from chassis.desks import Desk
from chassis.errors import NotFound
from chassis.people.queries import names_of
from chassis.queue import dead_letters, queries
from chassis.queue.tables import HOUSE_ITSELF
from chassis.queue.words import error_words, kind_words
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.web.current import desk_url, room_name, the_database, the_visitor

STREAM = "tasks"
ONE = "/tasks/<county_code>/<int:task_id>"


def mount(app: Flask, desk: Desk) -> None:
    if not desk.has_staff:
        return
    room = Blueprint("tasks", __name__, template_folder="templates")
    room.get("/tasks", endpoint="page")(page)
    room.post(f"{ONE}/retry", endpoint="retry")(retry)
    room.post(f"{ONE}/give-up", endpoint="give_up")(give_up)
    app.register_blueprint(room, name=room_name(desk, "tasks"), url_prefix=desk.path or None)


def page():
    visitor = the_visitor()
    with the_database().transaction() as session:
        counties = [visitor.county_code, HOUSE_ITSELF]
        state = queries.state_of_counties(session, counties)
        dead = [task for code in counties for task in queries.dead_tasks(session, code)]
        by_kind = queries.open_by_kind(session, counties)
        retried_by = {task.retried_by for task in dead if task.retried_by is not None}
        names = names_of(session, visitor.county_code, retried_by)
    return render_template(
        "queue/page.html",
        state=state,
        by_kind=[
            {
                "kind": kind_words(row.kind),
                "waiting": row.waiting,
                "running": row.running,
                "progress": (row.done, row.whole) if row.whole else None,
            }
            for row in by_kind
        ],
        dead=[
            {
                "task": task,
                "kind": kind_words(task.kind),
                "is_house": task.county_code == HOUSE_ITSELF,
                "error": error_words(task.last_error or ""),
                "retried_by": names.get(task.retried_by, task.retried_by),
                "retry_url": desk_url("tasks.retry", county_code=task.county_code, task_id=task.id),
                "give_up_url": desk_url("tasks.give_up", county_code=task.county_code, task_id=task.id),
            }
            for task in dead
        ],
    )


def retry(county_code: str, task_id: int):
    visitor = _own(county_code)

    def work(session):
        dead_letters.retry_dead(session, county_code=county_code, task_ids=[task_id], by=visitor.person_id, at=g.at)
        _note(session, "task.retried", county_code, task_id)

    the_database().retrying(work)
    flash(_("任务 %(id)s 已重新排队。", id=task_id), "ok")
    return redirect(desk_url("tasks.page"), 303)


def give_up(county_code: str, task_id: int):
    visitor = _own(county_code)

    def work(session):
        dead_letters.give_up(session, county_code=county_code, task_id=task_id, by=visitor.person_id, at=g.at)
        _note(session, "task.given_up", county_code, task_id)

    the_database().retrying(work)
    flash(_("任务 %(id)s 不再办。", id=task_id), "ok")
    return redirect(desk_url("tasks.page"), 303)


def _own(county_code: str):
    """The visitor, where the task is their county's or the house's own; another county's is not there."""
    visitor = the_visitor()
    if county_code not in (visitor.county_code, HOUSE_ITSELF):
        raise NotFound(kind="task")
    return visitor


def _note(session, act: str, county_code: str, task_id: int) -> None:
    visitor = the_visitor()
    entry = Entry(
        act=act,
        subject_kind="task",
        subject_id=str(task_id),
        by=Actor(ActorKind.STAFF, str(visitor.person_id)),
        facts={"county": county_code},
    )
    append(session, county_code=visitor.county_code, stream=STREAM, entries=[entry], at=g.at)
