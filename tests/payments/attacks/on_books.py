"""Acts against the books: postings, legs, balances."""

from __future__ import annotations

from tests.payments.attacks.trying import attack


def posting(key: str) -> str:
    return (
        "INSERT INTO contractor.posting (county_code, book, idempotency_key, kind, posted_on) "
        f"VALUES ('990121', 'entrusted', '{key}', 'advance_received', '2026-11-20')"
    )


def leg(number: int, account: str, fen: int, posting: str = "(SELECT max(id) FROM contractor.posting)") -> str:
    return (
        "INSERT INTO contractor.leg (county_code, posting_id, leg_no, book, account_code, amount_fen) "
        f"VALUES ('990121', {posting}, {number}, 'entrusted', '{account}', {fen})"
    )


@attack
def a_posting_out_of_balance(w, r):
    fen = r.randrange(1, 10**6)
    key = f"trial/{r.randrange(10**9)}"
    return [posting(key), leg(1, "M101", fen), leg(2, "M201", -fen - r.choice([1, -1 if fen > 1 else 2, 10**6]))]


@attack
def a_posting_of_one_leg_or_none(w, r):
    key = f"trial/{r.randrange(10**9)}"
    return [posting(key), leg(1, "M101", 5)] if r.random() < 0.5 else [posting(key)]


@attack
def a_leg_joins_late(w, r):
    posting = "(SELECT min(id) FROM contractor.posting WHERE book = 'entrusted')"
    late = [leg(90_001, "M101", 7, posting), leg(90_002, "M201", -7, posting)]
    return late[: r.choice([1, 2])]


@attack
def a_leg_joins_after_the_constraints_were_hurried(w, r):
    return [
        posting(f"trial/{r.randrange(10**9)}"),
        leg(1, "M101", 5),
        leg(2, "M201", -5),
        "SET CONSTRAINTS ALL IMMEDIATE",
        leg(3, "M101", 5),
    ]


@attack
def an_account_goes_below_its_floor(w, r):
    fen = 10**13
    return [posting(f"trial/{r.randrange(10**9)}"), leg(1, "M101", -fen), leg(2, "M201", fen)]


@attack
def a_posting_crosses_the_books(w, r):
    other = leg(2, "S101", -5).replace("'entrusted'", r.choice(["'serious'", "'entrusted'"]))
    return [posting(f"trial/{r.randrange(10**9)}"), leg(1, "M101", 5), other]


@attack
def a_key_is_posted_twice(w, r):
    return [
        "INSERT INTO contractor.posting (county_code, book, idempotency_key, kind, posted_on) "
        "SELECT county_code, book, idempotency_key, kind, posted_on FROM contractor.posting LIMIT 1"
    ]


@attack
def a_reversal_takes_back_something_else(w, r):
    return [
        "INSERT INTO contractor.posting (county_code, book, idempotency_key, kind, posted_on, reverses_posting_id) "
        f"SELECT '990121', 'entrusted', 'trial/{r.randrange(10**9)}', 'taken_back', '2026-11-20', min(id) "
        "FROM contractor.posting WHERE book = 'entrusted'",
        leg(1, "M101", -3),
        leg(2, "M201", 3),
    ]
