"""A file into the registry, in a real browser: what is wrong with it, the preview, the button, what it changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.i18n import LANGUAGES
from tests.journeys.checks import faults_of_page
from tests.journeys.living import opened, speak, who_holds

pytestmark = pytest.mark.browser
HEADER = "机构编码,机构名称,级别,编制床位,乡镇代码\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_registrar_corrects_a_file_previews_it_and_takes_it_in(house, furniture, language, tmp_path):
    code = f"990121B{list(LANGUAGES).index(language)}"
    wrong = _file(tmp_path / "wrong.csv", f"{code},试验诊所,乡级,１０,999999999\n")
    first = _file(tmp_path / "first.csv", f"{code},试验诊所,乡级,10,\n")
    second = _file(tmp_path / "second.csv", f"{code},试验诊所,乡级,12,\n")
    chinese = furniture.chinese.besides("试验诊所")
    with opened(house.visit("county", who_holds("county", "registrar"))) as (page, watch):
        speak(page.context, language)
        _send(house, page, wrong)
        assert page.locator("table").first.inner_text().count("\n") >= 1
        faults = faults_of_page(page, language, chinese)
        _send(house, page, first)
        page.locator('form[action$="/take"] button').click()
        _send(house, page, second)
        assert "12" in page.locator("tbody").first.inner_text()
        faults += faults_of_page(page, language, chinese)
        page.locator('form[action$="/take"] button').click()
        assert "/registry/imports/990121/" in page.url
        assert "10" in page.locator("tbody").first.inner_text()
        faults += faults_of_page(page, language, chinese)
    watch.ignore(lambda complaint: "status of 422" in complaint)  # what Chromium notes of the refused file's own status
    assert faults == []
    assert watch.complaints == []


def _file(path: Path, row: str) -> Path:
    path.write_text(HEADER + row, encoding="utf-8")
    return path


def _send(house, page, path: Path) -> None:
    page.goto(house.url("county", "/registry/imports/new?kind=institutions"))
    page.locator('input[type="file"]').set_input_files(path)
    page.locator('form[action$="/new"][method="post"] button').click()
