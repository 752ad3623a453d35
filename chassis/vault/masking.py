"""What a reader sees by default: 张*, 3301**********1234, the last four of an account, 138****5678.

`Masked` carries the sealed value behind its masked form. However it is printed, formatted, logged or sent as JSON,
the masked form comes out; `reveal` is the only way to the text, and it needs the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import escape

from chassis.vault.keyring import Keyring
from chassis.vault.sealing import unseal, unseal_many

STAR = "*"
# The compound surnames still borne today; of a longer name they stay whole.
_COMPOUND = (
    "欧阳 司马 上官 诸葛 夏侯 司徒 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 轩辕 东方 东郭 南宫 西门 百里 呼延 端木 独孤 "
    "申屠 太史 公羊 澹台 濮阳 淳于 单于 钟离 闾丘 司空 仲孙 赫连 拓跋 第五 完颜 纳兰 叶赫 耶律 左丘 梁丘 公冶 宗政 "
    "鲜于 闻人 万俟 东门 南门 北堂 歐陽 司馬 諸葛 長孫 東方 獨孤"
)
COMPOUND_SURNAMES = frozenset(_COMPOUND.split())


def mask_name(name: str) -> str:
    """The surname and one star, so that neither the given name nor its length shows.

    Of a name without a Han surname (买买提·吐尔逊, Aygul Mamat) the first letter stays: which part is the
    family's is not ours to guess.
    """
    name = name.strip()
    if len(name) > 2 and name[:2] in COMPOUND_SURNAMES:
        return name[:2] + STAR
    first = name[:1]
    return first + STAR if first.isalnum() else STAR


def mask_identity_number(number: str) -> str:
    """Province and city, and the last four. What has not the length of an identity number shows nothing at all."""
    if len(number) not in (15, 18):
        return STAR * 8
    return number[:4] + STAR * (len(number) - 8) + number[-4:]


def mask_account(number: str) -> str:
    """The last four, which is what a payee recognises their card by."""
    return STAR * 4 + number[-4:] if len(number) >= 8 else STAR * 4


def mask_phone(number: str) -> str:
    """A mobile's network and last four; of any other number the last two."""
    if len(number) == 11:
        return number[:3] + STAR * 4 + number[-4:]
    return STAR * 4 + number[-2:] if len(number) >= 7 else STAR * 4


class Masked:
    """A sealed value with its masked form. Not a `str`: bound to a database column by mistake, it is refused
    by the driver instead of overwriting the number with stars."""

    __slots__ = ("_blob", "_column", "_purpose", "_row_id", "_shown", "_table")

    def __init__(self, shown: str, *, purpose: str, blob: bytes, table: str, column: str, row_id: str) -> None:
        self._shown = shown
        self._purpose = purpose
        self._blob = bytes(blob)
        self._table = table
        self._column = column
        self._row_id = row_id

    def __str__(self) -> str:
        return self._shown

    def __repr__(self) -> str:
        return f"Masked({self._shown})"

    def __format__(self, spec: str) -> str:
        return format(self._shown, spec)

    def __html__(self) -> str:
        """Jinja and Flask's JSON both ask for this."""
        return str(escape(self._shown))

    def __structlog__(self) -> str:
        return self._shown

    def __eq__(self, other: object) -> bool:
        """By the sealed value, not by the mask: two people called 张* are not one."""
        return isinstance(other, Masked) and self._cell() == other._cell()

    def __hash__(self) -> int:
        return hash(self._cell())

    def _cell(self) -> tuple[Any, ...]:
        return (self._purpose, self._table, self._column, self._row_id, self._blob)


def mask_sealed(
    keyring: Keyring,
    purpose: str,
    blob: bytes,
    mask: Callable[[str], str],
    *,
    table: str,
    column: str,
    row_id: str,
) -> Masked:
    """A row's sealed value for a page: opened for as long as it takes to mask it."""
    return mask_sealed_many(keyring, purpose, [blob], mask, table=table, column=column, row_ids=[row_id])[0]


def mask_sealed_many(
    keyring: Keyring,
    purpose: str,
    blobs: Sequence[bytes],
    mask: Callable[[str], str],
    *,
    table: str,
    column: str,
    row_ids: Sequence[str],
) -> list[Masked]:
    """The same for a page of rows."""
    texts = unseal_many(keyring, purpose, blobs, table=table, column=column, row_ids=row_ids)
    return [
        Masked(mask(text), purpose=purpose, blob=blob, table=table, column=column, row_id=row_id)
        for text, blob, row_id in zip(texts, blobs, row_ids, strict=True)
    ]


def reveal(masked: Masked, keyring: Keyring) -> str:
    """The text itself. The edge that calls this asks for a reason, counts it and writes the trail."""
    return unseal(
        keyring,
        masked._purpose,
        masked._blob,
        table=masked._table,
        column=masked._column,
        row_id=masked._row_id,
    )


def json_masked(value: object) -> str:
    """For `json.dumps(…, default=json_masked)`, which without it refuses a `Masked` (and shows nothing either)."""
    if isinstance(value, Masked):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
