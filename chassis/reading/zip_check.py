"""A workbook is a zip of XML that a stranger wrote: what is inside is counted while it is unpacked, never believed.

What passes is written anew, stored and in order, with the few parts a table needs. The parser that follows reads
this copy, so it sees exactly the bytes that were checked: no second directory, no overlapping entries, no macro.
"""

from __future__ import annotations

import errno
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from chassis.reading.faults import refused

MOST_ENTRIES = 500
MOST_UNPACKED_BYTES = 512 << 20
MOST_RATIO = 200
"""Unpacked to packed. Sheets of repeated cells reach about 40; below 1 MiB nobody asks."""
RATIO_ASKED_FROM = 1 << 20
PIECE = 1 << 18
OVERLAP = 512

_NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/sharedStrings\.xml"
    r"|xl/styles\.xml|xl/worksheets/[A-Za-z0-9_]+\.xml",
    re.IGNORECASE,
)
_LIVE = re.compile(
    r"vbaProject|externalLinks/|embeddings/|activeX|connections\.xml|queryTables/|macrosheets/|ddeLinks", re.I
)
_DECLARED = re.compile(rb"<!DOCTYPE|<!ENTITY", re.IGNORECASE)
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']+)[\"']")
_ERROR_CELL = re.compile(rb"<(?:[A-Za-z0-9_]{1,20}:)?c\s[^>]{0,200}?\bt\s{0,9}=\s{0,9}[\"']e[\"'][^>]{0,20}")


def write_checked_copy(source: Path, copy: Path) -> None:
    """Write the parts of a workbook that a table needs. Raises FileRefused with the reason."""
    try:
        with (
            source.open("rb") as opened,
            zipfile.ZipFile(opened) as given,
            zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as made,
        ):
            entries = given.infolist()
            _check_directory(entries)
            total = 0
            for entry in entries:
                with made.open(entry.filename, "w") if _NEEDED.fullmatch(entry.filename) else _Nowhere() as out:
                    for piece in _checked_pieces(given, entry, total):
                        total += len(piece)
                        out.write(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise refused("broken_workbook", found=type(error).__name__) from error


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise refused("too_many_entries", expected=f"≤ {MOST_ENTRIES}", found=len(entries))
    seen: set[str] = set()
    end = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        name = entry.filename
        if name.casefold() in seen:
            raise refused("entry_twice", found=name)
        seen.add(name.casefold())
        if (
            name.startswith("/")
            or "\\" in name
            or ".." in name
            or not name.isprintable()
            or name != entry.orig_filename
        ):
            raise refused("unsafe_entry_name", found=entry.orig_filename)
        if _LIVE.search(name):
            raise refused("live_content", found=name)
        if entry.flag_bits & 0x1:
            raise refused("old_or_locked_workbook", found=name)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refused("broken_workbook", found=f"{name}: {entry.compress_type}")
        if entry.header_offset < end:
            raise refused("overlapping_entries", found=name)
        end = entry.header_offset + 30 + entry.compress_size
    if "xl/workbook.xml" not in seen:
        raise refused("not_a_workbook", expected="xl/workbook.xml")


def _checked_pieces(given: zipfile.ZipFile, entry: zipfile.ZipInfo, total: int) -> Iterator[bytes]:
    is_xml = entry.filename.casefold().endswith((".xml", ".rels", ".vml"))
    size, tail = 0, b""
    with given.open(entry) as unpacked:
        while piece := unpacked.read(PIECE):
            if is_xml:
                _check_xml(entry.filename, tail + piece, is_beginning=size == 0)
                tail = (tail + piece)[-OVERLAP:]
            size += len(piece)
            if total + size > MOST_UNPACKED_BYTES:
                raise refused("too_large_unpacked", expected=f"≤ {MOST_UNPACKED_BYTES} B", found=entry.filename)
            if size > RATIO_ASKED_FROM and size > MOST_RATIO * max(entry.compress_size, 1):
                raise refused("too_dense", expected=f"≤ {MOST_RATIO}", found=entry.filename)
            yield piece


def _check_xml(name: str, piece: bytes, *, is_beginning: bool) -> None:
    if _DECLARED.search(piece):
        raise refused("document_type", found=name)
    if b"\0" in piece:
        raise refused("unknown_encoding", expected="UTF-8", found=name)
    if is_beginning:
        declared = _ENCODING.match(piece.removeprefix(b"\xef\xbb\xbf")[:200])
        if declared and declared[1].lower() not in (b"utf-8", b"us-ascii"):
            raise refused("unknown_encoding", expected="UTF-8", found=declared[1].decode("ascii", "replace"))
    if faulty := _ERROR_CELL.search(piece):
        # The parser would give such a cell as empty, and an empty cell may mean something.
        raise refused("error_cell", found=faulty[0].decode("utf-8", "replace"))


class _Nowhere:
    """Takes the parts nobody needs; they are unpacked all the same, to be counted."""

    def __enter__(self) -> _Nowhere:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def write(self, piece: bytes) -> None:
        return None
