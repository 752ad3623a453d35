"""The comparisons of money go once through whole tables, also while the planner knows nothing of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from contractor.payments.parity import over_whole_tables
from contractor.payments.parity_queries import COUNTS, QUERIES
from tests.feed.county import COUNTY

GIVEN = {"county_code": COUNTY, "booked_before": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "most": 1000}
# What the planner makes of a short list in the text of a query; it has as many rows as are written there.
FEW_ROWS = {"Values Scan", "Result"}


@pytest.fixture(scope="module")
def session(house_database) -> Iterator[Any]:
    desk = house_database.desk("contractor")
    with desk.transaction() as session:
        yield session
    desk.engine.dispose()


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)


def _row_by_row(session: Any, query: str) -> list[dict[str, Any]]:
    told = session.execute(text(f"EXPLAIN (FORMAT JSON) {query}"), GIVEN).scalar_one()
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    walks = []
    for node in _nodes(plan):
        inner = node.get("Plans", [{}])[-1]
        if node["Node Type"] == "Nested Loop" and inner["Node Type"] not in FEW_ROWS:
            walks.append(node)
        walks += [part for part in node.get("Plans", []) if part.get("Parent Relationship") == "SubPlan"]
    return walks


@pytest.mark.parametrize("kind", [*QUERIES, "counts"])
def test_no_comparison_walks_a_table_for_each_row_of_another(session, kind):
    with over_whole_tables(session):
        assert _row_by_row(session, {**QUERIES, "counts": COUNTS}[kind]) == []


def test_the_setting_holds_for_the_comparisons_alone(session):
    with over_whole_tables(session):
        assert session.execute(text("SHOW enable_nestloop")).scalar_one() == "off"
    assert session.execute(text("SHOW enable_nestloop")).scalar_one() == "on"
