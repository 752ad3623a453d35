"""The tables of docs/exchange.md, drawn from the code that reads: `python -m contractor.claims.doors.exchange_docs`.

The page's own sentences are written in the page; what stands between `<!-- drawn: x -->` and `<!-- end -->` is drawn.
"""

from __future__ import annotations

import re
from pathlib import Path

from chassis.i18n import english
from chassis.reading import csv_rows, faults, json_texts, kinds, tables, workbooks, zip_check
from chassis.reading.wording import OF_READING, REASONS
from contractor.claims.doors.exchange_columns import CLAIM_COLUMNS, LINE_COLUMNS, ExchangeColumn
from contractor.claims.doors.fhir_claims import OURS, REFUSED_IN_A_CLAIM, REFUSED_IN_AN_ITEM
from contractor.claims.incoming import MOST_LINES_A_CLAIM

PAGE = Path(__file__).parents[3] / "docs/exchange.md"
_DRAWN = re.compile(r"(<!-- drawn: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

FORMS = {
    "code": "text of A–Z, a–z, 0–9 and `. _ - / + # : * ( )`, beginning with a letter or digit; leading zeros stay",
    "codes": "several codes in one cell, separated by `;` or `|`",
    "text": "any text of one line",
    "word": "direct or 直补, manual or 手工, outpatient or 门诊",
    "amount": "yuan, at most two decimals, never negative: `1234.50`",
    "quantity": "at most four decimals, never negative: `2.5`",
    "number": "a whole number",
    "day": "`2024-01-05`, `2024/1/5`, `2024.1.5`, `20240105` or `2024年1月5日`; the year first, 1900 to 2099",
}
FHIR_ELEMENTS = (
    ("claim_number", f"`Claim.identifier` of system `{OURS}claim-number`"),
    ("invoice_number", f"`Claim.identifier` of system `{OURS}invoice-number`"),
    ("route", f"extension `{OURS}route` (valueCode); else `type`: professional, pharmacy, oral, vision → outpatient; "
     "institutional → manual where `payee.type` is subscriber, beneficiary or other, else direct"),
    ("institution_code", f"`provider`: identifier of system `{OURS}institution-code`, its own or its resource's"),
    ("card_number", f"`patient`: identifier of system `{OURS}card-number`; else `subscriberId` of the focal Coverage"),
    ("admitted_on", "`billablePeriod.start`; an instant becomes its day in Asia/Shanghai"),
    ("discharged_on", "`billablePeriod.end`, likewise"),
    ("submitted_on", "`created`, likewise"),
    ("diagnosis_code", "`diagnosis` of type principal, else the first in sequence: first coding of the concept, or of "
     "the Condition it refers to"),
    ("diagnosis_name", "its text, else its display"),
    ("procedure_codes", "`procedure[]`: first coding of the concept, or of the Procedure it refers to"),
    ("doctor", "`careTeam[0].provider`: identifier or display"),
    ("department", f"extension `{OURS}department` (valueString)"),
    ("charged", "`total`, in CNY; a total that is not the sum of its items is refused"),
    ("institution_reduced", f"extension `{OURS}institution-reduced` (valueMoney)"),
    ("paid_elsewhere", f"extension `{OURS}paid-elsewhere` (valueMoney)"),
    ("advanced", f"extension `{OURS}advanced` (valueMoney)"),
    ("receipt_signed_on", f"extension `{OURS}receipt-signed` (valueDate)"),
    ("referral_slip", "`referral.identifier.value`"),
    ("payee_account", f"extension `{OURS}account` (valueString) of `payee`"),
    ("payee_name", "`payee.party.display`, where an account is given"),
    ("line_no", "`item[].sequence`"),
    ("item_code", "`item[].productOrService`: first coding"),
    ("hospital_item_name", "its text, else its display"),
    ("performed_on", "`item[].servicedDate`, else the start of `servicedPeriod`"),
    ("quantity", "`item[].quantity.value`; 1 where absent"),
    ("unit_price", "`item[].unitPrice`; the net where both it and the quantity are absent"),
    ("line_charged", "`item[].net`"),
)  # fmt: skip


def drawn() -> dict[str, list[str]]:
    """The lines of each drawn part of the page, by its name."""
    return {
        "claim": _columns(CLAIM_COLUMNS),
        "line": _columns(LINE_COLUMNS),
        "forms": [f"- **{form}**: {told}" for form, told in FORMS.items()],
        "refused": [
            "In a claim "
            + ", ".join(f"`{name}`" for name in REFUSED_IN_A_CLAIM)
            + "; in an item "
            + ", ".join(f"`{name}`" for name in (*REFUSED_IN_AN_ITEM, "factor"))
            + " other than 1."
        ],
        "fhir": [
            "| column | element |",
            "| --- | --- |",
            *(f"| `{key}` | {element} |" for key, element in FHIR_ELEMENTS),
        ],
        "limits": _limits(),
        "reasons": _reasons(),
    }


def page() -> str:
    """The page as it should be."""
    parts = drawn()
    text = PAGE.read_text(encoding="utf-8")
    assert {name for _, name, _ in _DRAWN.findall(text)} == parts.keys(), "the page has a place for each part"
    return _DRAWN.sub(lambda match: match[1] + "\n".join(parts[match[2]]) + "\n" + match[3], text)


def _columns(columns: tuple[ExchangeColumn, ...]) -> list[str]:
    return [
        "| 列名 | Column | key | filled | written as | example | 说明 | meaning |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *(_row(column) for column in columns),
    ]


def _row(column: ExchangeColumn) -> str:
    filled = "yes" if column.is_filled else ""
    return (
        f"| {column.title} | {column.title_en} | `{column.key}` | {filled} | {column.form} | `{column.example}` "
        f"| {column.meaning} | {column.meaning_en} |"
    )


def _limits() -> list[str]:
    mib = 1 << 20
    return [
        "| what | most |",
        "| --- | --- |",
        f"| CSV, JSON Lines | {kinds.MOST_BYTES[kinds.CSV] // mib} MiB |",
        f"| rows of a table | {tables.MOST_ROWS:,} |",
        f"| lines of a claim | {MOST_LINES_A_CLAIM:,} |",
        f"| a cell of a CSV, before it is read | {csv_rows.LONGEST_CELL:,} characters |",
        f"| xlsx | {kinds.MOST_BYTES[kinds.XLSX] // mib} MiB, unpacked {zip_check.MOST_UNPACKED_BYTES // mib} MiB, "
        f"{workbooks.MOST_CELLS:,} cells, {zip_check.MOST_ENTRIES} parts; no macros, outside links, embedded objects |",
        f"| a JSON or FHIR document | {json_texts.MOST_DOCUMENT_BYTES // mib} MiB, {json_texts.MOST_VALUES:,} values, "
        f"{json_texts.MOST_DEPTH} deep |",
        f"| a line of JSON Lines | {json_texts.MOST_LINE_BYTES // mib} MiB |",
        f"| faults told in full | {faults.MOST_FAULTS:,}; the rest are counted |",
    ]


def _reasons() -> list[str]:
    catalogue = english()
    lines = ["| reason | 中文 | English |", "| --- | --- | --- |"]
    for key in sorted(OF_READING):
        chinese = REASONS[key]._args[0]
        lines.append(f"| `{key}` | {chinese} | {catalogue.get(chinese).string} |")
    return lines


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
