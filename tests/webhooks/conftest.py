"""A county with its law in force and a workspace that may send to this machine, and listeners that do as told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.programs import Programs, make_programs
from tests.webhooks.listening import Listener


@pytest.fixture(scope="module")
def programs(module_database, tmp_path_factory) -> Iterator[Programs]:
    made = make_programs(module_database, tmp_path_factory.mktemp("webhooks"), members=24, webhook_targets="any")
    yield made
    made.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()
