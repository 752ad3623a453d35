"""The demo's catalogue: what the scheme pays for, by class and day, at what most; and what each hospital charges."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from demo.county import SEED

FILE = Path(__file__).parent / "catalogue.yaml"
CLASSES = {"A": 1, "B": 2, "C": 3}
SEXES = {"男": "male", "女": "female"}
KINDS = {
    "services": ("service", "FW"),
    "examinations": ("examination", "JC"),
    "materials": ("material", "CL"),
    "beds": ("bed", "CW"),
    "nursing": ("nursing", "HL"),
}
FORM_PRICE_PERCENT = {"注射用": 160, "注射液": 150, "口服液": 130, "气雾剂": 180, "颗粒": 90, "片": 100, "胶囊": 105}
"""Against the first form of a drug; a form not named costs as much as the first."""
CATALOGUE_FROM, REVISED_FROM = dt.date(2024, 1, 1), dt.date(2026, 1, 1)
LISTED_WITH_THE_REVISION = ("转化糖电解质注射液", "包皮环切术", "骨肽注射液", "奥拉西坦注射用")
"""Class C until the catalogue was revised, class B afterwards."""
AS_CHARGED = "高值耗材（据实结算）"
"""Class A, without a limit: the line that brings a bill to an exact sum."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `limits_e4` by tier 1, 2, 3 in ten-thousandths of a yuan; None where there is no limit."""

    code: str
    name: str
    kind: str
    catalogue_class: int
    price_e4: int
    limits_e4: tuple[int, int, int] | None
    reserved_sex: str | None
    group: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One item from one day to another, as the registry keeps it."""

    item: Item
    catalogue_class: int
    from_on: dt.date
    until_on: dt.date | None


@cache
def items() -> dict[str, Item]:
    """By name."""
    found: dict[str, Item] = {}
    for number, (name, kind, rank, price_e4, sex, group, prefix) in enumerate(_rows(), 1):
        assert name not in found, f"{name} is in the catalogue twice"
        limits = None
        if not (rank == "C" or (kind == "material" and price_e4 >= 1_000_000) or name == AS_CHARGED):
            limits = tuple(_whole_fen(price_e4 * percent // 100) for percent in (100, 110, 120))
        found[name] = Item(f"{prefix}{number:04d}", name, kind, CLASSES[rank], price_e4, limits, sex, group)
    return found


@cache
def drugs_of(group: str) -> tuple[Item, ...]:
    return tuple(item for item in items().values() if item.group == group)


def listings() -> list[Listing]:
    """Every item's periods; a few change class when the catalogue is revised."""
    found = []
    for item in items().values():
        if item.name in LISTED_WITH_THE_REVISION:
            found.append(Listing(item, 3, CATALOGUE_FROM, REVISED_FROM))
            found.append(Listing(item, 2, REVISED_FROM, None))
        else:
            found.append(Listing(item, item.catalogue_class, CATALOGUE_FROM, None))
    return found


def class_on(item: Item, day: dt.date) -> int:
    if item.name in LISTED_WITH_THE_REVISION:
        return 2 if day >= REVISED_FROM else 3
    return item.catalogue_class


def limit_e4(item: Item, tier: int) -> int | None:
    return None if item.limits_e4 is None else item.limits_e4[tier - 1]


@cache
def charged_price_e4(item: Item, institution_code: str, tier: int) -> int:
    """What this institution asks for a unit: the same all year, and never above the limit."""
    rng = random.Random(f"{SEED}/{item.code}/{institution_code}")  # noqa: S311 – a made-up price
    most = limit_e4(item, tier)
    price = (most if most is not None else item.price_e4) * rng.randint(86, 100) // 100
    # Drugs bought in volume are priced to the hundredth of a fen; the rest to the fen.
    return max(price if item.kind == "drug" and rng.random() < 0.3 else _whole_fen(price), 100)


def _rows() -> Iterator[tuple[str, str, str, int, str | None, str, str]]:
    lists: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    for group, text in lists["drugs"].items():
        for line in text.strip().splitlines():
            name, rank, yuan, forms = line.rsplit(maxsplit=3)
            first, *_ = forms.split(",")
            for form in forms.split(","):
                percent = FORM_PRICE_PERCENT.get(form, 100) * 100 // FORM_PRICE_PERCENT.get(first, 100)
                yield f"{name}{form}", "drug", rank, _whole_fen(_e4(yuan) * percent // 100), None, group, "YP"
    for section, (kind, prefix) in KINDS.items():
        for line in lists[section].strip().splitlines():
            name, rank, yuan, *reserved = line.split()
            yield name, kind, rank, _e4(yuan), SEXES[reserved[0]] if reserved else None, section, prefix
    yield AS_CHARGED, "material", "A", _e4("1.00"), None, "materials", "CL"


def _e4(yuan: str) -> int:
    whole, fen = yuan.split(".")
    return (int(whole) * 100 + int(fen)) * 100


def _whole_fen(price_e4: int) -> int:
    return max(price_e4 // 100 * 100, 100)
