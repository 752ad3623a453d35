"""The mapping of Synthea's claims keeps every yuan and every order of days, and shows what it adds."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from rulebook.money import parse_amount_due
from rulebook.workdays import mainland_calendar
from tests.real_input import synthea
from tests.real_input.county import RealCounty
from tests.real_input.sources import SYNTHEA, folder, text_table

FEES = {"FEE-OUTPATIENT": 12_500, "FEE-EMERGENCY": 12_500, "FEE-INPATIENT": 7_500}


@pytest.mark.parametrize(
    ("year", "in_the_county"),
    [
        (2007, 2007),  # the first year with a law and a calendar stays
        (2021, 2021),
        (2006, 2022),  # the last year that is moved
        (1991, 2007),
        (1990, 2022),
        (1914, 2010),  # the first claim of all, ninety-six years on
    ],
)
def test_a_claim_is_moved_by_the_fewest_sixteens_of_years(year: int, in_the_county: int) -> None:
    assert year + synthea.years_moved(year) == in_the_county


def test_every_claim_of_the_file_is_mapped_once(synthea_county: RealCounty) -> None:
    assert len(synthea_county.claims) == 18_350
    assert len({claim.claim_number for claim in synthea_county.claims}) == 18_350
    assert synthea_county.put_aside == []


def test_every_total_is_its_lines_to_the_fen(synthea_county: RealCounty) -> None:
    source = text_table(folder(SYNTHEA) / "claims.csv.gz", "claim_id", "total")
    totals = {row["claim_id"]: parse_amount_due(row["total"]) for row in source.to_dict("records")}
    for claim in synthea_county.claims:
        assert claim.charged_fen == totals[claim.claim_number] == sum(line.charged_fen for line in claim.lines)
    assert synthea_county.charged_fen == 6_621_385_791


def test_what_a_total_lies_above_its_priced_lines_is_a_line_of_its_own(synthea_county: RealCounty) -> None:
    first_lines = [claim.lines[0] for claim in synthea_county.claims]
    fees = Counter((line.item_code.split("-")[0], line.charged_fen) for line in first_lines)
    assert fees == {("FEE", 125_00): 13_384 + 768, ("FEE", 75_00): 474, ("RX", 255_00): 3_724}
    assert all(line.charged_fen == FEES.get(line.item_code, 255_00) for line in first_lines)


def test_the_claims_from_before_2004_are_5037_and_all_days_have_a_calendar(synthea_county: RealCounty) -> None:
    source = text_table(folder(SYNTHEA) / "claims.csv.gz", "billable_start")["billable_start"]
    years = source.str[:4].astype(int)
    assert (int((years < 2004).sum()), int((years < 2007).sum())) == (5_037, 5_626)
    mapped = {claim.admitted_on.year for claim in synthea_county.claims}
    mapped |= {claim.discharged_on.year for claim in synthea_county.claims}
    assert mapped <= set(mainland_calendar().years)
    assert (min(mapped), max(mapped)) == (2007, 2022)


def test_a_member_is_as_old_on_the_day_as_in_the_source(synthea_county: RealCounty) -> None:
    born = text_table(folder(SYNTHEA) / "members.csv", "patient_id", "birth_date")
    source_births = dict(zip(born["patient_id"], born["birth_date"], strict=True))
    claims = text_table(folder(SYNTHEA) / "claims.csv.gz", "claim_id", "billable_start")
    source_days = dict(zip(claims["claim_id"], claims["billable_start"].str[:10], strict=True))
    people = {person.card_number: person for person in synthea_county.people}
    for claim in synthea_county.claims:
        person = people[claim.card_number]
        lived = claim.admitted_on.year - person.born_on.year
        source_day, source_birth = source_days[claim.claim_number], source_births[person.source_id]
        assert lived == int(source_day[:4]) - int(source_birth[:4])
        assert (claim.admitted_on.isoformat()[4:], person.born_on.isoformat()[4:]) == (source_day[4:], source_birth[4:])


def test_moving_the_years_makes_no_two_stays_of_a_member_overlap(synthea_county: RealCounty) -> None:
    stays = sorted(
        (claim.card_number, claim.admitted_on, claim.discharged_on)
        for claim in synthea_county.claims
        if claim.route == "direct"
    )
    assert len(stays) == 474
    for before, after in pairwise(stays):
        assert before[0] != after[0] or before[2] <= after[1]


def test_tiers_and_classes_are_the_same_every_time(synthea_county: RealCounty) -> None:
    assert Counter(each.tier for each in synthea_county.institutions) == {1: 39, 2: 36, 3: 27}
    assert Counter(item.catalogue_class for item in synthea_county.items) == {1: 147, 2: 65, 3: 48}


def test_stays_are_direct_and_everything_else_is_outpatient(synthea_county: RealCounty) -> None:
    assert Counter(claim.route for claim in synthea_county.claims) == {"direct": 474, "outpatient": 17_876}
    assert all(
        claim.admitted_on == claim.discharged_on for claim in synthea_county.claims if claim.route == "outpatient"
    )
