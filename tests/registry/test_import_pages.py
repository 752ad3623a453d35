"""The import page: preview, refusal row by row, taking in, and what others see of it."""

from __future__ import annotations

import io
import re

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from demo.county import demo_county
from oversight.registry.imports.tables import RegistryImport
from oversight.registry.institutions.tables import Institution
from oversight.registry.membership.tables import Death
from tests.demo.house import send
from tests.registry.files import with_row

NEW = "/registry/imports/new"
CARDS = [person.card_number for person in demo_county().people]
NUMBER = demo_county().families[0].people[0].identity_number
INSTITUTION = with_row("institutions", "990121777,试验诊所,乡级,0,,,")


def sends_file(browser, kind: str, text: str, *, name: str | None = None, encoding: str = "utf-8"):
    """Choose the file on the page and ask for the preview."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(f"{NEW}?kind={kind}").text)
    file = (io.BytesIO(text.encode(encoding)), name or f"{kind}.csv")
    return browser.post(NEW, data={"kind": kind, "csrf_token": token[1], "file": file})


def confirms(browser, preview):
    """Press the button below the preview."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', preview.text))
    return browser.post("/registry/imports/take", data=hidden)


def counted(home, mapped) -> int:
    with home.databases["county"].transaction() as session:
        return session.scalar(select(func.count()).select_from(mapped))


def test_a_preview_writes_nothing_and_the_button_below_it_does(at_desk, home):
    registrar = at_desk("registrar")
    before = counted(home, Institution)
    preview = sends_file(registrar, "institutions", INSTITUTION)
    assert preview.status_code == 200
    assert "新增 1，改动 0，相同 0" in preview.text
    assert counted(home, Institution) == before
    answer = confirms(registrar, preview)
    assert answer.status_code == 303, answer.text
    assert counted(home, Institution) == before + 1
    one = registrar.get(answer.location).text
    assert "institutions.csv" in one
    assert "没有改动已有的登记" in one
    again = confirms(registrar, sends_file(registrar, "institutions", INSTITUTION))
    assert "什么都没有改动" in registrar.get(again.location).text
    assert counted(home, Institution) == before + 1


def test_a_refused_file_is_reported_row_by_row_on_the_page_and_as_a_file(at_desk, home):
    registrar = at_desk("registrar")
    before = counted(home, RegistryImport)
    text = with_row("institutions", "990121778,试验诊所,乡级,１０,,,") + "990121779,,县级,5,,,\n"
    page = sends_file(registrar, "institutions", text, encoding="gb18030")
    assert page.status_code == 422
    rows = re.findall(r'<td class="is-number">(\d+)</td>\s*<td class="cm-nowrap">([^<]+)</td>', page.text)
    assert rows == [("2", "编制床位"), ("3", "机构名称")]
    urls = [url.replace("&amp;", "&") for url in re.findall(r'href="([^"]*what=report[^"]*)"', page.text)]
    assert len(urls) == 2
    for url in urls:
        file = registrar.get(url)
        assert file.status_code == 200
        cells = (
            CalamineWorkbook.from_filelike(io.BytesIO(file.data)).get_sheet_by_index(0).to_python()
            if ("xlsx" in url)
            else [line.strip('"').split('","') for line in file.data.decode("utf-8-sig").splitlines()]
        )
        assert [str(cell).removesuffix(".0") for cell in cells[1][:2]] == ["2", "编制床位"]
        assert len(cells) == 3
    assert counted(home, RegistryImport) == before


def test_a_template_is_read_back_once_it_is_filled(at_desk):
    registrar = at_desk("registrar")
    for kind in ("places", "members", "enrolment", "statuses", "deaths", "institutions", "agreements", "catalogue"):
        for file_type in ("csv", "xlsx"):
            file = registrar.get(f"/registry/imports/file.{file_type}?kind={kind}")
            assert file.status_code == 200
            page = registrar.post(
                NEW,
                data={
                    "kind": kind,
                    "file": (io.BytesIO(file.data), f"empty.{file_type}"),
                    "csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', registrar.get(NEW).text)[1],
                },
            )
            assert page.status_code == 422
            assert "没有数据" in page.text, f"{kind}.{file_type} has a header that is not its own"


def test_who_may_not_see_names_sees_changes_with_names_and_cards_masked(at_desk, home):
    registrar = at_desk("registrar")
    one = demo_county().families[1].people[0]
    row = f"{one.card_number},2026-10-01,死亡证明 7\n"
    for day in ("2026-10-01", "2026-10-02"):
        preview = sends_file(registrar, "deaths", "卡号,死亡日期,来源\n" + row.replace("2026-10-01", day))
        taken = confirms(registrar, preview)
    assert one.card_number in registrar.get(taken.location).text
    for who in ("auditor", "director", "audit-bureau", "regulator", "city"):
        page = at_desk(who).get(taken.location)
        assert page.status_code == 200
        assert one.card_number not in page.text, who
        assert f"****{one.card_number[-4:]}" in page.text


def test_a_wrong_identity_number_is_refused_without_being_shown(at_desk, home):
    card = CARDS[0][:-3] + "999"
    text = "户号,村代码,卡号,姓名,身份证号,是否户主\n"
    wrong = NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2")
    page = sends_file(at_desk("registrar"), "members", text + f"H9,990121001001,{card},赵一,{wrong},是\n")
    assert page.status_code == 422
    assert "校验位" in page.text
    assert wrong not in page.text
    assert wrong[:17] not in page.text


def test_another_persons_preview_is_not_there_to_be_taken(at_desk, home):
    preview = sends_file(at_desk("registrar"), "institutions", INSTITUTION.replace("990121777", "990121888"))
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', preview.text))
    other = at_desk("registrar-liuxi")
    token = re.search(r'name="csrf_token" value="([^"]+)"', other.get(NEW).text)[1]
    answer = other.post("/registry/imports/take", data=hidden | {"csrf_token": token})
    assert answer.status_code == 410
    assert confirms(at_desk("registrar"), preview).status_code == 303


@pytest.mark.parametrize("fingerprint", ["", "../../secret", "0" * 64, "0" * 63 + "/"])
def test_a_fingerprint_that_is_none_leads_nowhere(at_desk, fingerprint):
    form = {"kind": "institutions", "fingerprint": fingerprint, "file_name": "x.csv"}
    assert send(at_desk("registrar"), NEW, form, to="/registry/imports/take").status_code == 410


def test_a_death_that_proved_wrong_is_withdrawn_with_a_reason_and_not_taken_again(at_desk, home):
    registrar = at_desk("registrar")
    one = demo_county().families[2].people[0]
    text = f"卡号,死亡日期,来源\n{one.card_number},2026-10-01,死亡证明 8\n"
    assert confirms(registrar, sends_file(registrar, "deaths", text)).status_code == 303
    with home.databases["county"].transaction() as session:
        death = session.scalars(select(Death).where(Death.source == "死亡证明 8")).one()
    address = f"/registry/members/{death.county_code}/{death.member_id}"
    assert "已登记死亡" in registrar.get(address).text
    assert send(registrar, f"{address}/death", {"reason": "错"}).status_code == 422
    assert send(registrar, f"{address}/death", {"reason": "同名的另一个人"}).status_code == 303
    assert "已登记死亡" not in registrar.get(address).text
    assert "同名的另一个人" in registrar.get(f"{address}/death").text
    refused = sends_file(registrar, "deaths", text)
    assert refused.status_code == 422
    assert "已撤销" in refused.text
