"""What another schedule would cost."""

import shutil
from datetime import date

import numpy as np
import pytest

import rulebook
from rulebook.benefits.assessment import RESULTS, assess
from rulebook.benefits.packing import OutOfBounds
from rulebook.registry import Timeline
from rulebook.schedule_files import load_schedule, schedules_on_file
from rulebook.simulation import FUND_PLACES, fund_balance, pack_for
from tests.rulebook.hand_cases import FOLDERS
from tests.rulebook.random_county import random_county

BALIN = schedules_on_file()["balin_zuoqi"]
COUNTY = random_county(
    6_000, seed=11, first=date(2017, 1, 1), last=date(2018, 12, 31), members=2_000, reversed_share=0.0
)
FUND_COLUMNS = dict(
    zip(FUND_PLACES, ("base_fen", "top_up_fen", "serious_fen", "supplementary_fen", "assistance_fen"), strict=True)
)


@pytest.fixture
def generous(tmp_path):
    """The same scheme with a cap of 30,000 and a deductible of 500 above the county."""
    folder = tmp_path / "balin_zuoqi"
    shutil.copytree(FOLDERS["balin_zuoqi"], folder)
    for file, written, instead in (
        ("inpatient_cap", "20000.00", "30000.00"),
        ("inpatient_deductible", 'above_county: "400.00"', 'above_county: "500.00"'),
    ):
        page = folder / f"{file}.yaml"
        page.write_text(page.read_text(encoding="utf-8").replace(written, instead), encoding="utf-8")
    return load_schedule(folder)


def test_a_simulation_costs_what_the_settlements_of_that_schedule_come_to(generous):
    simulated = rulebook.simulate(COUNTY, {"in force": BALIN, "generous": generous})
    for result, schedule in zip(simulated, (BALIN, generous), strict=True):
        settled = assess(COUNTY, Timeline.unapproved(schedule))
        for fund, column in FUND_COLUMNS.items():
            assert result.by_fund_fen[fund] == settled[column].sum()
            for number, tier in enumerate(("township", "county", "above_county"), start=1):
                assert result.by_tier_fen[tier][fund] == settled[column][COUNTY["tier"] == number].sum()
        assert result.borne_fen == COUNTY["cost_fen"].sum()
        assert result.content_hash == schedule.content_hash


def test_winners_and_losers_are_counted_against_the_first_schedule(generous):
    first, second = rulebook.simulate(COUNTY, {"in force": BALIN, "generous": generous}, keeps_members=True)
    assert (first.winners, first.losers, first.gained_fen, first.lost_fen) == (0, 0, 0, 0)
    totals = []
    keys = COUNTY["member_id"] * 10_000 + COUNTY["discharged_on"].astype("datetime64[Y]").astype(np.int64)
    for schedule in (BALIN, generous):
        settled = assess(COUNTY, Timeline.unapproved(schedule))
        _, owner = np.unique(keys, return_inverse=True)
        received = np.zeros(owner.max() + 1, dtype=np.int64)
        np.add.at(received, owner, sum(settled[column] for column in FUND_COLUMNS.values()))
        totals.append(received)
    change = totals[1] - totals[0]
    assert (second.winners, second.losers) == ((change > 0).sum(), (change < 0).sum())
    assert second.winners > 0
    assert second.losers > 0
    assert (second.gained_fen, second.lost_fen) == (change[change > 0].sum(), -change[change < 0].sum())
    assert (np.sort(second.by_member_year_fen) == np.sort(totals[1])).all()


def test_claims_are_packed_once_for_many_schedules(generous):
    packed = pack_for(COUNTY, [BALIN, generous])
    assert rulebook.simulate(packed, {"a": generous}) == rulebook.simulate(COUNTY, {"a": generous})


def test_a_simulation_knows_no_reversal():
    county = random_county(100, seed=1, first=date(2017, 1, 1), last=date(2017, 12, 31), reversed_share=0.5)
    with pytest.raises(OutOfBounds):
        rulebook.simulate(county, {"in force": BALIN})


# 1,000 enrolled: income 1,000 × (10 − 8 + 20 + 10 + 5 + 5) = 42,000 yuan, risk fund 3 % = 1,260, 15 % = 6,300.
BALANCES = [
    # cost in fen, balance in fen, overdrawn, idle, reason
    (3_444_000, 630_000, False, False, "at 15 % of the fund"),
    (3_443_999, 630_001, False, True, "a fen above 15 %"),
    (3_444_001, 629_999, False, False, "a fen below 15 %"),
    (4_074_000, 0, False, False, "nothing left and nothing owed"),
    (4_074_001, -1, True, False, "overdrawn by a fen"),
]


@pytest.mark.parametrize(("cost", "balance", "is_overdrawn", "is_idle", "reason"), BALANCES)
def test_the_funds_year_is_held_against_fifteen_and_three_per_cent(cost, balance, is_overdrawn, is_idle, reason):
    found = fund_balance(BALIN, on=date(2018, 6, 1), enrolled=1_000, pool_cost_fen=cost)
    assert found.income_fen == 4_200_000
    assert found.risk_fund_fen == 126_000
    assert (found.balance_fen, found.is_overdrawn, found.is_idle) == (balance, is_overdrawn, is_idle), reason


def test_a_simulation_tells_the_balance_of_the_pooled_fund_only():
    (found,) = rulebook.simulate(COUNTY, {"in force": BALIN}, enrolled=50_000)
    assert found.balance.cost_fen == found.by_fund_fen["base"] + found.by_fund_fen["top_up"]
    assert RESULTS[2:4] == ("base_fen", "top_up_fen")
