from pathlib import Path

import pytest

from chassis.vault.keys import Keyring, ensure_key_file, load_keys


@pytest.fixture()
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    ensure_key_file(path)
    return path


@pytest.fixture()
def keyring(key_file: Path) -> Keyring:
    return load_keys(key_file)


@pytest.fixture(scope="session")
def lasting_keyring(tmp_path_factory) -> Keyring:
    """For property tests, which draw many examples in one test."""
    path = tmp_path_factory.mktemp("vault") / "keys.json"
    ensure_key_file(path)
    return load_keys(path)
