"""The audit bureau's own role of the database reads all that a recomputation shows, on both sides, and writes nothing.

People of the bureau read the site through the county's pool (decision 0037); this role is for their own tools.
"""

from __future__ import annotations

import psycopg
import pytest

from chassis import clock
from oversight.audits import runs
from oversight.feed import one_claim, registry
from tests.feed.conftest import CHANGED_FEN
from tests.feed.county import COUNTY

OF_A_CLAIM = {
    "published_claims": "claim_id", "published_claim_lines": "line_no", "published_claim_events": "event_no",
    "published_claim_findings": "finding_no", "published_settlements": "settlement_id",
    "published_payments": "payment_id", "published_account_entries": "entry_id",
}  # fmt: skip


@pytest.fixture(scope="module")
def run_id(audited) -> int:
    """A run that has found one changed settlement."""
    audited.change(CHANGED_FEN)
    try:
        with audited.desk.transaction() as session:
            asked = runs.ask(session, county_code=COUNTY, occasion="asked", by=1, at=clock.now()).id
        audited.work()
    finally:
        audited.change(-CHANGED_FEN)
    return asked


@pytest.fixture
def auditor(audited):
    with psycopg.connect(audited.database.url("auditor_ro")) as connection:
        yield connection


def test_the_auditor_reads_the_run_and_every_difference_with_both_sides(audited, auditor, run_id):
    run = auditor.execute(
        "SELECT state, difference_count, kept_count FROM oversight.published_recomputation "
        "WHERE county_code = %s AND id = %s",
        [COUNTY, run_id],
    ).fetchone()
    rows = auditor.execute(
        "SELECT kind, step, claim_id, settlement_id, trail_seq, published_fen, recomputed_fen, effect_fen "
        "FROM oversight.published_recomputation_difference WHERE county_code = %s AND recomputation_id = %s "
        "ORDER BY difference_no",
        [COUNTY, run_id],
    ).fetchall()
    assert run == ("finished", len(rows), len(rows))
    assert ("benefit", "base_fen", audited.claim_id, audited.settlement_id) in {row[:4] for row in rows}
    (seq,) = {row[4] for row in rows if row[0] == "trail"}
    facts = auditor.execute(
        "SELECT facts FROM contractor.published_trail_entry WHERE county_code = %s AND stream = 'claims' AND seq = %s",
        [COUNTY, seq],
    ).fetchone()[0]
    assert facts["settlement"] == audited.settlement_id


def test_the_auditor_reads_what_the_claims_page_shows(audited, auditor):
    read = {
        view: one_claim.rows_of(auditor, COUNTY, audited.claim_id, view, order) for view, order in OF_A_CLAIM.items()
    }
    assert len(read["published_claims"]) == 1 and len(read["published_claim_lines"]) == 4
    assert read["published_settlements"] and read["published_payments"] and read["published_claim_events"]
    lines = one_claim.lines_with_catalogue(auditor, COUNTY, audited.claim_id, 2)
    assert len(lines) == 4 and any(line.own_class for line in lines)
    payment = read["published_payments"][0].payment_id
    legs = auditor.execute(
        "SELECT l.account_code FROM contractor.published_legs AS l JOIN contractor.published_postings AS p "
        "USING (county_code, posting_id) WHERE l.county_code = %s AND l.payment_id = %s",
        [COUNTY, payment],
    ).fetchall()
    assert len(legs) >= 4
    member = [read["published_claims"][0].member_id]
    assert registry.tiers_of(auditor, COUNTY) and len(registry.enrolments_of(auditor, COUNTY, member)["year"])
    registry.statuses_of(auditor, COUNTY, member), registry.deaths_of(auditor, COUNTY, member)


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO oversight.recomputation (county_code, occasion, asked_by, asked_at) "
        "VALUES ('990121', 'asked', 1, now())",
        "UPDATE oversight.recomputation SET state = 'failed'",
        "DELETE FROM oversight.recomputation_difference",
        "UPDATE contractor.settlement SET base_fen = 0",
    ],
)
def test_the_auditor_writes_nothing(auditor, change):
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
        auditor.execute(change)
