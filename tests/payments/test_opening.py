"""A county begins to pay: its books are opened, what arrived is booked once, the four witnesses are compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from chassis.errors import Misconfigured, NotFound
from chassis.identity.demo import ensure_demo_staff
from chassis.settings import read_settings
from contractor.app import create_app
from contractor.ledger.advances import advances_of, book_advance, take_back_advance
from contractor.ledger.identity import identities
from contractor.ledger.refusals import (
    AdvanceIsSpent,
    AdvanceOfTomorrow,
    AdvanceTakenBack,
    BooksNotOpen,
    ReferenceMisspelt,
    ReferenceUsed,
)
from contractor.payments.bank_settings import bank_of
from contractor.payments.opening import open_county
from contractor.payments.refusals import CountyNotEntered
from coopmed.__main__ import main
from demo.people import PASSPHRASE, staff_of
from tests.demo.house import LivedIn, lived_in, signed_in
from tests.payments.trade import AT, COUNTY
from tests.sites import post

ON = AT.date()
BANK_FILE = """
format: csv
answer_within_days: 3
counties:
  "410122":
    entrusted:     {name: 中牟县新农合周转金, account: "41012200000001", agent: 某银行}
    serious:       {name: 中牟县大病保险, account: "41012200000002", agent: 某银行}
    supplementary: {name: 中牟县补充保险, account: "41012200000003", agent: 某银行}
"""


@pytest.fixture(scope="module")
def home(servers, template) -> Iterator[LivedIn]:
    with lived_in(servers, template, environment="demo") as home:
        for county_code, staff in staff_of("contractor").items():
            with home.databases["contractor"].transaction() as session:
                ensure_demo_staff(session, county_code=county_code, people=staff, at=AT, settings=home.settings)
        yield home


@pytest.fixture(scope="module")
def desk(home):
    return create_app(home.house("workspace"))


def balance(home: LivedIn, book: str = "entrusted") -> int | None:
    with psycopg.connect(home.database.owner_url.replace("postgresql+psycopg", "postgresql")) as connection:
        row = connection.execute(
            "SELECT balance_fen FROM contractor.account_balance WHERE county_code = %s AND book = %s "
            "AND account_code LIKE '%%101'",
            [COUNTY, book],
        ).fetchone()
    return row and row[0]


def test_the_lead_opens_the_books_and_books_what_arrived_with_a_fresh_proof(home, desk):
    lead, cashier = signed_in(desk, "lead"), signed_in(desk, "cashier")
    here, money = "/payments/opening", {"book": "entrusted", "reference": "CZ2026-1", "arrived_on": "2026-01-05"}
    assert "本县还没有开通支付" in cashier.get("/payments").text and "由主管开立" in cashier.get(here).text
    assert "****0101" in lead.get(here).text and "990121000000010101" not in lead.get(here).text
    assert post(cashier, "/payments/opening/open", form_on="/payments").status_code == 403
    refused = post(lead, "/payments/opening/open", form_on=here)
    assert "step-up" in refused.headers["Location"] and balance(home) is None

    assert post(lead, "/step-up", {"password": PASSPHRASE}).status_code == 303
    with_money = {"book": "entrusted", "amount": "5", "reference": "CZ2026-1", "arrived_on": "2026-01-05"}
    assert post(lead, "/payments/opening/advances", with_money, form_on=here).status_code == 409
    assert post(lead, "/payments/opening/open", form_on=here).status_code == 303
    assert balance(home) == 0 and "已开通" in lead.get(here).text
    assert post(lead, "/payments/opening/open", form_on=here).status_code == 303

    for amount in ("1E5", "12.345", "-3", "0", "１２", ""):
        answer = post(lead, f"{here}/advances", money | {"amount": amount}, form_on=here)
        assert answer.status_code == 422 and 'id="f-amount-error"' in answer.text, amount
    for wrong in ({"arrived_on": "2999-01-01"}, {"reference": "a b"}, {"book": "mine"}, {"arrived_on": "2026-02-30"}):
        assert post(lead, f"{here}/advances", money | {"amount": "5"} | wrong, form_on=here).status_code == 422
    assert balance(home) == 0
    right = money | {"amount": "1250000.5"}
    for _twice in range(2):
        assert post(lead, f"{here}/advances", right, form_on=here).status_code == 303
    assert balance(home) == 125_000_050
    other = post(lead, f"{here}/advances", right | {"amount": "7"}, form_on=here)
    assert other.status_code == 409 and "1250000.50 元" in other.text

    page = lead.get(here).text
    back = f"{here}/advances/" + page.split(f'action="{here}/advances/', 1)[1].split('"', 1)[0]
    assert post(lead, back, form_on=here).status_code == 303
    assert post(lead, back, form_on=here).status_code == 409
    assert balance(home) == 0 and "已冲回" in lead.get(here).text
    assert post(lead, f"{here}/advances", right | {"amount": "7"}, form_on=here).status_code == 303
    assert balance(home) == 700
    assert "本县还没有开通支付" not in cashier.get("/payments").text


def test_an_arrival_is_booked_once_and_what_is_spent_is_not_taken_back(trade):
    given = {"county_code": COUNTY, "book": "entrusted", "by": trade.people["lead"], "at": AT}
    with trade.database.transaction() as session:
        first = book_advance(session, **given, amount_fen=500, reference="CZ-1", on=ON)
        assert not book_advance(session, **given, amount_fen=500, reference="cz-1", on=ON).is_new
        for wrong in ({"amount_fen": 501}, {"on": ON - dt.timedelta(days=1)}):
            with pytest.raises(ReferenceUsed):
                book_advance(session, **given, **({"amount_fen": 500, "on": ON} | wrong), reference="CZ-1")
        with pytest.raises(AdvanceOfTomorrow):
            book_advance(session, **given, amount_fen=5, reference="CZ-2", on=ON + dt.timedelta(days=1))
        with pytest.raises(ReferenceMisspelt):
            book_advance(session, **given, amount_fen=5, reference="../../x", on=ON)
        opening = advances_of(session, COUNTY, book="entrusted")[-1]
    trade.plan(trade.claims(2))
    trade.approved()
    trade.work()
    who = {"county_code": COUNTY, "by": trade.people["lead"], "at": AT}
    with trade.database.transaction() as session, pytest.raises(AdvanceIsSpent):
        take_back_advance(session, posting_id=opening.posting_id, **who)
    with trade.database.transaction() as session:
        back = take_back_advance(session, posting_id=first.posting_id, **who)
        with pytest.raises(AdvanceTakenBack):
            take_back_advance(session, posting_id=first.posting_id, **who)
        for not_an_advance in (back.posting_id, 10**9):
            with pytest.raises(NotFound):
                take_back_advance(session, posting_id=not_an_advance, **who)
        again = book_advance(session, **given, amount_fen=9, reference="CZ-1", on=ON)
        assert again.is_new and not book_advance(session, **given, amount_fen=9, reference="CZ-1", on=ON).is_new
    with trade.database.transaction() as session:
        assert all(one.holds for one in identities(session, COUNTY))


def test_a_county_that_nobody_entered_is_not_opened_and_takes_no_money(trade):
    with trade.database.transaction() as session:
        with pytest.raises(CountyNotEntered):
            open_county(session, county_code="123456", by=None, at=AT)
        with pytest.raises(BooksNotOpen):
            book_advance(
                session, county_code="123456", book="serious", amount_fen=5, reference="a-1", on=ON, by=None, at=AT
            )


def test_production_pays_from_the_accounts_its_own_file_names_and_from_no_others(tmp_path: Path):
    production = {"COOPMED_ENVIRONMENT": "production"}
    with pytest.raises(Misconfigured, match="COOPMED_BANK_FILE is not set"):
        bank_of(read_settings(production), COUNTY)
    file = tmp_path / "bank.yaml"
    settings = read_settings(production | {"COOPMED_BANK_FILE": str(file)})
    with pytest.raises(Misconfigured, match="does not open"):
        bank_of(settings, "410122")
    file.write_text(BANK_FILE)
    bank = bank_of(settings, "410122")
    assert (bank.format, bank.accounts["serious"].account) == ("csv", "41012200000002")
    with pytest.raises(Misconfigured, match=r"counties\.990121"):
        bank_of(settings, COUNTY)


def test_the_commands_open_a_county_book_its_money_and_say_what_to_do_when_refused(trade):
    env = {
        "COOPMED_ENVIRONMENT": "test",
        "COOPMED_KEY_FILE": str(trade.folder / "keys.json"),
        "COOPMED_SECRET_KEY_FILE": str(trade.folder / "secret"),
        "COOPMED_CONTRACTOR_DATABASE_URL": trade.test_database.url("contractor_rw"),
    }

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, arguments, env=env)
        return done.exit_code, done.output

    code, said = run("open-payments", "--county", "123456")
    assert code == 1 and "python -m coopmed new-county" in said
    other = "990122"
    money = ("--county", other, "--book", "entrusted", "--reference", "CZ-9", "--on", "2026-01-05", "--amount")
    code, said = run("book-advance", *money, "100.00")
    assert code == 1 and f"open-payments --county {other}" in said
    assert run("open-payments", "--county", other)[0] == 0
    assert "open already" in run("open-payments", "--county", other)[1]
    assert run("book-advance", *money, "1E5")[0] == 2
    assert "100.00 yuan is booked" in run("book-advance", *money, "100.00")[1]
    assert "was booked before" in run("book-advance", *money, "100.00")[1]
    code, said = run("book-advance", *money, "100.01")
    assert code == 1 and "stands for 100.00 yuan" in said
    code, said = run("check-payments", "--county", other)
    assert code == 0 and "all four agree" in said and "held 100.00, owed 100.00" in said
    trade.plan(trade.claims(1))
    code, said = run("check-payments", "--county", COUNTY)
    assert code == 1 and "planned_and_not_owed: 1" in said and "expected a decision" in said
