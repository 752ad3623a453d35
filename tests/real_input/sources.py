"""Where the real input lies: beside the project or where COOPMED_SHARED_DATA says; without it its tests skip."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

PROJECT = Path(__file__).resolve().parents[2]
SYNTHEA = "synthea-r4-claims"
DESYNPUF = "desynpuf-inpatient"
SAMPLES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12)
"""Every sample that was shared; the numbers 11 and 17 do not exist, the rest is held out."""


class NoRealInput(Exception):
    """The data is not on this machine; the message says where it was looked for."""


def folder(name: str) -> Path:
    """The folder of one data set. Raises: NoRealInput."""
    shared = Path(os.environ.get("COOPMED_SHARED_DATA") or PROJECT.parent / "shared" / "data")
    found = shared / name
    if not found.is_dir():
        raise NoRealInput(f"no {name} in {shared}: put it there, or name its parent folder in COOPMED_SHARED_DATA")
    return found


def text_table(path: Path, *columns: str) -> pd.DataFrame:
    """A file as it stands: every cell as text, an empty cell as empty text."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, usecols=list(columns) or None)
