"""The project's own Python: a virtual environment, and in it exactly what the lock files name, hash by hash."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from chassis.launcher.errors import CannotStart
from chassis.launcher.setup.network import uv_environment
from chassis.launcher.setup.stamps import Stamps

NEEDED = (3, 11)
PROBE = "import sys, pip; print(*sys.version_info[:2]); print(sys.prefix)"


def python_of(project: Path) -> Path:
    return project / ".venv" / "bin" / "python"


def make_venv(project: Path, env: dict[str, str], say: Callable[[str], None]) -> None:
    """Make `.venv`, or make it anew when it is broken, of another Python, or was made for another path."""
    venv = project / ".venv"
    fault = fault_of(venv)
    if fault is None:
        return
    if venv.exists():
        say(f"Making .venv anew: {fault}.")
        shutil.rmtree(venv)
    else:
        say("Making .venv …")
    made = subprocess.run([sys.executable, "-m", "venv", venv], env=env, capture_output=True, text=True)
    if made.returncode != 0:
        shutil.rmtree(venv, ignore_errors=True)
        raise CannotStart(
            f"{sys.executable} cannot make a virtual environment:\n{(made.stdout + made.stderr).strip()}\n"
            "On Debian and Ubuntu: apt-get install -y python3-venv"
        )


def fault_of(venv: Path) -> str | None:
    """Why the virtual environment cannot be used, or None when it can."""
    python, config = venv / "bin" / "python", venv / "pyvenv.cfg"
    if not config.exists():
        return "it is not there" if not venv.exists() else "it has no pyvenv.cfg"
    # Scripts carry the path they were made for in their first line; a moved folder keeps the old one.
    made_for = re.search(r"^command = .* -m venv (?:--\S+ )*(.+)$", config.read_text(), re.MULTILINE)
    if made_for and made_for[1] != str(venv):
        return f"it was made for {made_for[1]}"
    try:
        asked = subprocess.run([python, "-I", "-c", PROBE], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"its Python does not start ({error})"
    if asked.returncode != 0:
        return f"its Python does not start, or has no pip ({asked.stderr.strip()[-200:]})"
    version, prefix = asked.stdout.splitlines()
    if version != " ".join(map(str, NEEDED)):
        return f"it is Python {version.replace(' ', '.')}"
    if Path(prefix).resolve() != venv.resolve():
        return f"its Python belongs to {prefix}"
    return None


def install_requirements(project: Path, level: str, env: dict[str, str], stamps: Stamps) -> None:
    """What `requirements/<level>.txt` names. A house once set up for tests keeps the test tools when it is run."""
    if level == "run" and _has_test_tools(project):
        level = "test"
    lock = project / "requirements" / f"{level}.txt"
    venv = project / ".venv"
    made_at = (venv / "pyvenv.cfg").stat().st_mtime_ns
    step = stamps.step(
        f"requirements-{level}",
        inputs=[lock],
        extra=f"{venv} {made_at}",
        outputs=[python_of(project)],
        sentence=f"Installing Python packages of requirements/{level}.txt …",
    )
    if step is None:
        return
    if not _with_uv(project, lock, env):
        stamps.say("uv could not install them; trying pip, which is slower …")
        command = [python_of(project), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock]
        if subprocess.run(command, env=env).returncode != 0:
            raise CannotStart(f"Neither uv nor pip could install {lock}; their messages are above.")
    step.done()


def _with_uv(project: Path, lock: Path, env: dict[str, str]) -> bool:
    uv = project / ".venv" / "bin" / "uv"
    if not uv.exists():
        installer = project / "requirements" / "installer.txt"
        command = [python_of(project), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", installer]
        if subprocess.run(command, env=env).returncode != 0:
            return False
    command = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python_of(project), lock]
    return subprocess.run(command, env=uv_environment(env, python_of(project))).returncode == 0


def _has_test_tools(project: Path) -> bool:
    return any((project / ".venv").glob("lib/python3*/site-packages/pytest"))
