"""Set-up from a bare machine to a house that can run, each part skipped when nothing it was made from has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from chassis.launcher.setup.front_end import build_front_end
from chassis.launcher.setup.network import base_environment
from chassis.launcher.setup.python_side import install_requirements, make_venv
from chassis.launcher.setup.stamps import Stamps, set_up_alone
from chassis.launcher.setup.translations import compile_translations


def set_up(project: Path, level: str, say: Callable[[str], None], *, with_pages: bool = True) -> dict[str, str]:
    """Bring `project` to `level` (run or test); answers with the environment to run commands in.

    `with_pages=False` leaves the front end out: linters do not need it.
    """
    env = base_environment(project)
    kept = project / ".coopmed"
    with set_up_alone(kept / "setup.lock", say):
        stamps = Stamps(kept / "stamps", say)
        make_venv(project, env, say)
        install_requirements(project, level, env, stamps)
        if with_pages:
            build_front_end(project, env, stamps)
            compile_translations(project, env, stamps)
    return env
