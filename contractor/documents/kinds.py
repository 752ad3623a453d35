"""What a file is: told by how its content begins. Its name may agree or be refused; it never decides."""

from __future__ import annotations

import re
import unicodedata

from contractor.documents.refusals import EmptyDocument, NameLies, NotADocument

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
BEGINNINGS = {PDF: b"%PDF-", JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG\r\n\x1a\n"}
ENDINGS = {PDF: ("pdf",), JPEG: ("jpg", "jpeg", "jpe", "jfif"), PNG: ("png",)}
ACCEPTED = ",".join((*BEGINNINGS, *(f".{one}" for endings in ENDINGS.values() for one in endings)))
LONGEST_NAME = 120
# A day or a number behind a dot (`扫描件2026.11`) is not an ending.
_ENDING = re.compile(r"\.([A-Za-z][A-Za-z0-9]{1,7})$")


def clean_name(given: str | None) -> str:
    """The name without folders and without what cannot be seen or turns the line around."""
    last = re.split(r"[/\\]", given or "")[-1]
    seen = "".join(one for one in last if unicodedata.category(one)[0] not in "CZ" or one == " ")
    name = " ".join(seen.split()).strip(". ")
    if len(name) > LONGEST_NAME:
        ending = _ENDING.search(name)
        tail = ending[0] if ending else ""
        name = name[: LONGEST_NAME - len(tail)] + tail
    return name or "document"


def kind_of(content: bytes, file_name: str) -> str:
    """The media type by content. Raises: EmptyDocument, NotADocument, NameLies."""
    if not content:
        raise EmptyDocument(file_name=file_name)
    found = next((kind for kind, beginning in BEGINNINGS.items() if content.startswith(beginning)), None)
    if found is None:
        raise NotADocument(file_name=file_name)
    ending = _ENDING.search(file_name)
    if ending is not None and ending[1].casefold() not in ENDINGS[found]:
        raise NameLies(file_name=file_name, named=ending[1], found=found)
    return found
