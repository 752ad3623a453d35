"""People and roles through a browser's eyes, at the insurer's desk; the matrix tries who may, here is what happens."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from sqlalchemy import select, update

from chassis import clock
from chassis.desks import CONTRACTOR, DESKS
from chassis.identity import passwords
from chassis.identity.tables import ApprovalProof, RoleGrant, Staff
from chassis.people import granting, queries
from tests.people.making import a_person
from tests.sites import COUNTY, post, sign_in, site_client, workspace_client

PASSWORD = "seven green tractors wait"
HOSTILE = "\"'><script>alert(1)</script>{{7*7}}"
OTHER_COUNTY = "330122"


@pytest.fixture(scope="module")
def client(module_database, settings):
    return workspace_client(module_database, settings)


@pytest.fixture(scope="module")
def seats(client):
    """One of each administrator, signed in; `seats["first"]()` sits down at the client."""
    people, cookies = {}, {}
    for key, role in (
        ("administrator", "administrator"),
        ("first", "security_officer"),
        ("second", "security_officer"),
    ):
        people[key] = sign_in(client, role, name=key, stepped_up=True)
        cookies[key] = client.get_cookie(CONTRACTOR.cookie).value
    with database(client).transaction() as session:
        hashed = passwords.hash_password(client.application.extensions["coopmed"].settings, PASSWORD)
        session.execute(
            update(Staff).where(Staff.id.in_([people["first"], people["second"]])).values(password_hash=hashed)
        )

    def sit(key: str) -> int:
        client.set_cookie(CONTRACTOR.cookie, cookies[key])
        return people[key]

    return sit


def database(client):
    return client.application.extensions["coopmed"].databases["contractor"]


def made(client, name: str, **more) -> int:
    with database(client).transaction() as session:
        return a_person(session, name, **more)


def row(client, staff_id: int) -> Staff:
    with database(client).transaction() as session:
        return session.get_one(Staff, (COUNTY, staff_id))


def words_of(response) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", response.get_data(as_text=True)))


def test_an_invitation_is_shown_once_and_the_account_it_opens_is_the_one_invited(client, seats):
    seats("administrator")
    answer = post(client, "/people/invite", {"name": "单明", "name_pinyin": "shan ming", "sign_in_name": "ShanMing "})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    address = re.search(r"http://localhost(/invitation/[\w-]+)", answer.text)[1]
    page = client.get(address)
    assert page.status_code == 200 and "shanming" in page.text
    person = client.get("/people?text=shan").text
    link = re.search(r'href="(/people/\d+)">单明', person)[1]
    assert address not in client.get(link).text
    assert "shan ming" in client.get(link).text


def test_a_number_that_is_typed_is_kept_sealed_and_never_sent_back(client, seats):
    seats("administrator")
    number = "11010519491231002X"
    first = post(client, "/people/invite", {"name": "李一", "sign_in_name": "li.one", "identity_number": number})
    assert first.status_code == 200
    again = post(client, "/people/invite", {"name": "李二", "sign_in_name": "li.two", "identity_number": number})
    assert again.status_code == 409
    assert "同一个人在本县只能有一个账号" in words_of(again)
    wrong = post(
        client, "/people/invite", {"name": "李三", "sign_in_name": "li.three", "identity_number": number[:-1] + "1"}
    )
    assert wrong.status_code == 422
    for answer in (first, again, wrong, client.get("/people")):
        assert "1949123100" not in answer.get_data(as_text=True)
    assert 'value="李三"' in wrong.text


def test_a_suspended_person_is_out_on_the_next_request_and_may_come_back(client, seats, module_database, settings):
    theirs = workspace_client(module_database, settings)
    staff_id = sign_in(theirs, "reviewer", name="何静")
    assert theirs.get("/").status_code == 200
    seats("administrator")
    page = f"/people/{staff_id}"
    version = row(client, staff_id).version
    done = post(client, f"{page}/suspend", {"reason": "长期外出", "version": str(version)}, form_on=page)
    assert done.status_code == 303
    assert theirs.get("/").status_code == 303
    assert "长期外出" in client.get(page).text
    back = post(client, f"{page}/reinstate", {"reason": "回来了", "version": str(version + 1)}, form_on=page)
    assert back.status_code == 303
    assert row(client, staff_id).status == "active"
    assert theirs.get("/").status_code == 303, "a session that was ended stays ended"


def test_an_ended_role_shuts_its_pages_on_the_next_request(client, seats, module_database, settings):
    theirs = workspace_client(module_database, settings)
    staff_id = sign_in(theirs, "log_auditor", name="史册")
    assert theirs.get("/trail").status_code == 200
    with database(client).transaction() as session:
        grant_id = session.scalars(select(RoleGrant.id).where(RoleGrant.staff_id == staff_id)).one()
    seats("first")
    page = f"/grants/{grant_id}"
    assert post(client, f"{page}/end", {"reason": "调走了"}, form_on=page).status_code == 303
    assert theirs.get("/trail").status_code == 403


def test_nobody_acts_on_their_own_account(client, seats):
    own = seats("administrator")
    before = row(client, own)
    fields = {"reason": "为了自己", "version": str(before.version), "name": "别人", "name_pinyin": "bie ren"}
    for act in ("suspend", "leave", "name", "invitation/withdraw", "officer-recovery"):
        answer = post(client, f"/people/{own}/{act}", fields, form_on="/people/invite")
        assert answer.status_code == 403, act
    after = row(client, own)
    assert (after.status, after.name, after.version) == ("active", before.name, before.version)


def test_another_countys_person_is_not_there(client, seats):
    stranger = made(client, "外县人", county_code=OTHER_COUNTY)
    seats("administrator")
    assert client.get(f"/people/{stranger}").status_code == 404
    fields = {"reason": "试一试看", "version": "1", "name": "改名", "name_pinyin": ""}
    for act in ("suspend", "leave", "name", "reinstate", "invitation", "invitation/withdraw"):
        assert post(client, f"/people/{stranger}/{act}", fields, form_on="/people/invite").status_code == 404, act
    assert "外县人" not in client.get("/people").text
    with database(client).transaction() as session:
        assert session.get_one(Staff, (OTHER_COUNTY, stranger)).version == 1


def test_who_comes_second_loses_nothing_of_what_they_typed(client, seats):
    staff_id = made(client, "钱进")
    seats("administrator")
    page = f"/people/{staff_id}"
    fields = {"name": "钱晋", "name_pinyin": "qian jin", "version": "1"}
    assert post(client, f"{page}/name", fields, form_on=page).status_code == 303
    late = post(client, f"{page}/suspend", {"reason": "他去培训三个月", "version": "1"}, form_on=page)
    assert late.status_code == 409
    assert "他去培训三个月" in late.text and "钱晋" in late.text
    assert row(client, staff_id).status == "active"
    version = re.search(r'name="version" value="(\d+)"', late.text)[1]
    again = post(client, f"{page}/suspend", {"reason": "他去培训三个月", "version": version}, form_on=page)
    assert again.status_code == 303
    assert row(client, staff_id).status == "suspended"


def test_hostile_text_is_shown_as_text_everywhere(client, seats):
    subject = made(client, HOSTILE)
    seats("administrator")
    page = f"/people/{subject}"
    answers = [
        post(client, "/people/invite", {"name": HOSTILE, "name_pinyin": HOSTILE, "sign_in_name": HOSTILE}),
        post(client, f"{page}/name", {"name": HOSTILE, "name_pinyin": HOSTILE, "version": "1"}, form_on=page),
        post(client, f"{page}/suspend", {"reason": HOSTILE, "version": "0"}, form_on=page),
        client.get("/people", query_string={"text": HOSTILE, "status": HOSTILE, "role": HOSTILE}),
        client.get("/people"),
        client.get(page),
    ]
    seats("first")
    fields = {"staff_id": str(subject), "role": "institution", "scope": HOSTILE, "reason": HOSTILE}
    answers.append(post(client, "/grants/propose", fields))
    proposed = post(client, "/grants/propose", fields | {"role": "reviewer", "scope": ""})
    assert proposed.status_code == 303
    answers += [client.get(proposed.location), client.get("/grants"), client.get("/grants/propose")]
    answers.append(client.get("/grants/propose", query_string={"person": HOSTILE}))
    seats("second")
    page = proposed.location
    answers.append(post(client, f"{page}/refuse", {"reason": "x"}, form_on=page))
    assert post(client, f"{page}/refuse", {"reason": HOSTILE}, form_on=page).status_code == 303
    answers.append(client.get(page))
    for answer in answers:
        assert "<script>alert" not in answer.text
    assert words_of(answers[-1]).count(HOSTILE) >= 3, "the name, the reason and the refusal are there, as text"


def test_a_role_goes_through_the_hands_of_two(client, seats):
    subject = made(client, "韩梅")
    seats("first")
    fields = {"staff_id": str(subject), "role": "reviewer", "scope": "", "reason": "接替何静"}
    proposed = post(client, "/grants/propose", fields)
    assert proposed.status_code == 303
    page = proposed.location
    own_view = client.get(page).text
    assert "不能由您自己确认" in own_view and "授予这个岗位" not in own_view
    content = content_of(client, page)
    mine = approve(client, page, content)
    assert mine.status_code == 403
    seats("second")
    assert re.search(r'岗位授权 <span class="cm-count">\d+', client.get("/grants").text)
    shown = client.get(page).text
    assert content in shown
    for wrong in ({"password": "not the password"}, {"last_four": "ZZZZ"}, {"content_hash": "0" * 64}):
        answer = approve(client, page, content, **wrong)
        assert answer.status_code in (409, 422), wrong
        assert "授予这个岗位" in answer.text
    assert roles(client, subject) == {}
    done = approve(client, page, content)
    assert (done.status_code, done.location) == (303, "/grants")
    assert roles(client, subject) == {subject: ["reviewer"]}
    assert approve(client, page, content).status_code == 409
    with database(client).transaction() as session:
        proof = session.scalars(select(ApprovalProof).where(ApprovalProof.shown_sha256 == bytes.fromhex(content))).one()
        assert proof.used_at is not None


def test_a_decision_asks_for_proof_of_identity_first(client, seats, module_database, settings):
    subject = made(client, "罗建平")
    seats("first")
    fields = {"staff_id": str(subject), "role": "senior", "scope": "", "reason": "升为高级审核"}
    page = post(client, "/grants/propose", fields).location
    theirs = workspace_client(module_database, settings)
    sign_in(theirs, "security_officer", name="新来的")
    shown = theirs.get(page).text
    assert "先验证身份" in shown and "授予这个岗位" not in shown
    for act, values in (("approve", {}), ("refuse", {"reason": "没有调令"})):
        answer = post(theirs, f"{page}/{act}", values, form_on="/grants/propose")
        assert answer.status_code == 303 and answer.location.startswith("/step-up")
    assert roles(client, subject) == {}


def test_a_scope_is_asked_for_where_the_role_has_one(client, seats):
    subject = made(client, "马兰")
    seats("first")
    fields = {"staff_id": str(subject), "role": "township", "scope": "", "reason": "乡镇窗口"}
    without = post(client, "/grants/propose", fields)
    assert without.status_code == 422 and "9 位代码" in without.text and "乡镇窗口" in without.text
    needless = post(client, "/grants/propose", fields | {"role": "reviewer", "scope": "330110101"})
    assert needless.status_code == 422 and "不限范围" in needless.text
    assert post(client, "/grants/propose", fields | {"scope": "330110101"}).status_code == 303


def test_the_list_is_in_pinyin_order_and_turns_its_pages_without_losing_anybody(client, seats):
    with database(client).transaction() as session:
        for number in range(queries.PAGE_SIZE + 7):
            a_person(session, f"张{chr(0x4E00 + number * 7)}")
    seats("administrator")
    seen, url, pages = [], "/people?text=zhang", 0
    while url:
        page = client.get(url).text
        seen += [int(found) for found in re.findall(r'scope="row"[^>]*><a href="/people/(\d+)"', page)]
        found = re.search(r'href="([^"]+)" rel="next"', page)
        url = html.unescape(found[1]) if found else None
        pages += 1
    with database(client).transaction() as session:
        ordered = session.scalars(
            select(Staff.id)
            .where(Staff.county_code == COUNTY, Staff.name_pinyin.startswith("zhang"))
            .order_by(Staff.name_pinyin, Staff.id)
        ).all()
    assert seen == list(ordered)
    assert pages == 2


def test_finance_keeps_its_own_people_under_its_own_door(module_database, settings):
    portal = site_client("portal", module_database, settings)
    sign_in(portal, "administrator", desk="finance", name="田野")
    page = portal.get("/finance/people")
    assert page.status_code == 200
    link = re.search(r'href="(/finance/people/\d+)">田野', page.text)[1]
    assert portal.get(link).status_code == 200
    assert portal.get("/people").status_code == 303, "finance's session opens nothing at the county's desk"
    assert DESKS["finance"].path == "/finance"


def roles(client, staff_id: int) -> dict:
    with database(client).transaction() as session:
        return queries.roles_of_people(session, COUNTY, [staff_id], clock.now() + dt.timedelta(seconds=1))


def content_of(client, page: str) -> str:
    with database(client).transaction() as session:
        grant = queries.grant_of(session, COUNTY, int(page.rpartition("/")[2]))
        return granting.content_of(CONTRACTOR, grant, session.get_one(Staff, (COUNTY, grant.staff_id))).hex()


def approve(client, page: str, content: str, **more):
    fields = {"content_hash": content, "last_four": content[12:16].upper(), "password": PASSWORD} | more
    if "content_hash" in more:
        fields["last_four"] = more["content_hash"][12:16]
    return post(client, f"{page}/approve", fields, form_on="/grants/propose")
