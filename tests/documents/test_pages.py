"""Papers at the workspace: shown in a frame that can do nothing, seen by whom the claim is seen by, kept for good."""

from __future__ import annotations

import base64
import io
import re

import PIL.Image
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from contractor.documents import keeping
from tests.api.programs import HOSPITAL, Programs, make_programs
from tests.claims_pages.desks import Person, at_desk, text_of, waiting
from tests.documents import files


@pytest.fixture(scope="module")
def programs(module_database, tmp_path_factory):
    made = make_programs(module_database, tmp_path_factory.mktemp("documents"), largest_document_mb="1")
    made.app.config["WTF_CSRF_ENABLED"] = False  # forms without a token are tried in tests/identity
    yield made
    made.close()


@pytest.fixture(scope="module")
def claim_id(programs) -> int:
    return waiting(programs, 0)


@pytest.fixture()
def reviewer(programs) -> Person:
    return at_desk(programs, "reviewer")


@pytest.fixture()
def clerk(programs) -> Person:
    return at_desk(programs, "institution", scope=HOSPITAL, name="医院职员")


def added(person: Person, claim_id: int, content: bytes, name: str = "发票.pdf", paper: str = "invoice"):
    sent = {"paper": paper, "file": (io.BytesIO(content), name)}
    return person.client.post(f"/claims/{claim_id}/documents", data=sent, content_type="multipart/form-data")


def rows(programs: Programs, statement: str, **given):
    with programs.database.transaction() as session:
        return session.execute(text(statement), given).all()


def count(programs: Programs) -> int:
    return rows(programs, "SELECT count(*) FROM contractor.claim_document")[0][0]


def latest(programs: Programs):
    return rows(programs, "SELECT * FROM contractor.claim_document ORDER BY id DESC LIMIT 1")[0]


def colour_of_page(answer) -> tuple[int, int, int]:
    encoded = re.search(r'src="data:image/jpeg;base64,([^"]+)"', answer.get_data(as_text=True))[1]
    return PIL.Image.open(io.BytesIO(base64.b64decode(encoded))).getpixel((5, 5))


def test_a_paper_is_shown_beside_the_lines_as_a_picture_in_a_frame_that_can_do_nothing(programs, claim_id, clerk):
    assert added(clerk, claim_id, files.image(colour="blue"), "发票.jpg").status_code == 303
    row = latest(programs)
    reviewer = at_desk(programs, "reviewer")
    screen = reviewer.client.get(f"/claims/{claim_id}")
    page = screen.get_data(as_text=True)
    assert re.search(rf'<iframe [^>]*src="/claims/{claim_id}/documents/{row.id}/pages/1" sandbox loading="lazy"', page)
    assert "frame-src 'self'" in screen.headers["Content-Security-Policy"]
    sheet = reviewer.client.get(f"/claims/{claim_id}/documents/{row.id}/pages/1")
    policy = sheet.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-") and policy.endswith("; sandbox")
    assert "script-src" not in policy and "frame-ancestors 'self'" in policy
    assert sheet.headers["X-Content-Type-Options"] == "nosniff"
    assert sheet.headers["Content-Disposition"].startswith("inline; filename=")
    assert sheet.headers["Cache-Control"] == "no-store"
    red, green, blue = colour_of_page(sheet)
    assert blue > 240 and red < 20 and green < 20


def test_a_page_without_papers_may_hold_no_frame(reviewer):
    assert "frame-src" not in reviewer.client.get("/claims").headers["Content-Security-Policy"]


def test_what_came_is_kept_sealed_as_it_came(programs, claim_id, clerk):
    content = files.image(colour="green")
    added(clerk, claim_id, content, "小结.jpg", "discharge_summary")
    row = latest(programs)
    folder = keeping.folder_of(programs.house.settings)
    on_disk = (folder / f"{row.stored_as}.came").read_bytes()
    assert b"JFIF" not in on_disk
    sealed = keeping.SealedFile(folder / f"{row.stored_as}.came", programs.house.keyring, keeping.PURPOSE)
    assert sealed.read_bytes() == content and row.came_bytes == len(content)


def test_opening_a_paper_is_in_the_trail(programs, claim_id, clerk, reviewer):
    added(clerk, claim_id, files.image(colour="red"), "清单.jpg", "bill")
    row = latest(programs)
    reviewer.client.get(f"/claims/{claim_id}/documents/{row.id}/pages/1")
    told = rows(
        programs,
        "SELECT act, actor_id FROM contractor.trail_entry WHERE stream = 'documents' AND subject_id = :id ORDER BY seq",
        id=str(row.id),
    )
    assert [tuple(one) for one in told] == [
        ("document.added", str(clerk.staff_id)),
        ("document.opened", str(reviewer.staff_id)),
    ]


def test_the_same_file_twice_on_one_claim_is_told_and_may_come_again_once_taken_back(programs, claim_id, clerk):
    content = files.image(colour="yellow")
    added(clerk, claim_id, content, "甲.jpg")
    row, before = latest(programs), count(programs)
    again = added(clerk, claim_id, content, "乙.jpg")
    assert again.status_code == 409 and "同一个文件已经在这件申请里" in text_of(again.get_data(as_text=True))
    assert count(programs) == before
    answer = clerk.client.post(f"/claims/{claim_id}/documents/{row.id}/withdraw", data={"reason": "传错了"})
    assert answer.status_code == 303
    assert clerk.client.get(f"/claims/{claim_id}/documents/{row.id}/pages/1").status_code == 404
    assert at_desk(programs, "reviewer").client.get(f"/claims/{claim_id}/documents/{row.id}/pages/1").status_code == 200
    assert added(clerk, claim_id, content, "乙.jpg").status_code == 303


def test_a_paper_and_its_withdrawal_stay_whoever_asks(programs):
    for statement in (
        "DELETE FROM contractor.claim_document",
        "UPDATE contractor.claim_document SET paper = 'bill'",
        "DELETE FROM contractor.claim_document_withdrawal",
    ):
        with (
            pytest.raises(DBAPIError, match="permission denied"),
            programs.database.transaction() as session,
        ):
            session.execute(text(statement))


def test_a_paper_is_seen_by_whom_its_claim_is_seen_by(programs, claim_id, clerk):
    added(clerk, claim_id, files.image(colour="orange"), "证明.jpg", "diagnosis")
    row = latest(programs)
    path = f"/claims/{claim_id}/documents/{row.id}/pages/1"
    assert clerk.client.get(path).status_code == 200
    assert at_desk(programs, "institution", scope="H-ELSEWHERE").client.get(path).status_code == 404
    assert at_desk(programs, "cashier").client.get(path).status_code == 403


def test_a_paper_is_not_reached_through_another_claim(programs, claim_id, clerk, reviewer):
    other = waiting(programs, 1)
    row = latest(programs)
    assert reviewer.client.get(f"/claims/{other}/documents/{row.id}/pages/1").status_code == 404
    assert reviewer.client.get(f"/claims/{claim_id}/documents/{row.id}/pages/2").status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (files.pdf(), "照片.jpg", "名称写的是 .jpg，内容是 PDF"),
        (b"<svg onload='alert(1)'/>", "图.svg", "不是 PDF、JPEG 或 PNG"),
        (b"", "空.pdf", "文件是空的"),
        (files.png_bomb(), "大.png", "画面太大"),
        (files.pdf_that_acts(files.XFA), "表.pdf", "要程序才能显示的表单"),
    ],
)
def test_a_bad_paper_is_refused_in_plain_words_and_leaves_nothing(programs, claim_id, clerk, content, name, told):
    folder = keeping.folder_of(programs.house.settings)
    before, on_disk = count(programs), len(list(folder.iterdir()))
    answer = added(clerk, claim_id, content, name)
    assert answer.status_code == 422 and told in text_of(answer.get_data(as_text=True))
    assert (count(programs), len(list(folder.iterdir()))) == (before, on_disk)


def test_a_paper_of_200_mb_is_refused_before_it_is_read_and_let_run_out(programs, claim_id, clerk):
    class Endless(io.RawIOBase):
        given = 0
        largest = 0

        def read(self, size=-1):
            assert 0 < size <= 1 << 20, "all of it at once"
            piece = bytes(min(size, (200 << 20) - self.given))
            self.given += len(piece)
            self.largest = max(self.largest, len(piece))
            return piece

    body = Endless()
    answer = clerk.client.post(
        f"/claims/{claim_id}/documents",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": str(200 << 20)},
    )
    page = text_of(answer.get_data(as_text=True))
    assert answer.status_code == 413 and "一份材料最大 1 MB，没有收下；别的都没有动" in page
    assert body.given == 200 << 20 and body.largest <= 1 << 16


def test_a_claim_sent_back_is_answered_by_the_institution_and_under_review_again(programs, clerk):
    claim_id = waiting(programs, 2)
    reviewer = at_desk(programs, "reviewer", name="王敏")
    assert reviewer.act(claim_id, "take-up", version=0).status_code in (303, 409)
    version = rows(programs, "SELECT version FROM contractor.claim WHERE id = :id", id=claim_id)[0][0]
    if rows(programs, "SELECT state FROM contractor.claim WHERE id = :id", id=claim_id)[0][0] == "received":
        assert reviewer.act(claim_id, "take-up", version=version).status_code == 303
        version += 1
    asked = {"documents": ["invoice", "referral"]}
    assert reviewer.act(claim_id, "send-back", version=version, **asked).status_code == 303
    page = clerk.read(f"/claims/{claim_id}")
    assert "发票原件 还缺" in page and "转诊单 还缺" in page and "材料补齐了" in page
    added(clerk, claim_id, files.image(colour="pink"), "发票.jpg", "invoice")
    assert "发票原件 已有" in clerk.read(f"/claims/{claim_id}/documents")
    added(clerk, claim_id, files.pdf(2), "转诊.pdf", "referral")
    assert "要补的材料都有了" in clerk.read(f"/claims/{claim_id}/documents")
    assert clerk.act(claim_id, "papers", version=version + 1).status_code == 303
    assert rows(programs, "SELECT state FROM contractor.claim WHERE id = :id", id=claim_id)[0][0] == "in_review"
