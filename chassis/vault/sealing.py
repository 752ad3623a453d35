"""Sealing one cell of one row: AES-256-GCM (or SM4-GCM), bound to table, column and row.

A sealed value: version (1 byte), algorithm (1), key id (4), nonce (12), ciphertext and tag (16 more than the text).
The first six bytes and the cell's address are authenticated, so a value moved, cut or edited never opens.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from chassis.vault.algorithms import NONCE_BYTES, TAG_BYTES, InvalidTag
from chassis.vault.keyring import KEY_ID_BYTES, Keyring, SealingKey
from chassis.vault.refusals import SealBroken

VERSION = 1
KEY_ID_AT = 2
NONCE_AT = KEY_ID_AT + KEY_ID_BYTES
TEXT_AT = NONCE_AT + NONCE_BYTES
SHORTEST = TEXT_AT + TAG_BYTES


def seal(keyring: Keyring, purpose: str, plaintext: str, *, table: str, column: str, row_id: str) -> bytes:
    """The text sealed for this one cell, with the purpose's newest key."""
    return seal_many(keyring, purpose, [plaintext], table=table, column=column, row_ids=[row_id])[0]


def seal_many(
    keyring: Keyring,
    purpose: str,
    plaintexts: Sequence[str],
    *,
    table: str,
    column: str,
    row_ids: Sequence[str],
) -> list[bytes]:
    """Texts of one column, each sealed for the row at the same place in `row_ids`."""
    key = keyring.newest(purpose)
    head = _head(key)
    address = _address(head, table, column)
    nonces = os.urandom(NONCE_BYTES * len(plaintexts))
    encrypt = key.cipher.encrypt
    sealed = []
    for place, (plaintext, row_id) in enumerate(zip(plaintexts, row_ids, strict=True)):
        nonce = nonces[place * NONCE_BYTES : (place + 1) * NONCE_BYTES]
        # Lone surrogates reach us in JSON; they are sealed as they are, not refused with the text in the error.
        text = plaintext.encode("utf-8", "surrogatepass")
        sealed.append(head + nonce + encrypt(nonce, text, address + _prefixed(row_id)))
    return sealed


def unseal(keyring: Keyring, purpose: str, blob: bytes, *, table: str, column: str, row_id: str) -> str:
    """The text sealed for this cell, or `SealBroken` or `KeyMissing`; never another text."""
    return unseal_many(keyring, purpose, [blob], table=table, column=column, row_ids=[row_id])[0]


def unseal_many(
    keyring: Keyring,
    purpose: str,
    blobs: Sequence[bytes],
    *,
    table: str,
    column: str,
    row_ids: Sequence[str],
) -> list[str]:
    """The texts of one column; the first value that does not open refuses the whole call, naming its row."""
    opened = []
    known: dict[bytes, tuple[SealingKey, bytes]] = {}
    for blob, row_id in zip(blobs, row_ids, strict=True):
        where = {"table": table, "column": column, "row_id": row_id}
        blob = bytes(blob)
        if len(blob) < SHORTEST:
            raise SealBroken(reason="too short", **where)
        head = blob[:NONCE_AT]
        if head not in known:
            known[head] = (_key_named_in(keyring, purpose, head, where), _address(head, table, column))
        key, address = known[head]
        try:
            text = key.cipher.decrypt(blob[NONCE_AT:TEXT_AT], blob[TEXT_AT:], address + _prefixed(row_id))
        except InvalidTag:
            raise SealBroken(reason="does not authenticate", **where) from None
        opened.append(text.decode("utf-8", "surrogatepass"))
    return opened


def row_id_text(*primary_key: object) -> str:
    """A row's address, `330110/17`: the parts of its primary key, in the key's order, as text."""
    parts = [str(part) for part in primary_key]
    assert parts and all(part and "/" not in part for part in parts), "two rows could share this address"
    return "/".join(parts)


def key_id_of(blob: bytes) -> bytes:
    """Which key sealed a value; compared with the newest one by a rotation."""
    return bytes(blob[KEY_ID_AT:NONCE_AT])


def head_of_newest(keyring: Keyring, purpose: str) -> bytes:
    """How a value starts that needs no re-sealing."""
    return _head(keyring.newest(purpose))


def _key_named_in(keyring: Keyring, purpose: str, head: bytes, where: dict[str, str]) -> SealingKey:
    if head[0] != VERSION:
        raise SealBroken(reason="unknown version", **where)
    key = keyring.sealing_key(purpose, head[KEY_ID_AT:])
    if key.algorithm.code != head[1]:
        raise SealBroken(reason="algorithm is not the key's", **where)
    return key


def _head(key: SealingKey) -> bytes:
    return bytes((VERSION, key.algorithm.code)) + key.id


def _address(head: bytes, table: str, column: str) -> bytes:
    assert table and column, "a cell without a table or column has no address"
    return head + _prefixed(table) + _prefixed(column)


def _prefixed(part: str) -> bytes:
    """Length first: no choice of names can make two addresses read alike, as `a|b` + `c` and `a` + `b|c` would."""
    assert part, "a cell without a row has no address"
    raw = part.encode()
    return len(raw).to_bytes(4, "big") + raw
