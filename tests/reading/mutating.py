"""Spoils good files at random, and says what must hold of whatever comes out of a reader all the same."""

from __future__ import annotations

import datetime as dt
import io
import random
import zipfile
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from chassis.reading.faults import FileRefused
from chassis.reading.wording import OF_READING, place_words, told
from contractor.claims.doors.sent import read_sent
from contractor.claims.incoming import CLAIM_FIELDS, LINE_FIELDS, ROUTES, IncomingBatch
from contractor.claims.incoming import IncomingClaim as Claim
from tests.reading.hostile_cells import AMOUNTS, CODES, DAYS, LINE_NUMBERS, ONLY_YUAN, TEXTS, TEXTS_OUTSIDE_XML
from tests.reading.making import csv_bytes, fhir_bundle, json_bytes, rows_of, two_claims, with_bare_numbers, xlsx_bytes

FORMATS = {"csv": "a.csv", "xlsx": "a.xlsx", "json": "a.json", "jsonl": "a.jsonl", "fhir": "a.json"}
CELLS = [
    cell.encode("utf-8", "replace")
    for cell, _ in (*AMOUNTS, *ONLY_YUAN, *DAYS, *CODES, *TEXTS, *TEXTS_OUTSIDE_XML, *LINE_NUMBERS)
    if len(cell) < 300
]
SIGNS = [
    b'"', b"'", b",", b";", b"\t", b"\r", b"\n", b"\0", b"\\", b"{", b"}", b"[", b"]", b":", b"<", b">", b"&", b"=",
    b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x80", b"\xc3\x28", b"\xed\xa0\x80", b"PK\x03\x04", b"PK\x01\x02",
    b"<!DOCTYPE x>", b"null", b"true", b"NaN", b"1e999", b"-0", b"\\ud800", b"\\u0000", b"9" * 30, b"[" * 60,
    b' t="e"', b' t="s"', b'r="XFD1048576"', b"\xe8\xb4\xb9",
]  # fmt: skip


def good_file(form: str) -> bytes:
    claims = two_claims()
    if form == "csv":
        return csv_bytes(rows_of(claims))
    if form == "xlsx":
        return xlsx_bytes(rows_of(claims))
    if form == "json":
        return json_bytes(claims)
    if form == "jsonl":
        return b"\n".join(json_bytes(each) for each in claims)
    return with_bare_numbers(fhir_bundle(claims))


def spoiled(content: bytes, form: str, chance: random.Random) -> bytes:
    """The file with one to six spoilings; of a workbook sometimes a part inside the zip, so that the zip is whole."""
    if form == "xlsx" and chance.random() < 0.04:
        return _spoiled_part(content, chance)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        content = _spoiled_once(content, chance)
    return content


def _spoiled_part(book: bytes, chance: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as given:
        parts = {name: given.read(name) for name in given.namelist()}
    name = chance.choice(["xl/worksheets/sheet1.xml"] * 3 + ["xl/sharedStrings.xml"] * 3 + sorted(parts))
    parts[name] = _spoiled_once(parts[name], chance)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for each, text in parts.items():
            made.writestr(each, text)
    return out.getvalue()


def _spoiled_once(content: bytes, chance: random.Random) -> bytes:
    if not content:
        return chance.choice(SIGNS)
    at = chance.randrange(len(content))
    end = min(len(content), at + chance.choice((1, 1, 2, 4, 8, 64, 400)))
    what = chance.randrange(14)
    if what == 0:
        return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]
    if what == 1:
        return content[:at] + chance.randbytes(end - at) + content[end:]
    if what == 2:
        return content[:at] + content[end:]
    if what == 3:
        return content[:at] + content[at:end] * chance.choice((2, 3, 30)) + content[end:]
    if what == 4:
        return content[:at] + chance.choice(SIGNS) + content[at:]
    if what == 5:
        return content[:at]
    if what == 6:
        other = chance.randrange(len(content))
        return content[:at] + content[other : other + end - at] + content[end:]
    return _with_another_cell(content, at, chance)


def _with_another_cell(content: bytes, at: int, chance: random.Random) -> bytes:
    """The cell, JSON value or XML text around a place replaced by one from the lists of bad cells."""
    begin = max(content.rfind(sign, 0, at) for sign in (b",", b'"', b"\n", b">", b":")) + 1
    ends = [place for sign in (b",", b'"', b"\r", b"<", b"}") if (place := content.find(sign, at)) >= 0]
    return content[:begin] + chance.choice(CELLS) + content[min(ends, default=len(content)) :]


def outcome(path: Path, file_name: str) -> str:
    """The first reason of a refusal, or "taken in"; anything else, and any batch that breaks a rule, raises."""
    try:
        for batch in read_sent(path, file_name=file_name).batches:
            assert_sound(batch)
    except FileRefused as refusal:
        assert refusal.fault_count >= len(refusal.faults) > 0
        for fault in refusal.faults:
            assert fault.reason in OF_READING
            assert (place_words(fault) + told(fault)).isprintable()
        return refusal.faults[0].reason
    return "taken in"


def assert_sound(batch: IncomingBatch) -> None:
    """What intake and the database take for granted, computed here in another way than the reader does."""
    for names, columns, count in (
        (CLAIM_FIELDS, batch.claims, len(batch)),
        (LINE_FIELDS, batch.lines, batch.line_count),
    ):
        assert {len(getattr(columns, name)) for name in (*names, "row")} == {count}
    assert len({(claim.institution_code, claim.claim_number) for claim in batch.each()}) == len(batch) > 0
    for claim in batch.each():
        _assert_sound_claim(claim)


def _assert_sound_claim(claim: Claim) -> None:
    assert claim.route in ROUTES
    assert 0 < len(claim.lines) <= 5_000
    for text in (
        claim.claim_number,
        claim.institution_code,
        claim.card_number,
        claim.invoice_number,
        claim.diagnosis_code,
    ):
        assert text.isascii() and text.isprintable() and " " not in text and 0 < len(text) <= 40
    for text in (
        claim.diagnosis_name,
        claim.department,
        claim.doctor,
        *(line.hospital_item_name for line in claim.lines),
    ):
        assert len(text) <= 200 and not any(ord(sign) < 32 or "\ud800" <= sign <= "\udfff" for sign in text)
    assert (
        dt.date(1900, 1, 1) <= claim.admitted_on <= claim.discharged_on <= claim.submitted_on <= dt.date(2099, 12, 31)
    )
    for line in claim.lines:
        product = Decimal(line.quantity_e4).scaleb(-4) * Decimal(line.unit_price_e4).scaleb(-4)
        assert Decimal(line.charged_fen).scaleb(-2) == product.quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert line.quantity_e4 > 0 <= line.unit_price_e4 and line.quantity_e4 * line.unit_price_e4 < 2**63
    numbers = [line.line_no for line in claim.lines]
    assert numbers == sorted(set(numbers)) and numbers[0] > 0
    assert claim.charged_fen == sum(line.charged_fen for line in claim.lines) <= 10**12
    assert claim.institution_reduced_fen + claim.paid_elsewhere_fen <= claim.charged_fen
    assert 0 <= claim.advanced_fen <= claim.charged_fen
    assert (claim.payee_name is None) == (claim.payee_account is None)


def fuzz(form: str, count: int, *, seed: int, path: Path) -> Counter[str]:
    """How each of `count` spoiled files ended. Raises with the number of the one that ended otherwise."""
    chance, good, ends = random.Random(seed), good_file(form), Counter()
    for number in range(count):
        path.write_bytes(spoiled(good, form, chance))
        try:
            ends[outcome(path, FORMATS[form])] += 1
        except BaseException as error:
            error.add_note(f"{form} number {number} of seed {seed}; the file is {path}")
            raise
    return ends
