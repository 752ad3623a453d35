#!/usr/bin/env python3
"""Every command of the house, on a machine with Python 3.11 and nothing else: `python3 dev.py help`.

`make X` is `python3 dev.py X`. Standard library only; what a command needs is set up first, once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
NEEDED = (3, 11)
MOST_PROCESSES = 4
"""Of the suite: each has its own servers and its own browser."""

if sys.version_info[:2] != NEEDED:
    other = shutil.which("python3.11")
    if other:
        os.execv(other, [other, *sys.argv])
    sys.exit(f"Coopmed needs Python 3.11; this is {sys.version.split()[0]}, and no python3.11 is on PATH.")

sys.path.insert(0, str(PROJECT))
from chassis.launcher.errors import CannotStart  # noqa: E402
from chassis.launcher.setup.network import uv_environment  # noqa: E402
from chassis.launcher.setup.python_side import python_of  # noqa: E402
from chassis.launcher.setup.steps import set_up  # noqa: E402
from chassis.launcher.setup.system_packages import install_system_packages  # noqa: E402


def say(sentence: str) -> None:
    print(f"· {sentence}", flush=True)


def show_help(arguments: list[str]) -> None:
    """what each command does"""
    print("make COMMAND, or python3 dev.py COMMAND [ARGUMENTS]  (with make: ARGS='…')\n")
    for name, command in COMMANDS.items():
        print(f"  {name:<10} {command.__doc__}")


def setup(arguments: list[str]) -> None:
    """install what running needs (`setup test`: what the tests need)"""
    set_up(PROJECT, "test" if "test" in arguments else "run", say)
    say("Ready.")


def run(arguments: list[str]) -> None:
    """set up, start servers, the three sites and their workers; Ctrl-C stops them all"""
    become(["-m", "chassis.launcher", "run", *arguments], set_up(PROJECT, "run", say))


def test(arguments: list[str]) -> None:
    """the whole suite on throw-away servers, in a process a core; arguments go to pytest, in one process"""
    env = set_up(PROJECT, "test", say)
    install_system_packages(env, say)
    # The tests of a file share what they set up, so a file stays in one process.
    side_by_side = ["-n", str(min(os.cpu_count() or 1, MOST_PROCESSES)), "--dist", "loadfile"]
    become(["-m", "pytest", *(arguments or side_by_side)], env)


def reset(arguments: list[str]) -> None:
    """remove the demo's data, after asking (`reset --yes`: without)"""
    subprocess_exit([sys.executable, "-m", "chassis.launcher", "reset", *arguments])


def status(arguments: list[str]) -> None:
    """whether the house runs, and where"""
    subprocess_exit([sys.executable, "-m", "chassis.launcher", "status", *arguments])


def lint(arguments: list[str]) -> None:
    """ruff (with bandit's rules), mypy, vulture, deptry as pyproject.toml sets them"""
    env = set_up(PROJECT, "test", say, with_pages=False)
    typed = [name for name in ("rulebook", "kpis") if (PROJECT / name).is_dir()]
    checks = [["ruff", "check", "."], ["ruff", "format", "--check", "."]]
    checks += [["mypy", *typed]] if typed else []
    checks += [["vulture"], ["deptry", "."]]
    failed = [check for check in checks if tool(check, env) != 0]
    sys.exit(f"Failed: {', '.join(' '.join(check[:2]) for check in failed)}" if failed else 0)


def contracts(arguments: list[str]) -> None:
    """who may import whom"""
    sys.exit(tool(["lint-imports", *arguments], set_up(PROJECT, "test", say, with_pages=False)))


def bench(arguments: list[str]) -> None:
    """how fast it is"""
    become(["-m", "tests.bench", *arguments], set_up(PROJECT, "test", say))


def soak(arguments: list[str]) -> None:
    """the long proofs: kills, drills, millions of rows; results go to docs/proofs/"""
    env = set_up(PROJECT, "test", say)
    install_system_packages(env, say)
    become(["-m", "tests.soak", *arguments], env)


def docs(arguments: list[str]) -> None:
    """write the pages that are generated from code"""
    become(["-m", "chassis.docs", *arguments], set_up(PROJECT, "test", say))


def lock(arguments: list[str]) -> None:
    """write requirements/*.txt anew from *.in, with hashes (`lock --upgrade`: newest versions)"""
    env = uv_environment(set_up(PROJECT, "test", say, with_pages=False), python_of(PROJECT))
    env["UV_CUSTOM_COMPILE_COMMAND"] = "make lock"
    # The larger set first, so that the smaller takes the same versions and changing between them changes little.
    for name, constrained_by in (("test", []), ("run", ["-c", "requirements/test.txt"]), ("installer", [])):
        command = ["uv", "pip", "compile", "--quiet", "--generate-hashes", "--python-version", "3.11", *constrained_by]
        command += [f"requirements/{name}.in", "-o", f"requirements/{name}.txt", *arguments]
        if tool(command, env) != 0:
            sys.exit(f"requirements/{name}.in could not be locked.")


def become(arguments: list[str], env: dict[str, str]) -> None:
    """Replace this process, so that signals and the exit code are the command's own."""
    os.chdir(PROJECT)
    sys.stdout.flush()
    python = str(python_of(PROJECT))
    os.execve(python, [python, *arguments], env)


def subprocess_exit(command: list[str]) -> None:
    sys.exit(subprocess.run(command, cwd=PROJECT).returncode)


def tool(command: list[str], env: dict[str, str]) -> int:
    say(" ".join(command))
    programs = python_of(PROJECT).parent
    env = {**env, "PATH": f"{programs}:{env['PATH']}"}
    return subprocess.run([programs / command[0], *command[1:]], cwd=PROJECT, env=env).returncode


COMMANDS: dict[str, Callable[[list[str]], None]] = {
    "help": show_help,
    "setup": setup,
    "run": run,
    "test": test,
    "status": status,
    "reset": reset,
    "lint": lint,
    "contracts": contracts,
    "bench": bench,
    "soak": soak,
    "docs": docs,
    "lock": lock,
}


def main(arguments: list[str]) -> None:
    name = arguments[0] if arguments else "help"
    command = COMMANDS.get({"-h": "help", "--help": "help"}.get(name, name))
    if command is None:
        show_help([])
        sys.exit(f"\nThere is no command {name!r}.")
    try:
        command(arguments[1:])
    except CannotStart as reason:
        sys.exit(f"Cannot go on: {reason}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main(sys.argv[1:])
