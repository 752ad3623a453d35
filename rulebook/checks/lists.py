"""Lists the checks read: what excludes what, how often a day, at what age, for which illness. One file each.

A list that no document gives is marked assumed, as a number of the law would be.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "lists"


@dataclass(frozen=True)
class Listed:
    """One list and where it comes from. `rows` are by what the list is about."""

    title: str
    source: str
    is_assumed: bool
    checked_on: date
    rows: Mapping[str, Any]


@cache
def listed(name: str, folder: Path = FOLDER) -> Listed:
    """The list of that name. Raises: KeyError where it does not say where it comes from."""
    page = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
    return Listed(page["title"], page["source"], page["assumed"], page["checked_on"], page["rows"])


def begins(code: str, beginnings: Iterable[str]) -> bool:
    """Whether a code begins as one of these, each written with its dot or without."""
    return code.replace(".", "").startswith(tuple(one.replace(".", "") for one in beginnings))


@lru_cache(maxsize=1 << 16)
def is_one_of(code: str, name: str, row: str) -> bool:
    """The same for a row of a list. A county's few codes are asked again and again."""
    return begins(code, listed(name).rows[row])
