"""Ten thousand payments: planned, batched, approved, released, posted, answered. One batch, durable commits."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chassis import clock
from chassis.launcher.throwaway import throwaway_servers
from contractor.ledger.entries import PaidLine, post_release, take_back_release
from contractor.payments.answers import take_in
from contractor.payments.bank_door import FolderDoor
from contractor.payments.bank_settings import the_bank
from contractor.payments.releasing import begin_sending
from migrations.apply import ensure_database, ensure_roles, upgrade
from tests.conftest import PASSWORDS, TestDatabase
from tests.payments.trade import Trade, opened_trade

PAYMENTS = int(os.environ.get("COOPMED_BENCH_PAYMENTS", "10000"))
ROUNDS = 3


def main() -> None:
    with ExitStack() as stack:
        servers = stack.enter_context(throwaway_servers(durable=True))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="coopmed-bench-")))
        ensure_database(servers.postgres.superuser_url(), "bench")
        owner_url = servers.postgres.superuser_url("bench")
        ensure_roles(owner_url, PASSWORDS)
        upgrade(owner_url)
        trade = opened_trade(TestDatabase(owner_url), folder, advance_fen=10**12)
        stack.callback(trade.close)
        for number in range(ROUNDS):
            print(f"  round {number + 1}")
            _round(trade)


def _round(trade: Trade) -> None:
    rows = trade.claims(PAYMENTS, fen=10_000)
    _timed("planned (accounts sealed)", lambda: trade.plan(rows))
    made = _timed("batched and submitted (content hashed)", trade.submitted)
    _timed("approved", lambda: [trade.approve(batch) for batch in made])
    (batch,) = made
    ids = trade.owner.execute("SELECT id, amount_fen FROM contractor.payment WHERE batch_id = %s", [batch]).fetchall()
    lines = [PaidLine(number, "pooled", fen, 0) for number, fen in ids]

    def posted(round_: int) -> None:
        with trade.database.transaction() as session:
            given = {"county_code": trade.county_code, "batch_id": batch, "round_": round_, "on": clock.now().date()}
            post_release(session, lines, book="entrusted", **given)

    _timed("posted: one posting of 10,001 legs, balanced and sealed (goal 0.5 s)", lambda: posted(900))
    with trade.database.transaction() as session:
        take_back_release(session, county_code=trade.county_code, batch_id=batch, round_=900, on=clock.now().date())

    def released() -> None:
        with trade.database.transaction() as session:
            ready = begin_sending(
                session,
                county_code=trade.county_code,
                batch_id=batch,
                keyring=trade.keyring,
                bank=the_bank(),
                at=clock.now(),
            )
        FolderDoor.of(trade.settings.data_dir, trade.county_code).hand_over(ready.message_id, ready.form, ready.content)

    _timed("released: state, posting, sealed file, lines, file out (goal 2 s)", released)
    bank = trade.bank()
    _timed("the simulated bank takes it and reports", lambda: bank.round(clock.now()))
    inbox = trade.folder / "data" / "bank" / trade.county_code / "inbox"
    for path in sorted(inbox.iterdir()):
        content = path.read_bytes()

        def taken(content: bytes = content) -> None:
            with trade.database.transaction() as session:
                take_in(session, content, county_code=trade.county_code, keyring=trade.keyring, at=clock.now())

        _timed(f"answer taken in: {path.name.partition('.')[2]}, {len(content):,} bytes", taken)
        path.unlink()


def _timed(what: str, act: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    answer = act()
    print(f"    {what}: {time.perf_counter() - begun:.2f} s")
    return answer
