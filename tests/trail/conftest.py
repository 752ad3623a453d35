"""Databases in which chains are really committed, shared by a module's tests where each undoes what it did."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import Servers, TestDatabase, _copy


@pytest.fixture(scope="module")
def trail_database(servers: Servers, template: str) -> Iterator[TestDatabase]:
    yield from _copy(servers, template)
