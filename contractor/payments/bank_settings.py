"""How this house and its bank talk: the format of a batch's file and the accounts it pays from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import yaml

FILE = Path(__file__).with_name("bank.yaml")


@dataclass(frozen=True)
class OurAccount:
    name: str
    account: str
    agent: str


@dataclass(frozen=True)
class BankSettings:
    format: Literal["pain001", "csv"]
    answer_within_days: int
    accounts: MappingProxyType[str, OurAccount]
    """By book."""


@cache
def the_bank() -> BankSettings:
    read = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert read["format"] in ("pain001", "csv"), f"bank.yaml: {read['format']!r} is no format of ours"
    accounts = {book: OurAccount(**one) for book, one in read["accounts"].items()}
    return BankSettings(read["format"], int(read["answer_within_days"]), MappingProxyType(accounts))
