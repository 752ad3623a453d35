"""Letters say what was decided, to the fen, in both languages; who may not see the claim gets none."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import text

from rulebook.money import parse_yuan
from tests.api.programs import HOSPITAL, Programs, make_programs
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


def test_an_undecided_claim_has_no_letter_and_anothers_is_not_there(programs, reviewer, reduced):
    undecided = waiting(programs, 2)
    assert reviewer.client.get(f"/claims/{undecided}/letter").status_code == 404
    elsewhere = at_desk(programs, "institution", scope="H-ELSEWHERE")
    for paper in ("letter", "reduction"):
        assert elsewhere.client.get(f"/claims/{reduced}/{paper}").status_code == 404
