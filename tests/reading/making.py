"""Makes one small file of two good claims, in every format, for a test to spoil."""

from __future__ import annotations

import copy
import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from chassis.reading.faults import FileRefused
from contractor.claims.doors.exchange_columns import CLAIM_COLUMNS, COLUMNS, LINE_COLUMNS
from contractor.claims.doors.fhir_claims import OURS
from contractor.claims.doors.sent import read_sent
from contractor.claims.incoming import IncomingClaim

Claim = dict[str, Any]
Row = dict[str, Any]


def two_claims() -> list[Claim]:
    """The first has two lines, the second one; the second is the one to spoil."""
    first = {
        "claim_number": "ZY0001", "route": "直补", "institution_code": "990121001", "card_number": "9901210100000017",
        "invoice_number": "00351877", "admitted_on": "2024-01-02", "discharged_on": "2024-01-05",
        "diagnosis_code": "K35.800", "diagnosis_name": "急性阑尾炎",
        "procedure_codes": "47.0100", "department": "普外科",
        "doctor": "D0107", "charged": "128.35", "institution_reduced": "20.00", "paid_elsewhere": "0",
        "advanced": "60.00", "receipt_signed_on": "2024-01-05", "referral_slip": "", "payee_name": "",
        "payee_account": "", "submitted_on": "2024-01-08",
        "lines": [
            {"line_no": "1", "item_code": "D0001", "hospital_item_name": "注射用青霉素钠", "performed_on": "2024-01-03",
             "quantity": "2.5", "unit_price": "11.3400", "line_charged": "28.35"},
            {"line_no": "2", "item_code": "S0044", "hospital_item_name": "床位费", "performed_on": "2024-01-03",
             "quantity": "4", "unit_price": "25", "line_charged": "100.00"},
        ],
    }  # fmt: skip
    second = copy.deepcopy(first)
    second |= {"claim_number": "ZY0002", "invoice_number": "00351878", "charged": "28.35", "advanced": "0"}
    second["institution_reduced"] = "0"
    second["lines"] = second["lines"][:1]
    return [first, second]


def rows_of(claims: Sequence[Claim]) -> list[Row]:
    return [{**claim, **line} for claim in claims for line in claim["lines"]]


SPOILED_ROW = 4
"""Where the second claim stands in a table; in a document it is the second."""


def csv_text(rows: Sequence[Row], *, delimiter: str = ",", header: Sequence[str] = ()) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header or [column.title for column in COLUMNS])
    writer.writerows([[row[column.key] for column in COLUMNS] for row in rows])
    return out.getvalue()


def csv_bytes(rows: Sequence[Row], *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    return csv_text(rows, delimiter=delimiter).encode(encoding)


def xlsx_bytes(rows: Sequence[Row], spoil: Callable[[Any, Any], None] = lambda book, page: None) -> bytes:
    """Text is written as text, numbers and days as the spreadsheet's own."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet("费用")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    page.write_row(0, 0, [column.title for column in COLUMNS])
    for number, row in enumerate(rows, 1):
        for place, column in enumerate(COLUMNS):
            value = row[column.key]
            if isinstance(value, dt.date):
                page.write_datetime(number, place, value, day)
            elif isinstance(value, int | float):
                page.write_number(number, place, value)
            else:
                page.write_string(number, place, value)
    spoil(book, page)
    book.close()
    return buffer.getvalue()


def json_bytes(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")


def fhir_bundle(claims: Sequence[Claim]) -> dict[str, Any]:
    """The same claims as a collection of Claim, Patient and Organization."""
    entries = [
        {"fullUrl": "urn:uuid:p1", "resource": {"resourceType": "Patient", "id": "p1", "identifier": [
            {"system": OURS + "card-number", "value": claims[0]["card_number"]}]}},
        {"fullUrl": "urn:uuid:o1", "resource": {"resourceType": "Organization", "id": "o1", "identifier": [
            {"system": OURS + "institution-code", "value": claims[0]["institution_code"]}]}},
    ]  # fmt: skip
    entries += [{"fullUrl": f"urn:uuid:c{n}", "resource": _fhir_claim(claim)} for n, claim in enumerate(claims)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


SPOILED_ENTRY = 4


def _fhir_claim(claim: Claim) -> dict[str, Any]:
    return {
        "resourceType": "Claim", "status": "active", "use": "claim",
        "identifier": [
            {"system": OURS + "claim-number", "value": claim["claim_number"]},
            {"system": OURS + "invoice-number", "value": claim["invoice_number"]},
        ],
        "type": {"coding": [{"code": "institutional"}]},
        "patient": {"reference": "urn:uuid:p1"}, "provider": {"reference": "Organization/o1"},
        "billablePeriod": {"start": claim["admitted_on"], "end": claim["discharged_on"]},
        "created": claim["submitted_on"],
        "diagnosis": [{"sequence": 1, "diagnosisCodeableConcept": {
            "coding": [{"code": claim["diagnosis_code"]}], "text": claim["diagnosis_name"]}}],
        "procedure": [{"sequence": 1, "procedureCodeableConcept": {"coding": [{"code": claim["procedure_codes"]}]}}],
        "careTeam": [{"sequence": 1, "provider": {"display": claim["doctor"]}}],
        "extension": [
            {"url": OURS + "advanced", "valueMoney": _money(claim["advanced"])},
            {"url": OURS + "institution-reduced", "valueMoney": _money(claim["institution_reduced"])},
            {"url": OURS + "receipt-signed", "valueDate": claim["receipt_signed_on"]},
            {"url": OURS + "department", "valueString": claim["department"]},
        ],
        "total": _money(claim["charged"]),
        "item": [_fhir_item(line) for line in claim["lines"]],
    }  # fmt: skip


def _fhir_item(line: Row) -> dict[str, Any]:
    return {
        "sequence": int(line["line_no"]),
        "productOrService": {"coding": [{"code": line["item_code"]}], "text": line["hospital_item_name"]},
        "servicedDate": line["performed_on"],
        "quantity": {"value": Bare(line["quantity"])},
        "unitPrice": _money(line["unit_price"]),
        "net": _money(line["line_charged"]),
    }


class Bare(str):
    """Text that a document holds without quotes, as a number of any shape."""


def _money(yuan: str) -> dict[str, Any]:
    return {"value": Bare(yuan), "currency": "CNY"}


def with_bare_numbers(document: Any) -> bytes:
    """JSON in which every `Bare` stands without its quotes."""
    marks: dict[str, str] = {}

    def marked(value: Any) -> Any:
        if isinstance(value, Bare):
            marks[f"\ue000{len(marks)}\ue001"] = str(value)
            return list(marks)[-1]
        if isinstance(value, dict):
            return {key: marked(inner) for key, inner in value.items()}
        return [marked(inner) for inner in value] if isinstance(value, list) else value

    text = json.dumps(marked(document), ensure_ascii=False)
    for mark, bare in marks.items():
        text = text.replace(f'"{mark}"', bare)
    return text.encode("utf-8", "surrogatepass")


CLAIM_KEYS = [column.key for column in CLAIM_COLUMNS]
LINE_KEYS = [column.key for column in LINE_COLUMNS]


def read_bytes(folder: Path, content: bytes, file_name: str) -> list[IncomingClaim]:
    """Every claim of the file; FileRefused where it is refused."""
    path = folder / "sent"
    path.write_bytes(content)
    return [claim for batch in read_sent(path, file_name=file_name).batches for claim in batch.each()]


def refusal_of(folder: Path, content: bytes, file_name: str) -> FileRefused:
    """How the file is refused; that not one batch came before is asserted."""
    path = folder / "sent"
    path.write_bytes(content)
    batches = []
    try:
        for batch in read_sent(path, file_name=file_name).batches:
            batches.append(batch)
    except FileRefused as refusal:
        assert not batches, "claims of a bad file were handed on"
        return refusal
    raise AssertionError(f"the file was taken in: {sum(len(batch) for batch in batches)} claims")
