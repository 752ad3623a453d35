"""What a reversal re-opens: proposals a person confirms."""

from datetime import date

import pytest

from rulebook.benefits import Claim, YearEntry, proposals_after_reversal, settled_year
from rulebook.benefits.reversal import NothingToReverse, state_of
from rulebook.benefits.rules_in_force import rules_for
from rulebook.schedule_files import schedules_on_file

TOWNSHIP = rules_for(schedules_on_file()["balin_zuoqi"], date(2007, 3, 5), "member", "township")


def stay(settlement_id, yuan, reverses=0):
    return YearEntry(settlement_id, reverses, Claim(yuan * 100, yuan * 100, 0, 0, 0), TOWNSHIP)


def test_a_claim_the_cap_had_cut_is_proposed_again():
    # 30,100 pays 16,700; 10,100 would pay 6,000 and gets the 3,300 that are left under 20,000.
    entries = [stay(1, 30_100), stay(2, 10_100)]
    (proposal,) = proposals_after_reversal(entries, reversed_settlement_id=1)
    assert proposal.settlement_id == 2
    assert proposal.was_cut_by_cap
    assert (proposal.settled.base_fen, proposal.proposed.base_fen) == (330_000, 470_000)
    assert proposal.difference_fen == 140_000


def test_earlier_claims_and_claims_that_stay_the_same_are_not_proposed():
    entries = [stay(1, 1_100), stay(2, 100), stay(3, 50)]
    assert proposals_after_reversal(entries, reversed_settlement_id=2) == []
    assert proposals_after_reversal(entries, reversed_settlement_id=3) == []


def test_a_claim_before_the_reversed_one_is_not_its_affair():
    # The second stay was cut by the first, which is reversed already; taking the last one back proposes nothing.
    entries = [stay(1, 30_100), stay(2, 10_100), stay(3, 30_100, reverses=1), stay(4, 1_100)]
    assert proposals_after_reversal(entries, reversed_settlement_id=4) == []


def test_a_claim_that_only_changes_its_band_is_told_apart():
    # Without the first stay the second starts in the first band: 400 instead of 500.
    (proposal,) = proposals_after_reversal([stay(1, 3_100), stay(2, 1_100)], reversed_settlement_id=1)
    assert not proposal.was_cut_by_cap
    assert proposal.difference_fen == -10_000


def test_claims_already_reversed_are_not_proposed():
    entries = [stay(1, 30_100), stay(2, 10_100), stay(3, 10_100, reverses=2)]
    assert proposals_after_reversal(entries, reversed_settlement_id=1) == []


@pytest.mark.parametrize("settlement_id", [2, 3, 99])
def test_only_a_standing_decision_can_be_reversed(settlement_id):
    entries = [stay(1, 30_100), stay(2, 10_100), stay(3, 10_100, reverses=2)]
    with pytest.raises(NothingToReverse):
        proposals_after_reversal(entries, reversed_settlement_id=settlement_id)


def test_confirmed_proposals_decided_again_come_to_what_was_proposed():
    entries = [stay(1, 30_100), stay(2, 10_100), stay(3, 5_100)]
    proposals = proposals_after_reversal(entries, reversed_settlement_id=1)
    assert [proposal.settlement_id for proposal in proposals] == [2, 3]
    again = [
        *entries,
        stay(4, 30_100, reverses=1),
        stay(5, 10_100, reverses=2),
        stay(6, 5_100, reverses=3),
        stay(7, 10_100),
        stay(8, 5_100),
    ]
    settled = settled_year(again)
    assert [settled[7], settled[8]] == [proposal.proposed for proposal in proposals]


def test_a_year_is_remembered_as_the_sum_of_its_entries():
    settled = settled_year([stay(1, 30_100), stay(2, 10_100), stay(3, 30_100, reverses=1)])
    state = state_of(settled.values())
    assert state.pool_paid_fen == 330_000
    assert state.covered_fen == 1_000_000
    assert state.burden_fen == 1_010_000 - 330_000
