"""How this house and its bank talk: the format of a batch's file and the accounts it pays from, county by county."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml

from chassis.errors import Misconfigured
from chassis.settings import Settings

FILE = Path(__file__).with_name("bank.yaml")
BOOKS = ("entrusted", "serious", "supplementary")


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


def bank_of(settings: Settings, county_code: str) -> BankSettings:
    """What the file of COOPMED_BANK_FILE says of a county; the made-up bank of the demo where none is named.

    Raises:
        Misconfigured: production without a file, or a file that does not say what this county pays from.
    """
    if settings.bank_file is None:
        if settings.is_production:
            settings.required("bank_file")
        return the_bank()
    return _read(Path(settings.bank_file), county_code)


def the_bank() -> BankSettings:
    """The made-up bank of the demo, the tests and the bench."""
    return _read(FILE, None)


@cache
def _read(path: Path, county_code: str | None) -> BankSettings:
    try:
        read: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as fault:
        raise Misconfigured(f"COOPMED_BANK_FILE: {path} does not open as YAML: {fault}") from fault
    try:
        given = read["accounts"] if county_code is None else read["counties"][county_code]
        accounts = {book: OurAccount(**{name: str(text) for name, text in given[book].items()}) for book in BOOKS}
        bank = BankSettings(read["format"], int(read["answer_within_days"]), MappingProxyType(accounts))
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        where = f"counties.{county_code}" if county_code else "accounts"
        raise Misconfigured(
            f"COOPMED_BANK_FILE: {path} must say `format`, `answer_within_days` and under `{where}` the name, account "
            f"and agent of {', '.join(BOOKS)}; found no {fault}"
        ) from fault
    if bank.format not in ("pain001", "csv"):
        raise Misconfigured(f"COOPMED_BANK_FILE: {path}: format {bank.format!r} is none of ours; pain001 or csv")
    return bank
