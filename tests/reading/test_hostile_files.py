"""B8: hostile files of every format are refused for the stated reason, and nothing of them is handed on.

What is not refused is neutralised: a formula stays a text here and is written out as one by the house's exports.
"""

from __future__ import annotations

import pytest

from chassis.exports import Column, write_csv
from chassis.reading.wording import REASONS, place_words, told
from tests.reading import hostile_cells, hostile_documents, hostile_tables
from tests.reading.hostile import Hostile
from tests.reading.making import csv_bytes, read_bytes, refusal_of, rows_of, two_claims, xlsx_bytes

CASES = [*hostile_cells.cases(), *hostile_tables.cases(), *hostile_documents.cases()]


def test_there_are_more_than_three_hundred_hostile_files_and_none_is_there_twice():
    assert len(CASES) >= 300
    assert len({(case.file_name, case.content) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_file_is_refused_for_its_stated_reason(tmp_path, case: Hostile):
    refusal = refusal_of(tmp_path, case.content, case.file_name)
    found = [(fault.reason, fault.column, fault.row) for fault in refusal.faults]
    assert any(
        reason == case.reason and case.column in (None, column) and case.row in (None, row)
        for reason, column, row in found
    ), found[:10]
    assert refusal.fault_count >= len(refusal.faults) > 0
    for fault in refusal.faults:
        assert fault.reason in REASONS, f"{fault.reason} has no words"
        assert (place_words(fault) + told(fault)).isprintable(), "a report shows no control character"


FORMULAS = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "=HYPERLINK(\"http://x\",\"y\")",
    "＝1+1",
    "=1+1\u3000",
    "|calc",
    "%0A=1",
)  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("write", [csv_bytes, xlsx_bytes], ids=["csv", "xlsx"])
def test_a_formula_stays_a_text_and_leaves_the_house_as_one(tmp_path, formula, write):
    rows = rows_of(two_claims())
    rows[2]["hospital_item_name"] = formula
    claims = read_bytes(tmp_path, write(rows), "a.csv" if write is csv_bytes else "a.xlsx")
    kept = claims[1].lines[0].hospital_item_name
    assert kept == formula.strip("\u3000")
    exported = write_csv([Column("name", "name")], [{"name": kept}]).decode("utf-8-sig")
    assert exported.splitlines()[1].startswith("\"'")
