"""What a file is: its first bytes and its name must say the same, and only a few kinds are read at all."""

from __future__ import annotations

from pathlib import Path, PurePath

from chassis.reading.faults import refused

CSV, XLSX, JSON = "csv", "xlsx", "json"
MOST_BYTES = {CSV: 1 << 30, XLSX: 64 << 20, JSON: 1 << 30}
_BY_ENDING = {
    ".csv": CSV,
    ".txt": CSV,
    ".tsv": CSV,
    ".xlsx": XLSX,
    ".json": JSON,
    ".jsonl": JSON,
    ".ndjson": JSON,
}
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "old_or_locked_workbook"),
    (b"\x1f\x8b", "compressed_file"),
    (b"Rar!", "compressed_file"),
    (b"7z\xbc\xaf", "compressed_file"),
    (b"BZh", "compressed_file"),
    (b"\xfd7zXZ", "compressed_file"),
    (b"\x28\xb5\x2f\xfd", "compressed_file"),
    (b"%PDF", "not_a_table"),
    (b"MZ", "not_a_table"),
    (b"\x7fELF", "not_a_table"),
    (b"\x89PNG", "not_a_table"),
    (b"\xff\xd8\xff", "not_a_table"),
    (b"GIF8", "not_a_table"),
    (b"{\\rtf", "not_a_table"),
    (b"<", "not_a_table"),
)


def kind_of(path: Path, file_name: str, *, allowed: tuple[str, ...] = (CSV, XLSX)) -> str:
    """csv, xlsx or json. Raises FileRefused where name and content disagree or the file is too large."""
    kind = _BY_ENDING.get(PurePath(file_name.casefold()).suffix)
    if kind not in allowed:
        raise refused(
            "unknown_file_kind", expected=", ".join(e for e, k in _BY_ENDING.items() if k in allowed), found=file_name
        )
    size = path.stat().st_size
    if size == 0:
        raise refused("empty_file")
    if size > MOST_BYTES[kind]:
        raise refused("too_large_file", expected=f"≤ {MOST_BYTES[kind]} B", found=size)
    with path.open("rb") as file:
        beginning = file.read(8)
    for mark, reason in _FOREIGN:
        if beginning.startswith(mark):
            raise refused(reason, found=file_name)
    if beginning.startswith(b"PK") != (kind == XLSX):
        raise refused("name_and_content_differ", expected=kind, found="xlsx" if beginning.startswith(b"PK") else "text")
    return kind
