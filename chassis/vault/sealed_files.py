"""A file sealed piece by piece: written as it comes in, read from any place, its text never on disk.

A sealed file: a head (version, algorithm, key id), then pieces of a nonce, one mebibyte of text and its tag. A piece is
bound to the file's name, to its own place and to whether it is the last, so pieces cannot be swapped, dropped or moved
to another file.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, BinaryIO

from chassis.vault.algorithms import NONCE_BYTES, TAG_BYTES, InvalidTag
from chassis.vault.keyring import KEY_ID_BYTES, Keyring
from chassis.vault.refusals import SealBroken

VERSION = 1
HEAD_BYTES = 2 + KEY_ID_BYTES
PIECE = 1 << 20
SEALED_PIECE = NONCE_BYTES + PIECE + TAG_BYTES


def write_sealed(stream: BinaryIO, path: Path, keyring: Keyring, purpose: str) -> tuple[bytes, int]:
    """Seal what a stream gives into a new file, readable by its owner alone: SHA-256 and count of the plain bytes."""
    key = keyring.newest(purpose)
    head = bytes((VERSION, key.algorithm.code)) + key.id
    digest, count = hashlib.sha256(), 0
    path.touch(mode=0o600, exist_ok=False)
    with path.open("wb") as file:
        file.write(head)
        for number, (piece, is_last) in enumerate(_pieces(stream)):
            digest.update(piece)
            count += len(piece)
            nonce = os.urandom(NONCE_BYTES)
            file.write(nonce + key.cipher.encrypt(nonce, piece, _place(head, path.name, number, is_last)))
    return digest.digest(), count


def reseal_file(path: Path, keyring: Keyring, purpose: str) -> bool:
    """Seal a file anew if an older key sealed it; answers whether it was. A stop in the middle leaves the old one.

    Raises: SealBroken, KeyMissing.
    """
    old = SealedFile(path, keyring, purpose)
    if old.head[2:] == keyring.newest(purpose).id:
        return False
    # A file's name is part of its seal, so the new one is written under the same name.
    with tempfile.TemporaryDirectory(prefix=".resealing-", dir=path.parent) as beside, old.open("rb") as plain:
        new = Path(beside, path.name)
        write_sealed(plain, new, keyring, purpose)
        with new.open("rb") as file:
            os.fsync(file.fileno())
        times = path.stat()
        os.utime(new, ns=(times.st_atime_ns, times.st_mtime_ns))
        new.replace(path)
    return True


class SealedFile:
    """A sealed file as a reader of files takes it: `open`, `stat` and `read_bytes` as those of a `Path`.

    `furthest` is the last byte that was handed out since it was last opened: how far whoever reads it has come.
    """

    def __init__(self, path: Path, keyring: Keyring, purpose: str) -> None:
        self.path = path
        with path.open("rb") as file:
            self.head = file.read(HEAD_BYTES)
        if len(self.head) < HEAD_BYTES or self.head[0] != VERSION:
            raise SealBroken(reason="unknown version", file=path.name)
        key = keyring.sealing_key(purpose, self.head[2:])
        if key.algorithm.code != self.head[1]:
            raise SealBroken(reason="algorithm is not the key's", file=path.name)
        self.cipher = key.cipher
        sealed = path.stat().st_size - HEAD_BYTES
        self.piece_count = -(-sealed // SEALED_PIECE)
        self.size = sealed - self.piece_count * (NONCE_BYTES + TAG_BYTES)
        self.furthest = 0

    def open(self, mode: str = "r", **how: Any) -> IO[Any]:
        self.furthest = 0
        buffered = io.BufferedReader(_PlainBytes(self))
        return buffered if mode == "rb" else io.TextIOWrapper(buffered, **how)

    def read_bytes(self) -> bytes:
        with self.open("rb") as file:
            return file.read()

    def stat(self) -> SimpleNamespace:
        return SimpleNamespace(st_size=self.size)


class _PlainBytes(io.RawIOBase):
    """The text of a sealed file; one piece of it is in memory at a time."""

    def __init__(self, of: SealedFile) -> None:
        self._of = of
        self._file = of.path.open("rb")
        self._at = 0
        self._piece_number, self._piece = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._of.size}[whence]
        if start + offset < 0:
            raise ValueError("a place before the beginning")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._of.size:
            return 0
        number, offset = divmod(self._at, PIECE)
        if number != self._piece_number:
            self._piece, self._piece_number = self._opened(number), number
        given = self._piece[offset : offset + len(buffer)]
        buffer[: len(given)] = given
        self._at += len(given)
        self._of.furthest = max(self._of.furthest, self._at)
        return len(given)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _opened(self, number: int) -> bytes:
        of = self._of
        self._file.seek(HEAD_BYTES + number * SEALED_PIECE)
        sealed = self._file.read(SEALED_PIECE)
        place = _place(of.head, of.path.name, number, number == of.piece_count - 1)
        try:
            return of.cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
        except (InvalidTag, ValueError):
            raise SealBroken(reason="does not authenticate", file=of.path.name, piece=number) from None


def _pieces(stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Whole pieces, each with whether it is the last; a stream may hand out less than it is asked for."""
    held = bytearray()
    while given := stream.read(PIECE):
        held += given
        while len(held) > PIECE:
            yield bytes(held[:PIECE]), False
            del held[:PIECE]
    if held:
        yield bytes(held), True


def _place(head: bytes, name: str, number: int, is_last: bool) -> bytes:
    raw = name.encode()
    return head + len(raw).to_bytes(4, "big") + raw + number.to_bytes(8, "big") + bytes((is_last,))
