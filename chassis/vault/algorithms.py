"""The two suites a county may choose between: AES/SHA-2, and SM4/SM3 where the commercial-cipher review asks for it.

The code of an algorithm is written into every sealed value, so both can stand in one table while it is re-sealed.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import hmac as openssl_hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
TAG_BYTES = 16
INDEX_BYTES = 32

__all__ = ["AES_256_GCM", "INDEX_ALGORITHMS", "SEALING_ALGORITHMS", "SM4_GCM", "InvalidTag"]


class Aead(Protocol):
    """Authenticated encryption: `decrypt` raises `InvalidTag` rather than answer anything it is not sure of."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...


class Sm4Gcm:
    """SM4-GCM (RFC 8998) with the same two calls as `AESGCM`."""

    def __init__(self, key: bytes) -> None:
        self._cipher = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        encryptor = Cipher(self._cipher, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        if len(data) < TAG_BYTES:
            raise InvalidTag
        decryptor = Cipher(self._cipher, modes.GCM(nonce, data[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(associated_data)
        return decryptor.update(data[:-TAG_BYTES]) + decryptor.finalize()


@dataclass(frozen=True)
class SealingAlgorithm:
    code: int
    name: str
    key_bytes: int
    open: Callable[[bytes], Aead]


@dataclass(frozen=True)
class IndexAlgorithm:
    name: str
    digest: Callable[[bytes, bytes], bytes]


def _hmac_sha_256(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _hmac_sm3(key: bytes, message: bytes) -> bytes:
    mac = openssl_hmac.HMAC(key, hashes.SM3())
    mac.update(message)
    return mac.finalize()


AES_256_GCM = SealingAlgorithm(code=1, name="aes-256-gcm", key_bytes=32, open=AESGCM)
SM4_GCM = SealingAlgorithm(code=2, name="sm4-gcm", key_bytes=16, open=Sm4Gcm)
HMAC_SHA_256 = IndexAlgorithm(name="hmac-sha-256", digest=_hmac_sha_256)
HMAC_SM3 = IndexAlgorithm(name="hmac-sm3", digest=_hmac_sm3)

SEALING_ALGORITHMS = {a.name: a for a in (AES_256_GCM, SM4_GCM)}
INDEX_ALGORITHMS = {a.name: a for a in (HMAC_SHA_256, HMAC_SM3)}
