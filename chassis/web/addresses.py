"""Where a reader goes on to: a path of this site, never another host's."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request


def safe_next(target: str | None, default: str) -> str:
    """`target` when it is a plain path of this site, else `default`."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return default
    return default if any(ord(character) < 32 for character in target) else target


def page_behind() -> str:
    """The page a form stood on: where the reader goes on after proving who they are."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    came_from = urlsplit(request.referrer or "")
    return came_from.path if came_from.netloc == request.host else "/"
