"""Engine uncompiled = engine compiled = one claim at a time = the slow oracle, to the fen, on random claims."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook.benefits.assessment import RESULTS
from rulebook.schedule_files import load_schedule
from tests.rulebook import engine_runs, oracle
from tests.rulebook.hand_cases import FOLDERS
from tests.rulebook.random_county import EDGES_FEN, random_county, rows_of

SCHEDULES = {scheme: load_schedule(folder) for scheme, folder in FOLDERS.items()}

SPANS = [
    # scheme, first discharge, last discharge: each span holds at least one change of the law
    ("balin_zuoqi", date(2015, 1, 1), date(2019, 12, 31)),
    ("zhengzhou", date(2011, 1, 1), date(2018, 12, 31)),
    ("river_county", date(2020, 1, 1), date(2021, 12, 31)),
]


@pytest.mark.parametrize(("scheme", "first", "last"), SPANS)
@pytest.mark.parametrize("seed", [1, 2])
def test_all_methods_agree_to_the_fen_on_a_random_county_with_reversals(scheme, first, last, seed):
    rows = rows_of(random_county(3_000, seed=seed, first=first, last=last, members=700, reversed_share=0.04))
    results = oracle.settle(rows, str(FOLDERS[scheme]))
    expected = [results[row["settlement_id"]] for row in rows]
    for way in (engine_runs.compiled, engine_runs.uncompiled, engine_runs.one_at_a_time):
        found = way(rows, SCHEDULES[scheme])
        differing = [(row, e, f) for row, e, f in zip(rows, expected, found, strict=True) if e != f]
        assert differing == [], f"{way.__name__}: {len(differing)} differ, the first is {differing[0]}"
    # A county in which a benefit never occurs would prove nothing about it.
    occurring = {name for name, column in zip(RESULTS, zip(*expected, strict=True), strict=True) if any(column)}
    absent = {"supplementary_fen"} if scheme == "balin_zuoqi" else set()
    assert occurring == set(RESULTS) - absent


amounts = st.one_of(
    st.integers(0, 3_000_00),
    st.integers(0, 60_000_000),
    st.builds(lambda edge, off: max(int(edge) + off, 0), st.sampled_from(EDGES_FEN.tolist()), st.integers(-2, 2)),
)
days_near_a_change = st.builds(
    lambda day, off: day + timedelta(days=off),
    st.sampled_from([date(2020, 7, 1), date(2021, 1, 1), date(2021, 7, 1), date(2021, 10, 1), date(2022, 1, 1)]),
    st.integers(-2, 2),
)


@st.composite
def one_members_claims(draw):
    """Up to nine settlements of one member, numbered in the year the law puts them in."""
    rows = []
    numbers: dict[int, int] = {}
    schedule = SCHEDULES["river_county"]
    for place in range(draw(st.integers(1, 9))):
        back = draw(st.integers(0, 8)) if rows else 9
        reversible = [row for row in rows if row["reverses_settlement_id"] == 0 and not row.get("is_taken_back")]
        if back == 0 and reversible:
            taken = draw(st.sampled_from(reversible))
            taken["is_taken_back"] = True
            row = {**taken, "reverses_settlement_id": taken["settlement_id"]}
        else:
            discharged = draw(days_near_a_change)
            row = {
                "reverses_settlement_id": 0,
                "admitted_on": discharged - timedelta(days=draw(st.integers(0, 4))),
                "discharged_on": discharged,
                "tier": draw(st.integers(1, 3)),
                "status_on_admission": draw(st.integers(0, 2)),
                "status_on_discharge": draw(st.integers(0, 2)),
                "is_supplemented": draw(st.integers(0, 1)),
                "cost_fen": draw(amounts),
                "class_a_fen": draw(amounts),
                "class_b_fen": draw(amounts),
                "class_c_fen": draw(amounts),
            }
        by_admission = schedule.word("decisive_day", row["discharged_on"], "year_and_schedule") == "admission"
        year = row["admitted_on" if by_admission else "discharged_on"].year
        numbers[year] = numbers.get(year, 0) + 1
        rows.append({**row, "settlement_id": place + 1, "member_id": 7, "settlement_no": numbers[year]})
        rows[-1].pop("is_taken_back", None)
    return rows


@settings(max_examples=250, deadline=None)
@given(one_members_claims())
def test_all_methods_agree_to_the_fen_on_any_members_claims(rows):
    schedule = SCHEDULES["river_county"]
    results = oracle.settle(rows, str(FOLDERS["river_county"]))
    expected = [results[row["settlement_id"]] for row in rows]
    assert engine_runs.uncompiled(rows, schedule) == expected
    assert engine_runs.compiled(rows, schedule) == expected
    assert engine_runs.one_at_a_time(rows, schedule) == expected


@settings(max_examples=250, deadline=None)
@given(one_members_claims())
def test_benefits_are_never_negative_and_never_exceed_the_cost_borne(rows):
    schedule = SCHEDULES["river_county"]
    for row, amounts_found in zip(rows, engine_runs.one_at_a_time(rows, schedule), strict=True):
        if row["reverses_settlement_id"]:
            continue
        eligible, above, *benefits = amounts_found
        assert all(amount >= 0 for amount in amounts_found)
        assert above <= eligible <= row["cost_fen"]
        assert sum(benefits) <= eligible
