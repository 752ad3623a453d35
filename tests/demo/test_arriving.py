"""The small demo goes the whole way: registry, files, checks, decisions, payments, the bank's answers, the books."""

from __future__ import annotations

import re
from collections import Counter

import psycopg
import pytest

from chassis.errors import Misconfigured
from chassis.settings import read_settings
from chassis.vault.keys import ensure_key_file
from demo import arriving
from demo.arriving import SMALL_SIZE, bring_in
from demo.county import COUNTY, OTHER_COUNTY
from demo.fill import fill_if_empty
from demo.history import history_of
from oversight.audits import queries, runs
from oversight.registry.schedules.law import law_of
from rulebook.checks import CHECKS
from tests.conftest import _copy
from tests.demo.house import AT, LivedIn
from tests.demo.test_fill import counts

HISTORY = history_of()


STILL_OPEN = {"received", "in_review", "in_second_review", "awaiting_documents", "on_public_notice"}


class Interrupted(Exception):
    """The house was stopped."""


@pytest.fixture(scope="module")
def whole(servers, template, tmp_path_factory):
    """A house in which the small county has arrived, stopped in the middle once; and what was said."""
    folder = tmp_path_factory.mktemp("demo")
    for database in _copy(servers, template):
        home = LivedIn(database, folder, servers.redis_url, environment="demo")
        ensure_key_file(folder / "keys.json")
        (folder / "secret").write_bytes(b"s" * 48)
        fill_if_empty(home.databases, home.keyring, home.settings, at=AT)
        home.said = []
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("demo.progress.SECONDS_BETWEEN_LINES", 0.0)
            with pytest.raises(Interrupted):
                bring(home, stops_at=r"claims of 990121: 2\d\d ÷")
        assert asked(home, "SELECT count(*) BETWEEN 200 AND 299 FROM contractor.claim") == [(True,)]
        assert bring(home)
        yield home
        home.close()


def bring(home, *, stops_at: str | None = None) -> bool:
    def told(line: str) -> None:
        home.said.append(line)
        if stops_at and re.match(stops_at, line):
            raise Interrupted

    return bring_in(home.databases, home.keyring, home.settings, at=AT, told=told, size=SMALL_SIZE)


def asked(home, sql: str, *values) -> list[tuple]:
    with psycopg.connect(home.database.owner_url) as connection:
        return connection.execute(sql, values).fetchall()


def claims(home) -> dict[str, tuple[str, str]]:
    """State and the checks' rules, by claim number."""
    rows = asked(
        home,
        "SELECT c.claim_number, c.state, coalesce(string_agg(DISTINCT f.rule, ' '), '') FROM contractor.claim AS c "
        "LEFT JOIN contractor.claim_finding AS f ON (f.county_code, f.claim_id) = (c.county_code, c.id) "
        "WHERE c.county_code = %s GROUP BY 1, 2",
        COUNTY,
    )
    return {number: (state, rules) for number, state, rules in rows}


def test_every_claim_of_the_county_has_come_in_once_and_has_its_place(whole):
    found = claims(whole)
    assert found.keys() == {claim.claim_number for claim in HISTORY.claims}
    by_route = Counter(
        (route, state)
        for route, state in asked(
            whole, "SELECT route, state FROM contractor.claim WHERE county_code = %s ORDER BY 1, 2", COUNTY
        )
    )
    assert by_route == {
        ("direct", "approved"): 273,
        ("direct", "awaiting_documents"): 2,
        ("direct", "in_review"): 1,
        ("direct", "in_second_review"): 1,
        ("direct", "received"): 4,
        ("direct", "rejected"): 17,
        ("manual", "approved"): 15,
        ("manual", "on_public_notice"): 3,
        ("manual", "rejected"): 5,
        ("outpatient", "approved"): 156,
        ("outpatient", "rejected"): 1,
    }


def test_what_was_planted_was_refused_and_what_only_looks_like_it_was_not(whole):
    """The checks put before people what they must see; the people of the demo know the papers."""
    found = claims(whole)
    wanted = {"F10", "F12", "F13", "F17", "enrolment", "agreement", "referral"}
    for entry in HISTORY.key:
        case = {found[number][0] for number in (entry.claim_number, *entry.with_claims)}
        if entry.rule in wanted and entry.is_irregular and not case & STILL_OPEN:
            assert "rejected" in case, entry
    refused = {number for number, (state, _) in found.items() if state == "rejected"}
    irregular = {entry.claim_number for entry in HISTORY.key if entry.is_irregular}
    assert refused <= irregular, "nobody in order was refused"


def test_under_the_countys_policy_two_decided_and_the_next_is_left_to_whoever_comes(whole):
    """From July on; what was left open waits for the lead, for the two do not agree on it."""
    (policy,) = asked(whole, "SELECT from_on::text, limit_fen, is_on_critical, share_ppm FROM contractor.review_policy")
    assert policy == ("2026-08-02", 2_000_000, True, 20_000)
    proposed = asked(
        whole,
        "SELECT p.id, p.proposed_by, p.grounds <> '{}', array_agg(o.by ORDER BY o.opinion_no) FROM "
        "contractor.review_proposal AS p LEFT JOIN contractor.review_opinion AS o ON (o.county_code, o.proposal_id) "
        "= (p.county_code, p.id) GROUP BY 1, 2, 3",
    )
    assert len(proposed) > 4
    for _number, first, asks_for_two, others in proposed:
        assert asks_for_two == (others != [None]), "whoever was asked for has said something"
        assert len({first, *others}) == 1 + len(others), "and nobody twice"
    waiting = asked(
        whole,
        "SELECT e.event FROM contractor.claim AS c JOIN contractor.claim_event AS e "
        "ON (e.county_code, e.claim_id, e.event_no) = (c.county_code, c.id, c.version) "
        "WHERE c.state = 'in_second_review'",
    )
    assert waiting == [("disputed",)]


def test_the_checks_find_what_was_planted_and_leave_what_only_looks_like_it(whole):
    """Both were written from CLAIM_RULES, apart from each other. What the registry decides has a name, not a number."""
    rules_of = {number: set(rules.split()) for number, (_, rules) in claims(whole).items()}
    names = {"enrolment": "not_enrolled", "agreement": "not_designated", "referral": "no_referral"}
    tried = set()
    for entry in HISTORY.key:
        rule = names.get(entry.rule, entry.rule)
        if rule not in CHECKS or rule == "F28":
            # What a year shows is asked by night; what like stays cost is not known before the first one.
            continue
        tried.add(rule)
        found = any(rule in rules_of[number] for number in (entry.claim_number, *entry.with_claims))
        assert found == entry.is_irregular, entry
    at_intake = {f"F{n:02d}" for n in (1, 2, 3, 4, 5, 6, 10, 12, 13, 16, 17, 18, 19, 20, 21, 26, 27, 29, 33, 34)}
    assert at_intake | {"F37", "F39", "F41", *names.values()} <= tried
    planted = {n for entry in HISTORY.key for n in (entry.claim_number, *entry.with_claims)}
    ordinary = rules_of.keys() - planted - {number for number, *_ in HISTORY.edges}
    assert all(rules_of[number] <= {"account_not_sufficient"} for number in ordinary)


def test_the_books_hold_what_the_bank_was_asked_to_pay(whole):
    for book, count, total_fen in asked(
        whole,
        "SELECT p.book, count(*), sum(l.amount_fen) FROM contractor.posting AS p "
        "JOIN contractor.leg AS l ON (l.county_code, l.posting_id) = (p.county_code, p.id) GROUP BY 1",
    ):
        assert (count > 0, total_fen) == (True, 0), book
    settled = asked(
        whole,
        "SELECT sum(total_fen), sum(payment_count) FROM contractor.payment_batch WHERE state = 'settled'",
    )
    paid = asked(
        whole,
        "SELECT sum(p.amount_fen), count(*) FROM contractor.payment AS p JOIN contractor.payment_batch AS b "
        "ON (b.county_code, b.id) = (p.county_code, p.batch_id) WHERE b.state = 'settled'",
    )
    assert settled == paid != [(None, None)]
    assert asked(whole, "SELECT count(*) FROM contractor.payment_batch WHERE made_by = approved_by") == [(0,)]


def test_every_stage_has_something_to_show(whole):
    batches = dict(asked(whole, "SELECT state, count(*) FROM contractor.payment_batch GROUP BY 1"))
    assert {"draft", "submitted", "approved", "settled"} <= batches.keys()
    states = {state for state, _ in claims(whole).values()}
    assert STILL_OPEN | {"approved", "rejected"} <= states
    payments = dict(asked(whole, "SELECT state, count(*) FROM contractor.payment GROUP BY 1"))
    assert {"planned", "in_batch", "paid", "returned", "refused_by_bank"} <= payments.keys()


def test_the_other_county_has_its_own_claims_and_no_payment_of_the_first(whole):
    (other,) = asked(whole, "SELECT count(*) FROM contractor.claim WHERE county_code = %s", OTHER_COUNTY)
    assert other == (len(history_of(OTHER_COUNTY).claims),)
    assert asked(whole, "SELECT DISTINCT county_code FROM contractor.payment_batch") == [(COUNTY,)]


def test_the_county_computes_the_whole_demo_a_second_time_and_finds_the_same_fen(whole):
    with whole.databases["county"].transaction() as session:
        run = queries.under_way(session, COUNTY)
        assert run is not None, "it was asked for"
        found = runs.carry_out(session, run, law_of(session, COUNTY), at=AT)
    assert found.differences.empty, found.differences.head().to_dict("records")
    assert found.published_fen == found.recomputed_fen > 0
    assert (found.claim_count, found.settlement_count) == (478, 288)


def test_a_start_that_finds_everything_there_changes_nothing(whole):
    before = counts(whole)
    assert not bring(whole)
    assert counts(whole) == before


def test_progress_tells_done_all_rate_and_time_left(whole, monkeypatch):
    assert any("÷ 478 (100 %)" in line and "/s" in line for line in whole.said)
    monkeypatch.setattr("demo.progress.SECONDS_BETWEEN_LINES", 0.0)
    said: list[str] = []
    progress = arriving.Progress("claims", 10, said.append)
    progress.skip(5)
    progress.add(2)
    assert said[0].startswith("claims: 7 ÷ 10 (70 %), ") and said[0].endswith(" s left")


def test_a_production_house_never_gets_the_demo_county(whole):
    settings = read_settings({"COOPMED_ENVIRONMENT": "production"})
    with pytest.raises(Misconfigured):
        bring_in(whole.databases, whole.keyring, settings, at=AT, told=print, size=SMALL_SIZE)
