"""A part of the paying house as a process of its own, to be killed: `python -m tests.payments.process PART`.

worker and sweeper as in the house; drain does what waits and ends; desk does what the people do: it plans, batches,
submits and approves until TRIAL_PAYMENTS are planned, and goes on where a killed one stopped. Where TRIAL_FOLDER
holds a file `pace`, it plans no more than the number in it, so that every kill finds payments on their way.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from chassis import clock
from chassis.db import Database, make_engine
from chassis.desks import CONTRACTOR
from chassis.house import House
from chassis.queue.doorbell import Doorbell, hang
from chassis.queue.sweeper import sweep_until
from chassis.queue.worker import Worker, stop_on_signals
from contractor.payments import jobs
from contractor.payments.approving import approve_proved
from contractor.payments.batches import content_sha256, groups_waiting, make_batches, submit
from contractor.payments.planning import plan_payments
from contractor.payments.tables import Payment, PaymentBatch
from tests.payments.trade import COUNTY, Trade, trade_settings

CHUNK = 100


def main(part: str) -> None:
    assert jobs.__name__ in sys.modules
    folder = Path(os.environ["TRIAL_FOLDER"])
    database = Database(CONTRACTOR, make_engine(os.environ["TRIAL_DATABASE_URL"], schema="contractor"))
    redis_url = os.environ.get("TRIAL_REDIS_URL")
    doorbell = Doorbell(redis_url) if redis_url else None
    if doorbell:
        hang(database, doorbell)
    house = House(trade_settings(folder), "workspace", {CONTRACTOR.key: database})
    lease = dt.timedelta(seconds=float(os.environ.get("TRIAL_LEASE_SECONDS", "2")))
    print("ready", flush=True)
    if part == "worker":
        worker = Worker([database], doorbell=doorbell, house=house, lease=lease)
        stop_on_signals(worker)
        worker.work()
    elif part == "drain":
        Worker([database], house=house, lease=lease).drain()
    elif part == "sweeper":
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        sweep_until(stop, [database], doorbell, seconds=lease.total_seconds() / 2)
    elif part == "desk":
        wanted = int(os.environ["TRIAL_PAYMENTS"])
        _people(database, house, wanted, json.loads(os.environ["TRIAL_PEOPLE"]), folder / "pace")


def _people(database: Database, house: House, wanted: int, people: dict[str, int], pace: Path) -> None:
    while True:
        try:
            allowed = min(wanted, int(pace.read_text())) if pace.exists() else wanted
            if _one_turn(database, house, allowed, people) and allowed == wanted:
                return
        except SQLAlchemyError:
            time.sleep(0.5)  # PostgreSQL is being killed; people try again.


def _one_turn(database: Database, house: House, wanted: int, people: dict[str, int]) -> bool:
    """One chunk on its way, each act a transaction of its own; whether all is planned and approved."""
    with database.transaction() as session:
        planned = session.scalar(select(func.count()).select_from(Payment)) or 0
        rows = Trade.numbered(planned + 1, min(CHUNK, wanted - planned)) if planned < wanted else []
        plan_payments(session, rows, county_code=COUNTY, keyring=house.keyring, at=clock.now())
    with database.transaction() as session:
        groups = groups_waiting(session, COUNTY)
        if groups:
            make_batches(session, groups, county_code=COUNTY, by=people["cashier"], at=clock.now())
    with database.transaction() as session:
        drafts = session.scalars(select(PaymentBatch.id).where(PaymentBatch.state == "draft")).all()
        for batch_id in drafts:
            submit(session, county_code=COUNTY, batch_id=batch_id, by=people["cashier"], at=clock.now())
    with database.transaction() as session:
        submitted = session.scalars(select(PaymentBatch.id).where(PaymentBatch.state == "submitted")).all()
        for batch_id in submitted:
            shown = content_sha256(session, COUNTY, batch_id)
            approve_proved(
                session,
                county_code=COUNTY,
                batch_id=batch_id,
                shown_sha256=shown,
                proof=None,
                by=people["checker"],
                at=clock.now(),
            )
    time.sleep(0.2)
    return not rows and not groups and not drafts and not submitted


if __name__ == "__main__":
    main(sys.argv[1])
