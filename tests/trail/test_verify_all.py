"""The command's verb: every chain a site may read, once, and words for what it found."""

from __future__ import annotations

import psycopg
import pytest

from chassis.desks import DESKS, desks_of
from chassis.house import House
from chassis.settings import read_settings
from chassis.trail.verdicts import Fault, Why
from chassis.trail.verification import verify_all
from chassis.trail.words import fault_in_words, in_words
from tests.trail.making import add


@pytest.fixture()
def house_of(emptied_database):
    opened = []

    def open_site(site: str) -> House:
        databases = {desk.key: emptied_database.desk(desk.key) for desk in desks_of(site)}
        opened.append(House(read_settings({"COOPMED_ENVIRONMENT": "test"}), site, databases))
        return opened[-1]

    yield open_site
    for house in opened:
        house.close()


def test_a_site_checks_each_chain_it_may_read_once_and_in_full_where_it_can(house_of, emptied_database):
    for key in DESKS:
        desk = emptied_database.desk(key)
        with desk.transaction() as session:
            add(session, 3)
            add(session, 2, stream="people")
        desk.engine.dispose()
    found = {
        site: [(verdict.schema, verdict.stream, verdict.rows) for verdict in verify_all(house_of(site))]
        for site in ("workspace", "portal", "claimants")
    }
    assert found == {
        "workspace": [
            *(("contractor", "claims", 3), ("contractor", "people", 2)),
            *(("oversight", "claims", 0), ("oversight", "people", 0)),
        ],
        "portal": [
            *(("claimant", "claims", 0), ("claimant", "people", 0)),
            *(("contractor", "claims", 3), ("contractor", "people", 2)),
            *(("finance", "claims", 3), ("finance", "people", 2)),
            *(("oversight", "claims", 3), ("oversight", "people", 2)),
        ],
        "claimants": [("claimant", "claims", 3), ("claimant", "people", 2)],
    }


def test_a_broken_chain_is_told_with_its_place(house_of, emptied_database):
    desk = emptied_database.desk("contractor")
    with desk.transaction() as session:
        add(session, 9)
    desk.engine.dispose()
    with psycopg.connect(emptied_database.owner_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE contractor.trail_entry DISABLE TRIGGER USER")
        connection.execute("UPDATE contractor.trail_entry SET actor_id = 'somebody-else' WHERE seq = 5")
    (verdict,) = verify_all(house_of("workspace"))
    assert not verdict.ok
    assert in_words(verdict) == ["contractor 410100 claims：链已损坏。", "第 5 条的内容与其指纹不符。"]


@pytest.mark.parametrize("why", Why)
def test_every_kind_of_fault_has_words_that_name_its_place(why):
    """A cut is told by the last entry that is left, the others by the first that is bad."""
    place = "16" if why is Why.CUT else "17"
    assert place in fault_in_words(Fault(why, 17, until=18, other=19))
