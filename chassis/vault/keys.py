"""The key file: data keys per purpose, wrapped by a key-encryption key, outside the database and its backups.

Commands here create and rotate keys; a running app only loads them. Every write is whole or not at all:
temporary file, fsync, rename, with the mode and owner the file had.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis import clock
from chassis.vault.algorithms import INDEX_ALGORITHMS, NONCE_BYTES, SEALING_ALGORITHMS
from chassis.vault.key_file import KeyFile, locked, read_key_file, stamp_of, write_key_file
from chassis.vault.keyring import KEY_ID_BYTES, IndexKey, Keyring, KeySet, SealingKey
from chassis.vault.refusals import KeyFileRefused

__all__ = ["Keyring", "add_purpose", "ensure_key_file", "load_keys", "retire", "rewrap", "rotate"]

SEALED_PURPOSES = ("identity_number", "bank_account", "phone", "totp_secret", "sent_file", "webhook_key", "document")
INDEXED_PURPOSES = ("identity_number", "bank_account", "phone", "log_pseudonym", "member_sign_in")
SEALING, INDEX = "sealing", "index"
KEK_BYTES = INDEX_KEY_BYTES = 32


def load_keys(path: Path) -> Keyring:
    """The keyring of a process. It notices when the file is replaced by a rotation."""
    path = Path(path)
    seen = [stamp_of(path)]

    def newer() -> KeySet | None:
        try:
            stamp = stamp_of(path)
            if stamp == seen[0]:
                return None
            keys = _unwrapped(path, read_key_file(path))
        except (OSError, KeyFileRefused):
            # The keys in hand are still the right ones; taking the house down because an officer is
            # replacing the file would help nobody. The next start refuses a bad file outright.
            return None
        seen[0] = stamp
        return keys

    return Keyring(_unwrapped(path, read_key_file(path)), newer=newer)


def ensure_key_file(path: Path) -> None:
    """For the demo and tests: a complete key file at `path`, made if there is none, completed if a purpose is new.

    Production calls `coopmed keys create` and `add` by hand: a key made silently beside an existing
    database would seal new rows with a key that no backup holds.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path):
        is_new = not path.exists()
        file = _empty() if is_new else read_key_file(path)
        missing = [(SEALING, p) for p in SEALED_PURPOSES if p not in file[SEALING]]
        missing += [(INDEX, p) for p in INDEXED_PURPOSES if p not in file[INDEX]]
        for kind, purpose in missing:
            _append_key(file, kind, purpose, algorithm=None)
        if missing:
            write_key_file(path, file, is_new=is_new)


def add_purpose(path: Path, purpose: str, *, kind: str = SEALING, algorithm: str | None = None) -> str:
    """The first key of a purpose; returns its id. Refused when the purpose already has one: that is `rotate`."""
    return _changed(path, kind, purpose, algorithm=algorithm, should_exist=False)


def rotate(path: Path, purpose: str, *, kind: str = SEALING, algorithm: str | None = None) -> str:
    """A new key for a purpose; returns its id. Old ones stay and open what they sealed (`rotation.reseal`)."""
    return _changed(path, kind, purpose, algorithm=algorithm, should_exist=True)


def retire(path: Path, purpose: str, key_id: str, *, kind: str = SEALING) -> None:
    """Forget an old key for good: whatever is still sealed with it, backups included, can no longer be read."""
    with locked(path):
        file = read_key_file(path)
        keys = _keys_of(path, file, kind, purpose)
        if keys[-1]["id"] == key_id:
            raise KeyFileRefused(f"Key {key_id} is the newest of {purpose}; rotate before retiring it.")
        kept = [key for key in keys if key["id"] != key_id]
        if len(kept) == len(keys):
            raise KeyFileRefused(f"{path} has no {kind} key {key_id} for {purpose}.")
        file[kind][purpose] = kept
        write_key_file(path, file)


def rewrap(path: Path) -> str:
    """A new key-encryption key around the same data keys; returns its id. No sealed value changes."""
    with locked(path):
        file = read_key_file(path)
        opened = [
            (kind, purpose, key, _unwrap(path, file, kind, purpose, key))
            for kind in (SEALING, INDEX)
            for purpose, keys in file[kind].items()
            for key in keys
        ]
        file["keks"] = [_new_kek()]
        for kind, purpose, key, secret in opened:
            key.update(_wrapped(file, kind, purpose, key["id"], key["algorithm"], secret))
        # Reading back before the old wrapping is gone for good.
        _unwrapped(path, file)
        write_key_file(path, file)
        return file["keks"][-1]["id"]


def _changed(path: Path, kind: str, purpose: str, *, algorithm: str | None, should_exist: bool) -> str:
    with locked(path):
        file = read_key_file(path)
        if should_exist:
            algorithm = algorithm or _keys_of(path, file, kind, purpose)[-1]["algorithm"]
        elif purpose in file[kind]:
            raise KeyFileRefused(f"{path} already has a {kind} key for {purpose}; rotate it instead.")
        key_id = _append_key(file, kind, purpose, algorithm=algorithm)
        write_key_file(path, file)
        return key_id


def _keys_of(path: Path, file: KeyFile, kind: str, purpose: str) -> list[dict[str, str]]:
    if purpose not in file[kind]:
        raise KeyFileRefused(f"{path} has no {kind} key for {purpose}; add one with `coopmed keys add`.")
    return file[kind][purpose]


def _empty() -> KeyFile:
    return {"keks": [_new_kek()], SEALING: {}, INDEX: {}}


def _new_kek() -> dict[str, str]:
    return {"id": secrets.token_hex(KEY_ID_BYTES), "key": _text(os.urandom(KEK_BYTES)), "made_at": _now()}


def _append_key(file: KeyFile, kind: str, purpose: str, *, algorithm: str | None) -> str:
    """Ids are random, not counted: a file restored from last month and rotated again must not reuse an id."""
    if not (purpose.isascii() and purpose.isidentifier() and purpose.islower()):
        raise KeyFileRefused(f"A purpose is a lower-case word such as identity_number, not {purpose!r}.")
    known = SEALING_ALGORITHMS if kind == SEALING else INDEX_ALGORITHMS
    algorithm = algorithm or next(iter(known))
    if algorithm not in known:
        raise KeyFileRefused(f"{algorithm!r} is not a {kind} algorithm; choose one of {', '.join(known)}.")
    taken = {key["id"] for keys in file[kind].values() for key in keys}
    key_id = next(i for i in iter(lambda: secrets.token_hex(KEY_ID_BYTES), None) if i not in taken)
    secret = os.urandom(SEALING_ALGORITHMS[algorithm].key_bytes if kind == SEALING else INDEX_KEY_BYTES)
    key = {"id": key_id, "made_at": _now(), **_wrapped(file, kind, purpose, key_id, algorithm, secret)}
    file[kind].setdefault(purpose, []).append(key)
    return key_id


def _wrapped(file: KeyFile, kind: str, purpose: str, key_id: str, algorithm: str, secret: bytes) -> dict[str, str]:
    kek = file["keks"][-1]
    nonce = os.urandom(NONCE_BYTES)
    bound_to = _bound_to(kind, purpose, key_id, algorithm)
    wrapped = AESGCM(_bytes(kek["key"])).encrypt(nonce, secret, bound_to)
    return {"algorithm": algorithm, "kek": kek["id"], "nonce": _text(nonce), "wrapped": _text(wrapped)}


def _bound_to(kind: str, purpose: str, key_id: str, algorithm: str) -> bytes:
    """A wrapped key cannot be moved to another purpose: none of these words can hold the separator."""
    return "\n".join(("coopmed-key", kind, purpose, key_id, algorithm)).encode()


def _unwrap(path: Path, file: KeyFile, kind: str, purpose: str, key: dict[str, str]) -> bytes:
    known = SEALING_ALGORITHMS if kind == SEALING else INDEX_ALGORITHMS
    if key.get("algorithm") not in known:
        raise KeyFileRefused(f"{path} has a {kind} key of {purpose} for an algorithm this release does not know.")
    try:
        kek = next(k for k in file["keks"] if k["id"] == key["kek"])
        return AESGCM(_bytes(kek["key"])).decrypt(
            _bytes(key["nonce"]),
            _bytes(key["wrapped"]),
            _bound_to(kind, purpose, key["id"], key["algorithm"]),
        )
    except (InvalidTag, KeyError, StopIteration, ValueError, TypeError):
        raise KeyFileRefused(
            f"{path} is damaged: the {kind} key of {purpose} does not open. Restore the file from its backup."
        ) from None


def _unwrapped(path: Path, file: KeyFile) -> KeySet:
    def opened(kind: str, make: Any) -> dict[str, list[Any]]:
        return {
            purpose: [make(key, _unwrap(path, file, kind, purpose, key)) for key in keys]
            for purpose, keys in file[kind].items()
        }

    return KeySet(sealing=opened(SEALING, _sealing_key), index=opened(INDEX, _index_key))


def _sealing_key(key: dict[str, str], secret: bytes) -> SealingKey:
    algorithm = SEALING_ALGORITHMS[key["algorithm"]]
    return SealingKey(id=bytes.fromhex(key["id"]), algorithm=algorithm, cipher=algorithm.open(secret))


def _index_key(key: dict[str, str], secret: bytes) -> IndexKey:
    return IndexKey(id=bytes.fromhex(key["id"]), algorithm=INDEX_ALGORITHMS[key["algorithm"]], secret=secret)


def _now() -> str:
    return clock.now().isoformat(timespec="seconds")


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
