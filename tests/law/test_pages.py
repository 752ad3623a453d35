"""The pages of the law, read as text at both desks and in both languages."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import shutil

import pytest
from sqlalchemy import select

from chassis import clock
from chassis.law.words import AlteredApproval
from chassis.web.answers import answer_to
from demo.people import PASSPHRASE
from oversight.registry.schedules.tables import ScheduleApproval
from rulebook.registry import GapBetweenVersions, NotApproved, OverlappingVersions
from rulebook.schedule import FOLDER, AlteredSchedule, NotInForce, UnknownSchedule
from rulebook.schedule_files import FaultySchedule, load_schedule
from tests.demo.house import send
from tests.law.making import BALIN, COUNTY, OTHER, RIVER, ZHENGZHOU, proposed
from tests.law.test_loading import tampered
from tests.sites import apps_of_the_house


@pytest.fixture()
def law_id(home) -> int:
    """The approval that is 青禾县's law in the demo."""
    return id_of(home, COUNTY, "zhengzhou")


def id_of(home, county_code: str, scheme: str) -> int:
    with home.databases["county"].transaction() as session:
        a = ScheduleApproval
        found = select(a.id).where(a.county_code == county_code, a.scheme_key == scheme).order_by(a.id).limit(1)
        return session.scalars(found).one()


def read(browser, path: str, language: str = "zh") -> str:
    browser.set_cookie("coopmed_language", language)
    answer = browser.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    browser.set_cookie("coopmed_language", "zh")
    return words(answer.text)


def words(page: str) -> str:
    """The page as a reader meets it: no tags, single blanks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def row_of(page: str, title: str, following: str) -> str:
    """What stands between a rule's title and the next rule's."""
    start = page.index(f" {title} ")
    return page[start : page.index(f" {following} ", start + 1)]


DAYS = [
    # day, rule, the rule after it, what its row says, what it does not: the day before and the day of each change
    ("2017-12-31", "大病保险起付线", "大病保险分段", "贫困参合人 5,000.00", "3,000.00"),
    ("2018-01-01", "大病保险起付线", "大病保险分段", "贫困参合人 3,000.00", "贫困参合人 5,000.00"),
    ("2018-01-01", "大病保险起付线", "大病保险分段", "[2] 一（末句）：从 2018 年起", "二、8"),
    ("2017-12-31", "大病保险起付线", "大病保险分段", "2016-01-01 至 2017-12-31", "2018"),
    ("2011-07-01", "补充医疗保险年度限额", "筹资和基金", "120,000.00", "不限"),
    ("2026-11-20", "住院补偿比例", "住院补偿封顶线", "县（旗）级 70 70 70", "55 55 70"),
    ("2026-11-20", "住院补偿封顶线", "贫困人口住院提高", "元／年 一年 100,000.00 假定 [4] 2011-05-12 发布时", "–"),
]


@pytest.mark.parametrize(("on", "rule", "following", "says", "not_"), DAYS)
def test_the_table_says_what_the_rule_said_on_that_day(at_desk, law_id, on, rule, following, says, not_):
    for page in (
        read(at_desk("portal", "auditor"), f"/schedules/{COUNTY}/{law_id}?on={on}"),
        read(at_desk("workspace", "reviewer"), f"/law?on={on}"),
    ):
        row = row_of(page, rule, following)
        assert says in row
        assert not_ not in row


def test_a_rule_stands_in_the_table_from_its_first_day(at_desk):
    reviewer = at_desk("workspace", "reviewer")
    assert "补充医疗保险比例" not in read(reviewer, "/law?on=2011-06-30")
    assert "补充医疗保险比例" in read(reviewer, "/law?on=2011-07-01")


def test_all_dates_show_every_change_of_a_rule(at_desk):
    page = read(at_desk("workspace", "reviewer"), "/law?on=all")
    assert page.count(" 大病保险起付线 ") == 2
    assert "2016-01-01 至 2017-12-31" in page
    assert "2018-01-01 起" in page


def test_the_same_table_in_english(at_desk, law_id):
    for page in (
        read(at_desk("portal", "auditor"), f"/schedules/{COUNTY}/{law_id}?on=2018-01-01", "en"),
        read(at_desk("workspace", "reviewer"), "/law?on=2018-01-01", "en"),
    ):
        row = row_of(page, "Threshold of serious-illness insurance", "Bands of serious-illness insurance")
        assert "yuan a year member 5,000.00 poor 3,000.00 five-guarantee 3,000.00" in row
        assert "Assumed [2] gives the threshold of 5,000 and no first day" in row
        assert "checked 2026-11-21" in row


def test_a_rule_that_is_repealed_is_said_to_be_and_is_not_in_the_table_of_that_day(home, at_desk):
    ends = next(v.from_on for v in RIVER.rules["supplementary_share"].dated if v.numbers is None)
    with home.databases["county"].transaction() as session:
        row = proposed(session, RIVER, "2080-01-01", document="废止一号")
    url = f"/schedules/{COUNTY}/{row.id}"
    browser = at_desk("portal", "officer")
    assert "废止" in read(browser, f"{url}?on=all").split("补充保险", 1)[1]
    title = RIVER.rules["supplementary_share"].title
    table = read(browser, f"{url}?on={ends}").split("看这一天", 1)[1]
    assert f" {title} " not in table
    assert f" {title} " in read(browser, f"{url}?on={ends - dt.timedelta(days=1)}").split("看这一天", 1)[1]


def test_the_insurer_reads_who_approved_it_and_its_hash(at_desk):
    page = read(at_desk("workspace", "checker"), "/law")
    assert "本县委员会于 2010-12-15 批准" in page
    assert "青合管委〔2010〕3号" in page
    assert ZHENGZHOU.content_hash in page
    main = at_desk("workspace", "checker").get("/law").text.split("<main", 1)[1]
    assert 'method="post"' not in main, "there is nothing to change here"


def test_a_day_without_a_law_says_so(at_desk):
    assert "这一天没有经批准的方案" in read(at_desk("workspace", "reviewer"), "/law?on=2010-12-31")
    assert "No approved schedule on that day" in read(at_desk("workspace", "reviewer"), "/law?on=2010-12-31", "en")


@pytest.mark.parametrize("on", ["", "gestern", "2026-02-30", "99999-01-01", "0001-01-01", "20261120", "9999-12-31"])
def test_what_is_no_day_is_taken_for_today(at_desk, law_id, on):
    read(at_desk("workspace", "reviewer"), f"/law?on={on}")
    read(at_desk("portal", "auditor"), f"/schedules/{COUNTY}/{law_id}/differences?from={on}&to={on}&other={on}")


def test_two_days_of_one_version_differ_in_what_changed_between_them(at_desk, law_id):
    for browser, base in (
        (at_desk("portal", "auditor"), f"/schedules/{COUNTY}/{law_id}"),
        (at_desk("workspace", "senior"), f"/law/{COUNTY}/{law_id}"),
    ):
        page = read(browser, f"{base}/differences?from=2017-12-31&to=2018-01-01")
        assert "大病保险起付线 元／年 贫困参合人 5,000.00 3,000.00 2018-01-01" in page
        assert "住院补偿比例" not in page.split("不同的数", 1)[1]
        same = read(browser, f"{base}/differences?from=2018-01-01&to=2026-11-20")
        assert "没有不同：每个数都一样。" in same


def test_a_decision_is_entered_seen_as_a_table_confirmed_and_read_by_the_insurer(home, at_desk):
    registrar, director, lead = (
        at_desk("portal", "registrar"),
        at_desk("portal", "director"),
        at_desk("workspace", "lead"),
    )
    waiting = _waiting(director)
    looked = send(registrar, "/schedules/propose", {"scheme": "balin_zuoqi", "look": "1", "document": "青〔2040〕1号"})
    assert looked.status_code == 200
    assert "住院补偿比例幅度" in words(looked.text), "the law as a table, before anything is entered"
    assert "青〔2040〕1号" in looked.text, "what was typed is still there"
    form = {
        "scheme": "balin_zuoqi",
        "in_force_from": "2040-01-01",
        "in_force_until": "",
        "committee": "青禾县新型农村合作医疗管理委员会",
        "approved_on": "2026-11-01",
        "document": "青〔2040〕1号",
        "document_sha256": "",
    }
    entered = send(registrar, "/schedules/propose", form)
    assert entered.status_code == 303, words(entered.text)
    url = entered.location
    assert "等第二人确认" in read(registrar, url)
    assert send(registrar, "/schedules/propose", {}, to=f"{url}/confirm").status_code == 403
    assert "先验证身份" in read(director, url)
    assert _waiting(director) == waiting + 1
    assert "青〔2040〕1号" not in read(lead, "/law"), "what waits is not published"

    send(director, "/step-up", {"password": PASSPHRASE, "kind": "password"})
    page = director.get(url).text
    shown = re.search(r'name="content_hash" value="([0-9a-f]{64})"', page)[1]
    assert words(page).count(" 大病保险起付线 ") == 2, "all dates stand there, not one day's law"
    differences = words(page).split("和它接替的方案有什么不同")[-1]
    assert "住院补偿封顶线 元／年 一年 100,000.00 20,000.00 2040-01-01" in differences
    wrong = {"content_hash": shown, "last_four": "0000" if shown[12:16] != "0000" else "1111", "password": PASSPHRASE}
    assert send(director, url, wrong, to=f"{url}/confirm").status_code == 422
    other = {"content_hash": "a" * 64, "last_four": "aaaa", "password": PASSPHRASE}
    refused = send(director, url, other, to=f"{url}/confirm")
    assert (refused.status_code, "内容指纹" in words(refused.text)) == (409, True)
    right = {"content_hash": shown, "last_four": shown[12:16], "password": PASSPHRASE}
    assert send(director, url, right, to=f"{url}/confirm").status_code == 303

    assert "已批准，未到生效日" in read(director, url)
    assert "20,000.00" in row_of(read(lead, "/law?on=2040-01-01"), "住院补偿封顶线", "贫困人口住院提高")
    assert "100,000.00" in row_of(read(lead, "/law?on=2039-12-31"), "住院补偿封顶线", "贫困人口住院提高")
    assert send(director, url, {"reason": "委员会改期，另行批准"}, to=f"{url}/take-back").status_code == 303
    assert "已撤回" in read(director, url)
    assert "100,000.00" in row_of(read(lead, "/law?on=2040-01-01"), "住院补偿封顶线", "贫困人口住院提高")


def _waiting(browser) -> int:
    """The count beside the room in the navigation."""
    found = re.search(r" 补偿方案 (\d+) ", read(browser, "/schedules"))
    return int(found[1]) if found else 0


FAULTS = [
    ({"in_force_from": ""}, 422, "这一项要填"),
    ({"in_force_from": "2027/01/01"}, 422, "日期写成 2026-01-31 这样"),
    ({"in_force_from": "0027-01-01"}, 422, "年份不对"),
    ({"scheme": "no_such"}, 422, "请选一个方案"),
    ({"document_sha256": "12ab"}, 422, "SHA-256 是 64 位的 0–9、a–f"),
    ({"document": ""}, 422, "写 2 到 80 个字"),
    ({"in_force_until": "2050-01-01"}, 409, "停用日要在生效日之后"),
    ({"approved_on": "2049-01-01"}, 409, "批准日还没有到"),
    ({"in_force_from": "2011-01-01"}, 409, "有的日子会有两个方案"),
    ({"in_force_from": "2015-01-01"}, 409, "已经适用过的日子不能改方案"),
    ({"in_force_from": "1990-01-01"}, 409, "这一天还没有这条规则"),
]


@pytest.mark.parametrize(("change", "status", "says"), FAULTS, ids=[case[2] for case in FAULTS])
def test_a_fault_is_said_beside_its_field_and_nothing_typed_is_lost(at_desk, change, status, says):
    form = {
        "scheme": "balin_zuoqi",
        "in_force_from": "2050-01-01",
        "in_force_until": "",
        "committee": "青禾县新型农村合作医疗管理委员会",
        "approved_on": "2026-11-01",
        "document": "试〔2050〕9号",
        "document_sha256": "",
    }
    answer = send(at_desk("portal", "registrar"), "/schedules/propose", form | change)
    assert answer.status_code == status
    assert says in words(answer.text)
    assert "青禾县新型农村合作医疗管理委员会" in answer.text


def test_another_countys_law_is_not_there_and_the_city_sees_both(home, at_desk, law_id):
    elsewhere = id_of(home, OTHER, "balin_zuoqi")
    for browser, base in ((at_desk("portal", "director"), "/schedules"), (at_desk("workspace", "lead"), "/law")):
        for tail in ("", "/differences", "/table.csv"):
            assert browser.get(f"{base}/{OTHER}/{elsewhere}{tail}").status_code == 404
            assert browser.get(f"{base}/{OTHER}/{law_id}{tail}").status_code == 404
    city = at_desk("portal", "city")
    page = read(city, "/schedules")
    assert "青禾县" in page
    assert "柳溪县" in page
    assert "柳溪县" in read(city, f"/schedules/{OTHER}/{elsewhere}")
    assert "青禾县 郑州" not in read(city, f"/schedules?county={OTHER}")
    assert city.get("/schedules/propose").status_code == 403


@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_the_law_leaves_as_a_file_one_number_a_row(at_desk, law_id, file_type):
    for browser, base in (
        (at_desk("portal", "officer"), f"/schedules/{COUNTY}/{law_id}"),
        (at_desk("workspace", "intake"), f"/law/{COUNTY}/{law_id}"),
    ):
        answer = browser.get(f"{base}/table.{file_type}?on=2018-01-01")
        assert answer.status_code == 200
        assert f"law-{COUNTY}-{law_id}-2018-01-01.{file_type}" in answer.headers["Content-Disposition"]
        if file_type == "csv":
            rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
            found = [row for row in rows if (row["项目"], row["对象"]) == ("大病保险起付线", "贫困参合人")]
            assert [(row["数"], row["单位"], row["起"]) for row in found] == [("3,000.00", "元／年", "2018-01-01")]
            assert len(rows) == sum(len(v.texts) for r in ZHENGZHOU.rules.values() if (v := r.on(dt.date(2018, 1, 1))))


def test_a_changed_text_is_refused_on_the_pages_of_both_desks_naming_both_hashes(home, at_desk, law_id):
    changed = ZHENGZHOU.canonical.replace('"100000.00"', '"999999.00"')
    with tampered(home, "canonical = %s", changed):
        for browser, path in (
            (at_desk("portal", "auditor"), f"/schedules/{COUNTY}/{law_id}"),
            (at_desk("portal", "auditor"), f"/schedules/{COUNTY}/{law_id}/table.csv"),
            (at_desk("workspace", "reviewer"), "/law"),
        ):
            answer = browser.get(path)
            assert answer.status_code == 409
            page = words(answer.text)
            assert "方案内容与批准的不一致，不能使用" in page
            assert ZHENGZHOU.content_hash in page
            assert "999,999" not in page
    assert at_desk("workspace", "reviewer").get("/law").status_code == 200


def test_every_fault_of_a_schedule_is_named_by_file_line_and_article(home, tmp_path):
    folder = tmp_path / "zhengzhou"
    shutil.copytree(FOLDER / "zhengzhou", folder)
    for name, old, new in (
        ("inpatient_cap.yaml", '"100000.00"', "100000.00"),
        ("inpatient_deductible.yaml", "unit: yuan per admission", "unit: yuan a day"),
    ):
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(FaultySchedule) as refused:
        load_schedule(folder)
    app = apps_of_the_house("portal", home.house("portal"))
    for language, title in (("zh", "方案文件有错：zhengzhou"), ("en", "The schedule’s files have faults: zhengzhou")):
        with app.test_request_context("/", headers={"Cookie": f"coopmed_language={language}"}):
            answer = answer_to(refused.value)
            assert answer.title == title
            assert {what for what, _fault in answer.facts} == {"inpatient_cap.yaml:10", "inpatient_deductible.yaml:3"}
            assert all("[4] 三（五）" in fault for _what, fault in answer.facts)


def test_each_refusal_of_the_rules_has_words_of_its_own_in_both_languages(home):
    told = {"county_code": COUNTY, "first": "甲", "second": "乙"}
    refusals = [
        AlteredSchedule(expected="a" * 64, found="b" * 64),
        AlteredApproval(document="甲", expected="a" * 64, found="b" * 64),
        OverlappingVersions(**told),
        GapBetweenVersions(**told),
        NotApproved(county_code=COUNTY),
        NotInForce(scheme="zhengzhou", rule="inpatient_cap", day=dt.date(2010, 12, 31), article="[4]"),
        UnknownSchedule(content_hash="c" * 64),
    ]
    app = apps_of_the_house("workspace", home.house("workspace"))
    for language in ("zh", "en"):
        with app.test_request_context("/", headers={"Cookie": f"coopmed_language={language}"}):
            titles = {answer_to(refusal).title for refusal in refusals}
            assert len(titles) == len(refusals)
            assert not [title for title in titles if (language == "en") == bool(re.search("[一-龥]", title))]


def test_filling_the_demo_again_changes_nothing_of_its_law(home):
    from demo import law

    with home.databases["county"].transaction() as session:
        before = session.scalars(select(ScheduleApproval.id)).all()
        for county_code in law.APPROVED:
            law.ensure_law(session, county_code, at=clock.now())
        assert session.scalars(select(ScheduleApproval.id)).all() == before
        approved = session.scalars(
            select(ScheduleApproval).where(
                ScheduleApproval.document.in_(["青合管委〔2010〕3号", "柳合管委〔2006〕1号"])
            )
        ).all()
        assert {(a.county_code, a.content_hash) for a in approved} == {
            (COUNTY, ZHENGZHOU.content_hash),
            (OTHER, BALIN.content_hash),
        }
        assert all(a.confirmed_by != a.proposed_by for a in approved)
