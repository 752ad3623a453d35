"""B9: what leaves for a spreadsheet carries no live formula, and no whole number of a person."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile

import psycopg
import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from chassis.exports import Column, neutralised, write_csv, write_xlsx
from demo.county import demo_county

PREFIXES = (
    "=", "+", "-", "@", "\t", "\r", "\n", "\0", "|", "%",
    "＝", "＋", "－", "＠", "﹢", "﹣", "−", "｜", "％", "﹦",
    " =", "\u3000=", "\u00a0@", "\u200b=", "\ufeff=", "\u2060+", "\x0b=", "\x1f=", "\u202e=", "\t\t=",
)  # fmt: skip
PAYLOAD = "cmd|' /C calc'!A0"
COLUMNS = [Column("a", "甲"), Column("b", "=乙"), Column("c", "丙")]


def rows(text: str) -> list[dict[str, str]]:
    return [{key: text if key == column.key else "好" for key in "abc"} for column in COLUMNS]


def csv_cells(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def is_alive(cell: str) -> bool:
    """What a spreadsheet may run: its first sign that is not blank or invisible starts a formula."""
    stripped = cell.lstrip(" \t\r\n\0\x0b\x0c\x1f\u3000\u00a0\u200b\ufeff\u2060\u202e")
    return stripped[:1] in set("=+-@|%＝＋－＠﹢﹣−｜％﹦") or cell[:1] in set("\t\r\n\0")


def test_there_are_thirty_prefixes():
    assert len(set(PREFIXES)) == 30


@pytest.mark.parametrize("prefix", PREFIXES, ids=ascii)
def test_a_csv_has_no_live_cell_whatever_the_column(prefix):
    table = csv_cells(write_csv(COLUMNS, rows(prefix + PAYLOAD)))
    assert len(table) == 4
    assert not [cell for row in table for cell in row if is_alive(cell)]


@pytest.mark.parametrize("prefix", PREFIXES, ids=ascii)
def test_a_workbook_has_only_typed_cells_and_no_formula(prefix):
    body = write_xlsx(COLUMNS, rows(prefix + PAYLOAD), sheet="表")
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        sheet = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        styles = etree.fromstring(book.read("xl/styles.xml"))
        strings = etree.fromstring(book.read("xl/sharedStrings.xml"))
        assert not any("externalLink" in name or "connections" in name for name in book.namelist())
    ns = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    assert sheet.xpath("//m:f", namespaces=ns) == []
    assert sheet.xpath("//m:hyperlink", namespaces=ns) == []
    assert {cell.get("t") for cell in sheet.xpath("//m:c", namespaces=ns)} == {"s"}
    # A carriage return is written as _x000D_ and read back as itself.
    texts = ["".join(si.itertext()).replace("_x000D_", "\r") for si in strings.xpath("//m:si", namespaces=ns)]
    marked = [xf.get("quotePrefix") == "1" for xf in styles.xpath("//m:cellXfs/m:xf", namespaces=ns)]
    for cell in sheet.xpath("//m:c", namespaces=ns):
        text = texts[int(cell[0].text)]
        assert marked[int(cell.get("s", "0"))] == is_alive(text), text


def test_an_innocent_text_is_left_alone():
    for text in ("张三", "3301**********1234", "****1234", "a=b", "1-2", "（备注）", "", "  二楼"):
        assert neutralised(text) == text


def test_amounts_days_and_instants_are_written_by_kind():
    columns = [
        Column("m", "金额", "money"),
        Column("d", "日", "day"),
        Column("i", "时", "instant"),
        Column("n", "数", "whole"),
    ]
    row = {
        "m": -123450,
        "d": dt.date(2026, 11, 20),
        "i": dt.datetime(2026, 11, 20, 18, 5, tzinfo=dt.UTC),
        "n": 7,
    }
    assert csv_cells(write_csv(columns, [row]))[1] == ["-1234.50", "2026-11-20", "2026-11-21 02:05", "7"]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(write_xlsx(columns, [row], sheet="表"))).get_sheet_by_index(0)
    assert sheet.to_python()[1] == [-1234.5, dt.date(2026, 11, 20), dt.datetime(2026, 11, 21, 2, 5), 7.0]


def test_money_is_never_a_float():
    with pytest.raises(TypeError):
        write_csv([Column("m", "金额", "money")], [{"m": 12.5}])


def test_half_a_letter_and_a_nul_do_not_break_the_file():
    for text in ("\ud800坏", "a\0b", "x" * 40_000):
        assert csv_cells(write_csv([Column("a", "甲")], [{"a": text}]))[1]
        body = write_xlsx([Column("a", "甲")], [{"a": text}], sheet="表")
        assert CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()[1][0]


@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_an_export_of_members_is_masked_even_for_the_registrar(home, at_desk, file_type):
    answer = at_desk("registrar").get(f"/registry/members.{file_type}?township=990121103")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    if file_type == "csv":
        cells = csv_cells(answer.data)
    else:
        cells = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    wanted = [p for p in demo_county().people if p.card_number.startswith("990121103")]
    assert len(cells) == len(wanted) + 1
    text = "\n".join(str(cell) for row in cells for cell in row)
    for person in demo_county().people:
        for secret in (person.identity_number, person.bank_account, person.phone, person.card_number):
            assert secret is None or secret not in text
        assert len(person.name) < 3 or person.name not in text


def test_an_export_is_kept_in_the_trail(home, at_desk):
    query = "SELECT count(*) FROM oversight.trail_entry WHERE stream = 'exports' AND act = 'members_exported'"
    with psycopg.connect(home.database.owner_url, autocommit=True) as connection:
        before = connection.execute(query).fetchone()[0]
        at_desk("officer").get("/registry/members.csv")
        assert connection.execute(query).fetchone()[0] == before + 1


def test_those_who_may_not_export_are_refused(at_desk):
    assert at_desk("city").get("/registry/members.csv").status_code == 403
    assert at_desk("regulator").get("/registry/members.csv").status_code == 403
