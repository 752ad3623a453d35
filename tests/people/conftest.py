"""Keys and settings for the tests of people, their roles, the trail's page and the page of tasks."""

from __future__ import annotations

import datetime as dt

import pytest

from chassis.settings import Settings
from tests.sites import house_for, settings_for_tests

AT = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def settings(tmp_path_factory) -> Settings:
    return settings_for_tests(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def keyring(settings):
    return house_for("workspace", {}, settings).keyring


@pytest.fixture()
def session(session_of):
    """The contractor's session; what it does is rolled back."""
    return session_of("contractor")
