"""Loads each source once for the tests of its mapping; skips, saying where it looked, where it is not there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.real_input import desynpuf, synthea
from tests.real_input.county import RealCounty
from tests.real_input.sources import NoRealInput


def _loaded(load: Callable[[], RealCounty]) -> RealCounty:
    try:
        return load()
    except NoRealInput as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def synthea_county() -> RealCounty:
    return _loaded(synthea.load)


@pytest.fixture(scope="session")
def desynpuf_county() -> RealCounty:
    """The first sample; the soak takes four."""
    return _loaded(lambda: desynpuf.load((1,)))
