"""The county of the API's tests, with people who sign in at its workspace."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.programs import Programs, make_programs


@pytest.fixture(scope="module")
def programs(module_database, tmp_path_factory) -> Iterator[Programs]:
    made = make_programs(module_database, tmp_path_factory.mktemp("pages"))
    made.app.config["WTF_CSRF_ENABLED"] = False  # forms without a token are tried in tests/identity
    yield made
    made.close()
