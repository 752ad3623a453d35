"""The trail's page: whose it is, what a check writes, what is read without end, what leaves the house."""

from __future__ import annotations

import csv
import html
import io
import re

import psycopg
import pytest
from sqlalchemy import select

from chassis import clock
from chassis.db import Database
from chassis.desks import CONTRACTOR
from chassis.queue.handlers import TaskAtHand
from chassis.queue.tables import Task
from chassis.trail import reading
from chassis.trail.anchors import take_anchors
from chassis.trail.appending import append
from chassis.trail.jobs import verify_trail
from chassis.trail.reading import Filter
from tests.sites import COUNTY, post, sign_in, site_client, workspace_client
from tests.trail.making import add, an_entry

OTHER_COUNTY = "330122"


@pytest.fixture(scope="module")
def client(module_database, settings):
    client = workspace_client(module_database, settings)
    sign_in(client, "log_auditor", name="史册")
    return client


def desk_database(client) -> Database:
    return client.application.extensions["coopmed"].databases["contractor"]


def check_as_the_worker_does(client) -> None:
    """The steps of the task that is waiting, each in its own transaction."""
    database = desk_database(client)
    with database.transaction() as session:
        task = session.scalars(select(Task).where(Task.kind == "verify_trail").order_by(Task.id.desc())).first()
    cursor, done = None, 0
    while True:
        at_hand = TaskAtHand(COUNTY, task.id, task.kind, task.payload, 1, 1, cursor, done, None, CONTRACTOR)
        with database.transaction() as session:
            step = verify_trail(session, at_hand, clock.now())
        if step is None:
            return
        assert step.progress_all > step.progress_done > done
        cursor, done = step.cursor, step.progress_done


def words_of(response) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", response.get_data(as_text=True)))


def test_a_check_is_asked_for_once_and_its_verdict_stands_in_the_trail(client):
    assert client.get("/trail/progress").status_code == 303, "nothing is under way yet"
    for _click in range(2):
        assert post(client, "/trail/check", form_on="/trail").status_code == 303
    with desk_database(client).transaction() as session:
        assert len(session.scalars(select(Task).where(Task.kind == "verify_trail")).all()) == 1
        add(session, 30, county_code=COUNTY)
    page = client.get("/trail").text
    assert 'hx-get="/trail/progress"' in page
    assert client.get("/trail/progress").headers.get("HX-Refresh") is None
    check_as_the_worker_does(client)
    page = words_of(client.get("/trail"))
    assert "完好" in page and "核对 30 条" in page
    with desk_database(client).transaction() as session:
        checks = reading.last_checks(session, COUNTY, ["claims", "people"])
        assert {stream: found.is_sound for stream, found in checks.items()} == {"claims": True, "people": True}
        assert checks["claims"].facts["entries"] == 30


def test_a_row_that_a_superuser_changed_is_named_on_the_page(fresh_database, settings):
    client = workspace_client(fresh_database, settings)
    sign_in(client, "log_auditor", name="史册")
    with desk_database(client).transaction() as session:
        add(session, 20, county_code=COUNTY)
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as superuser:
        superuser.execute("ALTER TABLE contractor.trail_entry DISABLE TRIGGER trail_entry_keeps_rows")
        superuser.execute("UPDATE contractor.trail_entry SET actor_id = 'other' WHERE stream = 'claims' AND seq = 13")
        superuser.execute("ALTER TABLE contractor.trail_entry ENABLE ALWAYS TRIGGER trail_entry_keeps_rows")
    post(client, "/trail/check", form_on="/trail")
    check_as_the_worker_does(client)
    page = words_of(client.get("/trail"))
    assert "有改动" in page
    assert "第 13 条的内容" in page


def test_entries_are_read_backwards_page_by_page_without_a_gap(client):
    with desk_database(client).transaction() as session:
        add(session, reading.PAGE_SIZE * 2, county_code=COUNTY, stream="claims")
        newest = {head.stream: head.seq for head in reading.streams_of(session, COUNTY)}["claims"]
        seen, before = [], None
        while True:
            page = reading.entries_page(session, COUNTY, "claims", Filter(), before=before)
            seen += [entry.seq for entry in page.rows]
            if page.next_before is None:
                break
            before = page.next_before
    assert seen == list(range(newest, 0, -1))


def test_a_question_that_few_entries_answer_goes_on_where_it_stopped(client, monkeypatch):
    monkeypatch.setattr(reading, "LOOKED_THROUGH", 25)
    with desk_database(client).transaction() as session:
        add(session, 60, county_code=COUNTY, stream="payments")
        wanted, seen, before, rounds = Filter(act="claim.approved", person="nobody"), [], None, 0
        while True:
            page = reading.entries_page(session, COUNTY, "payments", wanted, before=before)
            seen += page.rows
            rounds += 1
            if page.next_before is None:
                break
            before = page.next_before
    assert seen == []
    assert rounds == 3
    page = words_of(client.get("/trail?stream=payments&act=claim.approved&person=999"))
    assert "再往前" in page and "看到第 36 条" in page


def test_the_filter_stands_in_the_address_and_its_tags_drop_it(client):
    page = client.get("/trail?stream=claims&act=claim.approved&on=2026-11-20").text
    assert 'value="2026-11-20"' in page
    assert re.search(r'href="/trail\?stream=claims&amp;on=2026-11-20"', page)


def test_another_countys_entries_and_heads_are_not_read(client):
    with desk_database(client).transaction() as session:
        for stream in ("claims", "secrets"):
            hidden = [an_entry(act="claim.hidden")]
            append(session, county_code=OTHER_COUNTY, stream=stream, entries=hidden, at=clock.now())
    for path in ("/trail", "/trail?stream=claims", "/trail?stream=secrets", "/trail.csv?stream=claims"):
        page = client.get(path).get_data(as_text=True)
        assert "claim.hidden" not in page and 'value="secrets"' not in page, path


def test_the_anchors_say_who_keeps_whose_head(client, module_database):
    county = module_database.desk("county")
    with county.transaction() as session:
        take_anchors(session, county.desk)
    county.engine.dispose()
    page = words_of(client.get("/trail"))
    assert re.search(r"承办方\s+补偿申请\s+县合管办\s+\d+", page)


def test_an_export_holds_the_whole_hashes_and_is_itself_an_entry(client):
    rows = list(csv.reader(io.StringIO(client.get("/trail.csv?stream=claims").data.decode("utf-8-sig"))))
    assert len(rows) > 2
    assert re.fullmatch(r"[0-9a-f]{64}", rows[1][-1])
    assert rows[1][-2] == rows[2][-1], "each entry carries the hash of the one before"
    assert client.get("/trail.xlsx").data[:2] == b"PK"
    page = words_of(client.get("/trail?stream=exports"))
    assert "导出操作记录" in page


def test_those_who_only_watch_read_the_same_and_start_nothing(module_database, settings):
    portal = site_client("portal", module_database, settings)
    for role in ("director", "audit_bureau", "insurance_regulator"):
        sign_in(portal, role, desk="county", name=role)
        page = portal.get("/trail")
        assert page.status_code == 200 and "现在核对" not in page.text, role
        assert post(portal, "/trail/check", form_on="/trail").status_code == 403, role


def test_what_a_person_wrote_into_an_address_is_text(client):
    hostile = '"><script>alert(1)</script>'
    query = {"stream": hostile, "act": hostile, "person": hostile, "on": hostile, "before": hostile}
    page = client.get("/trail", query_string=query)
    assert page.status_code == 200 and "<script>alert" not in page.text
