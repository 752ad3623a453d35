"""The words of the registry's facts, in the reader's language."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from chassis.i18n import language

ENROLMENT_KINDS = {"scheme": _("参合"), "supplementary": _("补充医疗")}
PAYERS = {"member": _("本人"), "civil_affairs": _("民政")}
STATUSES = {"poor": _("贫困户"), "five_guarantee": _("五保户")}
TIERS = {1: _("乡级"), 2: _("县级"), 3: _("县以上")}
CLASSES = {1: _("甲"), 2: _("乙"), 3: _("丙")}
ITEM_KINDS = {
    "drug": _("药品"),
    "service": _("诊疗"),
    "material": _("材料"),
    "bed": _("床位"),
    "nursing": _("护理"),
    "examination": _("检查"),
}
SEXES = {"male": _("男"), "female": _("女")}
YES_NO = {True: _("是"), False: _("否")}

OF_COLUMN: dict[tuple[str, str], dict[Any, Any]] = {
    ("enrolment", "kind"): ENROLMENT_KINDS,
    ("enrolment", "paid_by"): PAYERS,
    ("statuses", "status"): STATUSES,
    ("institutions", "tier"): TIERS,
    ("catalogue", "catalogue_class"): CLASSES,
    ("catalogue", "kind"): ITEM_KINDS,
    ("catalogue", "reserved_sex"): SEXES,
    ("members", "is_head"): YES_NO,
}
_UNTITLED = {"name_zh": _("名称"), "name_en": _("英文名")}


def value_words(kind: str, column: str, value: str | None) -> str | None:
    """A value of a change as a reader knows it; what has no word of its own stays as it is."""
    for known, words in OF_COLUMN.get((kind, column), {}).items():
        if str(known) == value:
            return str(words)
    return value


def column_words(columns: Any, key: str) -> str:
    """The header of a column, as the template prints it."""
    for column in columns:
        if column.key == key:
            return str(column.title_en if language() == "en" else column.title)
    return str(_UNTITLED.get(key, key))


def price_text(price_e4: int | None) -> str | None:
    """12.3456 yuan, without zeros that say nothing beyond the fen."""
    if price_e4 is None:
        return None
    text = f"{price_e4 // 10_000:,}.{price_e4 % 10_000:04d}"
    return text[:-2] if text.endswith("00") else text
