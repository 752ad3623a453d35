"""Bills: price limits, reductions and catalogue classes, line by line and in columns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.benefits.bill import BillLine, BillSums, LineSums, bill_sums, bills_sums, line_sums
from rulebook.benefits.packing import OutOfBounds

NO_LIMIT = -1

LINES = [
    # line, charged, over limit, reduced, allowed, reason
    (BillLine(30_000, 125_000, NO_LIMIT, 1, 0), (3750, 0, 0, 3750), "3 × 12.50"),
    (BillLine(10_000, 1_005_049, NO_LIMIT, 1, 0), (10050, 0, 0, 10050), "100.5049 is 100.50"),
    (BillLine(10_000, 1_005_050, NO_LIMIT, 1, 0), (10051, 0, 0, 10051), "100.5050 is 100.51"),
    (BillLine(200_000, 486_000, 420_000, 2, 0), (97200, 13200, 0, 84000), "20 × 48.60 with a limit of 42.00"),
    (BillLine(200_000, 420_000, 420_000, 2, 0), (84000, 0, 0, 84000), "at the limit"),
    (BillLine(200_000, 419_999, 420_000, 2, 0), (84000, 0, 0, 84000), "below the limit; 839.998 is 840.00"),
    (BillLine(10_000, 500_000, 0, 1, 0), (5000, 5000, 0, 0), "a limit of nothing"),
    (BillLine(120_000, 350_000, NO_LIMIT, 1, 7000), (42000, 0, 7000, 35000), "the reviewer cuts two days"),
    (BillLine(10_000, 350_000, 300_000, 1, 9000), (3500, 500, 3000, 0), "no more is cut than is left"),
]


@pytest.mark.parametrize(("line", "sums", "reason"), LINES)
def test_a_line_is_limited_and_reduced(line, sums, reason):
    assert line_sums(line) == LineSums(*sums), reason


def test_a_bill_adds_its_lines_by_class():
    lines = [
        BillLine(10_000, 1_000_000, NO_LIMIT, 1, 0),
        BillLine(10_000, 2_000_000, 1_500_000, 2, 1000),
        BillLine(10_000, 300_000, NO_LIMIT, 3, 0),
        BillLine(10_000, 400_000, NO_LIMIT, 0, 0),
    ]
    assert bill_sums(lines) == BillSums(37_000, 5_000, 1_000, 4_000, 10_000, 14_000, 3_000)


lines_of_bills = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.builds(
            BillLine,
            st.integers(0, 10**9),
            st.integers(0, 10**9),
            st.one_of(st.just(NO_LIMIT), st.integers(0, 10**9)),
            st.integers(0, 3),
            st.integers(0, 10**12),
        ),
    ),
    max_size=30,
)


@given(lines_of_bills)
def test_many_bills_in_columns_equal_one_bill_at_a_time(lines):
    columns = {name: np.array([getattr(line, name) for _, line in lines], dtype=np.int64) for name in BillLine._fields}
    sums = bills_sums(np.array([row for row, _ in lines], dtype=np.int64), columns, claims=5)
    for row in range(5):
        alone = bill_sums(line for owner, line in lines if owner == row)
        assert tuple(int(sums[name][row]) for name in BillSums._fields) == alone


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quantity_e4", -1),
        ("quantity_e4", 10**9 + 1),
        ("unit_price_e4", -1),
        ("catalogue_class", 4),
        ("price_limit_e4", -2),
    ],
)
def test_a_line_that_cannot_be_is_refused(name, value):
    columns = {field: np.array([1]) for field in BillLine._fields} | {name: np.array([value])}
    with pytest.raises(OutOfBounds) as refused:
        bills_sums(np.array([0]), columns, claims=1)
    assert refused.value.facts == {"column": name, "row": 0, "found": value}
