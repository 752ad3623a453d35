"""Where documents lie: two sealed files each, what came and what is shown, under a name of ours; none ever changes."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chassis.settings import Settings
from chassis.vault.keyring import Keyring
from chassis.vault.refusals import SealBroken
from chassis.vault.sealed_files import SealedFile, write_sealed
from contractor.documents.isolating import Pictures, pictured
from contractor.documents.kinds import clean_name, kind_of

FOLDER = "documents"
PURPOSE = "document"
CAME, SHOWN = "came", "shown"


@dataclass(frozen=True)
class Prepared:
    """A document that was read, pictured and sealed; nobody knows of it yet."""

    file_name: str
    media_type: str
    came_sha256: bytes = field(repr=False)
    came_bytes: int
    pictures: Pictures
    stored_as: str


def folder_of(settings: Settings) -> Path:
    """Outside anything that is served, readable by the house alone."""
    folder = Path(settings.data_dir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def prepare(content: bytes, file_name: str | None, folder: Path, keyring: Keyring) -> Prepared:
    """Read by content, make the pictures, seal both. Raises: EmptyDocument, NotADocument, NameLies, NotShowable."""
    name = clean_name(file_name)
    media_type = kind_of(content, name)
    pictures = pictured(content, media_type)
    stored_as = secrets.token_hex(16)
    for what, sealed in ((CAME, content), (SHOWN, pictures.content)):
        path = folder / f"{stored_as}.{what}"
        write_sealed(io.BytesIO(sealed), path, keyring, PURPOSE)
        _to_disk(path)
    _to_disk(folder)
    return Prepared(name, media_type, hashlib.sha256(content).digest(), len(content), pictures, stored_as)


def forget(folder: Path, stored_as: str) -> None:
    """Of a document that was not taken in; one that was is never forgotten."""
    for what in (CAME, SHOWN):
        (folder / f"{stored_as}.{what}").unlink(missing_ok=True)


def picture(folder: Path, stored_as: str, pages: Sequence[Sequence[int]], page_no: int, keyring: Keyring) -> bytes:
    """The picture of one page, from 1; only the pieces it lies in are opened. Raises: SealBroken."""
    sizes = [size for _width, _height, size in pages]
    path = folder / f"{stored_as}.{SHOWN}"
    try:
        sealed = SealedFile(path, keyring, PURPOSE)
    except FileNotFoundError:
        raise SealBroken(reason="missing", file=path.name) from None
    with sealed.open("rb") as file:
        file.seek(sum(sizes[: page_no - 1]))
        return file.read(sizes[page_no - 1])


def _to_disk(path: Path) -> None:
    """A row must not outlive its file: before the row is written, the file survives a power cut."""
    place = os.open(path, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
