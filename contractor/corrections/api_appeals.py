"""Appeals for programs: what waits, one with its papers and its claim's version, entering one, answering one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.fields import MOST_ID
from chassis.api.operations import Ask, FileBody, JsonBody, Operation
from chassis.errors import NotFound, UnreadableInput
from chassis.web.current import the_database
from contractor.claims.api_asking import law_or_none, require_seen, who
from contractor.claims.listing import heads
from contractor.claims.sight import sight_of
from contractor.corrections import api_schemas as schemas
from contractor.corrections import appeals, papers, queries
from contractor.documents.api import FILE_TYPES, Waiting, prepared_file
from contractor.documents.queries import document_of


def tell_appeals(session: Session, ask: Ask) -> dict[str, Any]:
    return {"appeals": queries.appeals(session, ask.visitor.county_code, is_open=ask.query["is_open"])}


def tell_appeal(session: Session, ask: Ask, appeal_id: int) -> dict[str, Any]:
    found = queries.appeal_of(session, ask.visitor.county_code, appeal_id) if 0 < appeal_id <= MOST_ID else None
    if found is None:
        raise NotFound(kind="appeal")
    claim = heads(session, sight_of(ask.visitor), [found.claim_id]).get(found.claim_id)
    if claim is None:
        raise NotFound(kind="appeal")
    told = {name: getattr(found, name, None) for name in schemas.AppealTold().fields}
    documents = papers.papers_of(session, ask.visitor.county_code, appeal_id)
    return told | {"document_ids": documents, "claim_state": claim.state, "claim_version": claim.version}


def file_appeal(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    """Raises: NothingToAppeal, AppealOpen."""
    require_seen(session, ask, claim_id)
    if ask.body["filed_on"] > clock.local_day(ask.at):
        raise UnreadableInput(faults={"filed_on": [_("不能晚于今天")]})
    return tell_appeal(session, ask, appeals.file_appeal(session, claim_id, **ask.body, **who(ask)))


def answer(session: Session, ask: Ask, appeal_id: int) -> dict[str, Any]:
    """Raises: AppealDecided, NotByTheSamePerson, StaleVersion, and as `reverse`."""
    tell_appeal(session, ask, appeal_id)
    body, law = ask.body, law_or_none(session, ask)
    given = {"claim_version": body["version"], "answer": body["answer"], "law": law} | who(ask)
    appeals.decide_appeal(session, appeal_id, body["outcome"], **given)
    return tell_appeal(session, ask, appeal_id)


@contextmanager
def read_paper(ask: Ask, appeal_id: int) -> Iterator[Waiting]:
    """Whoever does not see the appeal does not make us read a file. Raises: NotFound, and as `prepared_file`."""
    with the_database().transaction() as session:
        tell_appeal(session, ask, appeal_id)
    with prepared_file(ask) as waiting:
        yield waiting


def add_paper(session: Session, ask: Ask, appeal_id: int) -> dict[str, Any]:
    """Raises: AppealDecided, DocumentKnown, TooManyDocuments."""
    told, sight, waiting = tell_appeal(session, ask, appeal_id), sight_of(ask.visitor), ask.prepared
    by = ask.visitor.person_id
    document_id = papers.add_paper(session, sight, appeal_id, prepared=waiting.prepared, by=by, at=ask.at)
    # A file that the claim held before is put to the appeal as it is, and this one is forgotten.
    row = document_of(session, sight, told["claim_id"], document_id)
    waiting.is_taken = row is not None and row.stored_as == waiting.prepared.stored_as
    return tell_appeal(session, ask, appeal_id)


OPERATIONS = (
    Operation(
        "appeals",
        "GET",
        "/appeals",
        tell_appeals,
        _("申诉"),
        schemas.AppealsTold(),
        description=_("先到期的在前，最多六十件。"),
        query=schemas.AppealsQuery(),
    ),
    Operation("appeal", "GET", "/appeals/<int:appeal_id>", tell_appeal, _("一件申诉"), schemas.AppealTold()),
    Operation(
        "file_appeal",
        "POST",
        "/claims/<int:claim_id>/appeals",
        file_appeal,
        _("登记申诉"),
        schemas.AppealTold(),
        description=_("对最近一次裁定。由没有经手的人答复。"),
        status=201,
        body=JsonBody(schemas.Filing()),
        is_once=True,
        refusals={409: _("没有裁定可以申诉，或已有一件申诉在等")},
    ),
    Operation(
        "answer_appeal",
        "POST",
        "/appeals/<int:appeal_id>/answer",
        answer,
        _("答复申诉"),
        schemas.AppealTold(),
        description=_("成立的，申请回到审核；已核准的先冲销。令牌的主人不能是初次裁定或登记的人。"),
        body=JsonBody(schemas.Answering()),
        is_once=True,
        refusals={
            403: _("令牌的岗位不办这件事，或这一件不该由您办"),
            409: _("已经答复、版本已变，或要由没有经手的人答复"),
        },
    ),
    Operation(
        "add_paper",
        "POST",
        "/appeals/<int:appeal_id>/papers",
        add_paper,
        _("加一份申诉材料"),
        schemas.AppealTold(),
        description=_("内容就是文件本身：PDF、JPEG 或 PNG，按内容认定。转成图片给人看，原件封存。"),
        status=201,
        query=schemas.AppealPaperQuery(),
        body=FileBody(FILE_TYPES),
        prepare=read_paper,
        is_once=True,
        refusals={
            409: _("已经答复，或这份材料已在申诉里"),
            413: _("文件太大"),
            422: _("不是材料、名称与内容不符、打不开，或有看不懂的地方"),
        },
    ),
)
