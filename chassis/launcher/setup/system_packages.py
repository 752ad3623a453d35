"""What no wheel brings: Chromium for the browser tests, and a Chinese font."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """The browser the tests drive; COOPMED_CHROMIUM names another."""
    named = os.environ.get("COOPMED_CHROMIUM")
    if named:
        return named
    return next((found for found in map(shutil.which, CHROMIUM_NAMES) if found), None)


def missing_packages() -> list[str]:
    """Debian's names of what is not here."""
    missing = [] if find_chromium() else ["chromium"]
    if not _is_installed("fonts-noto-cjk") and not _any_file("/usr/share/fonts", "*oto*CJK*"):
        missing.append("fonts-noto-cjk")
    return missing


def what_is_missing() -> str | None:
    """The sentence a browser test fails with, exact command included; None when all is there."""
    missing = missing_packages()
    if not missing:
        return None
    sudo = "" if os.geteuid() == 0 else "sudo "
    return (
        f"Missing on this machine: {', '.join(missing)}. On Debian and Ubuntu: "
        f"{sudo}apt-get update && {sudo}apt-get install -y --no-install-recommends {' '.join(missing)}"
    )


def install_system_packages(env: dict[str, str], say: Callable[[str], None]) -> None:
    """Install what is missing where root and apt are there; else say the command and go on."""
    missing = missing_packages()
    if not missing:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing {', '.join(missing)} with apt-get …")
        env = {**env, "DEBIAN_FRONTEND": "noninteractive"}
        env["PATH"] = f"{env['PATH']}:/usr/sbin:/sbin"
        quiet = {"env": env, "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-q"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing], **quiet)
    still = what_is_missing()
    if still:
        say(f"{still}\nGoing on without; tests that need them fail and say so.")


def _is_installed(package: str) -> bool:
    if not shutil.which("dpkg-query"):
        return False
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True)
    return asked.returncode == 0 and asked.stdout.endswith(" installed")


def _any_file(folder: str, pattern: str) -> bool:
    return Path(folder).is_dir() and next(Path(folder).rglob(pattern), None) is not None
