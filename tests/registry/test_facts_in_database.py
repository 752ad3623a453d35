"""What the database holds against raw SQL of the county's own role: periods, codes, rows that stay."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from oversight.registry.tables import Member
from tests.registry.files import COUNTY

NOW = "timestamptz '2026-11-20 02:00Z'"
STATUS = (
    "INSERT INTO registry.member_status "
    "(county_code, member_id, status, from_on, until_on, document, recorded_at) VALUES"
)
ENROLMENT = (
    "INSERT INTO registry.enrolment "
    "(county_code, member_id, year, kind, household_id, enrolled_on, premium_fen, paid_by, recorded_at) VALUES"
)
CATALOGUE = (
    "INSERT INTO registry.catalogue_item "
    "(county_code, item_code, name, catalogue_class, kind, from_on, until_on, recorded_at) VALUES"
)
AGREEMENT = (
    "INSERT INTO registry.agreement (county_code, institution_code, from_on, until_on, document, recorded_at) VALUES"
)
DEATH = "INSERT INTO registry.death (county_code, member_id, died_on, source, recorded_at) VALUES"
M3 = "(SELECT id FROM registry.member WHERE card_number = '9901210003')"
H1 = "(SELECT id FROM registry.household WHERE household_number = 'H001')"

EXCLUSION, CHECK, UNIQUE, FOREIGN, NO_RIGHT = "23P01", "23514", "23505", "23503", "42501"
REFUSED = [
    # what, SQLSTATE, SQL; in the county a member is poor from 2025-01-01 on
    ("overlap", EXCLUSION, f"{STATUS} ('{COUNTY}', {M3}, 'poor', '2026-01-01', NULL, 'x', {NOW})"),
    ("overlap by one day", EXCLUSION, f"{STATUS} ('{COUNTY}', {M3}, 'poor', '2024-01-01', '2025-01-02', 'x', {NOW})"),
    ("empty period", CHECK, f"{STATUS} ('{COUNTY}', {M3}, 'poor', '2024-01-01', '2024-01-01', 'x', {NOW})"),
    ("unknown status", CHECK, f"{STATUS} ('{COUNTY}', {M3}, 'rich', '2024-01-01', '2024-02-01', 'x', {NOW})"),
    ("another county's member", FOREIGN, f"{STATUS} ('990122', {M3}, 'poor', '2024-01-01', '2024-02-01', 'x', {NOW})"),
    ("twice a year", UNIQUE, f"{ENROLMENT} ('{COUNTY}', {M3}, 2026, 'scheme', {H1}, '2026-01-01', 0, 'member', {NOW})"),
    (
        "another year's day",
        CHECK,
        f"{ENROLMENT} ('{COUNTY}', {M3}, 2027, 'scheme', {H1}, '2026-12-31', 0, 'member', {NOW})",
    ),
    (
        "premium below nothing",
        CHECK,
        f"{ENROLMENT} ('{COUNTY}', {M3}, 2027, 'scheme', {H1}, '2027-01-01', -1, 'member', {NOW})",
    ),
    (
        "no household",
        FOREIGN,
        f"{ENROLMENT} ('{COUNTY}', {M3}, 2027, 'scheme', 999999999, '2027-01-01', 0, 'member', {NOW})",
    ),
    ("two prices a day", EXCLUSION, f"{CATALOGUE} ('{COUNTY}', 'A001', 'x', 1, 'drug', '2025-01-01', NULL, {NOW})"),
    ("class D", CHECK, f"{CATALOGUE} ('{COUNTY}', 'N001', 'x', 4, 'drug', '2025-01-01', NULL, {NOW})"),
    (
        "two agreements a day",
        EXCLUSION,
        f"{AGREEMENT} ('{COUNTY}', '990121201', '2026-06-30', '2026-07-02', 'x', {NOW})",
    ),
    ("agreement with nobody", FOREIGN, f"{AGREEMENT} ('{COUNTY}', '990121999', '2026-06-30', NULL, 'x', {NOW})"),
    ("died after it was recorded", CHECK, f"{DEATH} ('{COUNTY}', {M3}, '2026-11-21', 'x', {NOW})"),
    ("died twice", UNIQUE, f"{DEATH} ('{COUNTY}', (SELECT member_id FROM registry.death), '2026-01-01', 'x', {NOW})"),
    ("withdrawn by nobody", CHECK, f"UPDATE registry.death SET withdrawn_at = {NOW}"),
    (
        "account in the clear",
        CHECK,
        "UPDATE registry.institution SET bank_account_sealed = 'x', bank_account_index = 'x'",
    ),
    ("referred to itself", CHECK, "UPDATE registry.referral SET to_institution_code = from_institution_code"),
    ("a referral of no days", CHECK, "UPDATE registry.referral SET valid_until_on = valid_from_on"),
    *(
        (f"{act} {table}", NO_RIGHT, f"{act} {'FROM ' if act == 'DELETE' else ''}registry.{table}")
        for act in ("DELETE", "TRUNCATE")
        for table in ("enrolment", "member_status", "death", "institution", "agreement", "catalogue_item", "referral")
    ),
    ("a forgotten import", NO_RIGHT, "DELETE FROM registry.registry_import"),
    ("an import recounted", NO_RIGHT, "UPDATE registry.registry_import SET changed_count = 0"),
    ("a change recounted", NO_RIGHT, "UPDATE registry.import_change SET old_value = 'x'"),
]
TAKEN = [
    ("the day before", f"{STATUS} ('{COUNTY}', {M3}, 'poor', '2024-01-01', '2025-01-01', 'x', {NOW})"),
    ("the next year", f"{ENROLMENT} ('{COUNTY}', {M3}, 2027, 'scheme', {H1}, '2027-01-01', 0, 'member', {NOW})"),
    ("from the day it ended", f"{AGREEMENT} ('{COUNTY}', '990121201', '2026-07-01', NULL, 'x', {NOW})"),
    ("died on the day", f"{DEATH} ('{COUNTY}', {M3}, '2026-11-20', 'x', {NOW})"),
]


def test_the_database_refuses_what_the_registry_may_not_say(entered):
    found = {}
    for what, _state, sql in REFUSED:
        with pytest.raises(DBAPIError) as error, entered.session.begin_nested():
            entered.session.connection().exec_driver_sql(sql)
        found[what] = error.value.orig.sqlstate
    assert found == {what: state for what, state, _sql in REFUSED}


def test_the_database_takes_what_is_just_within(entered):
    for what, sql in TAKEN:
        assert entered.session.connection().exec_driver_sql(sql).rowcount == 1, what


VIEWS = (
    "published_enrolment",
    "published_member_status",
    "published_death",
    "published_institution",
    "published_agreement",
    "published_catalogue_item",
    "published_referral",
    "published_registry_import",
)


@pytest.mark.parametrize("role", ["contractor_rw", "auditor_ro", "county_rw"])
def test_what_is_published_is_read_and_the_tables_behind_it_are_not(house_database, role):
    with psycopg.connect(house_database.url(role), autocommit=True) as connection:
        for view in VIEWS:
            connection.execute(f"SELECT * FROM registry.{view} LIMIT 1")
            if role != "county_rw":
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"SELECT * FROM registry.{view.removeprefix('published_')} LIMIT 1")


def test_the_claims_joins_find_their_rows_by_index(entered):
    """Per chunk the contractor asks for many members, items and institutions at once."""
    session = entered.session
    session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
    member = session.scalars(select(Member.id).where(Member.card_number == "9901210001")).one()
    asked = {
        f"SELECT * FROM registry.published_enrolment WHERE county_code = '{COUNTY}' AND member_id IN ({member})",
        f"SELECT * FROM registry.published_member_status WHERE county_code = '{COUNTY}' AND member_id IN ({member})",
        f"SELECT * FROM registry.published_death WHERE county_code = '{COUNTY}' AND member_id IN ({member})",
        f"SELECT * FROM registry.published_referral WHERE county_code = '{COUNTY}' AND slip_number IN ('ZZ-0001')",
        f"SELECT * FROM registry.published_catalogue_item WHERE county_code = '{COUNTY}' AND item_code IN ('A001')",
        f"SELECT * FROM registry.published_agreement WHERE county_code = '{COUNTY}' AND institution_code IN ('x')",
    }
    for sql in asked:
        plan = "\n".join(row[0] for row in session.connection().exec_driver_sql(f"EXPLAIN {sql}"))
        assert "Index" in plan, plan
        assert "county_code =" in plan.split("Index Cond:")[1], plan
