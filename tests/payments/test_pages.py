"""The pages of payments and of the books, as cashier, checker and lead use them one after another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis.identity.demo import ensure_demo_staff
from contractor.app import create_app
from contractor.ledger.entries import receive_advance
from contractor.payments.exceptions import Noticed, note
from contractor.payments.opening import open_for_payments
from demo.people import PASSPHRASE, staff_of
from simulated_bank.fates import Rates
from tests.demo.house import LivedIn, lived_in, signed_in
from tests.payments.trade import AT, COUNTY, Trade
from tests.sites import post

PAYEE = {"route": "manual", "payee_name": "王小明", "payee_account": "6222020000000000000"}


@pytest.fixture(scope="module")
def home(servers, template) -> Iterator[LivedIn]:
    with lived_in(servers, template, environment="demo") as home:
        for county_code, staff in staff_of("contractor").items():
            with home.databases["contractor"].transaction() as session:
                ensure_demo_staff(session, county_code=county_code, people=staff, at=AT, settings=home.settings)
        yield home


@pytest.fixture(scope="module")
def desk(home):
    """`desk("cashier")`: that person's browser at the workspace."""
    app = create_app(home.house("workspace"))
    browsers = {}

    def browser(name: str):
        if name not in browsers:
            browsers[name] = signed_in(app, name)
        return browsers[name]

    return browser


@pytest.fixture(scope="module")
def paying(home) -> Iterator[Trade]:
    """The demo's people, with money on the account and six payments to make."""
    trade = Trade(home.database, home.folder)
    with trade.database.transaction() as session:
        open_for_payments(session, COUNTY)
        receive_advance(session, county_code=COUNTY, book="entrusted", amount_fen=10**8, reference="a1", on=AT.date())
    trade.plan(trade.claims(6, **PAYEE))
    yield trade
    trade.close()


def _text(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.get_data(as_text=True)


def test_a_batch_goes_from_the_cashier_by_the_checker_to_the_bank_and_back(desk, paying):
    cashier, checker, lead = desk("cashier"), desk("checker"), desk("lead")
    assert "600.21" in _text(cashier.get("/payments"))
    made = post(cashier, "/payments/make", {"fund": "pooled", "payee_kind": "member"}, form_on="/payments")
    assert made.status_code == 303
    here = made.headers["Location"]
    page = _text(cashier.get(here))
    assert "王小明" in page and "****0000" in page and "6222020000000000000" not in page
    assert 'name="content_hash"' not in page
    assert post(cashier, f"{here}/submit", {"version": "7"}, form_on=here).status_code == 409
    assert post(cashier, f"{here}/submit", {"version": "0"}, form_on=here).status_code == 303

    assert "先验证身份" in _text(checker.get(here))
    assert post(checker, "/step-up", {"password": PASSPHRASE}).status_code == 303
    page = _text(checker.get(here))
    shown = page.split('name="content_hash" value="', 1)[1][:64]
    wrong = {"content_hash": shown, "last_four": "zzzz", "password": PASSPHRASE}
    assert "和上面指纹的最后四位不一样" in post(checker, f"{here}/approve", wrong, form_on=here).get_data(as_text=True)
    other = shown[:63] + ("0" if shown[63] != "0" else "1")
    right = {"content_hash": shown, "last_four": shown[12:16], "password": PASSPHRASE}
    assert post(checker, f"{here}/approve", right | {"content_hash": other}, form_on=here).status_code == 409
    assert post(checker, f"{here}/approve", right, form_on=here).status_code == 303

    paying.paid(paying.bank(Rates(refused=4000, returned=4000, delayed=0), seed="3"), rounds=4)
    assert "已结清" in _text(lead.get(here))
    page = _text(lead.get("/payments/answers"))
    one = "/payments/unpaid/" + page.split('href="/payments/unpaid/', 1)[1].split('"', 1)[0]
    words = {"account_name": "王小明", "account": "6222020000000000001", "reason": "电话核对"}
    assert "这不是一个银行账号" in post(lead, f"{one}/reissue", words, form_on=one).get_data(as_text=True)
    assert post(lead, f"{one}/reissue", words | {"account": ""}, form_on=one).status_code == 303
    assert paying.states()["reissued"] == 1
    assert "已重发" in _text(lead.get(one))
    for file_type in ("csv", "xlsx"):
        assert lead.get(f"{here}.{file_type}").status_code == 200


def test_the_books_hold_and_lead_from_account_to_posting(desk, paying):
    lead = desk("lead")
    page = _text(lead.get("/ledger"))
    assert "差额为零" in page and "M301.1" in page
    account = _text(lead.get("/ledger/entrusted/M101"))
    posting = account.split('href="/ledger/postings/', 1)[1].split('"', 1)[0]
    assert "M101" in _text(lead.get(f"/ledger/postings/{posting}"))
    assert "分录号" in lead.get("/ledger/entrusted/M101/table.csv").get_data(as_text=True)
    assert lead.get("/ledger/entrusted/M999").status_code == 404
    assert lead.get("/ledger/postings/999999").status_code == 404


def test_an_exception_is_closed_with_words_by_the_lead(desk, paying):
    with paying.database.transaction() as session:
        note(session, [Noticed("parity", "trial/1", "1", "2")], county_code=COUNTY, at=AT)
    lead = desk("lead")
    page = _text(lead.get("/payments/answers"))
    one = "/payments/exceptions/" + page.split('href="/payments/exceptions/', 1)[1].split('"', 1)[0]
    assert post(lead, one, {"reason": "x"}).status_code == 422
    assert post(lead, one, {"reason": "与银行对过，已更正"}).status_code == 303
    assert "与银行对过" in _text(lead.get(one))
