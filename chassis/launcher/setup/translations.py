"""Compiled translations are not in the repository; they are made from the .po files at set-up."""

from __future__ import annotations

import subprocess
from pathlib import Path

from chassis.launcher.errors import CannotStart
from chassis.launcher.setup.python_side import python_of
from chassis.launcher.setup.stamps import Stamps


def compile_translations(project: Path, env: dict[str, str], stamps: Stamps) -> None:
    folder = project / "chassis" / "i18n"
    program = next((path for path in (folder / "__main__.py", project / "chassis" / "i18n.py") if path.exists()), None)
    if program is None:
        stamps.say("Translations left out: chassis.i18n is not there yet.")
        return
    step = stamps.step(
        "translations",
        inputs=[*folder.rglob("*.po"), *folder.glob("*.py")],
        extra=str(project),
        outputs=[path.with_suffix(".mo") for path in folder.glob("*/LC_MESSAGES/messages.po")],
        sentence="Compiling translations …",
    )
    if step is None:
        return
    if subprocess.run([python_of(project), "-m", "chassis.i18n", "compile"], cwd=project, env=env).returncode != 0:
        raise CannotStart("The translations could not be compiled; the message is above.")
    step.done()
