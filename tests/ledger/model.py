"""The ledger as a few lines of Python, and a machine that drives both with the same acts (A8)."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter

import psycopg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from chassis.db import Database
from contractor.ledger.charts import open_books, the_chart
from contractor.ledger.identity import identities
from contractor.ledger.posting import NewLeg, post, posting_of, take_back
from contractor.ledger.tables import AccountBalance

ON = dt.date(2026, 11, 20)
BOOK = the_chart()["entrusted"]
SIDES = {account.code: 1 if account.side == "debit" else -1 for account in BOOK.accounts}
AMOUNTS = st.integers(1, 10**6)
CODES = st.sampled_from(sorted(SIDES))
Legs = list[tuple[str, int]]


class PureLedger:
    """Balances by account, debits above zero; a posting counts once for its key, and nothing falls below zero."""

    def __init__(self) -> None:
        self.balances: Counter[str] = Counter()
        self.postings: dict[str, Legs] = {}
        self.taken_back: set[str] = set()

    def takes(self, legs: Legs) -> bool:
        if len(legs) < 2 or sum(fen for _code, fen in legs) != 0:
            return False
        moved = Counter(self.balances)
        for code, fen in legs:
            moved[code] += fen
        return all(SIDES[code] * moved[code] >= 0 for code in moved)

    def post(self, key: str, legs: Legs) -> None:
        self.postings[key] = legs
        for code, fen in legs:
            self.balances[code] += fen


@st.composite
def balanced(draw) -> Legs:
    legs = [(draw(CODES), draw(AMOUNTS) * draw(st.sampled_from([1, -1]))) for _ in range(draw(st.integers(1, 3)))]
    rest = -sum(fen for _code, fen in legs)
    return [*legs, (draw(CODES), rest)] if rest else [*legs, (draw(CODES), 1), (draw(CODES), -1)]


class LedgerMachine(RuleBasedStateMachine):
    """`database` is set by the test. Each run keeps the books of a county of its own: it begins with empty accounts

    and the same choices do the same again, which shrinking a failure needs.
    """

    database: Database
    counties = itertools.count(100_000)
    tried: Counter[str] = Counter()

    @initialize()
    def begin(self) -> None:
        self.model = PureLedger()
        self.county_code = str(next(self.counties))
        self.number = 0
        url = self.database.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
        self.raw = psycopg.connect(url)
        with self.database.transaction() as session:
            open_books(session, self.county_code)

    def teardown(self) -> None:
        if hasattr(self, "raw"):
            self.raw.close()
            with self.database.transaction() as session:
                assert all(one.holds for one in identities(session, self.county_code))

    def _key(self) -> str:
        self.number += 1
        return f"model/{self.number:06}"

    def _tried(self, key: str, legs: Legs) -> bool:
        """Through raw SQL, so that no check of ours stands before the database."""
        self.tried["crooked posting"] += 1
        try:
            posting_id = self.raw.execute(
                "INSERT INTO contractor.posting (county_code, book, idempotency_key, kind, posted_on) "
                "VALUES (%s, 'entrusted', %s, 'advance_received', %s) RETURNING id",
                [self.county_code, key, ON],
            ).fetchone()[0]
            for number, (code, fen) in enumerate(legs, 1):
                self.raw.execute(
                    "INSERT INTO contractor.leg (county_code, posting_id, leg_no, book, account_code, amount_fen) "
                    "VALUES (%s, %s, %s, 'entrusted', %s, %s)",
                    [self.county_code, posting_id, number, code, fen],
                )
            self.raw.commit()
        except psycopg.Error:
            self.raw.rollback()
            return False
        return True

    @rule(fen=AMOUNTS)
    def money_arrives(self, fen: int) -> None:
        key, legs = self._key(), [("M101", fen), ("M201", -fen)]
        with self.database.transaction() as session:
            posted = self._post(session, key, legs)
        assert posted.is_new
        self.model.post(key, legs)

    @rule(legs=balanced())
    def something_is_posted(self, legs: Legs) -> None:
        key, expected = self._key(), self.model.takes(legs)
        try:
            with self.database.transaction() as session:
                self._post(session, key, legs)
            happened = True
        except DBAPIError:
            happened = False
        assert happened == expected, legs
        if expected:
            self.model.post(key, legs)

    @rule(legs=st.lists(st.tuples(CODES, AMOUNTS.map(lambda fen: fen * 7)), min_size=0, max_size=3))
    def something_crooked_is_tried(self, legs: Legs) -> None:
        assert not self.model.takes(legs)
        assert not self._tried(self._key(), legs), legs

    @precondition(lambda self: self.model.postings)
    @rule(data=st.data())
    def a_key_is_used_again(self, data) -> None:
        self.tried["used key"] += 1
        key = data.draw(st.sampled_from(sorted(self.model.postings)))
        with self.database.transaction() as session:
            assert not self._post(session, key, [("M101", 3), ("M201", -3)]).is_new

    @precondition(lambda self: self.model.postings)
    @rule(data=st.data(), fen=AMOUNTS)
    def a_leg_comes_late(self, data, fen: int) -> None:
        self.tried["late leg"] += 1
        key = data.draw(st.sampled_from(sorted(self.model.postings)))
        try:
            self.raw.execute(
                "INSERT INTO contractor.leg (county_code, posting_id, leg_no, book, account_code, amount_fen) "
                "SELECT county_code, id, 900, 'entrusted', 'M101', %s FROM contractor.posting "
                "WHERE county_code = %s AND idempotency_key = %s",
                [fen, self.county_code, key],
            )
            self.raw.commit()
            raise AssertionError("a late leg was taken")
        except psycopg.Error:
            self.raw.rollback()

    @precondition(lambda self: self.model.postings.keys() - self.model.taken_back)
    @rule(data=st.data())
    def a_posting_is_taken_back(self, data) -> None:
        self.tried["reversal"] += 1
        key = data.draw(st.sampled_from(sorted(self.model.postings.keys() - self.model.taken_back)))
        legs = [(code, -fen) for code, fen in self.model.postings[key]]
        expected, back = self.model.takes(legs), self._key()
        try:
            with self.database.transaction() as session:
                take_back(session, posting_of(session, self.county_code, key), kind="taken_back", key=back, on=ON)
            happened = True
        except DBAPIError:
            happened = False
        assert happened == expected
        if expected:
            self.model.post(back, legs)
            self.model.taken_back |= {key, back}

    @invariant()
    def both_say_the_same(self) -> None:
        if not hasattr(self, "model"):
            return
        self.tried["step"] += 1
        wanted = select(AccountBalance.account_code, AccountBalance.balance_fen).where(
            AccountBalance.county_code == self.county_code, AccountBalance.book == "entrusted"
        )
        with self.database.transaction() as session:
            found = {code: SIDES[code] * fen for code, fen in session.execute(wanted)}
        assert found == {code: self.model.balances[code] for code in SIDES}

    def _post(self, session, key: str, legs: Legs):
        self.tried["posting"] += 1
        new = [NewLeg(code, fen) for code, fen in legs]
        return post(
            session, new, county_code=self.county_code, book="entrusted", kind="advance_received", key=key, on=ON
        )
