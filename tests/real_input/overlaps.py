"""Repeated and overlapping stays of DE-SynPUF, counted straight from its files, with nothing of the product.

*Consecutive*: a person's stays in the order of admission, discharge and claim number, each beside the one before it.
*Strict overlap*: the next admission lies before the previous discharge. A transfer on the day of discharge is none.
*Identical*: both days are those of the stay before; counted apart, though by the definition it overlaps as well.
*Pairs*: every two stays of a person, not only neighbours, of which each begins before the other ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

PERSON, NUMBER, SEGMENT = "DESYNPUF_ID", "CLM_ID", "SEGMENT"
ADMITTED, DISCHARGED, PAYMENT = "CLM_ADMSN_DT", "NCH_BENE_DSCHRG_DT", "CLM_PMT_AMT"
COLUMNS = (PERSON, NUMBER, SEGMENT, ADMITTED, DISCHARGED, PAYMENT, "PRVDR_NUM")


@dataclass(frozen=True)
class Counts:
    """What the files hold. Days are compared as eight digits: as text they sort like days."""

    rows: int
    continuation_rows: int
    zero_payments: int
    negative_payments: int
    begun_in_2007: int
    consecutive_strict: int
    consecutive_identical: int
    rows_identical: int
    pairs: int
    pairs_identical: int
    pairs_at_one_hospital: int


def count(rows: pd.DataFrame) -> Counts:
    """The counts of these rows; `rows` needs the columns of `COLUMNS`, all as text."""
    claims = rows[rows[SEGMENT] == "1"]
    payments = rows[PAYMENT].astype(float)
    strict, identical = _beside_the_one_before(claims)
    _, rows_identical = _beside_the_one_before(rows)
    pairs = overlapping_pairs(claims)
    return Counts(
        rows=len(rows),
        continuation_rows=len(rows) - len(claims),
        zero_payments=int((payments == 0).sum()),
        negative_payments=int((payments < 0).sum()),
        begun_in_2007=int(claims[ADMITTED].str.startswith("2007").sum()),
        consecutive_strict=int((strict & ~identical).sum()),
        consecutive_identical=int(identical.sum()),
        rows_identical=int(rows_identical.sum()),
        pairs=len(pairs),
        pairs_identical=int(pairs["is_identical"].sum()),
        pairs_at_one_hospital=int(pairs["at_one_hospital"].sum()),
    )


def _beside_the_one_before(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    ordered = rows.sort_values([PERSON, ADMITTED, DISCHARGED, NUMBER, SEGMENT])
    before = ordered.groupby(PERSON, sort=False)[[ADMITTED, DISCHARGED]].shift()
    strict = ordered[ADMITTED] < before[DISCHARGED]
    identical = (ordered[ADMITTED] == before[ADMITTED]) & (ordered[DISCHARGED] == before[DISCHARGED])
    return strict, identical


def overlapping_pairs(claims: pd.DataFrame) -> pd.DataFrame:
    """One row a pair: `first` and `second` by claim number, is_identical, at_one_hospital."""
    stays = claims[[PERSON, NUMBER, ADMITTED, DISCHARGED, "PRVDR_NUM"]]
    both = stays.merge(stays, on=PERSON, suffixes=("_1", "_2"))
    both = both[
        (both[f"{NUMBER}_1"] < both[f"{NUMBER}_2"])
        & (both[f"{ADMITTED}_1"] < both[f"{DISCHARGED}_2"])
        & (both[f"{ADMITTED}_2"] < both[f"{DISCHARGED}_1"])
    ]
    return pd.DataFrame(
        {
            "first": both[f"{NUMBER}_1"],
            "second": both[f"{NUMBER}_2"],
            "is_identical": (both[f"{ADMITTED}_1"] == both[f"{ADMITTED}_2"])
            & (both[f"{DISCHARGED}_1"] == both[f"{DISCHARGED}_2"]),
            "at_one_hospital": both["PRVDR_NUM_1"] == both["PRVDR_NUM_2"],
        }
    )
