"""A file that a form brings, read within its limit and prepared; nobody knows of it until a verb keeps it."""

from __future__ import annotations

from werkzeug.datastructures import FileStorage

from chassis.house import House
from contractor.documents import keeping
from contractor.documents.keeping import Prepared
from contractor.documents.refusals import DocumentTooLarge

FORM_BYTES = 64 << 10
"""What a form adds to the file it carries."""


def largest_bytes(house: House) -> int:
    return int(house.settings.largest_document_mb) << 20


def received(sent: FileStorage, house: House) -> Prepared:
    """Raises: DocumentTooLarge, and as `keeping.prepare`."""
    largest = largest_bytes(house)
    content = sent.stream.read(largest + 1)
    if len(content) > largest:
        raise DocumentTooLarge(most_mb=largest >> 20)
    return keeping.prepare(content, sent.filename, keeping.folder_of(house.settings), house.keyring)
