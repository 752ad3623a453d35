"""Reading and writing the key file safely: who may read it, is it whole, and is it ever half-written."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chassis.vault.refusals import KeyFileRefused

KeyFile = dict[str, Any]

FORMAT = "coopmed-keys-1"
LARGEST_BYTES = 1 << 20
OTHERS = stat.S_IRWXG | stat.S_IRWXO
PARTS = {"keks": list, "sealing": dict, "index": dict}


def stamp_of(path: Path) -> tuple[int, int, int]:
    """Changes whenever the file is replaced. Of a missing file: a stamp no file has."""
    try:
        found = os.stat(path)  # noqa: PTH116 – asked for on every seal; pathlib doubles its cost
    except FileNotFoundError:
        return (0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def read_key_file(path: Path) -> KeyFile:
    """The file's content, once it is sure that nobody else could read it and that no byte is lost."""
    text = _read_private(path)
    try:
        file = json.loads(text)
        checksum = file.pop("checksum")
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        raise KeyFileRefused(f"{path} is damaged: it is not a key file. Restore it from its backup.") from None
    if file.get("format") != FORMAT:
        raise KeyFileRefused(f"{path} is of format {str(file.get('format'))[:40]!r}; this release reads {FORMAT!r}.")
    if checksum != _checksum(file):
        raise KeyFileRefused(f"{path} is damaged: its checksum does not fit. Restore it from its backup.")
    if any(not isinstance(file.get(part), kind) for part, kind in PARTS.items()):
        raise KeyFileRefused(f"{path} is damaged: a part is missing. Restore it from its backup.")
    return file


def _read_private(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise KeyFileRefused(
            f"There is no key file at {path}. Make one with `coopmed keys create`, or restore it: "
            "what was sealed with a lost key cannot be read again."
        ) from None
    except OSError as error:
        raise KeyFileRefused(f"The key file {path} cannot be opened: {error.strerror}.") from None
    try:
        _refuse_unless_private(path, os.fstat(descriptor))
        # One read of a regular file is whole; the limit keeps a mistaken path from filling the memory.
        text = os.read(descriptor, LARGEST_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(text) > LARGEST_BYTES:
        raise KeyFileRefused(f"{path} is larger than {LARGEST_BYTES} bytes; a key file is not.")
    return text


def _refuse_unless_private(path: Path, found: os.stat_result) -> None:
    """Asked of the open file, not of the path, so that nobody can swap it in between."""
    if not stat.S_ISREG(found.st_mode):
        raise KeyFileRefused(f"{path} is not a regular file.")
    if found.st_mode & OTHERS:
        raise KeyFileRefused(
            f"The key file {path} can be used by others (mode {stat.S_IMODE(found.st_mode):04o}); "
            f"expected 0400 or 0600. Run: chmod 600 {path}"
        )
    if os.geteuid() not in (0, found.st_uid):
        raise KeyFileRefused(f"The key file {path} belongs to user {found.st_uid}, not to this process.")


def write_key_file(path: Path, file: KeyFile, *, is_new: bool = False) -> None:
    """Replace the file in one step. A new one never takes the place of a file that is there."""
    body = {**file, "format": FORMAT}
    body["checksum"] = _checksum(body)
    text = json.dumps(body, indent=1, sort_keys=True) + "\n"
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as temporary:
            if not is_new:
                before = path.stat()
                os.fchmod(descriptor, stat.S_IMODE(before.st_mode) & ~OTHERS)
                if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                    os.fchown(descriptor, before.st_uid, before.st_gid)
            temporary.write(text)
            temporary.flush()
            os.fsync(descriptor)
        if is_new:
            os.link(name, path)
        else:
            os.replace(name, path)  # noqa: PTH105 – the rename is the point; say it plainly
    finally:
        Path(name).unlink(missing_ok=True)
    _sync_folder(path.parent)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One change at a time: two rotations at once would each write a file without the other's key."""
    path = Path(path)
    try:
        descriptor = os.open(path.parent / f".{path.name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise KeyFileRefused(f"{path} cannot be changed: {error.strerror} ({path.parent}).") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Left behind by a change that was killed half-way; each holds keys.
        for leftover in path.parent.glob(f".{path.name}.*.new"):
            leftover.unlink(missing_ok=True)
        yield
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _checksum(file: KeyFile) -> str:
    """Finds damage, not malice: whoever can write this file holds the keys anyway."""
    rest = {name: part for name, part in file.items() if name != "checksum"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
