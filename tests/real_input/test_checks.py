"""The checks find the overlaps that the files hold: the same pairs, no other, each told to both claims."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from rulebook.checks import CHECKS, all_cards
from rulebook.checks.frames import Frames
from tests.real_input import desynpuf, overlaps
from tests.real_input.check_frames import frames_of
from tests.real_input.county import RealCounty
from tests.real_input.sources import NoRealInput

SAMPLES = (1, 2, 3, 4)
Pairs = set[tuple[str, str]]


@pytest.fixture(scope="module")
def county() -> RealCounty:
    try:
        return desynpuf.load(SAMPLES)
    except NoRealInput as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def pairs_found(county: RealCounty) -> Callable[[str], tuple[Pairs, int]]:
    """The pairs of claim numbers that a check names, and how many findings name them."""
    frames: Frames = frames_of(county)

    def found(rule: str) -> tuple[Pairs, int]:
        findings = list(CHECKS[rule](frames, all_cards()[rule]))
        numbers = [
            (county.claims[finding.claim_row].claim_number, county.claims[finding.other_claim_id - 1].claim_number)
            for finding in findings
        ]
        return {(min(pair), max(pair)) for pair in numbers}, len(findings)

    return found


@pytest.fixture(scope="module")
def pairs_in_the_files(county: RealCounty) -> pd.DataFrame:
    rows = desynpuf.stays(SAMPLES, overlaps.COLUMNS)
    numbers = {claim.claim_number for claim in county.claims}
    return overlaps.overlapping_pairs(rows[(rows["SEGMENT"] == "1") & rows["CLM_ID"].isin(numbers)])


def _pairs(frame: pd.DataFrame) -> Pairs:
    return set(zip(frame["first"], frame["second"], strict=True))


def test_two_beds_at_once_are_the_pairs_of_the_files(pairs_found, pairs_in_the_files: pd.DataFrame) -> None:
    expected = _pairs(pairs_in_the_files[~pairs_in_the_files["is_identical"]])
    found, findings = pairs_found("F13")
    assert found == expected
    assert (len(expected), findings) == (630, 2 * 630)


def test_stays_of_the_very_same_days_are_told_apart(pairs_found, pairs_in_the_files: pd.DataFrame) -> None:
    """None is a duplicate of one claim: hospital or total differ, so F17 stays silent."""
    expected = _pairs(pairs_in_the_files[pairs_in_the_files["is_identical"]])
    found, findings = pairs_found("same_days")
    assert found == expected
    assert (len(expected), findings) == (6, 2 * 6)
    assert pairs_found("F17") == (set(), 0)


def test_nobody_is_treated_after_death_and_some_without_coverage(pairs_found) -> None:
    years = desynpuf.beneficiaries(SAMPLES)
    uncovered = years[years["BENE_HI_CVRAGE_TOT_MONS"].astype(int) == 0]
    rows = desynpuf.stays(SAMPLES)
    stays = rows[rows["SEGMENT"] == "1"].assign(year=rows["NCH_BENE_DSCHRG_DT"].str[:4].astype(int))
    expected = stays.merge(uncovered, on=["DESYNPUF_ID", "year"])
    assert pairs_found("not_enrolled")[1] == len(expected) == 151
    assert pairs_found("F10")[1] == 0
