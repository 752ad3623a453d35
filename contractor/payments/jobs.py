"""What the payments' room does by itself: send what was approved, listen to the bank, ask where no word came.

Every effect commits with its task. A file is handed over after the commit that says so, never inside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.db import after_commit
from chassis.desks import CONTRACTOR
from chassis.queue.failpoints import failpoint
from chassis.queue.failures import Hopeless
from chassis.queue.handlers import TaskAtHand, handles
from chassis.queue.outbox import NewTask, post_many
from chassis.queue.periodic import every
from contractor.ledger.identity import check_books
from contractor.payments.answers import take_in
from contractor.payments.bank_door import FolderDoor
from contractor.payments.bank_settings import bank_of
from contractor.payments.exceptions import Noticed, note
from contractor.payments.moves import locked_batch
from contractor.payments.parity import check_and_note
from contractor.payments.receipts import mark_unanswered, mark_uncertain
from contractor.payments.refusals import BatchNotInThisState, NotTheSameMessage, UnreadableAnswer
from contractor.payments.releasing import Held, begin_sending
from contractor.payments.tables import BankMessage, PaymentBatch
from rulebook.lifecycles.batch import S

OURS = (CONTRACTOR.key,)
LISTEN_SECONDS = 5
UNCERTAIN_AFTER = dt.timedelta(seconds=10)
"""A bank that has not acknowledged a file by then is asked about it, every time we listen."""
log = structlog.get_logger(__name__)


def counties_with_batches(session: Session) -> Sequence[str]:
    return session.scalars(select(PaymentBatch.county_code).distinct()).all()


every(LISTEN_SECONDS, "payments.listen", desks=OURS, counties=counties_with_batches)


@handles("payments.send", desks=OURS)
def send(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    """One approved batch. A task that comes late finds it sent, and does nothing."""
    batch_id = task.payload["batch"]
    try:
        ready = begin_sending(
            session,
            county_code=task.county_code,
            batch_id=batch_id,
            keyring=task.house.keyring,
            bank=bank_of(task.house.settings, task.county_code),
            at=at,
        )
    except BatchNotInThisState:
        log.info("batch_not_to_be_sent", county_code=task.county_code, batch=batch_id)
        return
    if isinstance(ready, Held):
        log.warning("batch_held", county_code=task.county_code, batch=batch_id, reason=ready.reason)
        return
    door = door_of(task)
    _afterwards(session, partial(door.hand_over, ready.message_id, ready.form, ready.content))


@handles("payments.listen", desks=OURS)
def listen(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    """Ask about what the bank has not acknowledged, and have each of its files read by a task of its own."""
    door = door_of(task)
    unanswered = session.execute(
        select(PaymentBatch.id, PaymentBatch.message_id).where(
            PaymentBatch.county_code == task.county_code,
            PaymentBatch.state.in_([S.SENDING.value, S.IN_DOUBT.value]),
            PaymentBatch.sending_begun_at < at - UNCERTAIN_AFTER,
        )
    ).all()
    for batch_id, message_id in unanswered:
        batch = locked_batch(session, task.county_code, batch_id)
        if batch.state == S.SENDING:
            mark_uncertain(session, batch, at=at)
        if batch.state == S.IN_DOUBT:
            _afterwards(session, partial(door.ask, message_id))
    arrived = {name: digest for name in door.arrived() if (digest := door.digest(name)) is not None}
    # The content is part of the key: a second file under a known name is read too, and refused by its own words.
    tasks = [NewTask({"file": name}, natural_key=f"{name}/{digest.hex()[:16]}") for name, digest in arrived.items()]
    post_many(session, county_code=task.county_code, kind="payments.read_answer", tasks=tasks, at=at)
    for name in _read_before(session, task.county_code, arrived):
        _afterwards(session, partial(door.put_away, name, where="read"))


@handles("payments.read_answer", desks=OURS)
def read_answer(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    """One file of the bank, whole. What cannot be read is put away apart, and a person is told."""
    name, door = task.payload["file"], door_of(task)
    content = door.content(name)
    if content is None:
        return
    try:
        taken = take_in(session, content, county_code=task.county_code, keyring=task.house.keyring, at=at)
        log.info("bank_answered", county_code=task.county_code, file=name, duplicate=taken.is_duplicate)
    except (UnreadableAnswer, NotTheSameMessage) as refusal:
        kind = "message_differs" if isinstance(refusal, NotTheSameMessage) else "unreadable_file"
        found = str(refusal.facts.get("fault", refusal.facts.get("message_id", "")))
        noticed = Noticed(kind, name, str(refusal.facts.get("expected", "the same content")), found)
        note(session, [noticed], county_code=task.county_code, at=at)
        _afterwards(session, partial(door.put_away, name, where="refused"))
        return
    failpoint("bank.answer.before")
    _afterwards(session, partial(door.put_away, name, where="read"))


def door_of(task: TaskAtHand) -> FolderDoor:
    if task.house is None:
        raise Hopeless("a worker without a house has no bank")
    return FolderDoor.of(task.house.settings.data_dir, task.county_code)


def _read_before(session: Session, county_code: str, arrived: Mapping[str, bytes]) -> list[str]:
    """Files whose effect is committed but which a crash has left in the inbox."""
    if not arrived:
        return []
    known = session.scalars(
        select(BankMessage.sha256).where(
            BankMessage.county_code == county_code,
            BankMessage.direction == "in",
            BankMessage.sha256.in_(list(arrived.values())),
        )
    )
    digests = {bytes(digest) for digest in known}
    return [name for name, digest in arrived.items() if digest in digests]


def _afterwards(session: Session, act: Callable[[], object]) -> None:
    """Do it after the commit. What fails then is asked about or done again by the next listening."""

    def attempt() -> None:
        try:
            act()
        except OSError as error:
            log.error("bank_folder_failed", error=type(error).__name__)

    after_commit(session, attempt)


every(86_400, "payments.check", desks=OURS, counties=counties_with_batches)
STATEMENT_GRACE = dt.timedelta(days=2)


@handles("payments.check", desks=OURS, limit_seconds=1800)
def check_the_day(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    """Each day: lines the bank has owed an answer too long, the books' identity, and the four witnesses compared."""
    term = dt.timedelta(days=bank_of(task.house.settings, task.county_code).answer_within_days)
    mark_unanswered(session, task.county_code, taken_before=at - term, at=at)
    for one in check_books(session, county_code=task.county_code, at=at):
        if not one.holds:
            log.error(
                "books_do_not_hold", county_code=task.county_code, book=one.book, difference_fen=one.difference_fen
            )
    parity = check_and_note(
        session, county_code=task.county_code, at=at, keyring=task.house.keyring, grace=STATEMENT_GRACE
    )
    log.info("parity_checked", county_code=task.county_code, discrepancies=len(parity.discrepancies))
