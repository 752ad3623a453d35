"""The same claims come out of every format, encoding and delimiter."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from chassis.reading.faults import FileRefused
from contractor.claims.doors.controls import ControlTotals
from contractor.claims.doors.exchange_columns import COLUMNS
from contractor.claims.doors.sent import read_sent
from contractor.claims.incoming import IncomingBatch
from tests.reading.making import (
    csv_bytes,
    csv_text,
    fhir_bundle,
    json_bytes,
    read_bytes,
    refusal_of,
    rows_of,
    two_claims,
    with_bare_numbers,
    xlsx_bytes,
)


@pytest.fixture
def claims(tmp_path):
    return read_bytes(tmp_path, csv_bytes(rows_of(two_claims())), "一月.csv")


def test_text_becomes_typed_values(claims):
    first, second = claims
    assert (first.claim_number, first.route, first.invoice_number) == ("ZY0001", "direct", "00351877")
    assert (first.admitted_on, first.discharged_on) == (dt.date(2024, 1, 2), dt.date(2024, 1, 5))
    assert (first.charged_fen, first.institution_reduced_fen, first.advanced_fen) == (12835, 2000, 6000)
    assert first.procedure_codes == ("47.0100",)
    assert (first.referral_slip, first.payee_name, first.payee_account) == ("", None, None)
    assert [(line.quantity_e4, line.unit_price_e4, line.charged_fen) for line in first.lines] == [
        (25_000, 113_400, 2835),
        (40_000, 250_000, 10_000),
    ]
    assert len(second.lines) == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_and_delimiter_reads_alike(tmp_path, claims, encoding, delimiter):
    content = csv_bytes(rows_of(two_claims()), encoding=encoding, delimiter=delimiter)
    if encoding in ("utf-16-le", "utf-16-be"):
        content = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}[encoding] + content
    assert read_bytes(tmp_path, content, "a.csv") == claims


def test_a_workbook_reads_alike_with_its_own_numbers_and_days(tmp_path, claims):
    rows = rows_of(two_claims())
    for row in rows:
        for column in COLUMNS:
            if column.form == "day" and row[column.key]:
                row[column.key] = dt.date.fromisoformat(row[column.key])
            elif column.is_number:
                row[column.key] = float(row[column.key])
    assert read_bytes(tmp_path, xlsx_bytes(rows), "a.xlsx") == claims
    assert read_bytes(tmp_path, xlsx_bytes(rows_of(two_claims())), "a.xlsx") == claims


def test_json_and_json_lines_read_alike(tmp_path, claims):
    sent = two_claims()
    assert read_bytes(tmp_path, json_bytes(sent), "a.json") == claims
    assert read_bytes(tmp_path, json_bytes({"claims": sent}), "a.json") == claims
    assert read_bytes(tmp_path, b"\n".join(json_bytes(each) for each in sent), "a.jsonl") == claims
    for claim in sent:
        claim["charged"] = json.loads(claim["charged"])
        claim["procedure_codes"] = ["47.0100"]
        claim["payee_name"] = None
        del claim["referral_slip"]
    assert read_bytes(tmp_path, json_bytes(sent), "a.json") == claims


def test_a_fhir_bundle_reads_alike(tmp_path, claims):
    assert read_bytes(tmp_path, with_bare_numbers(fhir_bundle(two_claims())), "a.json") == claims


def test_english_headers_and_the_keys_themselves_are_read(tmp_path, claims):
    rows = rows_of(two_claims())
    for header in ([column.title_en for column in COLUMNS], [column.key.upper() for column in COLUMNS]):
        assert read_bytes(tmp_path, csv_text(rows, header=header).encode(), "a.csv") == claims


def test_columns_may_stand_in_any_order_and_optional_ones_be_missing(tmp_path, claims):
    columns = [column for column in reversed(COLUMNS) if column.key not in ("referral_slip", "payee_name", "line_no")]
    lines = [",".join(column.title for column in columns)]
    lines += [",".join(row[column.key] for column in columns) for row in rows_of(two_claims())]
    assert read_bytes(tmp_path, "\n".join(lines).encode(), "a.csv") == claims


def test_a_claims_own_cells_may_be_left_empty_after_its_first_row(tmp_path, claims):
    rows = rows_of(two_claims())
    rows[1] = {key: value if key in two_claims()[0]["lines"][0] else "" for key, value in rows[1].items()}
    assert read_bytes(tmp_path, csv_bytes(rows), "a.csv") == claims


def test_blank_rows_and_blanks_around_cells_do_not_count(tmp_path, claims):
    rows = [{key: f" {value}\u3000" for key, value in row.items()} for row in rows_of(two_claims())]
    content = "\r\n\r\n" + csv_text(rows) + ",,\r\n" + "," * 60 + "\r\n"
    assert read_bytes(tmp_path, content.encode(), "a.csv") == claims


def test_totals_that_the_sender_told_must_agree(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes(rows_of(two_claims())))
    right = ControlTotals(claim_count=2, line_count=3, charged_fen=15670)
    assert sum(len(batch) for batch in read_sent(path, file_name="a.csv", told=right).batches) == 2
    with pytest.raises(FileRefused) as refused:
        list(read_sent(path, file_name="a.csv", told=ControlTotals(charged_fen=15671)).batches)
    assert [(f.reason, f.column, f.expected, f.found) for f in refused.value.faults] == [
        ("control_total", "charged_fen", "156.71", "156.70")
    ]
    control = {"claim_count": 3, "charged": "156.70"}
    refusal = refusal_of_document(tmp_path, {"claims": two_claims(), "control": control})
    assert [(f.reason, f.column) for f in refusal.faults] == [("control_total", "claim_count")]


def refusal_of_document(tmp_path, document):
    path = tmp_path / "sent"
    path.write_bytes(json_bytes(document))
    with pytest.raises(FileRefused) as refused:
        list(read_sent(path, file_name="a.json").batches)
    return refused.value


def test_every_fault_of_a_file_is_listed_up_to_a_thousand_and_counted_beyond(tmp_path):
    row = rows_of(two_claims())[-1]
    rows = [{**row, "claim_number": f"ZY{number}", "quantity": "-1"} for number in range(1_500)]
    refusal = refusal_of(tmp_path, csv_bytes(rows), "a.csv")
    assert (refusal.fault_count, len(refusal.faults)) == (1_500, 1_000)
    assert [fault.row for fault in refusal.faults] == list(range(2, 1_002))


def test_a_fault_near_the_end_stops_what_comes_and_refuses_what_came(tmp_path):
    row = rows_of(two_claims())[-1]
    rows = [{**row, "claim_number": f"ZY{number}"} for number in range(40_000)]
    rows[-1] = {**rows[-1], "charged": "1E5"}
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes(rows))
    came = 0
    with pytest.raises(FileRefused) as refused:
        for batch in read_sent(path, file_name="a.csv").batches:
            came += len(batch)
    assert 0 < came < 40_000
    assert [(fault.row, fault.reason) for fault in refused.value.faults] == [(40_001, "exponent_notation")]


def test_a_claim_is_whole_though_the_file_is_read_in_pieces(tmp_path):
    first, _ = two_claims()
    line = first["lines"][0]
    claims = [
        {**first, "claim_number": f"ZY{number}", "charged": f"{28.35 * 7:.2f}", "advanced": "0",
         "lines": [{**line, "line_no": str(each)} for each in range(1, 8)]}
        for number in range(6_000)
    ]  # fmt: skip
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes(rows_of(claims)))
    batches = list(read_sent(path, file_name="a.csv").batches)
    assert len(batches) > 1
    assert sum(len(batch) for batch in batches) == 6_000
    for batch in batches:
        assert set(map(len, map(range, batch.line_starts(), batch.line_starts()[1:]))) == {7}


def test_claims_made_one_by_one_become_the_same_batch(claims):
    assert list(IncomingBatch.of(claims).each()) == claims
