"""Second review, repricing and appeals as people do them: page by page, in both languages, with a second person."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest

from chassis import clock
from tests.authorisation.objects_law import confirmed
from tests.claims.making import AT, COUNTY
from tests.second.reviewing import at_the_desk, policy, state_of, version_of
from tests.sites import settings_for_tests, sign_in, workspace_client


@pytest.fixture(scope="module")
def desks(county):
    """A browser for each person, at the real site, under an approved law."""
    desk = county.test_database.desk("county")
    with desk.transaction() as session:
        confirmed(session, COUNTY, dt.date(2011, 1, 1), at=AT)
    desk.engine.dispose()
    made = {}

    def at(name: str, *roles: str):
        if name not in made:
            client = workspace_client(county.test_database, settings_for_tests(county.folder))
            client.application.config["WTF_CSRF_ENABLED"] = False  # forms without a token are tried in tests/identity
            person_id = sign_in(client, *roles, county_code=COUNTY, name=name, stepped_up=True, at=clock.now())
            made[name] = (client, person_id)
        return made[name][0]

    yield at
    for client, _person in made.values():
        for database in client.application.extensions["coopmed"].databases.values():
            database.engine.dispose()


def text_of(page: str) -> str:
    main = page[page.index("<main") :]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def read(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, f"{path} answers {answer.status_code}"
    return answer.get_data(as_text=True)


def hash_on(page: str) -> str:
    return re.search(r'name="content_hash" value="([0-9a-f]{64})"', page).group(1)


def test_a_claim_above_the_limit_goes_from_one_persons_page_to_anothers(county, desks):
    policy(county, limit_fen=100_000, from_on=clock.local_day(clock.now()))
    claim_id = at_the_desk(county, 0)
    reviewer, senior = desks("初审", "reviewer", "senior"), desks("二审", "senior")
    county.trade.owner.execute(
        "UPDATE contractor.claim SET held_by = NULL, held_until = NULL WHERE id = %s", [claim_id]
    )
    answer = reviewer.post(f"/claims/{claim_id}/approve", data={"version": 1})
    assert answer.status_code == 303 and state_of(county, claim_id) == "in_second_review"
    assert "另一位审核员决定" in read(reviewer, f"/claims/{claim_id}")
    assert "金额达到限额" in text_of(read(senior, "/second"))
    shown = text_of(read(senior, f"/second/claims/{claim_id}"))
    assert "核准" in shown and "初审" in shown
    # The first reviewer is told why it is not theirs, whatever they send.
    assert "另一位审核员决定" in text_of(read(reviewer, f"/second/claims/{claim_id}"))
    sent = {"version": version_of(county, claim_id), "decided": "approve"}
    assert reviewer.post(f"/second/claims/{claim_id}", data=sent).status_code == 409
    # Nor does the second person choose it: the system hands it to them.
    assert "二审由系统派" in text_of(read(senior, f"/second/claims/{claim_id}"))
    assert senior.post(f"/second/claims/{claim_id}", data=sent).status_code == 409
    handed = senior.post("/second/next")
    assert (handed.status_code, handed.location) == (303, f"/second/claims/{claim_id}")
    sent["version"] = version_of(county, claim_id)
    assert senior.post(f"/second/claims/{claim_id}", data=sent).status_code == 303
    assert state_of(county, claim_id) == "approved"


def test_the_lead_sets_the_policy_and_never_for_days_past(county, desks):
    lead, today = desks("主管", "lead"), clock.local_day(clock.now())
    sent = {"limit": "20000", "household_limit": "50000", "payee_limit": "50000", "rolling_days": "30", "share": "2.5",
            "is_on_critical": "1", "note": "县里的规定"}  # fmt: skip
    past = {"from_on": (today - dt.timedelta(days=1)).isoformat()}
    assert lead.post("/second/policy", data=sent | past).status_code == 422
    assert lead.post("/second/policy", data=sent | {"from_on": today.isoformat(), "limit": "1E5"}).status_code == 422
    assert lead.post("/second/policy", data=sent | {"from_on": today.isoformat()}).status_code == 303
    assert "2.50 %" in text_of(read(lead, "/second/policy"))
    assert county.rows("SELECT share_ppm, limit_fen FROM contractor.review_policy ORDER BY id DESC LIMIT 1") == [
        (25_000, 2_000_000)
    ]


def test_the_administrator_enters_whose_household_is_whose(county, desks):
    administrator = desks("管理员", "administrator")
    sent = {"staff_id": county.people["reviewer"], "card_number": county.world.card(4), "relation": "kin"}
    assert administrator.post("/second/households", data=sent).status_code == 303
    assert administrator.post("/second/households", data=sent).status_code == 409
    assert administrator.post("/second/households", data=sent | {"card_number": "0000"}).status_code == 422
    assert "近亲属所在户" in text_of(read(administrator, "/second/households"))
    (number,) = county.rows("SELECT id FROM contractor.staff_household WHERE relation = 'kin'")[0]
    assert administrator.post(f"/second/households/{number}/end", data={}).status_code == 303
    assert administrator.post(f"/second/households/{number}/end", data={}).status_code == 404


def test_a_repricing_is_previewed_proposed_by_one_and_confirmed_by_another(county, desks):
    (claim_id,) = county.decided(county.stay(6, 3, "3000"))
    county.pay()
    county.trade.owner.execute("UPDATE registry.catalogue_item SET catalogue_class = 2 WHERE item_code = 'A1'")
    senior, lead = desks("二审", "senior"), desks("主管", "lead")
    scope = {"from_on": "2026-01-01", "until_on": "2027-01-01", "item_code": "A1"}
    preview = read(senior, "/corrections/reprice?from_on=2026-01-01&until_on=2027-01-01&item_code=A1")
    assert "合计" in text_of(preview) and county.rows("SELECT * FROM contractor.correction") == []
    sent = scope | {"content_hash": hash_on(preview), "reason_code": "wrong_catalogue", "note": "甲类录成了乙类"}
    assert senior.post("/corrections/reprice", data=sent | {"content_hash": "0" * 64}).status_code == 409
    answer = senior.post("/corrections/reprice", data=sent)
    assert answer.status_code == 303
    page = answer.location
    shown = read(senior, page)
    assert "要由另一人确认" in text_of(shown) and 'name="content_hash"' not in shown
    content = hash_on(read(lead, page))
    assert senior.post(f"{page}/confirm", data={"content_hash": content}).status_code == 409
    assert lead.post(f"{page}/confirm", data={"content_hash": content}).status_code == 303
    assert "已生效" in text_of(read(lead, page))
    assert county.rows("SELECT count(*) FROM contractor.owed_back WHERE claim_id = %s", claim_id) == [(1,)]
    assert "应退回" in text_of(read(lead, "/corrections"))
    county.trade.owner.execute("UPDATE registry.catalogue_item SET catalogue_class = 1 WHERE item_code = 'A1'")


def test_a_paid_claim_is_reversed_by_two_and_an_appeal_brings_it_back_to_review(county, desks):
    (claim_id,) = county.decided(county.stay(8, 4, "3000"))
    county.pay()
    senior, lead, intake = desks("二审", "senior"), desks("主管", "lead"), desks("受理", "intake")
    preview = read(senior, f"/corrections/claims/{claim_id}/reversal")
    assert "要退回的" in text_of(preview)
    sent = {"content_hash": hash_on(preview), "reason_code": "wrong_person", "note": "不是本人"}
    page = senior.post(f"/corrections/claims/{claim_id}/reversal", data=sent).location
    assert lead.post(f"{page}/confirm", data={"content_hash": hash_on(read(lead, page))}).status_code == 303
    assert state_of(county, claim_id) == "reversed"
    filed = {"filed_by": "member", "filer_name": "张三", "paper": "申诉书 1", "statement": "是我本人",
             "filed_on": clock.local_day(clock.now()).isoformat()}  # fmt: skip
    assert intake.post(f"/corrections/claims/{claim_id}/appeal", data=filed).status_code == 303
    assert intake.post(f"/corrections/claims/{claim_id}/appeal", data=filed).status_code == 409
    (number,) = county.rows("SELECT id FROM contractor.appeal WHERE claim_id = %s", claim_id)[0]
    answer = {"version": version_of(county, claim_id), "outcome": "upheld", "answer": "查实是本人"}
    # Who reversed it does not answer the appeal against the reversal.
    assert "另一个人答复" in text_of(read(lead, f"/corrections/appeals/{number}"))
    assert lead.post(f"/corrections/appeals/{number}", data=answer).status_code == 409
    assert senior.post(f"/corrections/appeals/{number}", data=answer).status_code == 303
    assert state_of(county, claim_id) == "in_review"
    found = county.recomputed().differences
    assert found[found["claim_id"] == claim_id].to_dict("records") == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_there_in_both_languages(county, desks, language):
    lead, administrator = desks("主管", "lead"), desks("管理员", "administrator")
    (claim_id,) = county.decided(county.stay(10, 5 if language == "zh" else 6, "3000"))
    pages = ("/second", "/second/policy", "/corrections", "/corrections/reprice",
             "/corrections/reprice?from_on=2026-01-01&until_on=2027-01-01", f"/corrections/claims/{claim_id}/reversal",
             f"/corrections/claims/{claim_id}/appeal", f"/second/claims/{claim_id}")  # fmt: skip
    for client, path in [*((lead, one) for one in pages), (administrator, "/second/households")]:
        client.set_cookie("language", language)
        read(client, path)
