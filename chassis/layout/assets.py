"""Style sheets and scripts by their content-hashed names, as `build.mjs` left them in the manifest."""

from __future__ import annotations

import functools
import json
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "dist"
URL_PREFIX = "/assets"


class AssetsNotBuilt(RuntimeError):
    """The bundle is missing; the message says the command that makes it."""


@functools.cache
def _manifest(folder: Path) -> dict[str, dict]:
    try:
        return json.loads((folder / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        raise AssetsNotBuilt(
            f"{folder / 'manifest.json'} is missing: run `npm ci --ignore-scripts` and "
            "`node chassis/layout/build.mjs` (set-up does both)."
        ) from None


def served_names() -> frozenset[str]:
    """Every file of the bundle, chunks that scripts load later included; nothing else in the folder is served."""
    return frozenset(_manifest(FOLDER)["sizes"])


def asset(name: str) -> str:
    """The URL path of a source file such as `desk.css`: `/assets/desk-4XKQ2M7A.css`.

    Raises:
        AssetsNotBuilt: the front end was never bundled.
        KeyError: there is no such entry in the bundle; the message lists those there are.
    """
    return f"{URL_PREFIX}/{asset_path(name).name}"


def asset_path(name: str) -> Path:
    """The same file on disk, for whoever needs its content and not its address (the letter's PDF)."""
    names = _manifest(FOLDER)["files"]
    if name not in names:
        raise KeyError(f"no asset {name!r}; the bundle has {', '.join(sorted(names))}")
    return FOLDER / names[name]
