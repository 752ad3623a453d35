"""Letters say what was decided, to the fen, in both languages; who may not see the claim gets none."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from sqlalchemy import text

from chassis import clock
from contractor.claims.crediting import credit_households
from contractor.claims.decisions import end_notices
from contractor.claims.incoming import IncomingLine
from contractor.claims.tables import Claim
from contractor.law.loading import law_of
from rulebook.money import parse_yuan
from tests.api.programs import COUNTY, HOSPITAL, Programs, claim_of, make_programs
from tests.claims.making import HEALTH_CENTRE, MEMBER_ACCOUNT, day, line
from tests.claims_pages.desks import Person, at_desk, waiting


@pytest.fixture(scope="module")
def programs(module_database, tmp_path_factory):
    made = make_programs(module_database, tmp_path_factory.mktemp("letters"))
    made.app.config["WTF_CSRF_ENABLED"] = False  # forms without a token are tried in tests/identity
    yield made
    made.close()


@pytest.fixture(scope="module")
def reviewer(programs) -> Person:
    return at_desk(programs, "reviewer", name="林晓岚")


@pytest.fixture(scope="module")
def reduced(programs, reviewer) -> int:
    """A direct claim of which 500.00 yuan were taken off, and the rest approved."""
    claim_id = waiting(programs, 0)
    assert reviewer.act(claim_id, "take-up", version=0).status_code == 303
    cut = {"reduced-1": "500.00", "before-1": "0.00", "reason-1": "not_necessary"}
    assert reviewer.act(claim_id, "reduce", version=1, **cut).status_code == 303
    assert reviewer.act(claim_id, "approve", version=2).status_code == 303
    return claim_id


@pytest.fixture(scope="module")
def refused(programs, reviewer) -> int:
    claim_id = waiting(programs, 1)
    assert reviewer.act(claim_id, "take-up", version=0).status_code == 303
    assert reviewer.act(claim_id, "refuse", version=1, refuse_reason="duplicate").status_code == 303
    return claim_id


def settlement(programs: Programs, claim_id: int):
    with programs.database.transaction() as session:
        asked = text("SELECT * FROM contractor.settlement WHERE claim_id = :id AND reverses_settlement_id = 0")
        return session.execute(asked, {"id": claim_id}).one()


def sheets(person: Person, path: str) -> dict[str, str]:
    answer = person.client.get(path)
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    found = re.findall(r'<article class="cm-sheet-of-paper" lang="([^"]+)">(.*?)</article>', page, re.S)
    assert [language for language, _ in found] == ["zh-Hans", "en"]
    return dict(found)


def table_of(sheet: str, caption: str) -> list[tuple[str, list[int]]]:
    """Rows of the table so named: its first cell and its amounts in fen."""
    body = re.search(rf"<caption[^>]*>{caption}</caption>.*?<tbody>(.*?)</tbody>", sheet, re.S)[1]
    rows = []
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.S):
        name = words(re.search(r"<th[^>]*>(.*?)</th>", row, re.S)[1])
        cells = [words(one) for one in re.findall(r'<td class="is-number">(.*?)</td>', row, re.S)]
        amounts = [re.sub(r"[^0-9.]", "", one) for one in cells]
        rows.append((name, [parse_yuan(one) for one in amounts if one]))
    return rows


def words(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def test_the_members_letter_says_what_was_settled_to_the_fen_in_both_languages(programs, reviewer, reduced):
    settled = settlement(programs, reduced)
    found = sheets(reviewer, f"/claims/{reduced}/letter")
    for language, caption in (("zh-Hans", "各项基金支付"), ("en", "What each fund pays")):
        *funds, total = table_of(found[language], caption)
        assert sum(amount for _, (amount,) in funds) == total[1][0] == settled.benefits_fen
        assert funds[0][1] == [settled.base_fen + settled.top_up_fen]
    assert parse_yuan(amount_of_decision(found["zh-Hans"])) == settled.benefits_fen


def amount_of_decision(sheet: str) -> str:
    framed = re.search(r'<p class="cm-letter-decision">.*?<b>(.*?)</b>', sheet, re.S)[1]
    return re.sub(r"[^0-9.]", "", framed)


def test_the_steps_of_the_letter_are_those_of_the_settlement_with_their_articles(programs, reviewer, reduced):
    settled = settlement(programs, reduced)
    for sheet in sheets(reviewer, f"/claims/{reduced}/letter").values():
        table = re.search(r'<table class="cm-steps">.*?cm-article.*?</table>', sheet, re.S)[0]
        amounts = {parse_yuan(re.sub(r"[^0-9.]", "", one)) for one in re.findall(r">[\s−]*([\d,]+\.\d\d)\s*<", table)}
        assert {settled.eligible_fen, settled.benefits_fen, settled.member_pays_fen} <= amounts
        assert re.search(r'<td class="cm-article">[^<]*\w', table)


def test_what_was_taken_off_is_said_with_its_reason_and_whom_it_falls_on(reviewer, reduced):
    found = sheets(reviewer, f"/claims/{reduced}/letter")
    assert table_of(found["zh-Hans"], "减去的费用")[0][1] == [0, 50_000]
    assert "无指征或过度" in found["zh-Hans"] and "由医疗机构承担，不向您收取" in found["zh-Hans"]
    assert "Not indicated, or too much" in found["en"]


def test_a_letter_tells_how_to_object_and_by_when(reviewer, reduced, refused):
    for claim_id in (reduced, refused):
        found = sheets(reviewer, f"/claims/{claim_id}/letter")
        assert "收到之日起 15 个工作日内" in found["zh-Hans"] and "within 15 working days" in found["en"].lower()


def test_a_refusal_gives_its_reason_and_no_amount(reviewer, refused):
    found = sheets(reviewer, f"/claims/{refused}/letter")
    assert "不予补偿" in found["zh-Hans"] and "重复申报" in found["zh-Hans"] and "Claimed before" in found["en"]
    assert amount_of_decision(found["zh-Hans"]) == "0.00"
    assert "各项基金支付" not in found["zh-Hans"]


def test_the_institution_is_told_what_was_reduced_line_by_line_and_what_it_carries(programs, reduced):
    clerk = at_desk(programs, "institution", scope=HOSPITAL, name="医院职员")
    settled = settlement(programs, reduced)
    with programs.database.transaction() as session:
        advanced = session.execute(
            text("SELECT advanced_fen FROM contractor.claim WHERE id = :id"), {"id": reduced}
        ).scalar_one()
    found = sheets(clerk, f"/claims/{reduced}/reduction")["zh-Hans"]
    *lines, total = table_of(found, "减去的费用")
    assert [sum(column) for column in zip(*(amounts for _, amounts in lines), strict=True)] == total[1] == [0, 50_000]
    sums = dict(table_of(found, "结算"))
    assert sums["已垫付"] == [advanced] and sums["核定补偿"] == [settled.benefits_fen]
    assert sums["垫付多于核定，由机构承担"] == [max(advanced - settled.benefits_fen, 0)]


def says_one_amount(found: dict[str, str], settled_fen: int) -> None:
    """The framed amount, the funds, their sum and the sheet's last step are one number, in both languages."""
    for language, caption in (("zh-Hans", "各项基金支付"), ("en", "What each fund pays")):
        sheet = found[language]
        *funds, total = table_of(sheet, caption)
        assert parse_yuan(amount_of_decision(sheet)) == total[1][0] == sum(fen for _, (fen,) in funds) == settled_fen


def billed(fen: int, on: str) -> tuple[IncomingLine, ...]:
    """One item of class A for so many fen."""
    return (replace(line(performed_on=day(on)), unit_price_e4=fen * 100, charged_fen=fen),)


def sent_and_known(programs, place: int, **changes) -> dict:
    answer = programs.post("/api/v1/claims", claim_of(programs, place, **changes))
    assert answer.status_code == 201, answer.get_json()
    return answer.get_json()


def test_the_letter_of_a_manual_claim_says_what_was_settled_to_the_fen_and_who_is_paid(programs, reviewer):
    """From the paper to the end of public notice; an amount that leaves odd fen, so that a rounding would show."""
    paper = claim_of(programs, 4, route="manual", lines=billed(234_567, "2026-03-02"))
    told = programs.post("/api/v1/claims", paper | {"payee_name": "张四", "payee_account": MEMBER_ACCOUNT}).get_json()
    if told["state"] == "received":
        assert reviewer.act(told["id"], "take-up", version=0).status_code == 303
        assert reviewer.act(told["id"], "approve", version=1).status_code == 303
    with programs.database.transaction() as session:
        claim = session.get_one(Claim, (COUNTY, told["id"]))
        assert claim.state == "on_public_notice"
        end_notices(
            session, {claim.id: claim.version}, county_code=COUNTY, law=law_of(session, COUNTY, is_production=False),
            keyring=programs.world.keyring, at=clock.now(), on=claim.notice_until_on,
        )  # fmt: skip
    settled = settlement(programs, told["id"])
    assert settled.benefits_fen % 100, "whole yuan would hide a rounding"
    found = sheets(reviewer, f"/claims/{told['id']}/letter")
    says_one_amount(found, settled.benefits_fen)
    assert "付到登记的收款账户，收款人 张四" in found["zh-Hans"] and "垫付" not in found["zh-Hans"]


def test_the_letter_of_a_visit_says_what_left_the_household_account_to_the_fen(programs, reviewer):
    """The household has 16.00 yuan: the first visit is borne whole, of the second what was left."""
    with programs.database.transaction() as session:
        law = law_of(session, COUNTY, is_production=False)
        credit_households(session, 2026, county_code=COUNTY, law=law, at=clock.now(), by=None)
    paid = []
    for number, fen in enumerate((1_234, 4_567), 1):
        on = day(f"2026-04-0{number}")
        visit = sent_and_known(
            programs, 6, route="outpatient", institution_code=HEALTH_CENTRE, admitted_on=on, submitted_on=on,
            lines=billed(fen, on.isoformat()),
        )["id"]  # fmt: skip
        with programs.database.transaction() as session:
            asked = text("SELECT paid_fen FROM contractor.account_entry WHERE claim_id = :id")
            paid.append(session.scalars(asked, {"id": visit}).one())
        found = sheets(reviewer, f"/claims/{visit}/letter")
        says_one_amount(found, paid[-1])
        assert table_of(found["zh-Hans"], "各项基金支付")[0][0] == "家庭账户"
        assert "已从家庭账户支付" in found["zh-Hans"]
    assert paid == [1_234, 366]


def test_an_undecided_claim_has_no_letter_and_anothers_is_not_there(programs, reviewer, reduced):
    undecided = waiting(programs, 2)
    assert reviewer.client.get(f"/claims/{undecided}/letter").status_code == 404
    elsewhere = at_desk(programs, "institution", scope="H-ELSEWHERE")
    for paper in ("letter", "reduction"):
        assert elsewhere.client.get(f"/claims/{reduced}/{paper}").status_code == 404


def test_a_letter_of_a_claim_decided_anew_says_which_decision_it_replaces(programs, reviewer, refused):
    assert "代替" not in sheets(reviewer, f"/claims/{refused}/letter")["zh-Hans"]
    lead, other = at_desk(programs, "lead", name="主管"), at_desk(programs, "reviewer", name="陈静")
    assert lead.act(refused, "reopen", version=2, note="申诉成立").status_code == 303
    assert other.act(refused, "approve", version=3).status_code == 303
    found = sheets(reviewer, f"/claims/{refused}/letter")
    says_one_amount(found, settlement(programs, refused).benefits_fen)
    assert "的决定；先前已付的抵这次的，只结差额" in found["zh-Hans"]
    assert "This letter replaces the decision of" in found["en"]
