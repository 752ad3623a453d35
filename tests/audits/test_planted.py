"""Twenty faults planted in the engine, one after another: the county's second method finds each of them."""

import pytest

from tests.audits.planted import plant_until

WANTED = 20


@pytest.fixture(scope="module")
def planting():
    return plant_until(WANTED, seed=3)


@pytest.mark.timeout(900)
def test_without_a_planted_fault_no_difference_is_told(planting):
    assert planting.named_without_a_fault == 0


def test_each_of_twenty_faults_with_different_results_is_found_with_every_settlement_it_changed(planting):
    assert len({found.mutation for found in planting.found}) == WANTED
    missed = [str(found.mutation) for found in planting.found if found.named != found.changed or not found.changed]
    assert missed == []


def test_the_faults_are_of_many_kinds_and_lie_in_many_files(planting):
    assert len({found.mutation.kind for found in planting.found}) >= 8
    assert len({found.mutation.file for found in planting.found}) >= 6


def test_each_fault_is_told_by_claim_step_and_both_amounts(planting):
    for found in planting.found:
        assert " differs first in " in found.first, found.mutation
        assert " fen, recomputed " in found.first, found.mutation
