"""Cases worked by hand, in a table an officer can check, against each way of computing them."""

import pytest

from rulebook.schedule_files import load_schedule
from tests.rulebook import engine_runs, oracle
from tests.rulebook.hand_cases import FOLDERS, read_cases

CASES = read_cases()
SCHEDULES = {scheme: load_schedule(folder) for scheme, folder in FOLDERS.items()}


def told(case, found):
    return "\n".join(
        f"row {number}: expected {expected}, found {came}, because {reason}"
        for number, (expected, came, reason) in enumerate(zip(case.expected, found, case.reasons, strict=True), 1)
        if expected != came
    )


@pytest.mark.parametrize("way", [engine_runs.one_at_a_time, engine_runs.uncompiled, engine_runs.compiled])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_engine_comes_to_the_amounts_worked_by_hand(case, way):
    found = way(case.rows, SCHEDULES[case.scheme])
    assert found == case.expected, told(case, found)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_slow_oracle_comes_to_the_amounts_worked_by_hand(case):
    results = oracle.settle(case.rows, str(FOLDERS[case.scheme]))
    found = [results[row["settlement_id"]] for row in case.rows]
    assert found == case.expected, told(case, found)


def test_there_are_at_least_sixty_cases_and_each_tells_its_reason():
    assert len(CASES) >= 60
    assert all(reason for case in CASES for reason in case.reasons)
    assert all(case.article for case in CASES)
