import json
import os

import pytest
from click.testing import CliRunner

from chassis.vault.cli import keys_command


def run(path, *words):
    return CliRunner().invoke(keys_command, ["--file", str(path), *words])


def test_the_commands_make_add_rotate_rewrap_and_list_without_printing_a_key(tmp_path):
    path = tmp_path / "keys.json"
    said = [run(path, *words) for words in (["create"], ["add", "webhook"], ["rotate", "phone"], ["rewrap"], ["list"])]
    assert [answer.exit_code for answer in said] == [0] * 5, [answer.output for answer in said]
    listed = said[-1].output
    assert listed.count("phone") == 3 and "webhook" in listed
    file = json.loads(path.read_text())
    secrets = [kek["key"] for kek in file["keks"]]
    secrets += [key["wrapped"] for kind in ("sealing", "index") for keys in file[kind].values() for key in keys]
    for answer in said:
        assert not any(secret in answer.output for secret in secrets)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["create"], "never replaced"),
        (["add", "phone"], "rotate it instead"),
        (["rotate", "diagnosis"], "coopmed keys add"),
        (["rotate", "phone", "--algorithm", "rot13"], "not a sealing algorithm"),
    ],
)
def test_a_refused_command_says_why_and_changes_nothing(key_file, words, sentence):
    before = key_file.read_bytes()
    answer = run(key_file, *words)
    assert answer.exit_code == 1 and sentence in answer.output and "Traceback" not in answer.output
    assert key_file.read_bytes() == before


def test_a_file_open_to_others_is_refused_by_every_command(key_file):
    os.chmod(key_file, 0o644)
    for words in (["add", "webhook"], ["rotate", "phone"], ["rewrap"], ["list"]):
        answer = run(key_file, *words)
        assert answer.exit_code == 1 and "chmod 600" in answer.output
