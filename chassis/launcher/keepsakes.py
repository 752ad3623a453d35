"""Secrets of a house on one machine: made once, kept in `secrets/` for its owner's eyes alone."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path


def secrets_folder(house: Path) -> Path:
    folder = house / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def ensure_secret(path: Path) -> Path:
    """A file of 48 random bytes as text, made if it is not there."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48))
    return path


def ensure_role_passwords(path: Path, roles: Iterable[str]) -> dict[str, str]:
    """One password per database role; a role that is new gets one, the others keep theirs."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [role for role in roles if role not in known]
    if missing:
        known.update({role: secrets.token_urlsafe(32) for role in missing})
        write_private(path, json.dumps(known, indent=1))
    return known


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by another account, not even for a moment."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(fd, text.encode())
        os.fsync(fd)
    finally:
        os.close(fd)
    unfinished.replace(path)
