"""docs/exchange.md and the forms to download say what the code reads."""

from __future__ import annotations

import io
import re

import python_calamine

from contractor.claims.doors.exchange_columns import CLAIM_COLUMNS, CLAIM_KEYS, COLUMNS, LINE_KEYS
from contractor.claims.doors.exchange_docs import FHIR_ELEMENTS, PAGE, page
from contractor.claims.doors.exchange_template import template
from contractor.claims.incoming import CLAIM_FIELDS, LINE_FIELDS
from tests.reading.making import csv_bytes, read_bytes, refusal_of, rows_of, two_claims, xlsx_bytes


def test_the_page_of_the_exchange_format_is_the_one_the_code_draws():
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m contractor.claims.doors.exchange_docs"


def test_every_column_fills_a_field_of_what_intake_gets_and_every_field_is_filled():
    assert {column.name for column in CLAIM_COLUMNS} == set(CLAIM_FIELDS)
    assert {column.name for column in COLUMNS if column.key in LINE_KEYS} == set(LINE_FIELDS)
    assert {key for key, _ in FHIR_ELEMENTS} == CLAIM_KEYS | LINE_KEYS


def test_the_pages_example_is_read(tmp_path):
    example = re.search(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
    (claim,) = read_bytes(tmp_path, example.encode(), "example.json")
    assert (claim.claim_number, claim.charged_fen, len(claim.lines)) == ("ZY2024010500017", 2835, 1)


def test_every_columns_example_is_read_by_its_column():
    assert [column.key for column in COLUMNS if column.example and column.parse(column.example) is None] == []


def test_the_forms_have_the_headers_that_are_read_and_no_rows(tmp_path):
    for file_type in ("csv", "xlsx"):
        refusal = refusal_of(tmp_path, template(file_type), f"form.{file_type}")
        assert [fault.reason for fault in refusal.faults] == ["no_rows"]


def test_a_filled_form_is_read_though_it_explains_itself_on_another_sheet(tmp_path):
    def explain(book, _page):
        book.add_worksheet("说明").write(0, 0, "列名")

    filled = xlsx_bytes(rows_of(two_claims()), explain)
    assert read_bytes(tmp_path, filled, "a.xlsx") == read_bytes(tmp_path, csv_bytes(rows_of(two_claims())), "a.csv")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(template("xlsx")))
    assert book.sheet_names == ["费用", "说明"]
    assert len(book.get_sheet_by_name("说明").to_python()) == len(COLUMNS) + 1
