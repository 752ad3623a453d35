"""Names of people and places for the demo, from `names.yaml`, joined by a seeded draw."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pypinyin import lazy_pinyin

FILE = Path(__file__).parent / "names.yaml"
PLACES = {"镇": "Town", "乡": "Township", "村": "Village", "县": "County", "市": "City"}


@cache
def _lists() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def pinyin(text: str) -> str:
    """For sorting: `陈有福` is `chen you fu`."""
    return " ".join(lazy_pinyin(text))


def english(place: str) -> str:
    """`马家营镇` is `Majiaying Town`."""
    return f"{''.join(lazy_pinyin(place[:-1])).capitalize()} {PLACES[place[-1]]}"


def surname(rng: random.Random) -> str:
    """Mostly of one character; one in a hundred is compound, because programs forget them."""
    lists = _lists()
    return rng.choice(lists["compound_surnames"].split() if rng.random() < 0.01 else lists["surnames"])


def given_name(rng: random.Random, is_male: bool) -> str:
    return rng.choice(_lists()["men" if is_male else "women"].split())


def townships(county_code: str) -> list[str]:
    return _lists()["townships"][county_code].split()


def villages(rng: random.Random, count: int) -> list[str]:
    """Different villages of one township."""
    lists = _lists()
    every = [f"{stem}{word}村" for stem in lists["village_stems"] for word in lists["village_words"]]
    return rng.sample(every, count)
