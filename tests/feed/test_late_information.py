"""What the registry learned after a decision is told as late information; what it knew by then is the contractor's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import psycopg
import pytest

from oversight.audits.county import recompute_county
from tests.feed import county as made
from tests.feed.county import COUNTY

BEFORE, AFTER = "2019-01-10T00:00:00Z", "2019-02-01T00:00:00Z"  # of the decisions of a made-up county
FOR_EVER = "2100-01-01"


@dataclass(frozen=True)
class Change:
    """One change of the registry about a settlement's member, and the step that must name it."""

    name: str
    sql: str
    step: str
    is_poor: bool = False


POOR = (
    "INSERT INTO registry.member_status (county_code, member_id, status, from_on, until_on, document, recorded_at) "
    f"VALUES ('{COUNTY}', %(member)s, 'poor', %(discharged)s, '{FOR_EVER}', 'D2', %(at)s)"
)
ENDED = "UPDATE registry.member_status SET until_on = %(discharged)s, recorded_at = %(at)s WHERE member_id = %(member)s"
DIED = (
    "INSERT INTO registry.death (county_code, member_id, died_on, source, recorded_at) "
    f"VALUES ('{COUNTY}', %(member)s, %(admitted)s::date - 3, 'civil_affairs', %(at)s)"
)
LEFT = (
    "UPDATE registry.enrolment SET enrolled_on = %(discharged)s::date + 1, recorded_at = %(at)s "
    "WHERE member_id = %(member)s AND year = %(year)s AND kind = 'scheme'"
)
CHANGES = (
    Change("became poor", POOR, "status_on_discharge"),
    Change("was poor no more", ENDED, "status_on_discharge", is_poor=True),
    Change("had died", DIED, "death"),
    Change("was not enrolled yet", LEFT, "enrolment"),
)


@pytest.fixture(scope="module")
def told(module_database):
    county = made.made_up(600, seed=23)
    with psycopg.connect(module_database.owner_url) as connection:
        made.write(connection, county)
        made.remember(module_database.desk("contractor"), county)
        connection.execute("ALTER TABLE registry.death DISABLE TRIGGER ALL")
        targets = _targets(county)
        for (change, at), target in targets.items():
            done = connection.execute(change.sql, target | {"at": at})
            assert done.rowcount == 1, change.name
        connection.commit()
    desk = module_database.desk("county")
    found = recompute_county(desk.engine, COUNTY, made.law()).differences
    desk.engine.dispose()
    return {
        (change.name, at): found[found["settlement_id"] == target["settlement"]]
        for (change, at), target in targets.items()
    }


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_what_was_recorded_after_the_decision_is_late_information(told, change):
    own = told[change.name, AFTER]
    assert own["step"].tolist() == [f"late_{change.step}"]
    assert own["kind"].tolist() == ["input"]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_what_was_known_at_the_decision_is_no_late_information(told, change):
    assert told[change.name, BEFORE]["step"].tolist() == [change.step]


def test_a_stay_that_began_after_the_members_death_is_owed_nothing(told):
    own = told["had died", BEFORE].iloc[0]
    assert (own["published_word"], own["recomputed_word"]) == ("no", "yes")
    assert own["effect_fen"] > 0


def _targets(county: made.County) -> dict[tuple[Change, str], dict[str, object]]:
    """For each change and each time a settlement of a member who has only this one, with money from the pool."""
    s = county.settlements
    _members, place, count = np.unique(s["member_id"], return_inverse=True, return_counts=True)
    days = s["discharged_on"] > s["admitted_on"]
    same_year = s["admitted_on"].astype("datetime64[Y]") == s["discharged_on"].astype("datetime64[Y]")
    has_row = np.isin(s["member_id"], county.statuses["member_id"])
    poor_all_along = (s["status_on_discharge"] > 0) & (s["status_on_admission"] > 0)
    usable = (count[place] == 1) & days & same_year & (s["base_fen"] > 0)
    free = {
        True: np.flatnonzero(usable & poor_all_along).tolist(),
        False: np.flatnonzero(usable & ~has_row).tolist(),
    }
    targets = {}
    for change in CHANGES:
        for at in (BEFORE, AFTER):
            row = free[change.is_poor].pop()
            targets[change, at] = {
                "settlement": int(s["settlement_id"][row]), "member": int(s["member_id"][row]),
                "year": int(s["year"][row]), "admitted": str(s["admitted_on"][row]),
                "discharged": str(s["discharged_on"][row]),
            }  # fmt: skip
    return targets
