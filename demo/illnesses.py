"""Why people of the demo see a doctor, from `illnesses.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "illnesses.yaml"


@dataclass(frozen=True, slots=True)
class Illness:
    """`tiers` weighs township, county and above; `days` are the shortest and longest usual stay."""

    code: str
    name: str
    department: str
    share: int
    ages: tuple[int, int]
    tiers: tuple[int, int, int]
    drugs: tuple[str, ...]
    tests: tuple[str, ...]
    days: tuple[int, int] = (0, 0)
    care: tuple[str, ...] = ()
    sex: str | None = None
    operation: str | None = None
    anaesthesia: str | None = None
    materials: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    bed: str = "ward"
    glucose: int = 0
    is_chronic: bool = False

    def fits(self, *, age: int, sex: str) -> bool:
        return self.ages[0] <= age <= self.ages[1] and self.sex in (None, sex)


@cache
def inpatient() -> tuple[Illness, ...]:
    return tuple(_illness(row) for row in _lists()["inpatient"])


@cache
def outpatient() -> tuple[Illness, ...]:
    return tuple(_illness(row) for row in _lists()["outpatient"])


@cache
def course(name: str) -> Illness:
    """`chemotherapy` or `dialysis`: stays that come again and again for a good reason."""
    return _illness(_lists()["courses"][name])


def by_code(code: str) -> Illness:
    return next(illness for illness in inpatient() if illness.code == code)


@cache
def _lists() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def _illness(row: dict[str, Any]) -> Illness:
    return Illness(**{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()})
