"""The list with its filters, files sent through the page, manual claims, statements."""

from __future__ import annotations

import io
import json
import re

import pytest
from sqlalchemy import func, select

from chassis import clock
from contractor.claims.doors.exchange_columns import CLAIM_COLUMNS, LINE_COLUMNS
from contractor.claims.finding_words import is_known
from contractor.claims.tables import Claim, ClaimFinding
from contractor.claims.uploads import keeping
from tests.api.programs import claim_of
from tests.api.test_claims import work
from tests.claims.making import CITY_HOSPITAL, HOSPITAL, TOWNSHIP
from tests.claims_pages.desks import at_desk, sent, text_of, waiting
from tests.reading.making import fhir_bundle, with_bare_numbers

KEYS = [column.key for column in (*CLAIM_COLUMNS, *LINE_COLUMNS)]


def upload(person, content: bytes, name: str = "一月.json"):
    return person.client.post(
        "/claims/import", data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )


def test_the_list_walks_by_pages_and_its_filters_stand_in_the_address(programs):
    for place in range(3):
        waiting(programs, place)
    reviewer = at_desk(programs, "reviewer")
    page = reviewer.read("/claims?view=to_review")
    assert "第 1–3 条，共 3 条" in page
    assert "没有符合条件的申请" in reviewer.read("/claims?q=nobody")
    with programs.database.transaction() as session:
        claim = session.scalars(select(Claim).order_by(Claim.id)).first()
    found = reviewer.read(f"/claims?q={claim.claim_number}")
    assert claim.claim_number in found and "共 1 条" in found
    assert "共 2 条" in reviewer.read(f"/claims?q={claim.card_number}")


@pytest.mark.parametrize(
    "query",
    [
        "state=x",
        "least=1E5",
        "from=2026-02-30",
        "after=zzz",
        "file=9999999999999999999",
        "q=%00",
        "rule='--",
        "until=9999-12-31",
    ],
)
def test_what_cannot_be_read_in_an_address_is_left_out(programs, query):
    assert at_desk(programs, "reviewer").client.get(f"/claims?{query}").status_code == 200


def test_a_file_sent_through_the_page_shows_what_came_of_it(programs):
    clerk = at_desk(programs, "intake")
    body = json.dumps({"claims": [claim_of(programs, place) for place in (4, 5)]}).encode()
    answer = upload(clerk, body)
    assert answer.status_code == 303
    where = answer.location
    assert "等后台来取" in clerk.read(where)
    work(programs, int(where.rpartition("/")[2]))
    assert "4,000.00" in clerk.read(where)
    again = upload(clerk, body, "again.json")
    assert again.status_code == 409 and "同一份内容已经收过" in text_of(again.get_data(as_text=True))


def test_a_refused_file_lists_row_column_expected_and_found_and_exports_them(programs):
    clerk = at_desk(programs, "intake")
    bad = claim_of(programs, 6) | {"charged": "1E5", "hospital": "x"}
    where = upload(clerk, json.dumps({"claims": [bad]}).encode()).location
    work(programs, int(where.rpartition("/")[2]))
    page = clerk.read(where)
    assert "没有收下" in page and "总费用" in page and "1E5" in page and "科学记数" in page
    report = clerk.client.get(f"{where}/report.csv").get_data().decode("utf-8-sig")
    assert "1E5" in report and report.startswith('"行"')


def as_bundle(programs, *places: int) -> bytes:
    """Claims as a hospital's system exports them: one Bundle of FHIR R4."""
    rows = [{**dict.fromkeys(KEYS, ""), **claim_of(programs, place)} for place in places]
    for row in rows:
        row["lines"] = [{**line, "line_no": str(number)} for number, line in enumerate(row["lines"], 1)]
    return with_bare_numbers(fhir_bundle(rows))


def test_a_bundle_of_fhir_sent_as_a_file_is_taken_in_through_the_same_door(programs):
    clerk = at_desk(programs, "intake")
    where = upload(clerk, as_bundle(programs, 8, 9), "bundle.json").location
    work(programs, int(where.rpartition("/")[2]))
    page = clerk.read(where)
    assert "收下了" in page and "4,000.00" in page


def claims_in(programs) -> int:
    with programs.database.transaction() as session:
        return session.scalars(select(func.count()).select_from(Claim)).one()


def long_file(programs, mark: str, count: int = 9_000) -> bytes:
    """Enough claims for several batches."""
    one = claim_of(programs, 10)
    names = {"claim_number": "{}-{}", "invoice_number": "{}-{}"}
    return "\n".join(
        json.dumps(one | {name: form.format(mark, number) for name, form in names.items()}) for number in range(count)
    ).encode()


def test_an_import_under_way_is_stopped_by_its_sender_and_nothing_of_it_stays(programs, monkeypatch):
    clerk = at_desk(programs, "intake")
    content = long_file(programs, "STOP")
    where = upload(clerk, content, "一月.jsonl").location
    before, told = claims_in(programs), []

    def clerk_stops(*given, **more):
        told.append(more["claims"])
        if more["claims"]:
            page = clerk.read(where)
            assert "每秒" in page or "正在读" in page
            assert clerk.client.post(f"{where}/stop").status_code == 303
            assert "正在停下" in clerk.read(where)
        return true_telling(*given, **more)

    true_telling = keeping.told_how_far
    monkeypatch.setattr(keeping, "told_how_far", clerk_stops)
    work(programs, int(where.rpartition("/")[2]))
    monkeypatch.undo()
    assert len(told) == 2 and 0 < told[1] < 9_000, "it was under way, and went no further than the batch at hand"
    assert claims_in(programs) == before
    assert "什么都没有收下" in clerk.read(where)
    assert list(keeping.folder_of(programs.house.settings).iterdir()) == []
    assert clerk.client.post(f"{where}/stop").status_code == 409
    again = upload(clerk, content, "一月.jsonl").location
    work(programs, int(again.rpartition("/")[2]))
    assert claims_in(programs) == before + 9_000


def test_a_file_that_waits_lies_sealed_on_disk(programs):
    clerk = at_desk(programs, "intake")
    content = long_file(programs, "SEALED", count=2)
    where = upload(clerk, content, "二月.jsonl").location
    (stored,) = keeping.folder_of(programs.house.settings).iterdir()
    raw = stored.read_bytes()
    assert b"SEALED" not in raw and programs.world.card(10).encode() not in raw
    assert stored.stat().st_mode & 0o777 == 0o600
    work(programs, int(where.rpartition("/")[2]))
    assert "收下了" in clerk.read(where)


@pytest.mark.parametrize(("content", "name"), [(b"", "a.csv"), (b"%PDF-1.4", "a.pdf"), (b"x", "a.exe")])
def test_a_file_that_is_none_is_refused_in_words(programs, content, name):
    clerk = at_desk(programs, "intake")
    answer = upload(clerk, content, name)
    if answer.status_code == 303:
        work(programs, int(answer.location.rpartition("/")[2]))
        assert "没有收下" in clerk.read(answer.location)
    else:
        assert answer.status_code == 422 and "cm-error" in answer.get_data(as_text=True)


def test_nothing_chosen_is_said_beside_the_field(programs):
    answer = at_desk(programs, "intake").client.post("/claims/import", data={})
    assert answer.status_code == 422 and "请选一个文件" in answer.get_data(as_text=True)


def test_a_township_clerk_enters_a_manual_claim_and_sees_their_own_alone(programs):
    clerk = at_desk(programs, "township", scope=TOWNSHIP)
    card = programs.world.card(7)
    fields = {
        "claim_number": "SL2026-0001",
        "card_number": card,
        "institution_code": CITY_HOSPITAL,
        "invoice_number": "00351877",
        "admitted_on": "2026-03-02",
        "discharged_on": "2026-03-07",
        "diagnosis_code": "K35.8",
        "charged": "2000.00",
        "item_code-1": "A1",
        "hospital_item_name-1": "注射用青霉素钠",
        "performed_on-1": "2026-03-02",
        "quantity-1": "10",
        "unit_price-1": "200",
    }
    wrong = clerk.client.post("/claims/manual", data=fields | {"charged": "1999.00", "card_number": "0000"})
    page = wrong.get_data(as_text=True)
    assert wrong.status_code == 422 and "各行合计是 2000.00 元" in page and 'value="注射用青霉素钠"' in page
    unknown = clerk.client.post("/claims/manual", data=fields | {"card_number": "0000"})
    assert unknown.status_code == 422 and "没有这" in unknown.get_data(as_text=True)
    answer = clerk.client.post("/claims/manual", data=fields)
    assert answer.status_code == 303, text_of(answer.get_data(as_text=True))[:500]
    with programs.database.transaction() as session:
        claim = session.scalars(select(Claim).where(Claim.claim_number == "SL2026-0001")).one()
    assert (claim.route, claim.township_code, claim.charged_fen) == ("manual", TOWNSHIP, 200_000)
    assert "SL2026-0001" in clerk.read("/claims")
    assert "还没有申请" in at_desk(programs, "township", scope="990121999").read("/claims")
    direct = sent(programs, 8)
    assert clerk.client.get(f"/claims/{direct['id']}").status_code == 404


def test_a_statement_adds_up_and_shows_an_institution_its_own_month_alone(programs):
    sent(programs, 9)
    month = clock.local_day(clock.now()).strftime("%Y-%m")
    told = programs.get(f"/api/v1/statements?month={month}", role="institution", scope=HOSPITAL).get_json()
    assert told["sums"]["claim_count"] == len(told["lines"]) > 0
    for name in ("charged_fen", "benefits_fen", "due_fen", "advanced_fen", "taken_off_fen"):
        assert sum(line[name] for line in told["lines"]) == told["sums"][name]
    assert told["sums"]["due_fen"] == told["sums"]["benefits_fen"] > 0
    hospital = at_desk(programs, "institution", scope=HOSPITAL)
    page = hospital.read(f"/statements?month={month}&institution={CITY_HOSPITAL}")
    assert told["lines"][0]["claim_number"] in page
    csv = hospital.client.get(f"/statements/table.csv?month={month}").get_data().decode("utf-8-sig")
    assert len(csv.splitlines()) == len(told["lines"]) + 1
    other = at_desk(programs, "institution", scope=CITY_HOSPITAL)
    assert told["lines"][0]["claim_number"] not in other.read(f"/statements?month={month}&institution={HOSPITAL}")


def test_every_phrase_that_a_check_has_written_here_has_its_words(programs):
    """What the checks of this county's claims expected and found; a new phrase wants a row in `finding_words`."""
    sent(programs, 10, institution_code="990121002")
    with programs.database.transaction() as session:
        rows = session.execute(select(ClaimFinding.expected, ClaimFinding.found)).all()
        assert session.execute(select(func.count()).select_from(ClaimFinding)).scalar_one() > 3
    values = re.compile(r"[A-Z]?[\d.,/-]+|[A-Z]\w*")
    phrases = {phrase for row in rows for phrase in row if phrase and not values.fullmatch(phrase)}
    assert [phrase for phrase in sorted(phrases) if not is_known(phrase)] == []
