"""What the bulk engine refuses before it computes, and what it promises about order and about stale machine code."""

from datetime import date

import numpy as np
import pytest

from rulebook.benefits import compiled
from rulebook.benefits.assessment import RESULTS, assess
from rulebook.benefits.packing import (
    DecisiveDayDiffers,
    OutOfBounds,
    ReversalWithoutDecision,
    SettlementOrderBroken,
    pack,
)
from rulebook.published import SETTLEMENTS, VIEWS
from rulebook.registry import Timeline
from rulebook.schedule import NotInForce
from rulebook.schedule_files import load_schedule, schedules_on_file
from tests.rulebook.engine_runs import columns_of
from tests.rulebook.hand_cases import FOLDERS
from tests.rulebook.random_county import random_county

BALIN = Timeline.unapproved(schedules_on_file()["balin_zuoqi"])
RIVER = Timeline.unapproved(load_schedule(FOLDERS["river_county"]))


def row(settlement_id, no, *, reverses=0, member=7, **other):
    return {
        "settlement_id": settlement_id,
        "reverses_settlement_id": reverses,
        "member_id": member,
        "settlement_no": no,
        "admitted_on": date(2007, 3, 1),
        "discharged_on": date(2007, 3, 5),
        "tier": 1,
        "status_on_admission": 0,
        "status_on_discharge": 0,
        "is_supplemented": 0,
        "cost_fen": 110_000,
        "class_a_fen": 110_000,
        "class_b_fen": 0,
        "class_c_fen": 0,
    } | other


OUT_OF_BOUNDS = [
    ("cost_fen", -1),
    ("cost_fen", 10**12 + 1),
    ("class_b_fen", -1),
    ("tier", 0),
    ("tier", 4),
    ("status_on_discharge", 3),
    ("is_supplemented", 2),
    ("admitted_on", date(2007, 3, 6)),
]


@pytest.mark.parametrize(("column", "value"), OUT_OF_BOUNDS)
def test_a_column_that_holds_what_it_cannot_is_refused(column, value):
    with pytest.raises(OutOfBounds) as refused:
        assess(columns_of([row(1, 1), row(2, 2, **{column: value})]), BALIN)
    assert refused.value.facts["row"] == 1


ORDERS = [
    ([row(1, 1), row(2, 3)], 2, "a number is missing"),
    ([row(1, 2)], 1, "the first is missing"),
    ([row(1, 1), row(2, 1)], 2, "a number is given twice"),
    ([row(1, 1), row(2, 2, discharged_on=date(2008, 1, 1))], 2, "the next year begins anew"),
]


@pytest.mark.parametrize(("rows", "settlement_id", "reason"), ORDERS)
def test_a_member_year_whose_numbers_do_not_follow_is_refused(rows, settlement_id, reason):
    with pytest.raises(SettlementOrderBroken) as refused:
        assess(columns_of(rows), BALIN)
    assert refused.value.facts["settlement_id"] == settlement_id, reason


REVERSALS = [
    ([row(1, 1, reverses=9)], "it names nothing"),
    ([row(1, 2), row(2, 1, reverses=1)], "it comes before its decision"),
    ([row(1, 1), row(2, 2, reverses=1), row(3, 3, reverses=1)], "it comes twice"),
    ([row(1, 1), row(2, 2, reverses=1), row(3, 3, reverses=2)], "it takes back a reversal"),
    ([row(1, 1, member=8), row(2, 1, reverses=1)], "another member's decision"),
]


@pytest.mark.parametrize(("rows", "reason"), REVERSALS)
def test_a_reversal_without_its_decision_is_refused(rows, reason):
    with pytest.raises(ReversalWithoutDecision):
        assess(columns_of(rows), BALIN)


@pytest.mark.parametrize("day", [date(2006, 12, 31), date(1999, 1, 1)])
def test_a_claim_of_a_day_without_law_is_refused(day):
    with pytest.raises(NotInForce) as refused:
        assess(columns_of([row(1, 1), row(2, 1, admitted_on=day, discharged_on=day, member=8)]), BALIN)
    assert refused.value.facts["day"] == day


def test_schedules_that_count_by_different_days_cannot_share_one_order():
    rows = columns_of([row(1, 1, admitted_on=date(2022, 3, 1), discharged_on=date(2022, 3, 5))])
    with pytest.raises(DecisiveDayDiffers):
        pack(rows, [RIVER, BALIN])


def test_the_order_of_the_rows_given_does_not_matter():
    county = random_county(4_000, seed=5, first=date(2015, 1, 1), last=date(2018, 12, 31), members=900)
    shuffled = np.random.default_rng(6).permutation(len(county["member_id"]))
    straight = assess(county, BALIN)
    mixed = assess({name: column[shuffled] for name, column in county.items()}, BALIN)
    for name in RESULTS:
        assert (mixed[name] == straight[name][shuffled]).all()


def test_no_settlements_are_settled_as_none():
    empty = assess(columns_of([]), BALIN)
    assert all(len(empty[name]) == 0 for name in RESULTS)


def test_every_line_of_the_laws_source_is_in_the_stamp_of_the_compiled_code(tmp_path):
    copies = []
    for file in compiled.SOURCE_FILES:
        copies.append(tmp_path / file.name)
        copies[-1].write_bytes(file.read_bytes())
    assert compiled.source_stamp(copies) == compiled.source_stamp()
    for copy in copies:
        before = copy.read_bytes()
        copy.write_bytes(before.replace(b"0", b"1", 1) if b"0" in before else before + b"#")
        assert compiled.source_stamp(copies) != compiled.source_stamp(), copy.name
        copy.write_bytes(before)


def test_the_stamp_covers_every_module_the_compiled_engine_is_made_of():
    loaded = {compiled.money.__name__, *(f"rulebook.benefits.{file.stem}" for file in compiled.SOURCE_FILES[1:])}
    step, state_after = compiled.compiled_step()
    waiting, seen = [step.py_func, state_after.py_func], set()
    while waiting:
        function = waiting.pop()
        seen.add(function.__module__)
        called = (function.__globals__.get(name) for name in function.__code__.co_names)
        waiting += [part.py_func for part in called if hasattr(part, "py_func")]
    assert seen <= loaded
    assert len(seen) >= 6


def test_published_columns_have_one_name_one_type_and_one_meaning():
    for view in VIEWS:
        assert len(set(view.names())) == len(view.names())
        assert set(view.key) <= set(view.names())
        for column in view.columns:
            assert column.meaning and column.meaning_en and column.unit
    assert SETTLEMENTS.dtypes()["cost_fen"] == np.dtype("int64")
