"""A number is shown in full once, with a reason, after it was written down who looks; and not too often."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError

from chassis.trail.tables import TrailEntry
from chassis.unmasking import showing
from chassis.unmasking.refusals import QuotaUsedUp, ReasonTooLong, ReasonTooShort
from chassis.unmasking.showing import DAILY_QUOTA, Subject, unmask
from chassis.unmasking.tables import Unmasking
from chassis.visitors import Visitor
from demo.county import demo_county
from oversight.registry.showing import sealed_cell
from tests.demo.house import AT, send

REASON = "核对住院补偿的收款人身份"
HEAD = demo_county().families[0].people[0]


def visitor(person_id: int) -> Visitor:
    return Visitor("county", "990121", person_id, 1, "试", frozenset({"officer"}))


def look(session, home, head, *, by: int, reason: str = REASON, at: dt.datetime = AT) -> str:
    return unmask(
        session,
        home.keyring,
        sealed_cell(home.keyring, head, "identity_number"),
        subject=Subject("member", head.county_code, head.id),
        field="identity_number",
        by=visitor(by),
        reason=reason,
        at=at,
    )


def records(home, staff_id: int) -> list[Unmasking]:
    with home.databases["county"].transaction() as session:
        return list(session.scalars(select(Unmasking).where(Unmasking.staff_id == staff_id)))


def links(home, staff_id: int) -> list[TrailEntry]:
    with home.databases["county"].transaction() as session:
        return list(
            session.scalars(
                select(TrailEntry).where(TrailEntry.stream == "unmasking", TrailEntry.actor_id == str(staff_id))
            )
        )


def address(member) -> str:
    return f"/registry/members/{member.county_code}/{member.id}"


def test_a_look_leaves_a_record_and_a_link_in_the_trail(home, head):
    with home.databases["county"].transaction() as session:
        assert look(session, home, head, by=9001) == HEAD.identity_number
    (record,) = records(home, 9001)
    assert (record.subject_id, record.field, record.reason, record.on) == (
        head.id,
        "identity_number",
        REASON,
        dt.date(2026, 11, 20),
    )
    (link,) = links(home, 9001)
    assert (link.act, link.subject_id) == ("unmasked", str(head.id))


@pytest.mark.parametrize(
    ("reason", "refusal"),
    [
        ("", ReasonTooShort),
        ("核对一下身份证号码", ReasonTooShort),
        ("  核 " * 3, ReasonTooShort),
        ("核" * 501, ReasonTooLong),
    ],
)
def test_without_a_reason_nothing_is_shown_and_nothing_written(home, head, reason, refusal):
    with pytest.raises(refusal), home.databases["county"].transaction() as session:
        look(session, home, head, by=9002, reason=reason)
    assert records(home, 9002) == []


def test_a_reason_of_ten_characters_is_enough(home, head):
    with home.databases["county"].transaction() as session:
        assert look(session, home, head, by=9003, reason="一二三四五六七八九十")


def test_the_day_has_a_quota_and_the_next_day_starts_anew(home, head):
    late = dt.datetime(2026, 11, 20, 15, 59, tzinfo=dt.UTC)  # 23:59 in Shanghai
    for _ in range(DAILY_QUOTA):
        with home.databases["county"].transaction() as session:
            look(session, home, head, by=9004, at=late)
    with pytest.raises(QuotaUsedUp), home.databases["county"].transaction() as session:
        look(session, home, head, by=9004, at=late)
    with home.databases["county"].transaction() as session:
        look(session, home, head, by=9005, at=late)
        look(session, home, head, by=9004, at=late + dt.timedelta(minutes=1))
    assert len(records(home, 9004)) == DAILY_QUOTA + 1


def test_many_windows_at_once_do_not_stretch_the_quota(home, head):
    def one(_: int) -> bool:
        try:
            with home.databases["county"].transaction() as session:
                look(session, home, head, by=9006)
        except QuotaUsedUp:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(DAILY_QUOTA + 20))) == DAILY_QUOTA


def test_what_cannot_be_written_down_is_not_shown(home, head, monkeypatch):
    """The trail refuses: then there is no record either, and the text never leaves the transaction."""
    shown = []

    def broken(*_args, **_kwargs):
        raise RuntimeError("the trail is away")

    monkeypatch.setattr(showing, "append", broken)
    with pytest.raises(RuntimeError), home.databases["county"].transaction() as session:
        shown.append(look(session, home, head, by=9007))
    assert shown == []
    assert records(home, 9007) == []


def test_a_record_is_never_changed_or_removed(home, head):
    with home.databases["county"].transaction() as session:
        look(session, home, head, by=9008)
    for act in ("UPDATE oversight.unmasking SET reason = 'nothing to see'", "DELETE FROM oversight.unmasking"):
        with psycopg.connect(home.url("county_rw")) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(act)
        with psycopg.connect(home.database.owner_url) as connection, pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute(act)


def test_a_short_reason_is_refused_by_the_database_too(home):
    record = Unmasking(
        county_code="990121",
        staff_id=9009,
        at=AT,
        on=AT.date(),
        subject_kind="member",
        subject_county_code="990121",
        subject_id=1,
        field="phone",
        reason="短",
    )
    with pytest.raises((IntegrityError, DBAPIError)), home.databases["county"].transaction() as session:
        session.add(record)


def test_the_page_shows_the_number_once_and_no_copy_of_it_stays(home, at_desk, head, capsys):
    browser, page = at_desk("officer"), f"{address(head)}/unmask/identity_number"
    asked = browser.get(page)
    assert HEAD.identity_number not in asked.text
    answer = send(browser, page, {"reason": REASON})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert HEAD.identity_number in answer.text
    assert HEAD.identity_number not in answer.request.url
    record = browser.get(address(head)).text
    assert HEAD.identity_number not in record
    assert REASON in record, "who looked stands on the page of whom they looked at"
    captured = capsys.readouterr()
    assert HEAD.identity_number not in captured.out + captured.err
    with psycopg.connect(home.database.owner_url) as connection:
        for table in ("unmasking", "trail_entry", "task"):
            rows = connection.execute(f"SELECT t::text FROM oversight.{table} t").fetchall()
            assert not [row for row in rows if HEAD.identity_number in row[0]]


def test_the_form_keeps_what_was_typed_and_says_what_is_missing(at_desk, head):
    answer = send(at_desk("auditor"), f"{address(head)}/unmask/phone", {"reason": "太短"})
    assert answer.status_code == 422
    assert "太短" in answer.text
    assert "至少 10 个字" in answer.text
    assert HEAD.phone not in answer.text


def test_those_who_only_read_do_not_unmask(at_desk, head):
    for who in ("city", "audit-bureau", "regulator", "logs", "security"):
        assert at_desk(who).get(f"{address(head)}/unmask/phone").status_code == 403


def test_a_field_that_is_not_sealed_cannot_be_asked_for(at_desk, head):
    for field in ("name", "card_number", "identity_number_sealed", "x"):
        assert at_desk("officer").get(f"{address(head)}/unmask/{field}").status_code == 404


def test_the_log_counts_who_looked_for_those_who_watch_alone(at_desk, head):
    send(at_desk("director"), f"{address(head)}/unmask/bank_account", {"reason": "家属来问收款账户是否登记"})
    for who in ("logs", "security"):
        page = at_desk(who).get("/unmasking")
        assert page.status_code == 200
        assert "高远" in page.text
        assert "家属来问收款账户是否登记" in page.text
        assert HEAD.bank_account not in page.text
    for who in ("registrar", "officer", "director", "city", "admin"):
        assert at_desk(who).get("/unmasking").status_code == 403


def test_the_log_is_narrowed_by_person_and_day(at_desk, head):
    send(at_desk("officer"), f"{address(head)}/unmask/phone", {"reason": REASON})
    send(at_desk("director"), f"{address(head)}/unmask/bank_account", {"reason": "家属来问收款账户是否登记"})
    browser = at_desk("logs")
    assert "家属来问" not in browser.get("/unmasking?from=2020-01-01&to=2020-12-31").text
    people = re.findall(r'<option value="(\d+)">([^<]+)</option>', browser.get("/unmasking").text)
    numbers = {name: number for number, name in people}
    assert "家属来问" in browser.get(f"/unmasking?person={numbers['高远']}").text
    assert "家属来问" not in browser.get(f"/unmasking?person={numbers['许正']}").text
    assert browser.get("/unmasking?from=never&person=x&before=y").status_code == 200
