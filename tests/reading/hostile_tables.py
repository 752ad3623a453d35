"""CSV files and workbooks that must be refused for what they are, not for a cell."""

from __future__ import annotations

import gzip
import io
import re
import struct
import zipfile
from collections.abc import Iterator

from contractor.claims.doors.exchange_columns import COLUMNS
from tests.reading.hostile import Hostile
from tests.reading.making import csv_bytes, csv_text, rows_of, two_claims, xlsx_bytes

HEADER = [column.title for column in COLUMNS]
SHEET = "xl/worksheets/sheet1.xml"


def cases() -> Iterator[Hostile]:
    yield from _csv_cases()
    yield from _named_wrongly()
    yield from _workbook_cases()
    yield from _zip_cases()


def _csv_cases() -> Iterator[Hostile]:
    rows = rows_of(two_claims())
    text = csv_text(rows)
    good = text.encode()
    lines = text.split("\r\n")

    def case(
        name: str, content: bytes | str, reason: str, column: str | None = None, row: int | None = None
    ) -> Hostile:
        return Hostile(
            f"csv-{name}", "a.csv", content.encode() if isinstance(content, str) else content, reason, column, row
        )

    yield case("empty", b"", "empty_file", row=0)
    yield case("only a mark", b"\xef\xbb\xbf", "no_rows")
    yield case("only blank lines", "\r\n\r\n ,\r\n", "no_rows")
    yield case("only a header", lines[0] + "\r\n", "no_rows")
    yield case("utf-32", text.encode("utf-32"), "unknown_encoding")
    yield case("utf-16 without its mark", text.encode("utf-16-le"), "unknown_encoding")
    yield case("utf-16 big without its mark", text.encode("utf-16-be"), "unknown_encoding")
    yield case("neither utf-8 nor gbk", good + b"\xff\xff\xff", "unknown_encoding")
    yield case(
        "utf-8 cut in a character", good.replace("费".encode(), "费".encode()[:2], 1) + b"\x80", "unknown_encoding"
    )
    yield case("half a utf-16 character", b"\xff\xfe" + text.encode("utf-16-le")[:-1], "unknown_encoding")
    yield case("a lone half of a pair", b"\xff\xfe" + text.encode("utf-16-le") + b"\x00\xd8\n\x00", "unknown_encoding")
    yield case(
        "big5 header",
        text.replace("转诊", "轉診").encode("utf-8").replace("轉診".encode(), b"\xa1\x40"),
        "unknown_encoding",
    )
    yield case("random bytes", bytes((17 * n * n + 91) % 251 for n in range(5000)), "unknown_encoding")
    yield case("nul in the header", text.replace("途径", "途\0径", 1), "unknown_encoding")
    yield case("quote never closed", text.replace("普外科", '"普外科', 1), "broken_csv")
    yield case("text after a quote", text.replace("普外科", '"普"外科', 1), "broken_csv", row=2)
    yield case("cell of 200,000 signs", text.replace("普外科", "床" * 200_000, 1), "over_long_cell", row=2)
    yield case("no line ends", ("费" * (2 << 20)).encode(), "over_long_line")
    yield case("no line ends behind the header", good + b"a," * (3 << 20), "over_long_line")
    yield case("unknown column", text.replace("科室", "机密", 1), "unknown_column", "机密", 1)
    yield case("unnamed column", text.replace("科室", "", 1), "unknown_column", "", 1)
    yield case("column twice", text.replace("科室", "医师", 1), "column_twice", "doctor", 1)
    yield case("column twice in two languages", text.replace("科室", "Doctor", 1), "column_twice", "doctor", 1)
    yield case("formula as a header", text.replace("科室", "=1+1", 1), "unknown_column", "=1+1", 1)
    yield case("header of one cell", text.replace(",", "\u3001"), "unknown_column", row=1)
    for key in ("claim_number", "charged", "item_code", "performed_on", "route"):
        column = next(each for each in COLUMNS if each.key == key)
        kept = [each for each in COLUMNS if each is not column]
        spoiled = "\n".join([",".join(e.title for e in kept), *(",".join(r[e.key] for e in kept) for r in rows)])
        yield case(f"without {key}", spoiled, "missing_column", key, 1)
    yield case("a row too short", "\r\n".join([*lines[:3], lines[3].rsplit(",", 3)[0]]), "wrong_cell_count", "", 4)
    yield case("a row too long", "\r\n".join([*lines[:3], lines[3] + ",x"]), "wrong_cell_count", "", 4)
    yield case("delimiters mixed", "\r\n".join([*lines[:3], lines[3].replace(",", ";")]), "wrong_cell_count", "", 4)
    yield case("a second header", "\r\n".join([*lines[:3], lines[0]]), "not_an_amount", "charged", 4)
    yield case(
        "a row of sums", text + "合计," + "," * (len(COLUMNS) - 2) + "156.70\r\n", "not_a_code", "claim_number", 5
    )
    apart = csv_text([rows[0], rows[2], rows[1]])
    yield case("rows of a claim apart", apart, "claim_twice", "claim_number", 4)
    yield case(
        "another day on the second row",
        csv_text([rows[0], {**rows[1], "discharged_on": "2024-01-06"}]),
        "claim_cells_differ",
        "discharged_on",
        3,
    )
    yield case(
        "another card on the second row",
        csv_text([rows[0], {**rows[1], "card_number": "9901210100000018"}]),
        "claim_cells_differ",
        "card_number",
        3,
    )
    yield case("lines do not rise", csv_text([{**rows[0], "line_no": "2"}, rows[1]]), "not_rising", "line_no", 3)
    yield case("a line twice", csv_text([rows[0], {**rows[1], "line_no": "1"}]), "not_rising", "line_no", 3)
    one_more = [{**rows[2], "line_no": "", "charged": "1"}] * 5_001
    yield case("a claim of 5,001 lines", csv_text(one_more), "too_many_lines", "claim_number", 5_002)
    visit = {**rows[2], "route": "门诊"}
    yield case("a visit of several days", csv_text([visit]), "visit_of_several_days", "discharged_on", 2)
    advance = {**rows[2], "route": "手工", "advanced": "1"}
    yield case("an advance on another route", csv_text([advance]), "advance_is_direct", "advanced", 2)
    overflow = {**rows[2], "quantity": "99999999", "unit_price": "99999999"}
    yield case("a product beyond 64 bits", csv_text([overflow]), "line_is_not_its_product", "line_charged", 2)


def _named_wrongly() -> Iterator[Hostile]:
    rows = rows_of(two_claims())
    text, book = csv_bytes(rows), xlsx_bytes(rows)
    for name, reason in (
        ("a.exe", "unknown_file_kind"),
        ("a.xls", "unknown_file_kind"),
        ("a.xlsm", "unknown_file_kind"),
        ("a.xlsb", "unknown_file_kind"),
        ("a.csv.exe", "unknown_file_kind"),
        ("csv", "unknown_file_kind"),
        ("", "unknown_file_kind"),
        ("a.csv\0.exe", "unknown_file_kind"),
        ("a.xlsx", "name_and_content_differ"),
    ):
        yield Hostile(f"text named {name!r}", name, text, reason)
    yield Hostile("workbook named csv", "a.csv", book, "name_and_content_differ")
    yield Hostile("workbook named json", "a.json", book, "name_and_content_differ")
    for what, beginning, reason in (
        ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_or_locked_workbook"),
        ("gzip", gzip.compress(text, mtime=0), "compressed_file"),
        ("rar", b"Rar!\x1a\x07\x00", "compressed_file"),
        ("7z", b"7z\xbc\xaf\x27\x1c", "compressed_file"),
        ("zstd", b"\x28\xb5\x2f\xfd\0\0", "compressed_file"),
        ("pdf", b"%PDF-1.7\n", "not_a_table"),
        ("a program", b"MZ\x90\0", "not_a_table"),
        ("an ELF program", b"\x7fELF\x02\x01", "not_a_table"),
        ("a picture", b"\x89PNG\r\n\x1a\n", "not_a_table"),
        ("a photograph", b"\xff\xd8\xff\xe0", "not_a_table"),
        ("a web page", b"<html><table>", "not_a_table"),
        ("an XML spreadsheet", b'<?xml version="1.0"?><Workbook/>', "not_a_table"),
        ("rtf", b"{\\rtf1", "not_a_table"),
    ):
        for name in ("a.csv", "a.xlsx"):
            yield Hostile(f"{what} named {name}", name, beginning, reason)


def _workbook_cases() -> Iterator[Hostile]:
    rows = rows_of(two_claims())
    good = xlsx_bytes(rows)

    def case(name: str, content: bytes, reason: str, column: str | None = None, row: int | None = None) -> Hostile:
        return Hostile(f"xlsx-{name}", "a.xlsx", content, reason, column, row)

    place = [column.key for column in COLUMNS].index
    for key, number, reason in (
        ("charged", 28.355, "too_many_decimals"),
        ("charged", -28.35, "negative_amount"),
        ("charged", 1e20, "exponent_notation"),
        ("quantity", 0.00001, "too_many_decimals"),
        ("card_number", 6.22848e18, "exponent_notation"),
        ("discharged_on", 45296, "not_a_day"),
        ("line_no", 1.5, "not_a_whole_number"),
    ):
        spoiled = [*rows[:2], {**rows[2], key: number}]
        yield case(f"number {number} as {key}", xlsx_bytes(spoiled), reason, key, 4)

    def date_as_text(book, page) -> None:
        import datetime as dt

        page.write_datetime(
            3,
            place("discharged_on"),
            dt.datetime(2024, 1, 5, 10, 30),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        )

    yield case("a day with its hour", xlsx_bytes(rows, date_as_text), "time_of_day", "discharged_on", 4)
    yield case(
        "true for an amount",
        xlsx_bytes(rows, lambda b, p: p.write_boolean(3, place("charged"), True)),
        "not_an_amount",
        "charged",
        4,
    )
    for error in ("#DIV/0!", "#REF!", "#N/A"):

        def spoil(book, page, error=error) -> None:
            page.write_formula(3, place("paid_elsewhere"), "=1/0", None, error)

        yield case(f"{error} for an amount that may be missing", xlsx_bytes(rows, spoil), "error_cell")
    for cell in (
        b'<c t="e" r="AB2"><v>#N/A</v></c>',
        b"<c r = 'AB2' t = 'e' ><v>#N/A</v></c>",
        b'<c\nt="e"><v>#N/A</v></c>',
    ):
        sheet = _part(good, SHEET).replace(b"</row>", cell + b"</row>", 1)
        yield case(f"an error cell written {cell[:12]!r}", _replaced(good, SHEET, sheet), "error_cell")
    yield case(
        "a formula never computed",
        xlsx_bytes(rows, lambda b, p: p.write_formula(3, place("charged"), "=1+1", None, "")),
        "blank",
        "charged",
        4,
    )
    for name, text in (
        ("a cell of blanks between two signs", "床" + " " * 30_000 + "位"),
        ("a text after 2,000 blanks", " " * 2_000 + "床"),
    ):
        spoiled = [*rows[:2], {**rows[2], "hospital_item_name": text}]
        reason = "over_long_cell" if text[0] == "床" else "control_character"
        yield case(name, xlsx_bytes(spoiled), reason, "hospital_item_name", 4)
    yield case("a sheet of 16,384 columns", xlsx_bytes(rows, lambda b, p: p.write(0, 16_383, "x")), "too_large_sheet")
    yield case(
        "a second sheet", xlsx_bytes(rows, lambda b, p: b.add_worksheet("二月").write(0, 0, "x")), "second_sheet"
    )

    def hidden(book, page) -> None:
        sheet = book.add_worksheet("hidden")
        sheet.write(0, 0, "x")
        sheet.very_hidden()

    yield case("a hidden second sheet", xlsx_bytes(rows, hidden), "second_sheet")
    yield case(
        "merged cells",
        xlsx_bytes(rows, lambda b, p: p.merge_range(2, place("quantity"), 3, place("quantity"), "4", b.add_format())),
        "blank",
        "quantity",
        4,
    )
    yield case("a far cell", xlsx_bytes(rows, lambda b, p: p.write(1_048_575, 16_383, "x")), "unreadable_workbook")
    yield case("a row far below", xlsx_bytes(rows, lambda b, p: p.write(1_000_000, 0, "x")), "too_large_sheet")
    yield case(
        "an empty sheet",
        _replaced(good, SHEET, re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData/>", _part(good, SHEET), flags=re.S)),
        "no_rows",
    )
    yield case("a sheet that is no XML", _replaced(good, SHEET, b"not xml at all"), "unreadable_workbook")
    yield case("a sheet cut short", _replaced(good, SHEET, _part(good, SHEET)[:1500]), "unreadable_workbook")
    yield case(
        "a string that is not there",
        _replaced(
            good,
            "xl/sharedStrings.xml",
            b'<?xml version="1.0" encoding="UTF-8"?>'
            b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="0" uniqueCount="0"></sst>',
        ),
        "unreadable_workbook",
    )


def _zip_cases() -> Iterator[Hostile]:
    good = xlsx_bytes(rows_of(two_claims()))
    sheet = _part(good, SHEET)

    def case(name: str, content: bytes, reason: str) -> Hostile:
        return Hostile(f"zip-{name}", "a.xlsx", content, reason)

    bomb = b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>'
    outside = b'<!DOCTYPE foo [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>'
    head, rest = sheet.split(b"?>", 1)
    for name, declared in (
        ("an XML bomb", bomb),
        ("an outside entity", outside),
        ("a DOCTYPE", b"<!DOCTYPE x>"),
        ("an ENTITY", b"<!ENTITY x 'y'>"),
    ):
        for part in (SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "[Content_Types].xml", "docProps/core.xml"):
            text = _part(good, part)
            start, rest_of_it = text.split(b"?>", 1)
            yield case(
                f"{name} in {part}", _replaced(good, part, start + b"?>" + declared + rest_of_it), "document_type"
            )
    yield case(
        "a DOCTYPE a long way in",
        _replaced(good, SHEET, head + b"?>" + b" " * ((1 << 18) - 60) + b"<!DOCTYPE x>" + rest),
        "document_type",
    )
    yield case("a doctype in small letters", _replaced(good, SHEET, head + b"?><!doctype x>" + rest), "document_type")
    yield case(
        "XML in UTF-16",
        _replaced(good, SHEET, sheet.decode().replace("UTF-8", "UTF-16").encode("utf-16")),
        "unknown_encoding",
    )
    yield case(
        "XML that says it is UTF-7", _replaced(good, SHEET, sheet.replace(b"UTF-8", b"UTF-7", 1)), "unknown_encoding"
    )
    yield case("a zip bomb", _replaced(good, SHEET, b"<x>" + b" " * (40 << 20) + b"</x>"), "too_dense")
    yield case(
        "a zip bomb where nobody looks", _added(good, "docProps/thumbnail.jpeg", b"\0" * (40 << 20)), "too_dense"
    )
    yield case("a part that lies about its size", _lied_about_size(good), "broken_workbook")
    yield case("a part with a wrong checksum", _wrong_checksum(good), "broken_workbook")
    yield case("501 parts", _added(good, *[f"xl/media/{n}.png" for n in range(501)]), "too_many_entries")
    for name in ("../../etc/passwd", "/etc/passwd", "xl\\..\\evil.xml", "xl/\u202egnp.xml", "xl/a\0.xml"):
        yield case(f"a part named {name!r}", _added(good, name), "unsafe_entry_name")
    for name in (
        "xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/embeddings/oleObject1.bin",
        "xl/activeX/activeX1.bin", "xl/connections.xml", "xl/queryTables/queryTable1.xml", "xl/macrosheets/sheet1.xml",
    ):  # fmt: skip
        yield case(f"live content {name}", _added(good, name), "live_content")
    yield case("a part twice", _twice(good, SHEET), "entry_twice")
    yield case("a part twice but for its case", _added(good, SHEET.upper()), "entry_twice")
    yield case("a locked part", _locked(good), "old_or_locked_workbook")
    yield case("a part packed with bzip2", _packed_with(good, zipfile.ZIP_BZIP2), "broken_workbook")
    yield case("a part packed with lzma", _packed_with(good, zipfile.ZIP_LZMA), "broken_workbook")
    yield case("overlapping parts", _overlapping(good), "overlapping_entries")
    yield case("a zip cut short", good[: len(good) // 2], "broken_workbook")
    yield case("a zip without its directory", good[:-200], "broken_workbook")
    yield case("only PK", b"PK\x03\x04", "broken_workbook")
    yield case("PK and noise", b"PK\x03\x04" + bytes(range(256)) * 40, "broken_workbook")
    yield case("an empty zip", b"PK\x05\x06" + b"\0" * 18, "not_a_workbook")
    yield case(
        "a word document", _zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}), "not_a_workbook"
    )
    yield case("a jar", _zip({"META-INF/MANIFEST.MF": b"", "A.class": b"\xca\xfe\xba\xbe"}), "not_a_workbook")
    yield case("a workbook without sheets", _without(good, SHEET), "unreadable_workbook")
    yield case(
        "a workbook.xml that is noise", _replaced(good, "xl/workbook.xml", b"\x01\x02\x03"), "unreadable_workbook"
    )


def _part(book: bytes, name: str) -> bytes:
    return zipfile.ZipFile(io.BytesIO(book)).read(name)


def _parts(book: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(book)) as given:
        return {name: given.read(name) for name in given.namelist()}


def _zip(parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, content in parts.items():
            info = zipfile.ZipInfo("x", (2024, 1, 1, 0, 0, 0))
            info.filename = name
            info.compress_type = compression
            made.writestr(info, content)
    return out.getvalue()


def _replaced(book: bytes, name: str, content: bytes) -> bytes:
    return _zip({**_parts(book), name: content})


def _without(book: bytes, name: str) -> bytes:
    return _zip({key: content for key, content in _parts(book).items() if key != name})


def _added(book: bytes, *names: str | bytes) -> bytes:
    content = names[-1] if isinstance(names[-1], bytes) else b"x"
    return _zip({**_parts(book), **{name: content for name in names if isinstance(name, str)}})


def _twice(book: bytes, name: str) -> bytes:
    out = io.BytesIO(book)
    with zipfile.ZipFile(out, "a") as made:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), b"<other/>")
    return out.getvalue()


def _packed_with(book: bytes, method: int) -> bytes:
    return _zip(_parts(book), method)


def _directory(book: bytes) -> list[tuple[int, zipfile.ZipInfo]]:
    """Where each entry stands in the central directory."""
    with zipfile.ZipFile(io.BytesIO(book)) as given:
        place, found = given.start_dir, []
        for info in given.infolist():
            found.append((place, info))
            place += 46 + sum(struct.unpack_from("<HHH", book, place + 28))
    return found


def _patched(book: bytes, patches: dict[int, bytes]) -> bytes:
    made = bytearray(book)
    for place, content in patches.items():
        made[place : place + len(content)] = content
    return bytes(made)


def _sheet_entry(book: bytes) -> tuple[int, zipfile.ZipInfo]:
    return next(each for each in _directory(book) if each[1].filename == SHEET)


def _locked(book: bytes) -> bytes:
    place, info = _sheet_entry(book)
    flags = struct.pack("<H", info.flag_bits | 1)
    return _patched(book, {place + 8: flags, info.header_offset + 6: flags})


def _lied_about_size(book: bytes) -> bytes:
    place, info = _sheet_entry(book)
    size = struct.pack("<I", 10)
    return _patched(book, {place + 24: size, info.header_offset + 22: size})


def _wrong_checksum(book: bytes) -> bytes:
    place, info = _sheet_entry(book)
    return _patched(book, {place + 16: b"\0\0\0\0", info.header_offset + 14: b"\0\0\0\0"})


def _overlapping(book: bytes) -> bytes:
    """Two entries of the directory point into one another, as in the densest of zip bombs."""
    entries = sorted(_directory(book), key=lambda each: each[1].header_offset)
    (_, first), (place, _) = entries[0], entries[1]
    return _patched(book, {place + 42: struct.pack("<I", first.header_offset + 10)})
