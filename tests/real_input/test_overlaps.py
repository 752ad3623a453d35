"""All eleven samples, straight from the files: nothing that is odd about them goes uncounted."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.real_input import desynpuf, overlaps
from tests.real_input.overlaps import Counts
from tests.real_input.sources import NoRealInput

STAYS = """
    person number segment admitted discharged payment hospital
    a      1      1       20080101 20080105   100     H1        begins it all
    a      2      1       20080105 20080107   100     H2        a transfer on the day of discharge overlaps nothing
    a      3      1       20080106 20080109   0       H2        one day too early
    a      4      1       20080201 20080203   100     H1        alone
    b      5      1       20080201 20080203   -5      H1        another person on the same days
    b      6      1       20080201 20080203   100     H3        both days of the stay before
    b      6      2       20080201 20080203   100     H3        a continuation is no stay
    c      7      1       20071230 20080130   100     H1        a long stay ...
    c      8      1       20080102 20080103   100     H1        ... with one inside ...
    c      9      1       20080104 20080104   100     H2        ... and a day's visit that only the long one covers
"""


def _stays() -> pd.DataFrame:
    lines = [line.split()[:7] for line in STAYS.strip().splitlines()[1:]]
    names = ("DESYNPUF_ID", "CLM_ID", "SEGMENT", "CLM_ADMSN_DT", "NCH_BENE_DSCHRG_DT", "CLM_PMT_AMT", "PRVDR_NUM")
    return pd.DataFrame(lines, columns=list(names))


def test_overlaps_are_counted_as_they_are_defined() -> None:
    assert overlaps.count(_stays()) == Counts(
        rows=10,
        continuation_rows=1,
        zero_payments=1,
        negative_payments=1,
        begun_in_2007=1,
        consecutive_strict=2,  # 3 after 2, and 8 after 7; 9 comes after 8 has ended
        consecutive_identical=1,  # 6 after 5
        rows_identical=2,  # and the continuation of 6
        pairs=4,  # 2 and 3, 5 and 6, 7 and 8, 7 and 9
        pairs_identical=1,
        pairs_at_one_hospital=2,  # 2 and 3, 7 and 8
    )


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    try:
        return desynpuf.stays(columns=overlaps.COLUMNS)
    except NoRealInput as missing:
        pytest.skip(str(missing))


def test_zero_and_negative_payments_and_overlaps_of_all_samples(rows: pd.DataFrame) -> None:
    assert overlaps.count(rows) == Counts(
        rows=63_121,
        continuation_rows=60,
        zero_payments=1_997,
        negative_payments=59,
        begun_in_2007=230,
        consecutive_strict=1_612,
        consecutive_identical=20,
        rows_identical=33,
        pairs=1_725,
        pairs_identical=20,
        pairs_at_one_hospital=545,
    )


def test_every_continuation_row_names_a_claim_that_is_there(rows: pd.DataFrame) -> None:
    claims, continued = rows[rows["SEGMENT"] == "1"], rows[rows["SEGMENT"] == "2"]
    assert set(continued["CLM_ID"]) <= set(claims["CLM_ID"])
    assert not claims["CLM_ID"].duplicated().any()
