"""Looking at a house from outside, and removing the demo's data."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from pathlib import Path

from chassis.launcher.folder_lock import FolderLock
from chassis.launcher.house import running_house, say


def tell_status(folder: Path) -> int:
    """0 when the house runs and every site answers."""
    note = running_house(folder)
    if note is None:
        starting = FolderLock(folder / "lock", "").is_held_by_someone()
        say(f"The house in {folder} is {'starting or stopping' if starting else 'not running'}.")
        return 1
    say(f"The house in {folder} runs as process {note['pid']}; its database is in {_place_of_data(folder)}.")
    answers = {name: _health(address) for name, address in note["sites"].items()}
    for name, address in note["sites"].items():
        say(f"  {name:<12} {address:<28} {answers[name]}")
    return 0 if all(answer == "ok" for answer in answers.values()) else 1


def reset(folder: Path, *, is_sure: bool) -> int:
    """Remove the folder with database, documents, keys and secrets; refused while a house, or its server, uses it."""
    if not folder.exists():
        say(f"Nothing to remove: {folder} is not there.")
        return 0
    place = _place_of_data(folder)
    for lock in (folder / "lock", place / "lock", folder / "valkey" / "lock"):
        if FolderLock(lock, "").is_held_by_someone():
            holder = lock.read_text().strip()
            say(f"A house runs on {folder} (process {holder}). Stop it first; nothing was removed.")
            return 1
    if not is_sure and not _confirmed(folder):
        say("Nothing was removed.")
        return 1
    for path in {place, folder}:
        shutil.rmtree(path, ignore_errors=path == place)
    say(f"Removed {folder}. The next run begins with an empty house.")
    return 0


def _place_of_data(folder: Path) -> Path:
    """Beside the house, unless the server's account could not have entered there."""
    record = folder / "postgres" / "place.json"
    return Path(json.loads(record.read_text())["place"]) if record.exists() else folder / "postgres"


def _confirmed(folder: Path) -> bool:
    try:
        return input(f"Remove all data, documents and keys in {folder}? Type yes: ").strip() == "yes"
    except EOFError:
        return False


def _health(address: str) -> str:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=3) as answer:  # noqa: S310 - our own http address
            return "ok" if answer.status == 200 else f"answers {answer.status}"
    except (urllib.error.URLError, OSError) as error:
        return f"does not answer ({error})"
