"""Files that mean harm or were spoilt on the way (B8): each kind of the registry refuses them by name, or takes them
for what they say; nothing is half imported."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter
from sqlalchemy import func, select

from chassis.reading.faults import FileRefused
from oversight.registry.catalogue.tables import CatalogueItem
from oversight.registry.imports.importing import take_in
from oversight.registry.imports.kinds import KINDS
from tests.registry.files import AT, CLERK, COUNTY, FILES, counted, with_row

HEAD = FILES["catalogue"].splitlines()[0]


def item(code="N001", name="项目", cls="甲", kind="药品", from_on="2026-01-01", rest=",,,,") -> str:
    return f"{HEAD}\n{code},{name},{cls},{kind},{from_on},{rest}\n"


def book(rows, *, formula: str | None = None, sheets: int = 1, macro: bool = False) -> bytes:
    buffer = io.BytesIO()
    made = xlsxwriter.Workbook(buffer, {"in_memory": True})
    for number in range(sheets):
        page = made.add_worksheet()
        for place, row in enumerate(rows):
            page.write_row(place, 0, row)
        if formula and not number:
            page.write_formula(1, 1, formula, None, "#REF!")
    made.close()
    if macro:
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    return buffer.getvalue()


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b" " * (300 << 20))
    return buffer.getvalue()


GOOD = [HEAD.split(","), ["N001", "项目", "甲", "药品", "2026-01-01", "", "", "", "", ""]]
TEXT_CASES = [
    # why, text, the reason
    ("exponent", item(rest=",1E5,,,"), "exponent_notation"),
    ("full-width digits", item(rest=",１２.50,,,"), "full_width_digits"),
    ("five decimals", item(rest=",1.00001,,,"), "too_many_decimals"),
    ("negative", item(rest=",-1.00,,,"), "negative_amount"),
    ("negative zero", item(rest=",-0.00,,,"), "not_an_amount"),
    ("thousands separator", item(rest=',"1,000.00",,,'), "not_an_amount"),
    ("currency sign", item(rest=",￥1.00,,,"), "not_an_amount"),
    ("NaN", item(rest=",NaN,,,"), "not_an_amount"),
    ("infinity", item(rest=",Infinity,,,"), "not_an_amount"),
    ("a price past all prices", item(rest=f",{'9' * 30},,,"), "too_large"),
    ("thirtieth of February", item(from_on="2026-02-30"), "impossible_day"),
    ("leap day of no leap year", item(from_on="2025-02-29"), "impossible_day"),
    ("American day", item(from_on="12/31/2026"), "not_a_day"),
    ("a spreadsheet's number for a day", item(from_on="46023"), "not_a_day"),
    ("a time of day", item(from_on="2026-01-01 12:00:00"), "time_of_day"),
    ("a year of no calendar", item(from_on="0000-01-01"), "impossible_day"),
    ("class D", item(cls="丁"), "not_a_choice"),
    ("blank name", item(name=" "), "blank"),
    ("name of foreign blanks", item(name="\u2003"), "blank"),
    ("direction override", item(name="项\u202e目"), "control_character"),
    ("NUL in a name", item(name="项\0目"), "control_character"),
    ("over-long name", item(name="项" * 121), "over_long_cell"),
    ("path as a code", item(code="../../etc/passwd"), "not_a_code"),
    ("SQL as a code", item(code="x'; DROP TABLE member"), "not_a_code"),
    ("one cell too many", item(rest=",,,,,x"), "wrong_cell_count"),
    ("one cell too few", HEAD + "\nN001,项目,甲\n", "wrong_cell_count"),
    ("unknown column", HEAD + ",更多\n" + item().splitlines()[1] + ",x\n", "unknown_column"),
    ("column twice", HEAD.replace("限性别", "类别") + "\n", "column_twice"),
    ("missing column", HEAD.replace("类别,", "") + "\nN001,项目,药品,2026-01-01,,,,,\n", "missing_column"),
    ("header alone", HEAD + "\n", "no_rows"),
    ("quote without an end", item(name='"项目'), "broken_csv"),
    ("another kind's file", FILES["deaths"], "unknown_column missing_column"),
    ("the same record twice", item() + item().splitlines()[1] + "\n", "row_twice"),
]
FILE_CASES = [
    # why, file name, bytes, the one reason
    ("nothing", "x.csv", b"", "empty_file"),
    ("UTF-32", "x.csv", item().encode("utf-32"), "unknown_encoding"),
    ("Latin-1 bytes that are no GB 18030", "x.csv", HEAD.encode() + b"\nN1,\xff\xff\xff,x\n", "unknown_encoding"),
    ("half a character", "x.csv", item().encode()[:-3] + "项".encode()[:2], "unknown_encoding"),
    ("HTML called CSV", "x.csv", b"<html><table>", "not_a_table"),
    ("PDF called CSV", "x.csv", b"%PDF-1.7 ", "not_a_table"),
    ("gzip", "x.csv", b"\x1f\x8b\x08\0", "compressed_file"),
    ("a program", "x.exe", b"MZ", "unknown_file_kind"),
    ("old workbook", "x.xls", b"\xd0\xcf\x11\xe0", "unknown_file_kind"),
    ("old workbook called xlsx", "x.xlsx", b"\xd0\xcf\x11\xe0", "old_or_locked_workbook"),
    ("workbook called CSV", "x.csv", book(GOOD), "name_and_content_differ"),
    ("CSV called xlsx", "x.xlsx", item().encode(), "name_and_content_differ"),
    ("a zip that is no workbook", "x.xlsx", b"PK\x03\x04" + b"\0" * 60, None),
    ("zip bomb", "x.xlsx", bomb(), None),
    ("macros", "x.xlsx", book(GOOD, macro=True), "live_content"),
    ("second sheet", "x.xlsx", book(GOOD, sheets=2), "second_sheet"),
    ("half a workbook", "x.xlsx", book(GOOD)[:2000], None),
    ("a formula that came to an error", "x.xlsx", book(GOOD, formula="=1/0"), None),
    ("a line without end", "x.csv", HEAD.encode() + b"\n" + b"x" * (2 << 20), None),
]


def sent(clerk, kind: str, name: str, content: bytes):
    path = clerk.folder / "sent"
    path.write_bytes(content)
    with clerk.session.begin_nested():
        told = {"file_name": name, "county_code": COUNTY, "by": CLERK, "at": AT}
        return take_in(clerk.session, clerk.keyring, KINDS[kind], path, **told)


def test_spoilt_text_is_refused_by_name(clerk):
    found = {}
    for why, text, _reason in TEXT_CASES:
        with pytest.raises(FileRefused) as refusal:
            sent(clerk, "catalogue", "x.csv", text.encode("utf-8"))
        found[why] = {fault.reason for fault in refusal.value.faults}
    expected = {why: set(reason.split()) for why, _text, reason in TEXT_CASES}
    assert found == expected
    assert clerk.session.scalar(select(func.count()).select_from(CatalogueItem)) == 0


def test_files_that_mean_harm_are_refused_whole(clerk):
    for why, name, content, reason in FILE_CASES:
        with pytest.raises(FileRefused) as refusal:
            sent(clerk, "catalogue", name, content)
        assert refusal.value.fault_count >= 1, why
        if reason is not None:
            assert [fault.reason for fault in refusal.value.faults] == [reason], why
    assert clerk.session.scalar(select(func.count()).select_from(CatalogueItem)) == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_every_encoding_of_a_chinese_office_is_read_alike(clerk, encoding):
    assert counted(sent(clerk, "catalogue", "x.csv", FILES["catalogue"].encode(encoding)).plan) == (3, 0, 0)
    assert counted(sent(clerk, "catalogue", "x.csv", FILES["catalogue"].encode()).plan) == (0, 0, 3)


def test_a_workbook_says_what_the_csv_says(clerk):
    rows = [line.split(",") for line in FILES["catalogue"].splitlines()]
    assert counted(sent(clerk, "catalogue", "x.xlsx", book(rows)).plan) == (3, 0, 0)
    assert counted(clerk.sends("catalogue").plan) == (0, 0, 3)


@pytest.mark.parametrize("formula", ["=HYPERLINK(A1)", "+1+1", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_a_formula_in_a_name_is_a_name(clerk, formula):
    """It is kept as it was typed; the house's exports neutralise it (B9)."""
    name = f'"{formula}"' if "," in formula else formula
    sent(clerk, "catalogue", "x.csv", item(name=name).encode())
    assert clerk.session.scalars(select(CatalogueItem.name)).one() == formula


@pytest.mark.parametrize("kind", FILES)
def test_no_kind_of_file_brings_a_traceback(entered, kind):
    """Every column in turn holds something that it never should."""
    header, first = FILES[kind].splitlines()[:2]
    cells = first.split(",")
    for place in range(len(cells)):
        for evil in ("", "１２", "1E5", "-1", "2026-02-30", "=1+1", "\u202e", "9" * 500, "'; --", "\x00", "NULL"):
            row = ",".join([*cells[:place], evil, *cells[place + 1 :]])
            try:
                sent(entered, kind, "x.csv", f"{header}\n{row}\n".encode())
            except FileRefused as refusal:
                assert all(fault.row <= 2 for fault in refusal.faults)


def test_a_row_of_the_wrong_kind_names_its_row_as_the_spreadsheet_does(clerk):
    text = with_row("catalogue", "A1,甲药,甲,药品,2026-01-01,,,,,") + "\n,,,,,,,,,\nA2,乙药,丁,药品,2026-01-01,,,,,\n"
    with pytest.raises(FileRefused) as refusal:
        sent(clerk, "catalogue", "x.csv", text.encode())
    assert [(fault.row, fault.column) for fault in refusal.value.faults] == [(5, "catalogue_class")]
