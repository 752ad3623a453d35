"""One round of the bank: read what lies in the outboxes, book what is due, say what there is to say."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from simulated_bank.fates import Rates, fate_of, is_lost, is_unreceipted
from simulated_bank.memory import next_number
from simulated_bank.orders import NotAnOrder, Order, read_order
from simulated_bank.reports import Booking, Report, ReportLine, answer_csv, camt053, pain002


@dataclass(frozen=True)
class Bank:
    folder: Path
    """Holds one folder a county, each with `outbox` (to us) and `inbox` (from us)."""
    memory: sqlite3.Connection
    seed: str = "1"
    rates: Rates = field(default_factory=Rates)
    delay_seconds: float = 20
    return_seconds: float = 30

    def round(self, at: dt.datetime) -> int:
        """Returns how many files were read or written."""
        done = 0
        for county in sorted(path.name for path in self.folder.iterdir() if path.is_dir()):
            # Questions are listed before orders: an order that stands beside its question is found first.
            questions = sorted((self.folder / county / "outbox").glob("*.ask"))
            orders = sorted(
                path for path in (self.folder / county / "outbox").glob("*") if path.suffix in (".xml", ".csv")
            )
            for path in orders:
                self._order(county, path, at)
            for path in questions:
                self._question(county, path, at)
            done += len(orders) + len(questions) + self._due(county, at) + self._returns(county, at)
            self._statement(county, at)
            done += self._write(county)
        return done

    def _order(self, county: str, path: Path, at: dt.datetime) -> None:
        content = path.read_bytes()
        try:
            order = read_order(content)
        except NotAnOrder:
            with self._at_once():
                self._say(county, Report("", path.stem, "REFUSED", None, None, (), at), is_csv=path.suffix == ".csv")
            path.unlink()
            return
        with self._at_once():
            if self._known(order.message_id) is not None:
                self._say(county, self._receipt("DUPLICATE", order.message_id, at), is_csv=order.is_csv)
            elif self._loses(order.message_id):
                self.memory.execute("INSERT INTO lost VALUES (?)", [order.message_id])
            else:
                self._take(county, order, hashlib.sha256(content).digest(), at)
                if not is_unreceipted(self.seed, order.message_id, self.rates):
                    self._say(county, self._receipt("TAKEN", order.message_id, at), is_csv=order.is_csv)
        path.unlink()

    def _loses(self, message_id: str) -> bool:
        lost_before = self.memory.execute("SELECT 1 FROM lost WHERE message_id = ?", [message_id]).fetchone()
        return lost_before is None and is_lost(self.seed, message_id, self.rates)

    def _take(self, county: str, order: Order, sha256: bytes, at: dt.datetime) -> None:
        now = at.timestamp()
        self.memory.execute(
            "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [county, order.message_id, order.is_csv, order.account, len(order.lines), order.total_fen, sha256, now],
        )
        rows = []
        for number, line in enumerate(order.lines, 1):
            fate = fate_of(self.seed, line.end_to_end_id, self.rates)
            due_at = now + (self.delay_seconds if fate.is_delayed else 0)
            kind = "refuse" if fate.is_refused else "return" if fate.is_returned else "pay"
            return_at = due_at + self.return_seconds if fate.is_returned else None
            ordered = (line.end_to_end_id, order.message_id, number, line.amount_fen, line.name, line.account)
            rows.append((*ordered, kind, fate.reason, due_at, return_at))
        # A payment that another file ordered already is not paid a second time, whatever the file is called.
        self.memory.executemany(
            "INSERT OR IGNORE INTO line (end_to_end_id, message_id, line_no, amount_fen, name, account, fate, reason, "
            "due_at, return_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    def _question(self, county: str, path: Path, at: dt.datetime) -> None:
        message_id = path.read_text()
        with self._at_once():
            known = self._known(message_id)
            if known is None:
                self._say(county, Report("", message_id, "UNKNOWN", None, None, (), at), is_csv=False)
            else:
                self._say(county, self._receipt("TAKEN", message_id, at), is_csv=bool(known["is_csv"]))
        path.unlink()

    def _due(self, county: str, at: dt.datetime) -> int:
        """Pay or refuse what is due, a report for each file."""
        due = self.memory.execute(
            "SELECT line.*, message.is_csv FROM line JOIN message USING (message_id) "
            "WHERE county = ? AND state = 'taken' AND due_at <= ? ORDER BY message_id, line_no",
            [county, at.timestamp()],
        ).fetchall()
        count = 0
        for message_id, rows in groupby(due, key=lambda row: row["message_id"]):
            lines = list(rows)
            with self._at_once():
                told = []
                for row in lines:
                    says = "refused" if row["fate"] == "refuse" else "paid"
                    told.append(
                        ReportLine(
                            says, row["end_to_end_id"], row["amount_fen"], row["reason"] if says == "refused" else None
                        )
                    )
                self.memory.executemany(
                    "UPDATE line SET state = ? WHERE end_to_end_id = ?", [(one.says, one.end_to_end_id) for one in told]
                )
                self._book(county, "DBIT", [one for one in told if one.says == "paid"], at)
                self._say(county, Report("", message_id, None, None, None, told, at), is_csv=bool(lines[0]["is_csv"]))
            count += 1
        return count

    def _returns(self, county: str, at: dt.datetime) -> int:
        rows = self.memory.execute(
            "SELECT line.* FROM line JOIN message USING (message_id) "
            "WHERE county = ? AND state = 'paid' AND return_at <= ? ORDER BY message_id, line_no",
            [county, at.timestamp()],
        ).fetchall()
        if rows:
            back = [ReportLine("returned", row["end_to_end_id"], row["amount_fen"], row["reason"]) for row in rows]
            with self._at_once():
                self.memory.executemany(
                    "UPDATE line SET state = 'returned' WHERE end_to_end_id = ?", [(one.end_to_end_id,) for one in back]
                )
                self._book(county, "CRDT", back, at)
        return len(rows)

    def _book(self, county: str, side: str, lines: list[ReportLine], at: dt.datetime) -> None:
        self.memory.executemany(
            "INSERT INTO booking (county, end_to_end_id, side, amount_fen, reason, booked_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [(county, one.end_to_end_id, side, one.amount_fen, one.reason, at.timestamp()) for one in lines],
        )

    def _statement(self, county: str, at: dt.datetime) -> None:
        """What was booked since the last statement: the bank's own account of it, and the third witness."""
        with self._at_once():
            rows = self.memory.execute(
                "SELECT * FROM booking WHERE county = ? AND statement IS NULL ORDER BY number", [county]
            ).fetchall()
            if not rows:
                return
            message_id = f"SB{next_number(self.memory):010d}"
            bookings = [
                Booking(row["number"], row["side"], row["end_to_end_id"], row["amount_fen"], row["reason"])
                for row in rows
            ]
            content = camt053(message_id, "990121000000010101", bookings, at)
            self._keep(county, f"{message_id}.camt053.xml", content)
            self.memory.execute(
                "UPDATE booking SET statement = ? WHERE county = ? AND statement IS NULL", [message_id, county]
            )

    def _receipt(self, group: str, message_id: str, at: dt.datetime) -> Report:
        known = self._known(message_id)
        if known is None:
            row = self.memory.execute("SELECT 0 AS line_count, 0 AS total_fen").fetchone()
            known = row
        return Report("", message_id, group, known["line_count"], known["total_fen"], (), at)

    def _known(self, message_id: str) -> sqlite3.Row | None:
        return self.memory.execute("SELECT * FROM message WHERE message_id = ?", [message_id]).fetchone()

    def _say(self, county: str, report: Report, *, is_csv: bool) -> None:
        message_id = f"SB{next_number(self.memory):010d}"
        named = Report(message_id, report.about, report.group, report.count, report.total_fen, report.lines, report.at)
        content, ending = (answer_csv(named), "csv") if is_csv else (pain002(named), "pain002.xml")
        self._keep(county, f"{message_id}.{ending}", content)

    def _keep(self, county: str, name: str, content: bytes) -> None:
        self.memory.execute("INSERT INTO said (county, name, content) VALUES (?, ?, ?)", [county, name, content])

    def _write(self, county: str) -> int:
        """Put out what was said and is not out yet; a file that a killed bank has put out already is the same file."""
        rows = self.memory.execute(
            "SELECT number, name, content FROM said WHERE county = ? AND is_out = 0 ORDER BY number", [county]
        ).fetchall()
        inbox = self.folder / county / "inbox"
        inbox.mkdir(parents=True, exist_ok=True)
        for row in rows:
            aside = inbox / f".{row['name']}"
            with aside.open("wb") as file:
                file.write(row["content"])
                file.flush()
                os.fsync(file.fileno())
            aside.replace(inbox / row["name"])
            self.memory.execute("UPDATE said SET is_out = 1 WHERE number = ?", [row["number"]])
        return len(rows)

    @contextlib.contextmanager
    def _at_once(self) -> Iterator[None]:
        self.memory.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.memory.execute("ROLLBACK")
            raise
        self.memory.execute("COMMIT")
