"""The keys a process holds in memory. Printing, pickling or comparing a keyring shows none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from chassis.vault.algorithms import Aead, IndexAlgorithm, SealingAlgorithm
from chassis.vault.refusals import KeyMissing

KEY_ID_BYTES = 4


@dataclass(frozen=True, eq=False)
class SealingKey:
    """One data key, opened for use."""

    id: bytes
    algorithm: SealingAlgorithm
    cipher: Aead = field(repr=False)


@dataclass(frozen=True, eq=False)
class IndexKey:
    """One key of the blind index."""

    id: bytes
    algorithm: IndexAlgorithm
    secret: bytes = field(repr=False)

    def digest(self, message: bytes) -> bytes:
        return self.algorithm.digest(self.secret, message)


@dataclass(frozen=True, eq=False)
class KeySet:
    """Keys by purpose, oldest first: the last one seals, all of them open."""

    sealing: Mapping[str, Sequence[SealingKey]] = field(repr=False)
    index: Mapping[str, Sequence[IndexKey]] = field(repr=False)


class Keyring:
    """The keys by purpose. `newer` is asked for a fresh `KeySet` when the key file has changed since.

    A rotation happens in one process while others keep running; those must neither fail on the first value
    sealed with a key they have not seen, nor search with the old index key alone.
    """

    def __init__(self, keys: KeySet, *, newer: Callable[[], KeySet | None] = lambda: None) -> None:
        self._newer = newer
        self._take(keys)

    def _take(self, keys: KeySet) -> None:
        by_id = {(purpose, key.id): key for purpose, of_purpose in keys.sealing.items() for key in of_purpose}
        # One assignment, so that another thread sees either all of the old keys or all of the new ones.
        self._held = (keys, by_id)

    def refresh(self) -> None:
        """Take up the key file's present keys if it was changed by a rotation."""
        newer = self._newer()
        if newer is not None:
            self._take(newer)

    def newest(self, purpose: str) -> SealingKey:
        """The key that seals. It is never made here: a missing purpose is added by `coopmed keys add`."""
        self.refresh()
        keys = self._held[0].sealing.get(purpose)
        if not keys:
            raise KeyMissing(purpose=purpose, kind="sealing")
        return keys[-1]

    def sealing_key(self, purpose: str, key_id: bytes) -> SealingKey:
        """The key a sealed value names, however old."""
        key = self._held[1].get((purpose, key_id))
        if key is None:
            self.refresh()
            key = self._held[1].get((purpose, key_id))
        if key is None:
            raise KeyMissing(purpose=purpose, key_id=key_id.hex())
        return key

    def index_keys(self, purpose: str) -> Sequence[IndexKey]:
        """All index keys of a purpose, oldest first; there are two or more only while a re-index is under way."""
        self.refresh()
        keys = self._held[0].index.get(purpose)
        if not keys:
            raise KeyMissing(purpose=purpose, kind="index")
        return keys

    def __repr__(self) -> str:
        keys = self._held[0]
        return f"Keyring(sealing={sorted(keys.sealing)}, index={sorted(keys.index)})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a keyring is never written down, nor sent to another process")
