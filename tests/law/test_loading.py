"""Both desks load the law by hash: the same timeline, or the same refusal that names both hashes."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager

import psycopg
import pytest

from chassis.law.approved import AlteredApproval
from contractor.law import loading as insurer
from oversight.registry.schedules import law as county
from rulebook.periods import Period
from rulebook.registry import GapBetweenVersions, NotApproved, OverlappingVersions
from rulebook.schedule import AlteredSchedule
from tests.law.making import BALIN, COUNTY, OTHER, TODAY, ZHENGZHOU, day, in_force

DESKS = {"county": county.law_of, "contractor": insurer.law_of}


@pytest.fixture(params=DESKS)
def law_at(request, home):
    """The law of a county as one of the two desks loads it."""

    def law(county_code: str = COUNTY, **more):
        with home.databases[request.param].transaction() as session:
            return DESKS[request.param](session, county_code, **more)

    return law


@contextmanager
def tampered(home, change: str, *values):
    """A superuser edits the county's row behind every guard, and puts it back."""
    with psycopg.connect(home.database.owner_url, autocommit=True) as connection:
        kept = connection.execute(
            "SELECT canonical, content_hash, in_force_from, in_force_until, document, replaced_on, replaced_by_id "
            "FROM registry.schedule_approval WHERE county_code = %s AND in_force_from = '2011-01-01'",
            [COUNTY],
        ).fetchone()
        checks = ("content_hash", "replaced_by", "replaced", "until")
        connection.execute("ALTER TABLE registry.schedule_approval DISABLE TRIGGER ALL")
        for check in checks:
            connection.execute(f"ALTER TABLE registry.schedule_approval DROP CONSTRAINT ck_schedule_approval_{check}")
        edit = "UPDATE registry.schedule_approval SET {} WHERE county_code = '990121' AND document = %s"
        connection.execute(edit.format(change), [*values, kept[4]])
        try:
            yield
        finally:
            connection.execute(
                "UPDATE registry.schedule_approval SET (canonical, content_hash, in_force_from, in_force_until, "
                "document, replaced_on, replaced_by_id) = (%s, %s, %s, %s, %s, %s, %s) "
                "WHERE county_code = '990121' AND scheme_key = 'zhengzhou'",
                list(kept),
            )
            connection.execute(
                "ALTER TABLE registry.schedule_approval ADD CONSTRAINT ck_schedule_approval_content_hash "
                "CHECK (content_hash = encode(sha256(convert_to(canonical, 'UTF8')), 'hex')), "
                "ADD CONSTRAINT ck_schedule_approval_until CHECK (in_force_until > in_force_from), "
                "ADD CONSTRAINT ck_schedule_approval_replaced CHECK (replaced_on > in_force_from), "
                "ADD CONSTRAINT ck_schedule_approval_replaced_by "
                "CHECK ((replaced_on IS NULL) = (replaced_by_id IS NULL))"
            )
            connection.execute("ALTER TABLE registry.schedule_approval ENABLE TRIGGER ALL")


def test_both_desks_load_the_same_law(law_at):
    law = law_at()
    assert law.spans == ((Period(day("2011-01-01")), ZHENGZHOU),)
    assert law.schedule_on(TODAY).canonical == ZHENGZHOU.canonical
    assert law_at(OTHER).spans == ((Period(day("2007-01-01")), BALIN),)


def test_a_county_without_an_approval_has_no_law(law_at):
    with pytest.raises(NotApproved):
        law_at("990100")


def test_assumed_numbers_have_no_force_in_production_before_they_are_approved(law_at):
    """Both schemes on file hold numbers that no document gives."""
    assert law_at("990100", standing_in=ZHENGZHOU, is_production=False).schedule_on(TODAY) == ZHENGZHOU
    with pytest.raises(NotApproved):
        law_at("990100", standing_in=ZHENGZHOU)
    with pytest.raises(NotApproved):
        law_at("990100", standing_in=ZHENGZHOU, is_production=True)
    assert any(True for _ in law_at().schedule_on(TODAY).assumptions_on(TODAY)), "approved, they are the law"


def test_what_stands_in_never_replaces_what_is_approved(law_at):
    assert law_at(standing_in=BALIN, is_production=False).schedule_on(TODAY) == ZHENGZHOU


def test_a_changed_text_is_refused_and_both_hashes_are_named(home, law_at):
    changed = ZHENGZHOU.canonical.replace('"100000.00"', '"999999.00"')
    assert changed != ZHENGZHOU.canonical
    with tampered(home, "canonical = %s", changed), pytest.raises(AlteredSchedule) as refused:
        law_at()
    assert refused.value.facts == {
        "expected": ZHENGZHOU.content_hash,
        "found": hashlib.sha256(changed.encode()).hexdigest(),
    }


def test_a_text_changed_together_with_its_hash_is_not_what_was_confirmed(home, law_at):
    changed = ZHENGZHOU.canonical.replace('"100000.00"', '"999999.00"')
    found = hashlib.sha256(changed.encode()).hexdigest()
    with (
        tampered(home, "canonical = %s, content_hash = %s", changed, found),
        pytest.raises(AlteredApproval) as refused,
    ):
        law_at()
    assert refused.value.facts["expected"] != refused.value.facts["found"]


def test_a_text_that_says_the_same_in_another_form_is_refused(home, law_at):
    """The hash names one text; a second spelling of it would have a second hash."""
    spaced = ZHENGZHOU.canonical.replace('":', '": ')
    found = hashlib.sha256(spaced.encode()).hexdigest()
    with (
        tampered(home, "canonical = %s, content_hash = %s", spaced, found),
        pytest.raises(AlteredSchedule) as refused,
    ):
        law_at()
    assert refused.value.facts == {"expected": found, "found": ZHENGZHOU.content_hash}


@pytest.mark.parametrize(
    "change", ["in_force_from = '2012-01-01'", "in_force_until = '2030-01-01'", "document = document || '改'"]
)
def test_changed_days_or_papers_are_not_what_was_confirmed(home, law_at, change):
    with tampered(home, change), pytest.raises(AlteredApproval):
        law_at()


@pytest.mark.parametrize(
    ("ends_on", "refusal"), [("2094-12-31", GapBetweenVersions), ("2095-01-02", OverlappingVersions)]
)
def test_a_changed_end_leaves_a_gap_or_an_overlap_and_is_refused(home, law_at, ends_on, refusal):
    with home.databases["county"].transaction() as session:
        if not law_at().dates()[-1] > day("2090-01-01"):
            in_force(session, BALIN, "2095-01-01", document="接替的一号")
    edit = f"replaced_on = '{ends_on}'"
    with psycopg.connect(home.database.owner_url, autocommit=True) as connection:
        # The database refuses the overlap itself; only without its constraint does the loading have to.
        connection.execute(
            "ALTER TABLE registry.schedule_approval DROP CONSTRAINT IF EXISTS ex_schedule_approval_one_law_a_day"
        )
    with tampered(home, edit), pytest.raises(refusal):
        law_at()
