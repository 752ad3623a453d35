"""The account a server runs under, and a place that account can reach.

PostgreSQL refuses to run as root. Where root starts the house the server drops to `postgres`, else `nobody`. That
account may be kept out of the project by a parent folder of mode 0700; we never loosen someone's folder, so data and
programs then live in a place of their own, and the house's folder records where.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from chassis.launcher.binaries import PostgresBinaries
from chassis.launcher.errors import CannotStart

# Where root may put what the server's account must reach; `_base` trusts only a folder that is root's own.
BASES = (Path("/var/lib/coopmed"), Path("/var/tmp/coopmed"), Path("/tmp/coopmed"))  # noqa: S108


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int


def account_for(data: Path) -> Account | None:
    """Who runs the server over `data`; None when that is simply the person who starts the house."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        owner = data.stat()
        return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    return Account(65534, 65534)


def identity(account: Account | None) -> dict:
    """Arguments for Popen that make the child this account and nothing more."""
    return {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}


def can_reach(path: Path, account: Account | None) -> bool:
    """Whether it may enter the folder or run the program. Asked of the kernel, as that account: modes, access lists
    and mounts all have a say."""
    try:
        asked = subprocess.run(["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)], cwd="/", **identity(account))
    except (PermissionError, subprocess.SubprocessError) as error:
        raise CannotStart(f"root may not change to account {account} here ({error}); start as a plain user.") from error
    return asked.returncode == 0


def place_for(folder: Path, account: Account | None) -> Path:
    """Where the server's data lives: in `folder` where the account can reach it, else in a place `folder` records."""
    record = folder / "place.json"
    if record.exists():
        return _recorded(folder, record)
    if account is None or can_reach(folder, account):
        return folder
    place = Path(tempfile.mkdtemp(prefix=f"{folder.parent.name}-", dir=_base(account)))
    place.chmod(0o711)
    record.write_text(json.dumps({"folder": str(folder), "place": str(place)}))
    return place


def reachable_binaries(binaries: PostgresBinaries, account: Account | None) -> Path:
    """The programs where the account can run them, copied once per version with the libraries beside the package."""
    if account is None or can_reach(binaries.folder / "postgres", account):
        return binaries.folder
    if binaries.package is None:
        raise CannotStart(
            f"The PostgreSQL in {binaries.folder} cannot be run by uid {account.uid}, the account the server drops to; "
            "move it, or start the house as a plain user."
        )
    package = binaries.package
    programs = binaries.folder.relative_to(package)
    stat = (binaries.folder / "postgres").stat()
    mark = hashlib.sha256(f"{package}|{stat.st_size}|{stat.st_mtime_ns}".encode()).hexdigest()[:12]
    copy = _base(account) / f"programs-{mark}"
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(dir=copy.parent))
        leave_out = shutil.ignore_patterns("include", "*.a", "__pycache__")
        for folder in (package, package.with_name(package.name + ".libs")):
            if folder.is_dir():
                shutil.copytree(folder, unfinished / folder.name, ignore=leave_out, symlinks=True)
        _open_to_all(unfinished)
        try:
            unfinished.rename(copy)
        except OSError:
            # Another house on this machine finished the same copy first.
            shutil.rmtree(unfinished)
    programs_there = copy / package.name / programs
    if not can_reach(programs_there / "postgres", account):
        raise CannotStart(
            f"{programs_there} was copied for uid {account.uid}, who cannot run it: is it mounted noexec?"
        )
    return programs_there


def _recorded(folder: Path, record: Path) -> Path:
    known = json.loads(record.read_text())
    place, written_for = Path(known["place"]), Path(known["folder"])
    if written_for != folder:
        if (written_for / "place.json").exists():
            raise CannotStart(
                f"{folder} is a copy of {written_for}: both name the same data in {place}. "
                f"Remove {record} to begin with empty data."
            )
        record.write_text(json.dumps({"folder": str(folder), "place": str(place)}))
    if not place.is_dir():
        raise CannotStart(f"The data of {folder} was in {place}, which is gone. Restore it, or `make reset`.")
    return place


def _base(account: Account) -> Path:
    for base in BASES:
        try:
            base.mkdir(mode=0o755, exist_ok=True)
            # Below /tmp anyone may have made it first: only a folder of root's own is trusted.
            if base.is_symlink() or base.stat().st_uid != 0 or base.stat().st_mode & 0o022:
                continue
            if can_reach(base, account) and os.access(base, os.W_OK):
                return base
        except OSError:
            continue
    tried = ", ".join(str(base) for base in BASES)
    raise CannotStart(f"No place that uid {account.uid} can reach for the server's data; tried {tried}.")


def _open_to_all(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o111 else 0o644)
