"""A county with its law in force, a workspace on it, and programs with tokens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.programs import Programs, make_programs


@pytest.fixture(scope="module")
def programs(module_database, tmp_path_factory) -> Iterator[Programs]:
    made = make_programs(module_database, tmp_path_factory.mktemp("programs"), members=24)
    yield made
    made.close()
