"""The page of background work: what stopped and why, tried again or given up by one person, with an entry each."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import select, update

from chassis import clock
from chassis.queue.outbox import post as post_task
from chassis.queue.tables import HOUSE_ITSELF, Task
from chassis.trail.tables import TrailEntry
from tests.sites import COUNTY, post, sign_in, workspace_client

OTHER_COUNTY = "330122"


@pytest.fixture(scope="module")
def client(module_database, settings):
    client = workspace_client(module_database, settings)
    sign_in(client, "administrator", name="石磊")
    return client


def database(client):
    return client.application.extensions["coopmed"].databases["contractor"]


def dead(client, county_code: str, error: str = "LeaseExpired: every try ended without a word") -> int:
    at = clock.now()
    with database(client).transaction() as session:
        task_id = post_task(session, county_code=county_code, kind="trial.stops", payload={}, at=at).id
        this = update(Task).where(Task.county_code == county_code, Task.id == task_id)
        session.execute(this.values(state="running", leased_by="w", leased_until=at, fence=1, attempts=1))
        session.execute(this.values(state="dead", leased_by=None, leased_until=None, dead_at=at, last_error=error))
    return task_id


def state(client, county_code: str, task_id: int) -> str:
    with database(client).transaction() as session:
        return session.get_one(Task, (county_code, task_id)).state


def last_entry(client) -> tuple[str, str]:
    with database(client).transaction() as session:
        entry = session.scalars(
            select(TrailEntry)
            .where(TrailEntry.county_code == COUNTY, TrailEntry.stream == "tasks")
            .order_by(TrailEntry.seq.desc())
        ).first()
        return entry.act, entry.subject_id


def words_of(response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.get_data(as_text=True))).split())


def test_a_quiet_queue_says_so(client):
    page = words_of(client.get("/tasks"))
    assert "没有停下的任务。" in page and "没有等着的活，也没有正在办的。" in page


def test_what_stopped_says_why_and_goes_on_when_a_person_says_so(client):
    own, houses = dead(client, COUNTY), dead(client, HOUSE_ITSELF)
    page = words_of(client.get("/tasks"))
    assert "每次都没做完就没了声音" in page and "系统自己的" in page
    assert re.search(r"停下了，等人决定 2 ", page)
    for county_code, task_id in ((COUNTY, own), (HOUSE_ITSELF, houses)):
        answer = post(client, f"/tasks/{county_code}/{task_id}/retry", form_on="/tasks")
        assert answer.status_code == 303
        assert state(client, county_code, task_id) == "waiting"
        assert last_entry(client) == ("task.retried", str(task_id))
    again = post(client, f"/tasks/{COUNTY}/{own}/retry", form_on="/tasks")
    assert again.status_code == 404, "what waits is not retried"


def test_a_task_given_up_is_not_done_any_more(client):
    task_id = dead(client, COUNTY)
    assert post(client, f"/tasks/{COUNTY}/{task_id}/give-up", form_on="/tasks").status_code == 303
    assert state(client, COUNTY, task_id) == "given_up"
    assert last_entry(client) == ("task.given_up", str(task_id))
    assert str(task_id) not in re.findall(r"/tasks/\d+/(\d+)/retry", client.get("/tasks").text)
    for act in ("retry", "give-up"):
        assert post(client, f"/tasks/{COUNTY}/{task_id}/{act}", form_on="/tasks").status_code == 404
    assert state(client, COUNTY, task_id) == "given_up"


def test_another_countys_task_is_neither_shown_nor_touched(client):
    task_id = dead(client, OTHER_COUNTY, error="OperationalError: elsewhere")
    assert "elsewhere" not in client.get("/tasks").text
    for act in ("retry", "give-up"):
        assert post(client, f"/tasks/{OTHER_COUNTY}/{task_id}/{act}", form_on="/tasks").status_code == 404
    assert state(client, OTHER_COUNTY, task_id) == "dead"
