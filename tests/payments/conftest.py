"""A county that pays, for each test that commits and one for each module that does not mind the others' payments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import TestDatabase
from tests.payments.trade import Trade, opened_trade


@pytest.fixture()
def trade(fresh_database: TestDatabase, tmp_path: Path) -> Iterator[Trade]:
    trade = opened_trade(fresh_database, tmp_path)
    yield trade
    trade.close()


@pytest.fixture(scope="module")
def shared_trade(module_database: TestDatabase, tmp_path_factory) -> Iterator[Trade]:
    trade = opened_trade(module_database, tmp_path_factory.mktemp("trade"))
    yield trade
    trade.close()
