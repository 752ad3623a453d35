"""The same small county as for corrections, with a policy of second review."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import TestDatabase
from tests.corrections.paying import Paying, paying


@pytest.fixture(scope="module")
def county(module_database: TestDatabase, tmp_path_factory) -> Iterator[Paying]:
    found = paying(module_database, tmp_path_factory.mktemp("second"))
    yield found
    found.trade.close()
