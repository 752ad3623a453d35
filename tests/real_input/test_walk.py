"""The beginning of each source, from the clerk's lists to the county's recomputation; the soak walks all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.conftest import Servers
from tests.real_input import sums
from tests.real_input.county import RealCounty, beginning_of
from tests.real_input.expected import DESYNPUF_BEGINNING, SYNTHEA_BEGINNING, Expected, faults_against
from tests.real_input.walking import Walked, faults_in, walked

COUNTIES = {
    "synthea_county": (3_000, SYNTHEA_BEGINNING),
    "desynpuf_county": (1_500, DESYNPUF_BEGINNING),
}


@pytest.fixture(scope="module", params=COUNTIES)
def walk_and_expected(
    request: pytest.FixtureRequest, servers: Servers, template: str
) -> Iterator[tuple[Walked, Expected]]:
    county: RealCounty = request.getfixturevalue(request.param)
    claims, expected = COUNTIES[request.param]
    with walked(servers, template, beginning_of(county, claims=claims)) as walk:
        yield walk, expected


def test_every_claim_ends_where_it_is_expected_and_the_paid_share_lies_in_its_band(walk_and_expected) -> None:
    walk, expected = walk_and_expected
    assert faults_against(expected, walk.outcomes, walk.findings) == []


def test_the_money_is_the_same_at_every_station(walk_and_expected) -> None:
    walk, _expected = walk_and_expected
    assert faults_in(walk) == []


def test_all_refused_is_outside_every_band(walk_and_expected) -> None:
    walk, expected = walk_and_expected
    refused = [row._replace(paid_fen=0) for row in walk.outcomes]
    assert any("paid share" in fault for fault in faults_against(expected, refused, walk.findings))


@pytest.fixture()
def altered(walk_and_expected) -> Iterator[Callable[[str], None]]:
    """`altered(sql)` changes one amount as a superuser, past every trigger; it is changed back afterwards."""
    walk, _expected = walk_and_expected
    undone: list[str] = []

    def alter(column: str, by_fen: int) -> None:
        statement = (
            f"UPDATE contractor.settlement SET {column} = {column} + {{0}}, benefits_fen = benefits_fen + {{0}}, "
            "member_pays_fen = member_pays_fen - {0} WHERE id = (SELECT min(id) FROM contractor.settlement "
            "WHERE base_fen > 1 AND member_pays_fen > 1)"
        )
        with psycopg.connect(walk.home.database.owner_url) as connection:
            connection.execute("ALTER TABLE contractor.settlement DISABLE TRIGGER ALL")
            connection.execute(statement.format(by_fen))
            connection.execute("ALTER TABLE contractor.settlement ENABLE TRIGGER ALL")
        undone.append(statement.format(-by_fen))

    yield alter
    with psycopg.connect(walk.home.database.owner_url) as connection:
        connection.execute("ALTER TABLE contractor.settlement DISABLE TRIGGER ALL")
        for statement in undone:
            connection.execute(statement)
        connection.execute("ALTER TABLE contractor.settlement ENABLE TRIGGER ALL")


def test_one_fen_changed_behind_everybodys_back_is_named(walk_and_expected, altered) -> None:
    walk, _expected = walk_and_expected
    altered("base_fen", 1)
    again = sums.recomputed(walk.home, walk.county.county_code)
    assert again.published_fen == again.recomputed_fen + 1
    assert len(again.differences) >= 1
