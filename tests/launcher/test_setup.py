"""Set-up does what changed and nothing else, with Python alone, wherever the folder lies."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chassis.launcher.setup.network import base_environment, npm_environment, uv_environment
from chassis.launcher.setup.python_side import fault_of, make_venv, python_of
from chassis.launcher.setup.stamps import Stamps, fingerprint, set_up_alone
from tests.launcher.conftest import PROJECT

BARE = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}


def work(stamps: Stamps, source: Path, made: Path, extra: str = "") -> bool:
    """Copy `source` to `made` as a step; True when there was something to do."""
    step = stamps.step("copy", inputs=[source], extra=extra, outputs=[made], sentence="Copying …")
    if step is None:
        return False
    made.write_text(source.read_text())
    step.done()
    return True


@pytest.fixture()
def stamps(tmp_path: Path) -> Stamps:
    return Stamps(tmp_path / "stamps", lambda sentence: None)


def test_a_step_is_done_once_for_the_same_content(stamps: Stamps, tmp_path: Path) -> None:
    source, made = tmp_path / "lock", tmp_path / "made"
    source.write_text("one")
    assert work(stamps, source, made)
    assert not work(stamps, source, made)
    os.utime(source, (1, 1))
    assert not work(stamps, source, made)
    source.write_text("two")
    assert work(stamps, source, made)
    assert work(stamps, source, made, extra="another Python")


def test_a_step_is_done_again_when_what_it_made_is_gone(stamps: Stamps, tmp_path: Path) -> None:
    source, made = tmp_path / "lock", tmp_path / "made"
    source.write_text("one")
    work(stamps, source, made)
    made.unlink()
    assert work(stamps, source, made)


def test_a_step_that_failed_is_not_taken_for_done(stamps: Stamps, tmp_path: Path) -> None:
    source, made = tmp_path / "lock", tmp_path / "made"
    source.write_text("one")
    work(stamps, source, made)
    source.write_text("two")
    begun = stamps.step("copy", inputs=[source], outputs=[made], sentence="Copying …")
    assert begun is not None
    # It fails here, `done` is never said; going back to the old content does not make the work whole either.
    source.write_text("one")
    assert work(stamps, source, made)


def test_a_fingerprint_tells_names_and_borders_apart(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_text("xy")
    b.write_text("z")
    before = fingerprint([a, b])
    a.write_text("x")
    b.write_text("yz")
    assert fingerprint([a, b]) != before
    assert fingerprint([b, a]) == fingerprint([a, b])


def test_two_set_ups_of_one_folder_run_one_after_the_other(tmp_path: Path) -> None:
    lock, log = tmp_path / "lock", tmp_path / "log"
    script = (
        "import sys, time; from pathlib import Path; from chassis.launcher.setup.stamps import set_up_alone\n"
        "log = Path(sys.argv[2]).open('a', buffering=1)\n"
        "with set_up_alone(Path(sys.argv[1]), lambda s: None):\n"
        "    log.write('in\\n'); time.sleep(0.3); log.write('out\\n')\n"
    )
    command = [sys.executable, "-S", "-c", script, str(lock), str(log)]
    running = [subprocess.Popen(command, cwd=PROJECT) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert log.read_text().split() == ["in", "out"] * 3
    with set_up_alone(lock, pytest.fail):
        pass


def test_a_virtual_environment_is_made_anew_when_it_is_not_whole_and_kept_when_it_is(tmp_path: Path) -> None:
    project = tmp_path / "a county" / ("long-" * 20)
    venv = project / ".venv"
    said: list[str] = []
    assert fault_of(venv) == "it is not there"
    # This is how a set-up looks that was killed before pip came.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    assert "has no pip" in fault_of(venv)
    make_venv(project, dict(os.environ), said.append)
    assert "Making .venv anew" in said[-1]
    assert fault_of(venv) is None
    made = python_of(project).lstat().st_ino
    make_venv(project, dict(os.environ), said.append)
    assert python_of(project).lstat().st_ino == made

    moved = venv.rename(tmp_path / ".venv")
    assert fault_of(moved) == f"it was made for {venv}"
    back = moved.rename(venv)
    python_of(project).unlink()
    python_of(project).symlink_to("/nowhere/python3")
    assert "does not start" in fault_of(back)


def test_mirrors_set_up_for_pip_hold_for_uv_and_certificates_for_node(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://mirror.example/simple\nextra-index-url = https://a.example https://b.example\n"
        "trusted-host = mirror.example\nproxy = http://proxy.example:3128\n"
    )
    certificates = tmp_path / "ca.pem"
    certificates.write_text("")
    env = {
        **BARE,
        "PIP_CONFIG_FILE": str(tmp_path / "pip.conf"),
        "PIP_CERT": str(certificates),
        "PIP_INDEX_URL": "https://named-last.example/simple",
    }
    told = uv_environment(env, python_of(PROJECT))
    assert told["UV_SYSTEM_CERTS"] == "1"
    assert told["UV_DEFAULT_INDEX"] == "https://named-last.example/simple"
    assert "https://a.example https://b.example" in told["UV_INDEX"]
    assert told["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert told["SSL_CERT_FILE"] == str(certificates)
    assert uv_environment({**env, "UV_DEFAULT_INDEX": "mine"}, python_of(PROJECT))["UV_DEFAULT_INDEX"] == "mine"
    assert npm_environment(env, python_of(PROJECT), Path("/n/bin/node"))["NODE_EXTRA_CA_CERTS"] == str(certificates)


def test_where_no_mirror_is_set_up_none_is_named() -> None:
    env = {**BARE, "PIP_CONFIG_FILE": os.devnull}
    told = uv_environment(env, python_of(PROJECT))
    assert not {"UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "UV_INSECURE_HOST", "HTTPS_PROXY"} & set(told)


def test_without_a_writable_home_caches_stay_in_the_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    for name in ("UV_CACHE_DIR", "npm_config_cache", "PIP_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    env = base_environment(tmp_path)
    for name in ("UV_CACHE_DIR", "npm_config_cache", "PIP_CACHE_DIR", "XDG_CACHE_HOME"):
        assert Path(env[name]).is_relative_to(tmp_path / ".coopmed")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "UV_CACHE_DIR" not in base_environment(tmp_path)


def test_dev_py_needs_python_alone() -> None:
    """`-I -S`: no installed package can be imported, no variable is read."""
    shown = subprocess.run(
        [sys.executable, "-I", "-S", str(PROJECT / "dev.py"), "help"], env=BARE, cwd="/", capture_output=True, text=True
    )
    assert shown.returncode == 0, shown.stderr
    unknown = subprocess.run(
        [sys.executable, "-I", "-S", str(PROJECT / "dev.py"), "rnu"], env=BARE, cwd="/", capture_output=True, text=True
    )
    assert unknown.returncode == 1
    assert "no command 'rnu'" in unknown.stderr


def test_make_and_dev_py_know_the_same_commands_and_help_names_each() -> None:
    targets = re.search(r"^TARGETS := (.+)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)[1].split()
    shown = subprocess.run([sys.executable, PROJECT / "dev.py", "help"], capture_output=True, text=True).stdout
    named = re.findall(r"^  (\w+) +\S", shown, re.MULTILINE)
    assert sorted(named) == sorted(targets)
    assert "make test" in (PROJECT / ".ci" / "run").read_text()
    assert os.access(PROJECT / ".ci" / "run", os.X_OK)
