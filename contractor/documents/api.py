"""The papers of a claim for programs: the list, a new one by its bytes, a page of one as a picture, taking one back.

A file is read, pictured and sealed before the transaction begins; one that was not taken in is forgotten again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from chassis.api.fields import MOST_ID, Given, Told, Words
from chassis.api.operations import Ask, FileBody, JsonBody, Operation, SentFile
from chassis.api.operations import mount as mount_operations
from chassis.desks import Desk
from chassis.errors import NotFound, Refusal
from chassis.web.current import the_database, the_house
from contractor.claims.api_asking import require_seen
from contractor.claims.sight import sight_of
from contractor.documents import keeping
from contractor.documents.adding import add_document, open_document, withdraw_document
from contractor.documents.keeping import Prepared
from contractor.documents.kinds import JPEG, LONGEST_NAME, PDF, PNG
from contractor.documents.queries import documents_of, papers_asked
from contractor.documents.receiving import largest_bytes
from contractor.documents.refusals import DocumentTooLarge
from rulebook.reasons import PAPERS

FILE_TYPES = {PDF: "PDF", JPEG: "JPEG", PNG: "PNG"}
ABOVE = 1 << 20
"""A body a little too large still reaches us, so that it is refused in our words."""


@dataclass
class Waiting:
    """A document that was read and that no row knows yet."""

    prepared: Prepared
    is_taken: bool = False


class PaperQuery(Given):
    paper = fields.String(
        required=True,
        validate=validate.OneOf(tuple(PAPERS), error=_("没有这个代号")),
        metadata={"description": _("是哪一样材料")},
    )
    file_name = Words(required=True, longest=LONGEST_NAME, metadata={"description": _("扩展名要与内容一致")})


class TakingBackPaper(Given):
    reason = Words(required=True, shortest=2, longest=300, metadata={"description": _("写下为什么")})


class Paper(Told):
    id = fields.Integer(required=True)
    paper = fields.String(required=True)
    file_name = fields.String(required=True)
    media_type = fields.String(required=True, metadata={"description": _("按内容认定的类型")})
    sha256 = fields.String(required=True, metadata={"description": _("收到的文件的 SHA-256")})
    byte_count = fields.Integer(required=True, attribute="came_bytes")
    page_count = fields.Integer(required=True)
    left_out = fields.List(fields.String(), required=True, metadata={"description": _("图片里没有的：脚本、附件等")})
    added_at = fields.AwareDateTime(required=True)
    added_by = fields.Integer(required=True)
    withdrawn_at = fields.AwareDateTime(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True, metadata={"description": _("为什么撤回")})


class PapersTold(Told):
    documents = fields.List(fields.Nested(Paper), required=True)
    asked = fields.List(fields.String(), required=True, metadata={"description": _("退回时要的材料")})
    missing = fields.List(fields.String(), required=True, metadata={"description": _("其中还没有的")})


def mount(app: Flask, desk: Desk) -> None:
    mount_operations(app, "documents_api", OPERATIONS)
    let_papers_in(app, "documents_api.add")


def let_papers_in(app: Flask, *endpoints: str) -> None:
    """These doors take a body as large as a paper may be."""
    for endpoint in endpoints:
        app.extensions["coopmed_largest_bodies"][endpoint] = largest_bytes(app.extensions["coopmed"]) + ABOVE


def tell(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    require_seen(session, ask, claim_id)
    sight = sight_of(ask.visitor)
    rows = [dict(row._mapping) | {"sha256": row.came_sha256.hex()} for row in documents_of(session, sight, claim_id)]
    asked = papers_asked(session, ask.visitor.county_code, claim_id)
    there = {row["paper"] for row in rows if row["withdrawn_at"] is None}
    return {"documents": rows, "asked": asked, "missing": [code for code in asked if code not in there]}


@contextmanager
def read_file(ask: Ask, claim_id: int) -> Iterator[Waiting]:
    """Whoever does not see the claim does not make us read a file. Raises: NotFound, and as `prepared_file`."""
    with the_database().transaction() as session:
        require_seen(session, ask, claim_id)
    with prepared_file(ask) as waiting:
        yield waiting


@contextmanager
def prepared_file(ask: Ask) -> Iterator[Waiting]:
    """The file that was sent, read and sealed; forgotten again unless it was taken.

    Raises: DocumentTooLarge, EmptyDocument, NotADocument, NameLies, NotShowable.
    """
    house, sent = the_house(), ask.body
    assert isinstance(sent, SentFile), "the operation's body is a file"
    largest = largest_bytes(house)
    if sent.byte_count > largest:
        raise DocumentTooLarge(most_mb=largest >> 20)
    folder = keeping.folder_of(house.settings)
    waiting = Waiting(keeping.prepare(sent.path.read_bytes(), ask.query["file_name"], folder, house.keyring))
    try:
        yield waiting
    except Refusal:
        waiting.is_taken = False
        raise
    finally:
        # After any other error the commit may have gone through: a file too many is better than a row without one.
        if not waiting.is_taken:
            keeping.forget(folder, waiting.prepared.stored_as)


def add(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    """Raises: ClaimClosed, DocumentKnown, TooManyDocuments."""
    sight, waiting = sight_of(ask.visitor), ask.prepared
    by, paper = ask.visitor.person_id, ask.query["paper"]
    add_document(session, sight, claim_id, paper=paper, prepared=waiting.prepared, by=by, at=ask.at)
    waiting.is_taken = True
    return tell(session, ask, claim_id)


def give_page(session: Session, ask: Ask, claim_id: int, document_id: int, page_no: int) -> bytes:
    """The picture of one page; that it was opened is written down first."""
    house, sight = the_house(), sight_of(ask.visitor)
    if not 0 < document_id <= MOST_ID or not 0 < claim_id <= MOST_ID:
        raise NotFound(kind="claim_document")
    row = open_document(session, sight, claim_id, document_id, page_no, by=ask.visitor.person_id, at=ask.at)
    return keeping.picture(keeping.folder_of(house.settings), row.stored_as, row.pages, page_no, house.keyring)


def withdraw(session: Session, ask: Ask, claim_id: int, document_id: int) -> dict[str, Any]:
    """Raises: ClaimClosed, DocumentWithdrawn, NotYourDocument."""
    require_seen(session, ask, claim_id)
    if not 0 < document_id <= MOST_ID:
        raise NotFound(kind="claim_document")
    by, reason = ask.visitor.person_id, ask.body["reason"]
    withdraw_document(session, sight_of(ask.visitor), claim_id, document_id, reason=reason, by=by, at=ask.at)
    return tell(session, ask, claim_id)


_ALL = "/claims/<int:claim_id>/documents"
_CLOSED = _("已撤回的申请不再收材料、同一份已经有了，或已经太多")

OPERATIONS = (
    Operation(
        "documents",
        "GET",
        _ALL,
        tell,
        _("一件申请的材料"),
        PapersTold(),
        description=_("每一样材料，要过哪些、还缺哪些。"),
    ),
    Operation(
        "add",
        "POST",
        _ALL,
        add,
        _("加一样材料"),
        PapersTold(),
        description=_("内容就是文件本身：PDF、JPEG 或 PNG，按内容认定。转成图片给人看，原件封存。"),
        status=201,
        query=PaperQuery(),
        body=FileBody(FILE_TYPES),
        prepare=read_file,
        is_once=True,
        refusals={409: _CLOSED, 413: _("文件太大"), 422: _("不是材料、名称与内容不符、打不开，或有看不懂的地方")},
    ),
    Operation(
        "page",
        "GET",
        f"{_ALL}/<int:document_id>/pages/<int:page_no>",
        give_page,
        _("材料的一页"),
        None,
        description=_("一页的图片。谁看了哪一页会记下来。"),
        content_type="image/jpeg",
        write=bytes,
    ),
    Operation(
        "withdraw",
        "POST",
        f"{_ALL}/<int:document_id>/withdraw",
        withdraw,
        _("撤回一样材料"),
        PapersTold(),
        description=_("原件仍留存。加的人自己撤，或由承办机构撤。"),
        body=JsonBody(TakingBackPaper()),
        is_once=True,
        refusals={409: _("不是您加的、已经撤回，或申请已撤回")},
    ),
)
