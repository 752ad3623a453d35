"""The second method: right by hand, and equal to the engine to the fen. The engine is called, not read."""

import subprocess
import sys
from datetime import date

import numpy as np
import pandas as pd
import pytest

from oversight.audits.differences import differences
from oversight.audits.recomputation import RESULTS, recompute
from oversight.audits.yearly_order import AMOUNT, CODE, GAP, NO_DECISION, TWICE, BrokenYear
from rulebook.benefits.assessment import assess
from rulebook.published import SETTLEMENT_INPUT
from rulebook.registry import Approval, Timeline, timeline
from rulebook.schedule_files import load_schedule
from tests.audits.planted import SPANS
from tests.rulebook.hand_cases import FOLDERS, read_cases
from tests.rulebook.random_county import random_county

SCHEDULES = {scheme: load_schedule(folder) for scheme, folder in FOLDERS.items()}
LAW = {scheme: Timeline.unapproved(schedule) for scheme, schedule in SCHEDULES.items()}


def columns(rows):
    return {c.name: np.array([row[c.name] for row in rows], dtype=c.dtype) for c in SETTLEMENT_INPUT}


def settled_by_the_engine(county, law):
    return pd.DataFrame({**county, **assess(county, law)})


def told(found):
    return f"{len(found)} differ, the first: {found.head(1).to_dict('records')}"


@pytest.mark.parametrize("case", read_cases(), ids=str)
def test_the_second_method_comes_to_the_amounts_worked_by_hand(case):
    found = recompute(columns(case.rows), LAW[case.scheme])
    rows = found[list(RESULTS)].itertuples(index=False, name=None)
    for row, expected, reason in zip(rows, case.expected, case.reasons, strict=True):
        assert row == expected, reason


@pytest.mark.parametrize("scheme", SPANS)
def test_fifty_thousand_settlements_over_changes_of_the_law_agree_with_the_engine(scheme):
    first, last = SPANS[scheme]
    county = random_county(50_000, seed=5, first=first, last=last, members=9_000, reversed_share=0.03)
    found = differences(settled_by_the_engine(county, LAW[scheme]), recompute(county, LAW[scheme]))
    assert found.empty, told(found)


@pytest.mark.parametrize("scheme", SPANS)
def test_years_of_a_hundred_settlements_with_a_third_taken_back_agree_with_the_engine(scheme):
    first, last = SPANS[scheme]
    county = random_county(8_000, seed=6, first=first, last=last, members=20, reversed_share=0.35)
    assert county["settlement_no"].max() > 60
    found = differences(settled_by_the_engine(county, LAW[scheme]), recompute(county, LAW[scheme]))
    assert found.empty, told(found)


def test_another_approved_schedule_from_the_middle_of_a_year_on_agrees_with_the_engine():
    by_hash = {schedule.content_hash: schedule for schedule in SCHEDULES.values()}
    days = {"balin_zuoqi": (date(2015, 1, 1), date(2017, 5, 10)), "zhengzhou": (date(2017, 5, 10), None)}
    approvals = [
        Approval("150422", SCHEDULES[scheme].content_hash, scheme, "committee", starts, starts, ends)
        for scheme, (starts, ends) in days.items()
    ]
    law = timeline(approvals, county_code="150422", schedule_with=by_hash.__getitem__)
    county = random_county(
        12_000, seed=7, first=date(2016, 1, 1), last=date(2018, 12, 31), members=2_000, reversed_share=0.05
    )
    published, recomputed = settled_by_the_engine(county, law), recompute(county, law)
    found = differences(published, recomputed)
    assert found.empty, told(found)
    used = np.where(county["discharged_on"] < np.datetime64("2017-05-10"), "balin_zuoqi", "zhengzhou")
    assert (recomputed["schedule_hash"] == [SCHEDULES[scheme].content_hash for scheme in used]).all()


def test_where_the_day_of_admission_decides_the_year_is_that_of_admission_and_agrees_with_the_engine():
    county = random_county(
        6_000, seed=8, first=date(2022, 1, 16), last=date(2023, 12, 31), members=700, reversed_share=0.05
    )
    year = county["admitted_on"].astype("datetime64[Y]").astype(np.int64)
    discharge_year = county["discharged_on"].astype("datetime64[Y]").astype(np.int64)
    order = np.lexsort((county["settlement_no"], discharge_year, year, county["member_id"]))
    opens = (np.diff(county["member_id"][order], prepend=-1) != 0) | (np.diff(year[order], prepend=-1) != 0)
    row = np.arange(len(order))
    county["settlement_no"][order] = row - np.maximum.accumulate(np.where(opens, row, 0)) + 1
    assert (year != discharge_year).sum() > 50
    recomputed = recompute(county, LAW["river_county"])
    found = differences(settled_by_the_engine(county, LAW["river_county"]), recomputed)
    assert found.empty, told(found)
    assert (recomputed["year"] == year + 1970).all()


def test_identities_may_be_texts_and_rows_may_come_in_any_order_and_from_a_frame():
    first, last = SPANS["river_county"]
    county = random_county(4_000, seed=9, first=first, last=last, members=600, reversed_share=0.1)
    frame = pd.DataFrame(county).sort_values(["member_id", "settlement_no"], ignore_index=True)
    expected = recompute(county, LAW["river_county"]).set_index("settlement_id")[list(RESULTS)]
    named = frame.assign(
        settlement_id="J" + frame["settlement_id"].astype("str"),
        reverses_settlement_id=("J" + frame["reverses_settlement_id"].astype("str")).where(
            frame["reverses_settlement_id"] > 0, ""
        ),
        member_id="M" + frame["member_id"].astype("str"),
    )
    for given in (frame, named, named.sample(frac=1, random_state=1, ignore_index=True)):
        found = recompute(given, LAW["river_county"])
        ids = found["settlement_id"].astype("str").str.removeprefix("J").astype("int64")
        for name in RESULTS:
            assert (found[name].to_numpy() == expected.loc[ids, name].to_numpy()).all()


def test_the_steps_that_are_kept_lead_from_one_to_the_next():
    first, last = SPANS["zhengzhou"]
    county = random_county(5_000, seed=10, first=first, last=last, members=900, reversed_share=0.05)
    steps = recompute(county, LAW["zhengzhou"], keeps_steps=True)
    decided = steps[county["reverses_settlement_id"] == 0]
    wanted = decided["base_share_fen"] + decided["top_up_share_fen"]
    assert (wanted == decided["base_fen"] + decided["top_up_fen"] + decided["cut_fen"]).all()
    assert (decided["burden_fen"] == decided["eligible_fen"] - decided["base_fen"] - decided["top_up_fen"]).all()
    assert (decided["left_fen"] == decided["burden_fen"] - decided["serious_fen"] - decided["supplementary_fen"]).all()
    assert (decided[list(RESULTS)] >= 0).all(axis=None)
    # Order of benefits 4.9: all benefits together never exceed the cost borne.
    assert (decided["member_pays_fen"] >= 0).all()
    for name in ("cut_fen", "supplementary_fen", "assistance_fen", "top_up_fen"):
        assert (decided[name] > 0).any(), f"{name} never occurs, and nothing is shown about it"


def stays(count, **changed):
    """Equal stays of one five-guarantee member at the county hospital of River County, on one day of August 2021."""
    stay = {
        "settlement_id": 0,
        "reverses_settlement_id": 0,
        "member_id": 7,
        "settlement_no": 0,
        "admitted_on": date(2021, 8, 1),
        "discharged_on": date(2021, 8, 5),
        "tier": 2,
        "status_on_admission": 2,
        "status_on_discharge": 2,
        "is_supplemented": 0,
        "cost_fen": 10**12,
        "class_a_fen": 10**12,
        "class_b_fen": 0,
        "class_c_fen": 0,
        **changed,
    }
    return columns([{**stay, "settlement_id": place, "settlement_no": place} for place in range(1, count + 1)])


def test_where_the_law_sets_no_limit_there_is_none_however_much_a_year_comes_to():
    found = recompute(stays(1_500), LAW["river_county"])
    # 73.5 % of 10^12 for every stay after the first, which has passed the bands and filled the pooled cap.
    assert set(found["serious_fen"][1:]) == {735_000_000_000}
    assert found["serious_fen"].sum() > 10**15


def test_the_engine_too_pays_without_limit_where_the_law_sets_none():
    county = stays(1_500)
    found = differences(settled_by_the_engine(county, LAW["river_county"]), recompute(county, LAW["river_county"]))
    assert found.empty, told(found)


def test_where_no_law_was_in_force_nothing_is_due_and_it_is_said():
    found = recompute(stays(2, discharged_on=date(2019, 12, 31), admitted_on=date(2019, 12, 30)), LAW["river_county"])
    assert not found["has_law"].any()
    assert (found[list(RESULTS)] == 0).all(axis=None)
    on_the_first_day = recompute(stays(1, discharged_on=date(2020, 1, 1)), LAW["river_county"])
    assert on_the_first_day["has_law"].all()


def test_a_county_without_settlements_recomputes_to_nothing():
    found = recompute(stays(0), LAW["river_county"])
    assert len(found) == 0
    assert set(RESULTS) <= set(found)


BROKEN = [
    ({"settlement_no": [1, 2, 4, 5]}, 3, GAP, "number 3 was never published"),
    ({"settlement_no": [1, 2, 2, 3]}, 3, GAP, "number 2 stands twice"),
    ({"reverses_settlement_id": [0, 0, 9, 0]}, 3, NO_DECISION, "no settlement 9"),
    ({"reverses_settlement_id": [0, 3, 0, 0]}, 2, NO_DECISION, "the decision comes later"),
    ({"reverses_settlement_id": [0, 1, 2, 0]}, 3, NO_DECISION, "a reversal is not reversed"),
    ({"reverses_settlement_id": [0, 0, 3, 0]}, 3, NO_DECISION, "a settlement does not reverse itself"),
    ({"reverses_settlement_id": [0, 1, 1, 0]}, 3, TWICE, "a decision is reversed at most once"),
    ({"tier": [1, 1, 4, 1]}, 3, CODE, "no tier 4"),
    ({"status_on_discharge": [0, 0, 3, 0]}, 3, CODE, "no status 3"),
    ({"cost_fen": [0, 0, -1, 0]}, 3, AMOUNT, "a negative cost"),
    ({"class_c_fen": [0, 0, 10**12 + 1, 0]}, 3, AMOUNT, "more than 10^12"),
]


@pytest.mark.parametrize(("changed", "settlement", "fault", "reason"), BROKEN)
def test_a_year_that_cannot_be_recomputed_is_refused_by_its_settlement(changed, settlement, fault, reason):
    county = stays(4) | {name: np.array(column) for name, column in changed.items()}
    with pytest.raises(BrokenYear) as refused:
        recompute(county, LAW["river_county"])
    assert refused.value.facts["fault"] == fault, reason
    assert refused.value.facts["settlement_id"] == settlement, reason


def test_the_second_method_loads_nothing_of_the_engine():
    code = (
        "import sys\n"
        "import oversight.audits.recomputation, oversight.audits.differences, oversight.audits.household_accounts\n"
        "print(*(n for n in sys.modules if n.startswith(('rulebook.benefits', 'rulebook.simulation', 'numba'))))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
