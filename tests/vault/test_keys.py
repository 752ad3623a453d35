import json
import os
import pickle
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chassis.errors import Misconfigured
from chassis.vault import blind_index, key_file, keys
from chassis.vault.refusals import KeyFileRefused, KeyMissing
from chassis.vault.sealing import key_id_of, seal, unseal

CELL = {"table": "registry.member", "column": "bank_account", "row_id": "330110/17"}


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_key_file_is_its_owners_alone_and_complete(key_file):
    assert mode_of(key_file) == 0o600
    keyring = keys.load_keys(key_file)
    for purpose in keys.SEALED_PURPOSES:
        assert unseal(keyring, purpose, seal(keyring, purpose, "张", **CELL), **CELL) == "张"
    for purpose in keys.INDEXED_PURPOSES:
        assert len(blind_index.index(keyring, purpose, "1")) == 32


def test_ensuring_a_key_file_again_changes_nothing(key_file):
    before = key_file.read_bytes()
    keys.ensure_key_file(key_file)
    assert key_file.read_bytes() == before


@pytest.mark.parametrize("mode", [0o400, 0o600])
def test_a_private_file_is_taken_and_rotation_keeps_its_mode(key_file, mode):
    key_file.chmod(mode)
    keys.rotate(key_file, "bank_account")
    keys.rewrap(key_file)
    assert mode_of(key_file) == mode
    keys.load_keys(key_file)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666, 0o777, 0o440])
def test_a_file_that_others_can_use_is_refused_with_what_to_do(key_file, mode):
    key_file.chmod(mode)
    for act in (keys.load_keys, keys.rewrap, keys.ensure_key_file, lambda path: keys.rotate(path, "phone")):
        with pytest.raises(KeyFileRefused, match=f"mode {mode:04o}.*chmod 600"):
            act(key_file)


def test_a_missing_file_is_refused_and_never_made_by_loading(tmp_path):
    with pytest.raises(Misconfigured, match=r"There is no key file at .*coopmed keys create"):
        keys.load_keys(tmp_path / "keys.json")
    assert not (tmp_path / "keys.json").exists()


def test_a_folder_or_a_pipe_is_no_key_file(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(KeyFileRefused, match="not a regular file"):
            keys.load_keys(path)


def test_a_file_cut_at_any_place_or_with_any_byte_changed_is_refused_as_damaged(key_file):
    whole = key_file.read_bytes()
    for place in range(0, len(whole) - 1, 7):
        for damaged in (whole[:place], whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]):
            key_file.write_bytes(damaged)
            try:
                keys.load_keys(key_file)
            except KeyFileRefused:
                continue
            # Only white space may change without harm, and then the content must be the same.
            assert json.loads(damaged) == json.loads(whole)
    key_file.write_bytes(whole)
    keys.load_keys(key_file)


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b"{}", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"checksum": 1}', b" " * (1 << 21)],
)
def test_a_file_of_something_else_is_refused(key_file, content):
    key_file.write_bytes(content)
    with pytest.raises(KeyFileRefused):
        keys.load_keys(key_file)


def rewritten(path: Path, change) -> None:
    """The file after `change`, with a checksum that fits, as a careful hand would leave it."""
    file = key_file.read_key_file(path)
    change(file)
    key_file.write_key_file(path, file)


def test_a_wrapped_key_opens_under_no_other_purpose_id_or_algorithm(key_file):
    def swap(file):
        file["sealing"]["phone"], file["sealing"]["bank_account"] = (
            file["sealing"]["bank_account"],
            file["sealing"]["phone"],
        )

    def rename(file):
        file["sealing"]["phone"][0]["id"] = "00000000"

    def relabel(file):
        file["index"]["phone"][0]["algorithm"] = "hmac-sm3"

    whole = key_file.read_bytes()
    for change in (swap, rename, relabel):
        key_file.write_bytes(whole)
        rewritten(key_file, change)
        with pytest.raises(KeyFileRefused, match="does not open"):
            keys.load_keys(key_file)


def test_a_key_of_an_algorithm_of_a_later_release_is_refused_in_words(key_file):
    def relabel(file):
        file["sealing"]["phone"][0]["algorithm"] = "aes-512-gcm"

    rewritten(key_file, relabel)
    with pytest.raises(KeyFileRefused, match="this release does not know"):
        keys.load_keys(key_file)


def test_no_key_is_stored_in_the_clear_beside_its_wrapping(key_file, keyring):
    file = key_file.read_text()
    secret = keyring.index_keys("phone")[-1].secret
    assert keys._text(secret) not in file and secret.hex() not in file


def test_a_rotation_seals_with_the_new_key_and_opens_with_the_old(key_file, keyring):
    old = seal(keyring, "bank_account", "6222", **CELL)
    new_id = keys.rotate(key_file, "bank_account")
    fresh = keys.load_keys(key_file)
    new = seal(fresh, "bank_account", "6222", **CELL)
    assert key_id_of(new).hex() == new_id != key_id_of(old).hex()
    assert unseal(fresh, "bank_account", old, **CELL) == unseal(fresh, "bank_account", new, **CELL) == "6222"
    phone = seal(fresh, "phone", "138", **CELL)
    assert key_id_of(phone) == key_id_of(seal(keyring, "phone", "138", **CELL))


def test_a_process_that_kept_running_reads_and_writes_with_a_key_rotated_in_meanwhile(key_file, keyring):
    new_id = keys.rotate(key_file, "bank_account")
    elsewhere = seal(keys.load_keys(key_file), "bank_account", "6222", **CELL)
    assert unseal(keyring, "bank_account", elsewhere, **CELL) == "6222"
    assert key_id_of(seal(keyring, "bank_account", "6222", **CELL)).hex() == new_id


def test_a_running_process_outlives_a_key_file_gone_bad_but_does_not_guess(key_file, keyring):
    blob = seal(keyring, "bank_account", "6222", **CELL)
    key_file.write_bytes(b"{}")
    assert unseal(keyring, "bank_account", blob, **CELL) == "6222"
    key_file.unlink()
    assert unseal(keyring, "bank_account", seal(keyring, "bank_account", "1", **CELL), **CELL) == "1"
    with pytest.raises(KeyMissing):
        unseal(keyring, "bank_account", blob[:2] + b"none" + blob[6:], **CELL)


def test_a_county_may_change_to_the_chinese_suite_and_still_read_what_it_had(key_file, keyring):
    old, digest = seal(keyring, "bank_account", "6222", **CELL), blind_index.index(keyring, "bank_account", "6222")
    keys.rotate(key_file, "bank_account", algorithm="sm4-gcm")
    keys.rotate(key_file, "bank_account", kind="index", algorithm="hmac-sm3")
    fresh = keys.load_keys(key_file)
    new = seal(fresh, "bank_account", "6222", **CELL)
    assert (old[1], new[1]) == (1, 2)
    assert [unseal(fresh, "bank_account", blob, **CELL) for blob in (old, new)] == ["6222", "6222"]
    assert blind_index.candidates(fresh, "bank_account", "6222")[1] == digest
    keys.rotate(key_file, "bank_account")
    assert seal(keys.load_keys(key_file), "bank_account", "6222", **CELL)[1] == 2


def test_rewrapping_changes_every_wrapping_and_no_sealed_value(key_file, keyring):
    blob, digest = seal(keyring, "phone", "138", **CELL), blind_index.index(keyring, "phone", "138")
    before = json.loads(key_file.read_text())
    kek = keys.rewrap(key_file)
    after = json.loads(key_file.read_text())
    assert [k["id"] for k in after["keks"]] == [kek] != [k["id"] for k in before["keks"]]
    assert after["sealing"]["phone"][0]["wrapped"] != before["sealing"]["phone"][0]["wrapped"]
    fresh = keys.load_keys(key_file)
    assert unseal(fresh, "phone", blob, **CELL) == "138"
    assert blind_index.index(fresh, "phone", "138") == digest


def test_a_purpose_is_added_once_and_by_name_only(key_file):
    keys.add_purpose(key_file, "webhook_secret")
    seal(keys.load_keys(key_file), "webhook_secret", "x", **CELL)
    refused = [
        (lambda: keys.add_purpose(key_file, "webhook_secret"), "rotate it instead"),
        (lambda: keys.rotate(key_file, "diagnosis"), "coopmed keys add"),
        (lambda: keys.add_purpose(key_file, "Two\nlines"), "lower-case word"),
        (lambda: keys.add_purpose(key_file, "other", algorithm="rot13"), "not a sealing algorithm"),
    ]
    for act, sentence in refused:
        before = key_file.read_bytes()
        with pytest.raises(KeyFileRefused, match=sentence):
            act()
        assert key_file.read_bytes() == before


def test_only_an_old_key_can_be_retired_and_then_no_longer_opens(key_file, keyring):
    old = seal(keyring, "phone", "138", **CELL)
    old_id = key_id_of(old).hex()
    with pytest.raises(KeyFileRefused, match="newest"):
        keys.retire(key_file, "phone", old_id)
    keys.rotate(key_file, "phone")
    keys.retire(key_file, "phone", old_id)
    with pytest.raises(KeyMissing):
        unseal(keys.load_keys(key_file), "phone", old, **CELL)


@pytest.mark.parametrize("point", ["os.fsync", "os.replace", "json.dumps"])
def test_a_rotation_killed_at_any_step_leaves_the_old_file_whole(key_file, point):
    """A real process that dies there without a chance to tidy up."""
    before = key_file.read_bytes()
    module, name = point.split(".")
    code = (
        "import os, json, pathlib\nfrom chassis.vault import keys\n"
        f"{module}.{name} = lambda *a, **k: os._exit(9)\n"
        f"keys.rotate(pathlib.Path({str(key_file)!r}), 'phone')"
    )
    died = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2])
    assert died.returncode == 9
    assert key_file.read_bytes() == before
    for leftover in key_file.parent.glob("*.new"):
        assert mode_of(leftover) & 0o077 == 0
    keys.rotate(key_file, "phone")
    assert not list(key_file.parent.glob(".*.new"))
    keys.load_keys(key_file)


def test_rotations_at_the_same_time_lose_no_key(key_file):
    together = threading.Barrier(4)

    def rotate_often(_) -> list[str]:
        together.wait()
        return [keys.rotate(key_file, "phone") for _ in range(10)]

    with ThreadPoolExecutor(4) as pool:
        made = [key_id for ids in pool.map(rotate_often, range(4)) for key_id in ids]
    kept = [key["id"] for key in key_file_keys(key_file, "phone")]
    assert sorted(kept[1:]) == sorted(made) and len(made) == 40


def key_file_keys(path: Path, purpose: str) -> list[dict]:
    return json.loads(path.read_text())["sealing"][purpose]


def test_a_keyring_shows_no_key_and_cannot_be_written_down(key_file, keyring):
    secret = keyring.index_keys("phone")[-1]
    shown = f"{keyring!r} {keyring} {secret!r} {keyring.newest('phone')!r} {keyring._held!r}"
    assert secret.secret.hex() not in shown and repr(secret.secret) not in shown
    with pytest.raises(TypeError):
        pickle.dumps(keyring)
