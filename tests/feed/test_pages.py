"""The pages of recomputations, read as text: agreement is one word, what differs comes first with its evidence."""

from __future__ import annotations

import re

import pytest

from tests.feed.conftest import CHANGED_FEN
from tests.feed.county import COUNTY
from tests.feed.test_runs import asked
from tests.sites import post

HERE = "/recomputations"


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def read(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return words(answer.text)


@pytest.fixture(scope="module")
def differing(audited) -> int:
    audited.change(CHANGED_FEN)
    run_id = asked(audited)
    audited.work()
    yield run_id
    audited.change(-CHANGED_FEN)


def test_an_auditor_starts_a_run_and_reads_that_both_sides_agree(audited):
    client = audited.client("auditor")
    assert "现在复算" in read(client, HERE)
    answer = post(client, HERE)
    assert answer.status_code == 303
    assert "正在复算" in read(client, answer.location)
    audited.work()
    page = read(client, answer.location)
    assert " 一致 " in page and "不符" not in page.replace("哪里不符", "")


def test_who_may_not_start_a_run_sees_no_button_and_is_refused(audited):
    client = audited.client("director")
    assert "现在复算" not in read(client, HERE)
    assert post(client, HERE, form_on="/account").status_code == 403


def test_a_run_shows_the_differences_first_with_both_sides_beside_each_other(audited, differing):
    client = audited.client("officer")
    page = read(client, f"{HERE}/{COUNTY}/{differing}")
    assert "有不符" in page and "统筹补偿" in page and "12.34" in page
    assert page.index("不符的地方") < page.index("证据 1")
    assert "承办方 县复算" in page
    unequal = re.findall(r'<tr class="is-unequal[^"]*">.*?</tr>', client.get(f"{HERE}/{COUNTY}/{differing}").text, re.S)
    assert len(unequal) >= 1 and "统筹补偿" in words(unequal[0])


def test_the_list_is_narrowed_by_kind_and_an_address_nobody_made_is_a_plain_page(audited, differing):
    client = audited.client("auditor")
    address = f"{HERE}/{COUNTY}/{differing}"
    assert "操作记录第" in read(client, f"{address}?kind=trail")
    assert "没有符合条件的" in read(client, f"{address}?kind=event")
    for strange in ("kind=none", "claim=x", "d=9999", "after=-1", "institution=%00", "before=x~y"):
        read(client, f"{address}?{strange}")
    read(client, f"{HERE}?before=2026-01-01T00:00:00~1")


def test_a_claim_is_shown_with_the_countys_catalogue_and_its_life_replayed(audited, differing):
    client = audited.client("auditor")
    page = read(client, f"{HERE}/claims/{COUNTY}/{audited.claim_id}")
    assert "合规" in page and "按规则核准 → 已核准" in page
    assert "费用明细" in page and "YP0" in page and "历次复算" in page
    assert "1 一致" not in page


def test_the_list_leaves_as_a_file_with_both_amounts(audited, differing):
    client = audited.client("audit_bureau")
    answer = client.get(f"{HERE}/{COUNTY}/{differing}/differences.csv")
    assert answer.status_code == 200 and answer.content_type.startswith("text/csv")
    text = answer.get_data(as_text=True)
    assert "12.34" in text and str(audited.claim_id) in text
    assert client.get(f"{HERE}/{COUNTY}/{differing}/differences.xlsx").data[:2] == b"PK"


def test_another_countys_run_and_claim_are_not_there(audited, differing):
    client = audited.client("auditor", county_code="990122")
    for path in (f"{COUNTY}/{differing}", f"{COUNTY}/{differing}/progress", f"claims/{COUNTY}/{audited.claim_id}"):
        assert client.get(f"{HERE}/{path}").status_code == 404


def test_the_pages_speak_english(audited, differing):
    client = audited.client("auditor")
    client.set_cookie("coopmed_language", "en")
    page = read(client, f"{HERE}/{COUNTY}/{differing}")
    assert "pooled benefit" in page and "differences" in page
    assert not re.search(r"复算|不符|承办", page)
