"""What a published column and a published view are: name, type, unit, meaning."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Column:
    """One published column.

    Args:
        unit: fen, day, instant, code, number, ten-thousandths, ppm, yes or no.
        meaning: what it says, Chinese and English.
    """

    name: str
    dtype: str
    unit: str
    meaning: str
    meaning_en: str
    is_optional: bool = False
    """Whether it may be null."""


@dataclass(frozen=True)
class View:
    """One published view: its name, its grain, its key and its columns in order.

    In the database each view leads with `county_code`; a frame holds one county and does without it.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def dtypes(self) -> dict[str, np.dtype]:
        return {column.name: np.dtype(column.dtype) for column in self.columns}


def fen(name: str, meaning: str, meaning_en: str) -> Column:
    return Column(name, "int64", "fen", meaning, meaning_en)


def number(name: str, meaning: str, meaning_en: str, *, is_optional: bool = False) -> Column:
    return Column(name, "int64", "number", meaning, meaning_en, is_optional)


def text(name: str, meaning: str, meaning_en: str, *, is_optional: bool = False) -> Column:
    return Column(name, "str", "code", meaning, meaning_en, is_optional)


def day(name: str, meaning: str, meaning_en: str, *, is_optional: bool = False) -> Column:
    return Column(name, "datetime64[D]", "day", meaning, meaning_en, is_optional)


def instant(name: str, meaning: str, meaning_en: str, *, is_optional: bool = False) -> Column:
    return Column(name, "datetime64[us]", "instant", meaning, meaning_en, is_optional)
