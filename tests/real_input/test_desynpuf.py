"""The mapping of DE-SynPUF keeps every yuan; what is no claim is put aside by name, never dropped."""

from __future__ import annotations

from collections import Counter

from rulebook.money import parse_yuan
from tests.real_input import desynpuf
from tests.real_input.county import RealCounty


def test_every_row_is_a_claim_or_put_aside(desynpuf_county: RealCounty) -> None:
    rows = desynpuf.stays((1,))
    assert len(rows) == 5_775
    assert Counter(each.why for each in desynpuf_county.put_aside) == {
        desynpuf.CONTINUATION: 7,
        desynpuf.NEGATIVE_TOTAL: 1,
    }
    assert len(desynpuf_county.claims) == 5_775 - 7 - 1
    mapped = Counter(claim.claim_number for claim in desynpuf_county.claims)
    mapped.update(each.source_id for each in desynpuf_county.put_aside)
    assert mapped == Counter(rows["CLM_ID"])


def test_claims_and_what_is_put_aside_add_up_to_the_file(desynpuf_county: RealCounty) -> None:
    rows = desynpuf.stays((1,))
    columns = [rows[column].replace("", "0").map(parse_yuan).sum() for column in desynpuf.AMOUNTS.values()]
    put_aside_fen = sum(each.amount_fen for each in desynpuf_county.put_aside)
    assert desynpuf_county.charged_fen + put_aside_fen == sum(columns)


def test_every_total_is_its_five_lines_to_the_fen(desynpuf_county: RealCounty) -> None:
    for claim in desynpuf_county.claims:
        assert claim.charged_fen == sum(line.charged_fen for line in claim.lines)
        assert [line.item_code for line in claim.lines] == ["BED", "DRUG-A", "DRUG-B", "MATERIAL", "TREATMENT"]
        assert all(line.charged_fen >= 0 for line in claim.lines)
        assert claim.paid_elsewhere_fen <= claim.charged_fen


def test_a_bed_is_charged_by_the_days_of_the_stay(desynpuf_county: RealCounty) -> None:
    for claim in desynpuf_county.claims:
        days = max((claim.discharged_on - claim.admitted_on).days, 1)
        assert claim.lines[0].quantity_e4 == days * 10_000


def test_people_enrolment_and_deaths_are_those_of_the_yearly_files(desynpuf_county: RealCounty) -> None:
    years = desynpuf.beneficiaries((1,))
    assert len(desynpuf_county.people) == 10_000 == years["DESYNPUF_ID"].nunique()
    covered = years[years["BENE_HI_CVRAGE_TOT_MONS"] != "0"]
    assert sum(len(person.enrolled_years) for person in desynpuf_county.people) == len(covered)
    deaths = years[years["BENE_DEATH_DT"] != ""]["DESYNPUF_ID"].nunique()
    assert sum(person.died_on is not None for person in desynpuf_county.people) == deaths


def test_the_tier_of_a_hospital_hangs_on_its_number_alone(desynpuf_county: RealCounty) -> None:
    assert [desynpuf.tier_of(number) for number in ("3900MB", "3900HM", "3913XU")] == [3, 1, 2]
    assert all(each.tier == desynpuf.tier_of(each.code) for each in desynpuf_county.institutions)
