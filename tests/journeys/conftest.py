"""One lived-in house for all journeys; those that change it make people and slips of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.furniture import Furniture, furnish
from tests.journeys.living import LiveHouse, live_house
from tests.layout.conftest import built  # noqa: F401 – the bundle of the sources as they are now


@pytest.fixture(scope="session")
def house(servers, template, chromium, built) -> Iterator[LiveHouse]:  # noqa: F811
    with live_house(servers, template, chromium) as living:
        yield living


@pytest.fixture(scope="session")
def furniture(house) -> Furniture:
    """Records in every state, for the pages that show one."""
    return furnish(house)
