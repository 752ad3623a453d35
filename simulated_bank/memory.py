"""What the bank remembers, on disk: a file it has taken, each line's fate, what it booked and what it has to say.

Each step is one transaction, its report included, so that a killed bank forgets nothing and says nothing twice under
two names.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS message (
    county TEXT NOT NULL, message_id TEXT PRIMARY KEY, is_csv INTEGER NOT NULL, account TEXT NOT NULL,
    line_count INTEGER NOT NULL, total_fen INTEGER NOT NULL, content_sha256 BLOB NOT NULL, taken_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS line (
    end_to_end_id TEXT PRIMARY KEY, message_id TEXT NOT NULL REFERENCES message, line_no INTEGER NOT NULL,
    amount_fen INTEGER NOT NULL, name TEXT NOT NULL, account TEXT NOT NULL,
    fate TEXT NOT NULL CHECK (fate IN ('pay', 'refuse', 'return')), reason TEXT,
    due_at REAL NOT NULL, return_at REAL,
    state TEXT NOT NULL DEFAULT 'taken' CHECK (state IN ('taken', 'paid', 'refused', 'returned')));
CREATE INDEX IF NOT EXISTS line_due ON line (due_at) WHERE state = 'taken';
CREATE INDEX IF NOT EXISTS line_return ON line (return_at) WHERE state = 'paid' AND return_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS lost (message_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS booking (
    number INTEGER PRIMARY KEY, county TEXT NOT NULL, end_to_end_id TEXT NOT NULL, side TEXT NOT NULL,
    amount_fen INTEGER NOT NULL, reason TEXT, booked_at REAL NOT NULL, statement TEXT);
CREATE TABLE IF NOT EXISTS said (
    number INTEGER PRIMARY KEY, county TEXT NOT NULL, name TEXT NOT NULL UNIQUE, content BLOB NOT NULL,
    is_out INTEGER NOT NULL DEFAULT 0);
"""


def open_memory(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    memory = sqlite3.connect(path, isolation_level=None, timeout=30)
    memory.row_factory = sqlite3.Row
    memory.execute("PRAGMA journal_mode = WAL")
    memory.execute("PRAGMA synchronous = FULL")
    memory.executescript(_TABLES)
    return memory


def next_number(memory: sqlite3.Connection) -> int:
    return memory.execute("SELECT coalesce(max(number), 0) + 1 FROM said").fetchone()[0]
