"""A sealed file gives back what was written from any place, and nothing where a byte of it is not as it was."""

from __future__ import annotations

import csv
import hashlib
import io
import os

import pytest

from chassis.vault.refusals import SealBroken
from chassis.vault.sealed_files import HEAD_BYTES, PIECE, SEALED_PIECE, SealedFile, write_sealed


class _Halting(io.BytesIO):
    """A stream that hands out less than it is asked for, as sockets do."""

    def read(self, size: int = -1) -> bytes:
        return super().read(min(size, 70_001))


def written(keyring, path, content: bytes) -> SealedFile:
    assert write_sealed(_Halting(content), path, keyring, "sent_file") == (
        hashlib.sha256(content).digest(),
        len(content),
    )
    return SealedFile(path, keyring, "sent_file")


@pytest.mark.parametrize("size", [1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 12_345])
def test_what_was_sealed_is_read_again_whole_and_from_any_place(keyring, tmp_path, size):
    content = os.urandom(size)
    sealed = written(keyring, tmp_path / "a.sent", content)
    assert sealed.read_bytes() == content and sealed.stat().st_size == size and sealed.furthest == size
    with sealed.open("rb") as file:
        file.seek(-1, io.SEEK_END)
        assert file.read() == content[-1:]
        file.seek(size // 2)
        assert file.read(10) == content[size // 2 :][:10]


def test_a_table_is_read_through_the_seal(keyring, tmp_path):
    text = "医疗证号,金额\n" + "990121000001,1.00\n" * 100_000
    sealed = written(keyring, tmp_path / "a.sent", text.encode())
    with sealed.open(encoding="utf-8", newline="", errors="strict") as file:
        assert sum(1 for _ in csv.reader(file)) == 100_001


def test_nothing_of_the_text_lies_on_disk_and_nobody_else_may_read_it(keyring, tmp_path):
    path = tmp_path / "a.sent"
    written(keyring, path, b"6222020000000000006 " * 1_000)
    assert b"62220200" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def flipped(raw: bytes) -> bytes:
    place = HEAD_BYTES + 20
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def swapped(raw: bytes) -> bytes:
    first, second = raw[HEAD_BYTES : HEAD_BYTES + SEALED_PIECE], raw[HEAD_BYTES + SEALED_PIECE :][:SEALED_PIECE]
    return raw[:HEAD_BYTES] + second + first + raw[HEAD_BYTES + 2 * SEALED_PIECE :]


@pytest.mark.parametrize(
    "change", [flipped, swapped, lambda raw: raw[: HEAD_BYTES + 2 * SEALED_PIECE], lambda raw: raw[:-1]],
    ids=["a bit flipped", "pieces swapped", "the last piece gone", "the last byte gone"],
)  # fmt: skip
def test_a_file_that_was_changed_on_disk_is_not_read(keyring, tmp_path, change):
    path = tmp_path / "a.sent"
    written(keyring, path, os.urandom(2 * PIECE + 99))
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(SealBroken):
        SealedFile(path, keyring, "sent_file").read_bytes()


def test_a_file_put_in_the_place_of_another_is_not_read(keyring, tmp_path):
    written(keyring, tmp_path / "a.sent", b"one")
    (tmp_path / "a.sent").rename(tmp_path / "b.sent")
    with pytest.raises(SealBroken):
        SealedFile(tmp_path / "b.sent", keyring, "sent_file").read_bytes()
