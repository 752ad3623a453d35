"""The empty form of the exchange format, to download and fill in: a workbook with its explanations, or a CSV."""

from __future__ import annotations

from chassis.exports import Column, Sheet, write_csv, write_workbook
from contractor.claims.doors.exchange_columns import COLUMNS, EXCHANGE

TEMPLATE_NAMES = {"xlsx": "coopmed-claims.xlsx", "csv": "coopmed-claims.csv"}
_FORM = [Column(column.key, column.title) for column in COLUMNS]
_EXPLAINING = [
    Column("title", "列名"),
    Column("needed", "必填"),
    Column("example", "例"),
    Column("meaning", "说明"),
    Column("title_en", "Column"),
    Column("key", "Key"),
    Column("meaning_en", "Meaning"),
]


def template(file_type: str) -> bytes:
    """The form as xlsx or csv. A file made from it is read as it is; the sheet of explanations is passed over."""
    if file_type == "csv":
        return write_csv(_FORM, [])
    explained = [
        {
            "title": column.title,
            "needed": "是 yes" if column.is_filled else "",
            "example": column.example,
            "meaning": column.meaning,
            "title_en": column.title_en,
            "key": column.key,
            "meaning_en": column.meaning_en,
        }
        for column in COLUMNS
    ]
    return write_workbook(
        [
            Sheet("费用", _FORM, [], is_form=True),
            Sheet(EXCHANGE.explaining_sheets[0], _EXPLAINING, explained),
        ]
    )
