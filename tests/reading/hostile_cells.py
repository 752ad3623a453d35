"""Cells that must be refused by name, each in every format that can hold it."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from tests.reading.hostile import Hostile
from tests.reading.making import (
    LINE_KEYS,
    SPOILED_ROW,
    csv_bytes,
    json_bytes,
    rows_of,
    two_claims,
    xlsx_bytes,
)

AMOUNTS = (
    ("1E5", "exponent_notation"),
    ("1.5e+3", "exponent_notation"),
    ("1e-2", "exponent_notation"),
    ("１００", "full_width_digits"),
    ("１2.30", "full_width_digits"),
    ("٣٤", "full_width_digits"),
    ("壹佰", "full_width_digits"),
    ("-1", "negative_amount"),
    ("-0.01", "negative_amount"),
    ("1,234.50", "not_an_amount"),
    ("1 234.50", "not_an_amount"),
    ("￥5", "not_an_amount"),
    ("5元", "not_an_amount"),
    ("0x10", "not_an_amount"),
    ("+5", "not_an_amount"),
    ("007", "not_an_amount"),
    (".5", "not_an_amount"),
    ("5.", "not_an_amount"),
    ("NaN", "not_an_amount"),
    ("Infinity", "not_an_amount"),
    ("1_000", "not_an_amount"),
    ("5%", "not_an_amount"),
    ("=1+1", "not_an_amount"),
    ("TRUE", "not_an_amount"),
    ("1/2", "not_an_amount"),
    ("9" * 41, "over_long_cell"),
    ("9" * 999, "over_long_cell"),
    ("99999999999999", "too_large"),
    ("", "blank"),
    ("   ", "blank"),
)
ONLY_YUAN = (("1.234", "too_many_decimals"), ("0.005", "too_many_decimals"), ("-0.00", "negative_zero"))
ONLY_QUANTITY = (("0", "not_above_zero"), ("1.00001", "too_many_decimals"))
DAYS = (
    ("2024-02-30", "impossible_day"),
    ("2023-02-29", "impossible_day"),
    ("2024-13-01", "impossible_day"),
    ("2024-00-10", "impossible_day"),
    ("2024-01-32", "impossible_day"),
    ("20240230", "impossible_day"),
    ("0000-01-01", "impossible_day"),
    ("05/01/2024", "not_a_day"),
    ("2024-1/5", "not_a_day"),
    ("2024-01", "not_a_day"),
    ("2024年1月5", "not_a_day"),
    ("45296", "not_a_day"),
    ("today", "not_a_day"),
    ("2024-01-05 10:00", "time_of_day"),
    ("2024-01-05T00:00:00Z", "time_of_day"),
    ("２０２４-01-05", "full_width_digits"),
    ("٢٠٢٤-01-05", "full_width_digits"),
    ("1899-12-31", "out_of_bounds"),
    ("2100-01-01", "out_of_bounds"),
    ("", "blank"),
)
CODES = (
    ("９９０１", "full_width_digits"),
    ("6.22848E+18", "exponent_notation"),
    ("99 01", "not_a_code"),
    ("'; DROP TABLE claim;--", "not_a_code"),
    ("=1+1", "not_a_code"),
    ("@SUM(A1)", "not_a_code"),
    ("-1", "not_a_code"),
    ("<b>1</b>", "not_a_code"),
    ("../../etc/passwd", "not_a_code"),
    ("卡一", "not_a_code"),
    ("99\u200b01", "control_character"),
    ("99\u202e01", "control_character"),
    ("9" * 33, "over_long_cell"),
    ("", "blank"),
)
TEXTS = (
    ("床位\u202e费", "control_character"),
    ("床位\u200b费", "control_character"),
    ("床位\ue000费", "control_character"),
    ("床" * 201, "over_long_cell"),
)
# What XML cannot hold at all comes only in text formats.
TEXTS_OUTSIDE_XML = (
    ("床位\0费", "control_character"),
    ("床位\x07费", "control_character"),
    ("床\x1b[31m", "control_character"),
)
TEXTS_IN_QUOTES = (("床位\n费", "control_character"), ("床位\r\n费", "control_character"))
LINE_NUMBERS = (
    ("0", "out_of_bounds"),
    ("999999", "out_of_bounds"),
    ("-1", "negative_amount"),
    ("1.5", "not_a_whole_number"),
    ("1E2", "exponent_notation"),
    ("１", "full_width_digits"),
    ("一", "full_width_digits"),
)
ROUTES = (("direct; manual", "not_a_choice"), ("其他", "not_a_choice"), ("1", "not_a_choice"), ("", "blank"))

EVERYWHERE = (
    *(("charged", cell, reason) for cell, reason in AMOUNTS + ONLY_YUAN),
    *(("line_charged", cell, reason) for cell, reason in (AMOUNTS + ONLY_YUAN)[::3]),
    *(("unit_price", cell, reason) for cell, reason in (*AMOUNTS[::2], ("1.23456", "too_many_decimals"))),
    *(("quantity", cell, reason) for cell, reason in (*AMOUNTS[1::2], *ONLY_QUANTITY)),
    *(("discharged_on", cell, reason) for cell, reason in DAYS),
    *(("performed_on", cell, reason) for cell, reason in DAYS[::3]),
    *(("card_number", cell, reason) for cell, reason in CODES),
    *(("item_code", cell, reason) for cell, reason in CODES if reason != "over_long_cell"),
    *(("hospital_item_name", cell, reason) for cell, reason in TEXTS),
    *(("line_no", cell, reason) for cell, reason in LINE_NUMBERS),
    *(("route", cell, reason) for cell, reason in ROUTES),
    ("procedure_codes", ";".join(["47.01"] * 51), "too_many_codes"),
    ("procedure_codes", "47.01;=HYPERLINK", "not_a_code"),
    ("advanced", "28.36", "more_than_charged"),
    ("institution_reduced", "28.36", "more_than_charged"),
    ("discharged_on", "2024-01-01", "before_admission"),
    ("submitted_on", "2024-01-04", "before_discharge"),
    ("charged", "28.36", "sum_differs"),
    ("line_charged", "28.34", "line_is_not_its_product"),
    ("payee_name", "张三", "blank"),
    ("payee_account", "6228480000000000017", "blank"),
)  # fmt: skip

# A blank cell of the claim in a table continues the claim above it only where all of them are blank.
FAULT_ELSEWHERE = {"payee_name": "payee_account", "payee_account": "payee_name"}


def cases() -> Iterator[Hostile]:
    for number, (key, cell, reason) in enumerate(EVERYWHERE):
        name = f"{key}-{cell[:16]!r}-{reason}"
        column = FAULT_ELSEWHERE.get(key, key)
        yield Hostile(f"csv-{name}", "a.csv", csv_bytes(_spoiled_rows(key, cell)), reason, column, SPOILED_ROW)
        yield Hostile(f"json-{name}", "a.json", json_bytes(_spoiled_claims(key, cell)), reason, _path(column), 2)
        if number % 3 == 0:
            content = xlsx_bytes(_spoiled_rows(key, cell))
            yield Hostile(f"xlsx-{name}", "a.xlsx", content, reason, column, SPOILED_ROW)
    for cell, reason in TEXTS_OUTSIDE_XML + TEXTS_IN_QUOTES:
        key = "hospital_item_name"
        content = csv_bytes(_spoiled_rows(key, cell))
        yield Hostile(f"csv-{key}-{cell!r}", "a.csv", content, reason, key, SPOILED_ROW)
        yield Hostile(f"json-{key}-{cell!r}", "a.json", json_bytes(_spoiled_claims(key, cell)), reason, _path(key), 2)


def _spoiled_claims(key: str, cell: str) -> list[dict]:
    claims = copy.deepcopy(two_claims())
    (claims[1]["lines"][0] if key in LINE_KEYS else claims[1])[key] = cell
    return claims


def _spoiled_rows(key: str, cell: str) -> list[dict]:
    return rows_of(_spoiled_claims(key, cell))


def _path(key: str) -> str:
    return f"lines[1].{key}" if key in LINE_KEYS else key
