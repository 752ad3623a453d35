"""Entering, confirming, replacing, withdrawing: what each does to the county's law, and what it refuses."""

from __future__ import annotations

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import text

from chassis.errors import NotFound
from chassis.identity.proving import Confirmed
from chassis.identity.refusals import ProofMissing
from chassis.law.approved import content_of
from chassis.people.refusals import ShownOtherwise
from oversight.registry.schedules import approving, queries
from oversight.registry.schedules.law import law_of
from oversight.registry.schedules.refusals import (
    ApprovalNotInThisState,
    ApprovedInTheFuture,
    ConfirmedByAnother,
    LawIsNotChangedBackwards,
    LawMovedOn,
)
from rulebook.periods import EmptyPeriod
from rulebook.registry import GapBetweenVersions, NotApproved, OverlappingVersions
from rulebook.schedule import NotInForce
from tests.law.making import (
    AT,
    BALIN,
    COUNTY,
    DIRECTOR,
    OTHER,
    REGISTRAR,
    RIVER,
    TODAY,
    TOMORROW,
    ZHENGZHOU,
    counties,
    day,
    decision,
    director,
    in_force,
    proposed,
    put_in_force,
)


def settled(session) -> None:
    """What the commit would check, checked now."""
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    session.execute(text("SET CONSTRAINTS ALL DEFERRED"))


def test_what_was_entered_changes_nothing_until_a_second_person_has_confirmed_it(session):
    row = proposed(session, ZHENGZHOU, "2011-01-01")
    with pytest.raises(NotApproved):
        law_of(session, COUNTY)
    put_in_force(session, row)
    law = law_of(session, COUNTY)
    assert law.schedule_on(day("2011-01-01")).content_hash == ZHENGZHOU.content_hash
    with pytest.raises(NotApproved):
        law.schedule_on(day("2010-12-31"))


def test_the_director_confirms_with_a_proof_of_what_was_shown(session):
    row = proposed(session, ZHENGZHOU, "2011-01-01")
    visitor, confirmed = director(session)
    approving.confirm(session, visitor, confirmed, approval_id=row.id, shown_sha256=content_of(row), at=AT)
    assert (row.confirmed_by, row.confirmed_at, row.confirmed_sha256) == (visitor.person_id, AT, content_of(row))
    used = session.execute(text("SELECT count(*) FROM oversight.approval_proof WHERE used_at IS NOT NULL"))
    assert used.scalar_one() == 1


def test_a_confirmation_without_a_fresh_proof_or_of_other_content_is_refused(session):
    row = proposed(session, ZHENGZHOU, "2011-01-01")
    visitor, confirmed = director(session)
    old = Confirmed(confirmed.session_id, AT - dt.timedelta(minutes=5))
    with pytest.raises(ProofMissing):
        approving.confirm(session, visitor, old, approval_id=row.id, shown_sha256=content_of(row), at=AT)
    with pytest.raises(ShownOtherwise):
        approving.confirm(session, visitor, confirmed, approval_id=row.id, shown_sha256=b"x" * 32, at=AT)
    assert row.confirmed_at is None


def test_whoever_entered_it_cannot_confirm_it(session):
    visitor, confirmed = director(session)
    row = approving.propose(session, ZHENGZHOU, decision("2011-01-01"), county_code=COUNTY, by=visitor.person_id, at=AT)
    with pytest.raises(ConfirmedByAnother):
        approving.confirm(session, visitor, confirmed, approval_id=row.id, shown_sha256=content_of(row), at=AT)


def test_another_countys_approval_is_not_there(session):
    row = proposed(session, ZHENGZHOU, "2011-01-01", county_code=OTHER)
    visitor, confirmed = director(session)
    with pytest.raises(NotFound):
        approving.confirm(session, visitor, confirmed, approval_id=row.id, shown_sha256=content_of(row), at=AT)
    with pytest.raises(NotFound):
        approving.withdraw(session, county_code=COUNTY, approval_id=row.id, reason="试验用的", by=REGISTRAR, at=AT)


def test_a_schedule_without_an_end_is_replaced_from_the_first_day_of_the_next(session):
    old = in_force(session, ZHENGZHOU, "2011-01-01")
    new = in_force(session, BALIN, "2027-01-01")
    settled(session)
    assert (old.replaced_on, old.replaced_by_id, new.replaces_id) == (day("2027-01-01"), new.id, old.id)
    law = law_of(session, COUNTY)
    assert law.schedule_on(day("2026-12-31")).key == "zhengzhou"
    assert law.schedule_on(day("2027-01-01")).key == "balin_zuoqi"


def test_two_counties_have_two_laws(session):
    in_force(session, ZHENGZHOU, "2011-01-01")
    in_force(session, BALIN, "2007-01-01", county_code=OTHER)
    assert law_of(session, COUNTY).schedule_on(TODAY).key == "zhengzhou"
    assert law_of(session, OTHER).schedule_on(TODAY).key == "balin_zuoqi"


OVERLAPS = [
    # standing versions, new version, why
    ([("2011-01-01", "2027-01-01"), ("2027-01-01", None)], ("2027-01-01", None), "the same first day as the second"),
    ([("2011-01-01", "2027-01-01"), ("2027-01-01", None)], ("2026-12-01", None), "reaches over the whole second"),
    ([("2011-01-01", "2027-01-01"), ("2027-01-01", None)], ("2026-12-01", "2027-01-02"), "one day into the second"),
    ([("2027-01-01", None)], ("2011-01-01", None), "reaches over a version that begins later"),
    ([("2027-01-01", None)], ("2011-01-01", "2027-01-02"), "one day into a version that begins later"),
]


@pytest.mark.parametrize(("standing", "new", "why"), OVERLAPS, ids=[case[2] for case in OVERLAPS])
def test_two_schedules_for_one_day_are_refused_when_entered(session, standing, new, why):
    for from_on, until_on in standing:
        in_force(session, ZHENGZHOU, from_on, until_on)
    with pytest.raises(OverlappingVersions) as refused:
        proposed(session, BALIN, *new)
    assert refused.value.facts["county_code"] == COUNTY


GAPS = [
    ([("2011-01-01", "2027-01-01")], ("2027-01-02", None), ("2027-01-01", None), "one day after the end"),
    (
        [("2027-01-01", None)],
        ("2011-01-01", "2026-12-31"),
        ("2011-01-01", "2027-01-01"),
        "one day before the beginning",
    ),
]


@pytest.mark.parametrize(("standing", "new", "without", "why"), GAPS, ids=[case[3] for case in GAPS])
def test_a_day_without_a_schedule_between_two_is_refused_when_entered(session, standing, new, without, why):
    for from_on, until_on in standing:
        in_force(session, ZHENGZHOU, from_on, until_on)
    with pytest.raises(GapBetweenVersions):
        proposed(session, BALIN, *new)
    in_force(session, BALIN, *without)
    settled(session)


def test_a_gap_that_arose_while_it_waited_is_refused_at_the_confirmation(session):
    far = proposed(session, BALIN, "2028-01-01")
    put_in_force(session, proposed(session, ZHENGZHOU, "2011-01-01", "2027-01-01"))
    with pytest.raises(GapBetweenVersions):
        put_in_force(session, far)


def test_days_that_had_a_law_keep_it(session):
    in_force(session, ZHENGZHOU, "2011-01-01")
    with pytest.raises(LawIsNotChangedBackwards):
        proposed(session, BALIN, TODAY.isoformat())
    waits = proposed(session, BALIN, TOMORROW.isoformat())
    with pytest.raises(LawIsNotChangedBackwards):
        put_in_force(session, waits, at=AT + dt.timedelta(days=1))
    put_in_force(session, waits)
    settled(session)


def test_days_without_a_law_may_be_given_one_afterwards(session):
    in_force(session, ZHENGZHOU, "2011-01-01")
    in_force(session, BALIN, "2007-01-01", "2011-01-01")
    assert law_of(session, COUNTY).schedule_on(day("2010-12-31")).key == "balin_zuoqi"


def test_it_cannot_begin_before_a_rule_that_no_scheme_can_be_without(session):
    with pytest.raises(NotInForce) as refused:
        proposed(session, ZHENGZHOU, "2010-12-31")
    assert refused.value.facts["day"] == day("2010-12-31")
    proposed(session, ZHENGZHOU, "2011-01-01")


def test_an_approval_of_tomorrow_and_an_empty_period_are_refused(session):
    with pytest.raises(ApprovedInTheFuture):
        proposed(session, ZHENGZHOU, "2027-01-01", approved_on=TOMORROW)
    proposed(session, ZHENGZHOU, "2027-01-01", approved_on=TODAY)
    with pytest.raises(EmptyPeriod):
        proposed(session, ZHENGZHOU, "2027-01-01", "2027-01-01")


def test_what_it_would_replace_must_still_be_the_same_at_the_confirmation(session):
    in_force(session, ZHENGZHOU, "2011-01-01")
    waits = proposed(session, RIVER, "2028-01-01")
    in_force(session, BALIN, "2027-01-01")
    with pytest.raises(LawMovedOn):
        put_in_force(session, waits)


def test_what_waits_is_withdrawn_with_a_reason_and_never_confirmed_after(session):
    row = proposed(session, ZHENGZHOU, "2011-01-01")
    approving.withdraw(session, county_code=COUNTY, approval_id=row.id, reason="文号抄错了", by=DIRECTOR, at=AT)
    assert queries.state_of(row, on=TODAY) == "withdrawn"
    with pytest.raises(ApprovalNotInThisState):
        put_in_force(session, row)
    proposed(session, ZHENGZHOU, "2011-01-01")


def take_back(session, row, *, at: dt.datetime = AT) -> None:
    approving.take_back(session, county_code=COUNTY, approval_id=row.id, reason="委员会改期", by=DIRECTOR, at=at)


def test_taken_back_before_its_first_day_the_one_before_goes_on(session):
    old = in_force(session, ZHENGZHOU, "2011-01-01")
    new = in_force(session, BALIN, "2027-01-01")
    take_back(session, new)
    settled(session)
    assert (old.replaced_on, old.replaced_by_id) == (None, None)
    assert law_of(session, COUNTY).schedule_on(day("2027-01-01")).key == "zhengzhou"


def test_on_its_first_day_it_is_the_law_and_cannot_be_taken_back(session):
    in_force(session, ZHENGZHOU, "2011-01-01")
    new = in_force(session, BALIN, "2027-01-01")
    first_day = dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)  # midnight in Shanghai
    with pytest.raises(ApprovalNotInThisState):
        take_back(session, new, at=first_day)
    take_back(session, new, at=first_day - dt.timedelta(seconds=1))


def test_a_schedule_that_another_builds_on_is_not_taken_back_before_it(session):
    in_force(session, ZHENGZHOU, "2011-01-01")
    new = in_force(session, BALIN, "2027-01-01")
    last = in_force(session, RIVER, "2028-01-01")
    with pytest.raises(OverlappingVersions):
        take_back(session, new)
    take_back(session, last)
    take_back(session, new)
    settled(session)


def test_every_step_stands_in_the_trail_with_the_hash_and_without_words_of_people(session):
    old = in_force(session, ZHENGZHOU, "2011-01-01")
    new = in_force(session, BALIN, "2027-01-01")
    take_back(session, new)
    rows = session.execute(
        text(
            "SELECT act, actor_id, facts::text FROM oversight.trail_entry "
            "WHERE stream = 'registry' AND subject_kind = 'schedule_approval' ORDER BY seq"
        )
    ).all()
    assert [(row[0], row[1]) for row in rows] == [
        ("schedule_proposed", str(REGISTRAR)),
        ("schedule_confirmed", str(DIRECTOR)),
        ("schedule_proposed", str(REGISTRAR)),
        ("schedule_confirmed", str(DIRECTOR)),
        ("schedule_taken_back", str(DIRECTOR)),
    ]
    assert ZHENGZHOU.content_hash in rows[0][2]
    assert content_of(old).hex() in rows[1][2]
    assert "委员会" not in "".join(row[2] for row in rows)


def test_the_director_sees_how_many_wait_and_nobody_else_is_counted_for(session):
    proposed(session, ZHENGZHOU, "2011-01-01")
    visitor, _confirmed = director(session)
    assert queries.waiting_for_visitor(session, visitor) == 1
    elsewhere, _confirmed = director(session, county_code=OTHER, name="law-director-2")
    assert queries.waiting_for_visitor(session, elsewhere) == 0
    registrar = type(visitor)("county", COUNTY, REGISTRAR, 0, "试验员", frozenset({"registrar"}))
    assert queries.waiting_for_visitor(session, registrar) == 0


def test_of_two_confirmations_at_once_the_second_waits_and_is_refused_in_words(fresh_database):
    """Both would replace the same schedule: the second meets a law that has moved on, never two laws for a day."""
    database = fresh_database.desk("county")
    with database.transaction() as session:
        counties(session)
        in_force(session, ZHENGZHOU, "2011-01-01")
        one, other = proposed(session, BALIN, "2027-01-01"), proposed(session, RIVER, "2027-06-01")

    def confirm_other() -> type[Exception] | None:
        try:
            with database.transaction() as session:
                put_in_force(session, session.merge(other))
        except Exception as refusal:
            return type(refusal)
        return None

    with ThreadPoolExecutor(1) as beside:
        with database.transaction() as session:
            put_in_force(session, session.merge(one))
            waits = beside.submit(confirm_other)
            until_somebody_waits(fresh_database)
        assert waits.result(30) is LawMovedOn
    database.engine.dispose()


def until_somebody_waits(database) -> None:
    """Until a session of this database stands at a lock: then the second confirmation has begun."""
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while not connection.execute(asked).fetchone()[0]:
            time.sleep(0.01)
