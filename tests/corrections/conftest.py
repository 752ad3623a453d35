"""A county for each test that commits: what is corrected was really paid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import TestDatabase
from tests.corrections.paying import Paying, paying


@pytest.fixture()
def county(fresh_database: TestDatabase, tmp_path: Path) -> Iterator[Paying]:
    found = paying(fresh_database, tmp_path)
    yield found
    found.trade.close()
