"""The queue of a backlog: every filter is read in its order, shows what the claims say, and looks at few of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import psycopg
import pytest
from sqlalchemy import event, text

from chassis import clock
from contractor.claims.sight import Sight
from contractor.review import pages
from contractor.review.forms import request_of
from contractor.review.order import overtakes_until
from contractor.review.queue import MOST_COUNTED, Moment, counts_of_views, queue_page, standing
from tests.api.programs import COUNTY, make_programs
from tests.claims_pages.desks import at_desk, text_of
from tests.review.waiting import RULES_ONE_IN, backlog

CLAIMS = 20_000
BIG = {"claim", "claim_finding", "claim_event", "waiting_finding"}
FILTERS = (
    "", "hand=free", "hand=mine", "hand=held", "term=soon", "term=late", "term=unknown", "least=20000", "least=900000",
    "state=received", "state=in_review", "state=in_second_review", "route=direct", "route=manual", "route=outpatient",
    "institution=990121900", "institution=990121002", *(f"rule={rule}" for rule in RULES_ONE_IN), "rule=F99",
    "rule=F13&least=1000", "rule=F01&term=soon", "institution=990900001&least=20000", "q=张17", "q=ZY202600000017",
)  # fmt: skip
SIGHT, AT = Sight(COUNTY), clock.now()
MOMENT = Moment(700_003, AT, clock.local_day(AT))


@pytest.fixture(scope="module")
def programs(module_database, tmp_path_factory):
    made = make_programs(module_database, tmp_path_factory.mktemp("backlog"), members=400)
    made.app.config["WTF_CSRF_ENABLED"] = False
    backlog(module_database, made.world, CLAIMS, at=AT, on=MOMENT.on)
    yield made
    made.close()


@contextmanager
def listened(programs) -> Iterator[list[tuple[str, dict]]]:
    seen: list[tuple[str, dict]] = []

    def note(_connection, _cursor, statement, parameters, *_rest) -> None:
        seen.append((statement, parameters))

    event.listen(programs.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(programs.database.engine, "before_cursor_execute", note)


def page_of(session, query: str, **more):
    return queue_page(session, SIGHT, request_of(query).asked, MOMENT, **more)


def nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def looked_at(plan: dict) -> int:
    """How many rows were read of the tables that grow, those that were passed over included."""
    return sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in nodes(plan)
        if node.get("Relation Name") in BIG
    )


@pytest.mark.parametrize("query", FILTERS)
def test_a_page_of_any_filter_walks_no_table_and_sorts_no_backlog(programs, module_database, query):
    with listened(programs) as seen, programs.database.transaction() as session:
        page_of(session, query)
        standing(session, SIGHT, MOMENT, day_began_at=clock.day_began_at(MOMENT.on))
    with psycopg.connect(module_database.url("contractor_rw"), autocommit=True) as connection:
        connection.execute("SET random_page_cost = 1.1")  # as our own servers have it
        for statement, parameters in seen:
            told = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).fetchone()[0]
            plan = told[0]["Plan"]
            if "decided_today" in statement:
                # Three counts end at their cap; half of so small a backlog may be walked for one.
                assert looked_at(plan) <= 3 * (MOST_COUNTED + 1) + 500, query
                continue
            # What is sorted is what a page has, or the few that a filter leaves.
            sorted_rows = [node["Actual Rows"] for node in nodes(plan) if node["Node Type"] == "Sort"]
            assert max(sorted_rows, default=0) <= 1_000, f"{query}: {statement}"
            assert looked_at(plan) <= 2_500, f"{query}: {statement}"


@pytest.mark.parametrize("query", ["", "rule=F24", "rule=F17&hand=free", "route=manual", "term=unknown", "least=30000"])
def test_all_pages_together_are_what_fits_in_the_order_of_the_queue(programs, query):
    with programs.database.transaction() as session:
        found, after = [], None
        while True:
            page = page_of(session, query, after=after, size=400)
            found += [row.id for row in page.rows]
            after = page.next
            if after is None or len(found) >= 2_000:
                break
        assert found == in_order(session, query)[: len(found)]
        assert len(found) >= 2_000 or len(found) == len(in_order(session, query))


def in_order(session, query: str) -> Sequence[int]:
    """The same by a statement that knows no index: all that waits, sorted."""
    asked, until = request_of(query).asked, overtakes_until(MOMENT.on)
    rows = session.execute(
        text(
            "SELECT c.id FROM contractor.claim AS c WHERE is_waiting "
            "AND (:rule = '' OR EXISTS (SELECT FROM contractor.claim_finding AS f "
            "WHERE f.claim_id = c.id AND f.rule = :rule)) "
            "AND (:route = '' OR route = :route) AND (:least = 0 OR expected_loss_fen >= :least) "
            "AND (:hand <> 'free' OR held_by IS NULL OR held_until <= :at) AND (:term <> 'unknown' OR due_on IS NULL) "
            "ORDER BY coalesce(due_on <= :until, false) DESC, CASE WHEN due_on <= :until THEN due_on END, "
            "expected_loss_fen DESC, id"
        ),
        {
            "rule": asked.rule, "route": asked.route, "least": asked.least_fen or 0, "hand": asked.hand,
            "term": asked.term, "at": AT, "until": until,
        },
    )  # fmt: skip
    return [row.id for row in rows]


def test_a_page_asks_as_many_statements_for_fifty_claims_as_for_one(programs, monkeypatch):
    person = at_desk(programs, "reviewer", name="数语句")
    counts = {}
    for size in (1, 50):
        monkeypatch.setattr(pages, "queue_page", partial(queue_page, size=size))
        for query in ("", "?rule=F13", "?q=张17"):
            person.client.get(f"/review{query}")
            with listened(programs) as seen:
                assert person.client.get(f"/review{query}").status_code == 200
            counts[query, size] = len(seen)
    # Who asks; the page; its heads; the figures; institutions; own views. A filter counts itself, a search looks twice.
    assert counts["", 50] == counts["", 1] == 6
    assert counts["?rule=F13", 50] == counts["?rule=F13", 1] == 7
    assert counts["?q=张17", 50] <= 10


def noted_and_true(session) -> tuple[set, set]:
    """What is noted of waiting claims, and what the claims and findings say."""
    noted = "SELECT claim_id, rule, due_on, expected_loss_fen FROM contractor.waiting_finding"
    true = (
        "SELECT DISTINCT c.id, f.rule, c.due_on, c.expected_loss_fen FROM contractor.claim AS c "
        "JOIN contractor.claim_finding AS f ON (f.county_code, f.claim_id) = (c.county_code, c.id) WHERE c.is_waiting"
    )
    return tuple({tuple(row) for row in session.execute(text(one))} for one in (noted, true))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE contractor.claim SET state = 'rejected', version = version + 1 WHERE id % 7 = 0",
        "UPDATE contractor.claim SET alert_ppm = alert_ppm / 2 WHERE id % 5 = 0",
        "UPDATE contractor.claim SET foreseen_fen = charged_fen / 3 WHERE id % 5 = 1",
        "UPDATE contractor.claim SET due_on = due_on + 9 WHERE id % 3 = 0",
        "UPDATE contractor.claim SET is_clean = NULL, assessed_at = NULL WHERE id % 11 = 0; "
        "UPDATE contractor.claim SET is_clean = false, assessed_at = received_at WHERE is_clean IS NULL",
        "INSERT INTO contractor.claim_finding (county_code, claim_id, finding_no, rule, severity, expected, found, "
        "source, found_at) SELECT county_code, id, 900 + n, 'F4' || n, 'L', '', '', '', received_at "
        "FROM contractor.claim, generate_series(0, 2) AS n WHERE id % 13 = 0",
    ],
    ids=["decided", "score", "foreseen", "term", "checked-anew", "found-at-night"],
)
def test_what_is_noted_of_waiting_claims_follows_every_change_of_theirs(programs, change):
    with programs.database.transaction() as session:
        for statement in change.split("; "):
            session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
            session.execute(text(statement.replace(":", "\\:")))
        noted, true = noted_and_true(session)
        assert noted == true and noted
        session.rollback()


def test_the_workspace_cannot_write_what_the_database_notes(module_database):
    with psycopg.connect(module_database.url("contractor_rw"), autocommit=True) as connection:
        for act in ("INSERT INTO %s DEFAULT VALUES", "UPDATE %s SET rule = ''", "DELETE FROM %s", "TRUNCATE %s"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(act % "contractor.waiting_finding")


def test_a_saved_view_says_how_much_stands_in_it_and_a_search_says_nothing(programs):
    person = at_desk(programs, "reviewer", name="数视图")
    for name, query in (("冒名", "rule=F12"), ("大额逾期", "term=late&least=1000"), ("张家", "q=张1")):
        person.client.post("/review/views", data={"name": name, "query": query})
    page = text_of(person.client.get("/review").get_data(as_text=True))
    with programs.database.transaction() as session:
        views = [request_of(query).asked for query in ("rule=F06", "route=manual&rule=F16", "q=张1", "")]
        counts = counts_of_views(session, SIGHT, views, MOMENT)
        exact = [len(in_order(session, "rule=F06")), len(in_order(session, "route=manual&rule=F16"))]
    assert counts == [min(exact[0], 100), min(exact[1], 100), None, None] and exact[0] < 100
    assert "大额逾期 99+" in page and re.search(r"冒名 \d", page) and not re.search(r"张家 \d", page)


def test_what_a_yes_would_cost_is_at_stake_and_where_that_is_unknown_what_is_asked(programs):
    with programs.database.transaction() as session:
        row = session.execute(text("SELECT * FROM contractor.claim WHERE route = 'outpatient' LIMIT 1")).one()
        assert row.foreseen_fen is None
        assert abs(row.expected_loss_fen - row.charged_fen * row.alert_ppm // 1_000_000) <= 1
        session.execute(text("UPDATE contractor.claim SET foreseen_fen = 0 WHERE id = :id"), {"id": row.id})
        assert (
            session.scalar(text("SELECT expected_loss_fen FROM contractor.claim WHERE id = :id"), {"id": row.id}) == 0
        )
        session.rollback()


def test_the_search_for_a_whole_number_finds_that_claim_alone(programs):
    with programs.database.transaction() as session:
        whole = page_of(session, "q=ZY202600000017")
        assert [row.claim_number for row in whole.rows] == ["ZY202600000017"]
        part = page_of(session, "q=0000017")
        assert {row.claim_number for row in part.rows} >= {"ZY202600000017", "ZY202600000170"}


def test_terms_that_are_days_apart_are_told_apart(programs):
    with programs.database.transaction() as session:
        late = page_of(session, "term=late", size=400)
        assert {row.due_on < MOMENT.on for row in late.rows} == {True}
        assert min(row.due_on for row in late.rows) == MOMENT.on - dt.timedelta(days=4)
