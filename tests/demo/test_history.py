"""The demo's two years: the same every time, and what the key says was planted is there, read in plain words."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest

from chassis.reading.faults import Faults
from contractor.claims.doors.controls import check_batch
from contractor.claims.incoming import IncomingBatch
from demo import history as histories
from demo.arriving import SMALL_SIZE
from demo.county import OTHER_COUNTY
from demo.history import history_of
from demo.key import key_as_csv
from demo.lives import FIRST_DAY, LAST_DAY
from demo.planted.edges import CAP_FEN, SUPPLEMENTARY_CAP_FEN, THRESHOLD_FEN, THRESHOLD_OF_THE_POOR_FEN
from tests.demo.reading import Reading

SMALL = history_of()
READING = Reading(SMALL)
RULES = sorted({entry.rule for entry in SMALL.key} - {"advance_differs"})
"""What an institution advanced too much or too little takes the whole law to see; the checks on the demo do."""


PLANTED = (
    *range(1, 9), 10, *range(12, 23), 24, *range(26, 31), *range(33, 38), 39, 41,
)  # fmt: skip
OF_CROWDS = ("F09", "F32", "F40")
"""Planted in the whole county alone: they take more people than a small one has."""


def cases(history=SMALL):
    """The key by case: rule, whether irregular, the claims of it."""
    found = {}
    for entry in history.key:
        numbers = frozenset((entry.claim_number, *entry.with_claims))
        found[entry.rule, entry.is_irregular, numbers] = entry.why
    return [(rule, is_irregular, numbers, why) for (rule, is_irregular, numbers), why in found.items()]


def test_the_same_seed_makes_the_same_two_years():
    histories.history_of.cache_clear()
    again = history_of()
    assert again.claims == SMALL.claims
    assert again.key == SMALL.key
    assert [(r.slip_number, r.person.card_number) for r in again.referrals] == [
        (r.slip_number, r.person.card_number) for r in SMALL.referrals
    ]


def test_people_of_a_small_county_fall_ill_as_the_same_people_of_a_larger_one():
    larger = history_of(households=260)
    familiar = {p.card_number for family in SMALL.county.families[:40] for p in family.people}

    def without_numbers(history):
        return [
            (c.card_number, c.admitted_on, c.institution_code, c.charged_fen, c.lines)
            for c in history.claims
            if c.card_number in familiar
        ]

    assert without_numbers(larger) == without_numbers(SMALL) != []


@pytest.mark.parametrize("rule", RULES)
def test_what_was_planted_is_there_and_what_only_looks_like_it_is_not(rule):
    own = [case for case in cases() if case[0] == rule]
    assert {is_irregular for _, is_irregular, *_ in own} == {True, False}
    for _, is_irregular, numbers, why in own:
        claims = [READING.claims[number] for number in sorted(numbers)]
        assert READING.holds(rule, claims) == is_irregular, f"{rule}: {why}: {sorted(numbers)}"


def test_every_rule_that_claims_can_show_is_planted():
    wanted = {f"F{n:02d}" for n in PLANTED} - {"F11", "F23", "F25"}
    assert wanted <= set(RULES)
    assert {"agreement", "enrolment", "referral"} <= set(RULES)


def test_ordinary_claims_break_no_rule_of_a_single_claim_or_person():
    ordinary = Reading(history_of(households=1_200, rounds=0))
    assert len(ordinary.history.claims) > 3_000
    for claim in ordinary.history.claims:
        alone = ("F10", "F12", "F16", "F18", "F20", "F29", "F33", "F41", "enrolment", "agreement")
        for rule in (*alone, *(("F05", "F06") if claim.route != "outpatient" else ("F21",))):
            assert not ordinary.holds(rule, [claim]), (rule, claim.claim_number)
    for card, mine in ordinary.of_person.items():
        for rule in ("F01", "F02", "F03", "F04", "F13", "F17"):
            assert not ordinary.holds(rule, mine), (rule, card)


def test_the_edges_of_the_law_are_met_to_the_fen():
    """Worked by hand from docs/law/benefit_order.md: class A counts in full, rates by tier, shares half-up."""
    met = Counter((of, off) for _, of, off in SMALL.edges)
    assert set(met) == {(of, off) for of, _ in met for off in (-1, 0, 1)}
    deductibles = {"deductible_1": 10_000, "deductible_2": 30_000, "deductible_3": 60_000}
    for number, of, off in SMALL.edges:
        claim = READING.claims[number]
        fen = claim.charged_fen
        if of in deductibles:
            assert fen == deductibles[of] + off
        elif of == "serious_illness_threshold":
            assert fen - (fen - 30_000) * 7 / 10 == pytest.approx(THRESHOLD_FEN + off, abs=0.51)
        elif of == "threshold_of_the_poor":
            assert SMALL.lives[claim.card_number].status_on(claim.discharged_on) == 1
            assert fen - (fen - 30_000) * 3 / 4 == pytest.approx(THRESHOLD_OF_THE_POOR_FEN + off, abs=1.01)
        elif of == "inpatient_cap":
            assert (fen - 60_000) * 11 / 20 == pytest.approx(CAP_FEN + off, abs=0.51)
        elif of == "supplementary_cap":
            assert (fen - 60_000) * 11 / 20 == pytest.approx(CAP_FEN + SUPPLEMENTARY_CAP_FEN + off, abs=0.51)
        else:
            persons = len(READING.household[claim.card_number].people)
            assert (of, fen, claim.admitted_on.year) == ("household_account", persons * 800 + off, 2025)


def test_every_claim_passes_the_controls_of_the_exchange_format():
    faults = Faults()
    check_batch(IncomingBatch.of(SMALL.claims), faults)
    check_batch(IncomingBatch.of(history_of(OTHER_COUNTY).claims), faults)
    assert not faults
    assert all(claim.admitted_on >= FIRST_DAY and claim.submitted_on <= LAST_DAY for claim in SMALL.claims)
    numbers = [(claim.institution_code, claim.claim_number) for claim in SMALL.claims]
    assert len(set(numbers)) == len(numbers)


def test_the_small_county_holds_what_its_numbers_say():
    assert Counter(claim.route for claim in SMALL.claims) == {"direct": 298, "outpatient": 157, "manual": 23}
    assert (len(SMALL.key), len(SMALL.edges), len(SMALL.referrals)) == (309, 24, 46)
    assert len(history_of(OTHER_COUNTY).claims) > 10


def test_the_key_is_printed_for_whoever_tries_the_checks():
    rows = list(csv.DictReader(io.StringIO(key_as_csv(SMALL_SIZE).decode("utf-8-sig"))))
    assert [row["claim_number"] for row in rows] == [entry.claim_number for entry in SMALL.key]
    assert {row["is_irregular"] for row in rows} == {"yes", "no"}
