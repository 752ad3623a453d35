"""What must hold once everything was killed often enough: nobody's money lost, doubled, out of balance or stuck."""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from collections import Counter
from pathlib import Path

from contractor.ledger.identity import identities
from contractor.payments.parity import check
from tests.payments.trade import Trade

FINAL = {"paid", "refused_by_bank", "returned"}


def faults_of(trade: Trade, bank_memory: Path, *, wanted: int, at: dt.datetime) -> dict[str, int]:
    """What is wrong, by name; nothing, if all went well. The bank's own memory is asked, not what we know of it."""
    states = trade.states()
    memory = sqlite3.connect(bank_memory)
    ordered = dict(memory.execute("SELECT end_to_end_id, amount_fen FROM line").fetchall())
    paid = Counter(row[0] for row in memory.execute("SELECT end_to_end_id FROM booking WHERE side = 'DBIT'"))
    # The bank pays a payment once whatever the file is called: that we ordered it in two files is our fault.
    ordered_again = memory.execute("SELECT coalesce(sum(line_count), 0) - (SELECT count(*) FROM line) FROM message")
    told_twice = ordered_again.fetchone()[0]
    taken = {row[0] for row in memory.execute("SELECT content_sha256 FROM message")}
    said = {hashlib.sha256(row[0]).digest() for row in memory.execute("SELECT content FROM said WHERE is_out = 1")}
    memory.close()
    kept = {bytes(row[0]) for row in trade.owner.execute("SELECT sha256 FROM contractor.bank_message").fetchall()}
    ours = dict(trade.owner.execute("SELECT end_to_end_id, amount_fen FROM contractor.payment").fetchall())
    by_settlement = trade.owner.execute("SELECT count(DISTINCT settlement_id) FROM contractor.payment").fetchone()[0]
    with trade.database.transaction() as session:
        books = identities(session, trade.county_code)
        parity = check(
            session, county_code=trade.county_code, at=at, keyring=trade.keyring, grace=dt.timedelta(seconds=0)
        )
    # There are no claims in this trial: that nobody decided these payments is known.
    found = Counter({kind: count for kind, count in parity.kinds.items() if kind != "planned_and_not_owed"})
    named = {
        "lost": sum(1 for name, fen in ours.items() if ordered.get(name) != fen),
        "ordered by nobody": len(ordered.keys() - ours.keys()),
        "ordered in two files": told_twice,
        "files that we do not know": len(taken - kept),
        "answers that we have lost": len(said - kept),
        "doubled": sum(1 for count in paid.values() if count > 1),
        "not in a final state": sum(count for state, count in states.items() if state not in FINAL),
        "payments missing": wanted - by_settlement,
        "dead tasks": trade.owner.execute("SELECT count(*) FROM contractor.task WHERE state = 'dead'").fetchone()[0],
        "books that do not hold": sum(1 for book in books if not book.holds),
        "batches not settled": sum(1 for state in trade.batch_states() if state not in ("settled", "discarded")),
        **{f"parity: {kind}": count for kind, count in found.items()},
    }
    return {name: count for name, count in named.items() if count}
