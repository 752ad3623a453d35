"""What a bank may answer, and not answer (A7): one state or a named exception each, and nothing is sent again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from contractor.payments.answers import take_in
from contractor.payments.batches import withdraw_approval
from contractor.payments.exceptions import resolve
from contractor.payments.receipts import mark_unanswered
from contractor.payments.refusals import BankMayHaveIt, ExceptionClosed, NotTheSameMessage
from simulated_bank.reports import Booking, Report, ReportLine, answer_csv, camt053, pain002
from tests.payments.trade import AT, Trade


@dataclass
class Sent:
    """Three payments in a batch that has left; the bank is this test."""

    trade: Trade
    batch: int
    message_id: str
    names: list[str]
    fen: list[int]
    exceptions_before: int

    def report(self, number: int, *lines: ReportLine, group: str | None = None, about: str = "", told=(None, None)):
        return Report(f"R{self.batch}X{number}", about or self.message_id, group, *told, lines, AT)

    def line(self, place: int, says: str = "paid", fen: int | None = None) -> ReportLine:
        reason = "AC04" if says in ("refused", "returned") else None
        return ReportLine(says, self.names[place], fen or self.fen[place], reason)

    @property
    def total(self) -> tuple[int, int]:
        return 3, sum(self.fen)

    def states(self) -> dict[str, int]:
        rows = self.trade.owner.execute(
            "SELECT state, count(*) FROM contractor.payment WHERE batch_id = %s GROUP BY state", [self.batch]
        )
        return dict(rows.fetchall())

    def batch_state(self) -> str:
        query = "SELECT state FROM contractor.payment_batch WHERE id = %s"
        return self.trade.owner.execute(query, [self.batch]).fetchone()[0]

    def exceptions(self) -> dict[str, int]:
        rows = self.trade.owner.execute(
            "SELECT kind, count(*) FROM contractor.payment_exception WHERE id > %s AND resolved_at IS NULL "
            "GROUP BY kind",
            [self.exceptions_before],
        )
        return dict(rows.fetchall())

    def statement(self, number: int, *lines: ReportLine) -> bytes:
        side = {"paid": "DBIT", "returned": "CRDT"}
        booked = [
            Booking(place, side[one.says], one.end_to_end_id, one.amount_fen, one.reason)
            for place, one in enumerate(lines, 1)
        ]
        return camt053(f"S{self.batch}X{number}", "990121000000010101", booked, AT)

    def takes_in(self, *messages: bytes | Report) -> None:
        for message in messages:
            content = pain002(message) if isinstance(message, Report) else message
            with self.trade.database.transaction() as session:
                take_in(session, content, county_code=self.trade.county_code, keyring=self.trade.keyring, at=AT)

    def orders(self) -> list[Path]:
        outbox = self.trade.folder / "data/bank" / self.trade.county_code / "outbox"
        return sorted(path for path in outbox.iterdir() if path.name.startswith(self.message_id))


@pytest.fixture()
def sent(shared_trade) -> Sent:
    trade = shared_trade
    trade.plan(trade.claims(3))
    (batch,) = trade.approved()
    trade.work()
    query = "SELECT end_to_end_id, amount_fen FROM contractor.payment WHERE batch_id = %s ORDER BY id"
    names, fen = zip(*trade.owner.execute(query, [batch]), strict=True)
    query = "SELECT message_id FROM contractor.payment_batch WHERE id = %s"
    (message_id,) = trade.owner.execute(query, [batch]).fetchone()
    (known,) = trade.owner.execute("SELECT coalesce(max(id), 0) FROM contractor.payment_exception").fetchone()
    return Sent(trade, batch, message_id, list(names), list(fen), known)


def _all_paid(s: Sent) -> Report:
    return s.report(2, s.line(0), s.line(1), s.line(2))


Case = tuple[str, Callable[[Sent], list[bytes | Report]], dict[str, int], str, dict[str, int]]
# What the bank says; then the states of the payments, of the batch, and the exceptions that people see.
CASES: list[Case] = [
    ("no word at all", lambda s: [], {"in_batch": 3}, "sending", {}),
    ("a receipt alone", lambda s: [s.report(1, group="TAKEN", told=s.total)], {"sent": 3}, "sent", {}),
    ("all paid", lambda s: [s.report(1, group="TAKEN"), _all_paid(s)], {"paid": 3}, "settled", {}),
    ("lines before the receipt", lambda s: [_all_paid(s), s.report(1, group="TAKEN")], {"paid": 3}, "settled", {}),
    ("the same report twice", lambda s: [_all_paid(s), _all_paid(s)], {"paid": 3}, "settled", {}),
    (
        "the same lines under another name",
        lambda s: [_all_paid(s), s.report(3, s.line(0), s.line(1))],
        {"paid": 3},
        "settled",
        {},
    ),
    ("a part", lambda s: [s.report(2, s.line(1))], {"sent": 2, "paid": 1}, "sent", {}),
    ("pending", lambda s: [s.report(2, s.line(0, "pending"))], {"sent": 3}, "sent", {}),
    ("refused", lambda s: [s.report(2, s.line(0, "refused"))], {"sent": 2, "refused_by_bank": 1}, "sent", {}),
    (
        "paid, then refused",
        lambda s: [s.report(2, s.line(0)), s.report(3, s.line(0, "refused"))],
        {"sent": 2, "paid": 1},
        "sent",
        {"answers_contradict": 1},
    ),
    (
        "refused, then paid",
        lambda s: [s.report(2, s.line(0, "refused")), s.statement(3, s.line(0))],
        {"sent": 2, "refused_by_bank": 1},
        "sent",
        {"answers_contradict": 1},
    ),
    (
        "a late return, after all was settled",
        lambda s: [_all_paid(s), s.statement(3, s.line(2, "returned"))],
        {"paid": 2, "returned": 1},
        "settled",
        {},
    ),
    (
        "a return before its payment",
        lambda s: [s.statement(3, s.line(2, "returned")), _all_paid(s)],
        {"paid": 2, "returned": 1},
        "settled",
        {"answers_contradict": 1},
    ),
    (
        "a return without a payment",
        lambda s: [s.statement(3, s.line(2, "returned"))],
        {"sent": 3},
        "sent",
        {"answers_contradict": 1},
    ),
    (
        "another amount",
        lambda s: [s.report(2, s.line(0, fen=10_000))],
        {"sent": 3},
        "sent",
        {"amount_differs": 1},
    ),
    (
        "a return of another amount",
        lambda s: [_all_paid(s), s.statement(3, s.line(0, "returned", fen=1))],
        {"paid": 3},
        "settled",
        {"amount_differs": 1},
    ),
    (
        "an unknown payment",
        lambda s: [s.report(2, ReportLine("paid", f"E990121T001P99{s.batch}", 5))],
        {"sent": 3},
        "sent",
        {"unknown_payment": 1},
    ),
    (
        "an unknown file",
        lambda s: [s.report(2, group="TAKEN", about=f"CM000{s.batch}")],
        {"in_batch": 3},
        "sending",
        {"unknown_message": 1},
    ),
    (
        "booked twice",
        lambda s: [s.statement(2, s.line(0)), s.statement(3, s.line(0))],
        {"sent": 2, "paid": 1},
        "sent",
        {"paid_twice": 1},
    ),
    (
        "a receipt for another count",
        lambda s: [s.report(1, group="TAKEN", told=(2, 1))],
        {"in_batch": 3},
        "sending",
        {"receipt_differs": 1},
    ),
    (
        "the whole file refused",
        lambda s: [s.report(1, group="REFUSED")],
        {"in_batch": 3},
        "approved",
        {"file_refused": 1},
    ),
    ("had it already", lambda s: [s.report(1, group="DUPLICATE", told=s.total)], {"sent": 3}, "sent", {}),
    (
        "taken, then said to be unknown",
        lambda s: [s.report(1, group="TAKEN"), s.report(2, group="UNKNOWN")],
        {"sent": 3},
        "sent",
        {"answers_contradict": 1},
    ),
]


@pytest.mark.parametrize(("says", "expected", "batch", "exceptions"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_whatever_the_bank_answers_ends_in_a_state_or_a_named_exception(sent, says, expected, batch, exceptions):
    orders = sent.orders()
    sent.takes_in(*says(sent))
    assert sent.states() == expected
    assert sent.batch_state() == batch
    assert sent.exceptions() == exceptions
    balances = sent.trade.balances()
    assert balances["M101"] + balances.get("M101.9", 0) + balances.get("M301.1", 0) == balances["M201"] + balances.get(
        "M202", 0
    )
    # Whatever it was, nothing new lies in the outbox.
    sent.trade.work()
    assert sent.orders() == orders


def test_a_bank_that_never_had_the_file_gets_the_same_file_once_more(sent):
    (order,) = sent.orders()
    first = order.read_bytes()
    order.unlink()
    sent.takes_in(sent.report(1, group="UNKNOWN"))
    assert sent.batch_state() == "approved"
    (in_transit,) = sent.trade.owner.execute(
        "SELECT coalesce(sum(amount_fen), 0) FROM contractor.leg JOIN contractor.posting ON posting.id = posting_id "
        "WHERE batch_id = %s AND account_code = 'M101.9'",
        [sent.batch],
    ).fetchone()
    assert in_transit == 0
    sent.trade.work()
    (again,) = sent.orders()
    assert (again.name, again.read_bytes(), sent.batch_state()) == (order.name, first, "sending")


def test_answers_in_csv_say_the_same_as_in_xml(sent):
    sent.takes_in(answer_csv(sent.report(1, group="TAKEN", told=sent.total)), answer_csv(_all_paid(sent)))
    assert (sent.states(), sent.batch_state()) == ({"paid": 3}, "settled")


def test_a_second_message_of_the_same_name_with_another_content_is_refused_whole(sent):
    sent.takes_in(sent.report(2, sent.line(0)))
    with pytest.raises(NotTheSameMessage):
        sent.takes_in(sent.report(2, sent.line(1)))
    assert sent.states() == {"sent": 2, "paid": 1}


def test_lines_without_an_answer_are_in_doubt_after_the_term_and_a_late_answer_still_counts(sent):
    sent.takes_in(sent.report(2, sent.line(0)))
    with sent.trade.database.transaction() as session:
        late = AT + dt.timedelta(days=3)
        assert mark_unanswered(session, sent.trade.county_code, taken_before=late, at=late) >= 2
    assert (sent.states(), set(sent.exceptions())) == ({"paid": 1, "in_doubt": 2}, {"answer_missing"})
    sent.takes_in(sent.report(3, sent.line(1), sent.line(2, "refused")))
    assert sent.states() == {"paid": 2, "refused_by_bank": 1}
    assert sent.batch_state() == "settled"


def test_an_exception_is_noted_once_while_open_and_closed_once_by_a_person(sent):
    wrong = [sent.report(number, sent.line(0, fen=1)) for number in (2, 3)]
    sent.takes_in(*wrong)
    assert sent.exceptions() == {"amount_differs": 1}
    query = "SELECT id FROM contractor.payment_exception WHERE id > %s"
    (number,) = sent.trade.owner.execute(query, [sent.exceptions_before]).fetchone()
    words = {"county_code": sent.trade.county_code, "exception_id": number, "resolution": "银行更正", "at": AT}
    with sent.trade.database.transaction() as session:
        resolve(session, **words, by=sent.trade.people["lead"])
    with sent.trade.database.transaction() as session, pytest.raises(ExceptionClosed):
        resolve(session, **words, by=sent.trade.people["cashier"])
    assert sent.exceptions() == {}


def test_lines_that_came_while_the_batch_was_thought_not_taken_count_once_the_bank_says_it_has_it(sent):
    """An old “unknown” overtakes the receipt: the lines come in between, and the file goes out again by its name."""
    sent.takes_in(sent.report(1, group="UNKNOWN"))
    assert sent.batch_state() == "approved"
    sent.takes_in(sent.report(2, sent.line(0), sent.line(1, "refused")))
    sent.trade.work()
    assert sent.batch_state() == "sending"
    sent.takes_in(sent.report(3, group="DUPLICATE", told=sent.total))
    assert (sent.states(), sent.batch_state()) == ({"paid": 1, "refused_by_bank": 1, "sent": 1}, "sent")
    sent.takes_in(sent.report(4, sent.line(2)))
    assert sent.batch_state() == "settled"


@pytest.mark.parametrize("answer", ["UNKNOWN", "UNKNOWN and lines", "REFUSED"])
def test_an_approval_is_withdrawn_only_where_the_bank_has_refused_the_whole_file(sent, answer):
    """What the bank may still find in its inbox must not be paid in another batch."""
    sent.takes_in(sent.report(1, group=answer.split()[0]))
    if answer.endswith("lines"):
        sent.takes_in(sent.report(2, sent.line(0)))
    assert sent.batch_state() == "approved"
    words = {"county_code": sent.trade.county_code, "batch_id": sent.batch, "reason": "重新编批", "at": AT}
    with sent.trade.database.transaction() as session:
        if answer == "REFUSED":
            withdraw_approval(session, **words, by=sent.trade.people["lead"])
        else:
            with pytest.raises(BankMayHaveIt):
                withdraw_approval(session, **words, by=sent.trade.people["lead"])
    assert sent.batch_state() == ("draft" if answer == "REFUSED" else "approved")
