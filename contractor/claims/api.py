"""The claims' doors for programs: one claim decided in the answer, whole files, FHIR, and what became of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.fields import MOST_ID
from chassis.api.operations import Ask, FileBody, Operation, RawBody, SentFile
from chassis.api.operations import mount as mount_operations
from chassis.desks import Desk
from chassis.errors import NotFound
from chassis.reading.faults import refused
from chassis.reading.json_texts import parse_json
from chassis.web.current import the_house
from contractor.claims import api_schemas as schemas
from contractor.claims.api_telling import cursor_of, place_of, told_claim, told_head, told_upload
from contractor.claims.assessment import assess
from contractor.claims.doors.exchange_json import read_json_document
from contractor.claims.doors.fhir import read_fhir_document
from contractor.claims.incoming import IncomingBatch
from contractor.claims.intake import FileTaken, take_in_file
from contractor.claims.listing import Wanted, claims_page, heads
from contractor.claims.record import whole_claim
from contractor.claims.sight import sight_of
from contractor.claims.uploads import keeping
from contractor.law.loading import law_of

FHIR_TYPES = ("application/fhir+json", "application/json")
FILE_TYPES = {
    "text/csv": _("交换格式，CSV"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _("交换格式，Excel"),
    "application/json": _("交换格式，JSON"),
    "application/x-ndjson": _("交换格式，一行一件"),
    "application/fhir+json": _("FHIR R4 的 Claim 或 Bundle"),
}
LARGEST_CLAIM_BYTES = 2 << 20
LARGEST_FHIR_BYTES = 16 << 20
MOST_AT_ONCE = 500
"""Claims of a FHIR message that are decided in the answer; whoever has more sends a file."""


def mount(app: Flask, desk: Desk) -> None:
    mount_operations(app, "claims_api", OPERATIONS)


def send_claim(session: Session, ask: Ask) -> dict[str, Any]:
    """One claim through the same intake and checks as a file of a hundred thousand."""
    document = parse_json(ask.body)
    if not isinstance(document, dict) or "claims" in document:
        raise refused("wrong_type", expected="{…}", found="[…]" if isinstance(document, list) else "claims")
    batches = read_json_document(document, file_name="claim.json")
    taken = _take_in(session, ask, batches, door="api", file_name="claim.json")
    _assess(session, ask, taken)
    return told_claim(whole_claim(session, sight_of(ask.visitor), taken.claim_ids[0], with_stays=False))


def send_fhir(session: Session, ask: Ask) -> dict[str, Any]:
    batches = _not_too_many(read_fhir_document(parse_json(ask.body), file_name="fhir.json"))
    taken = _take_in(session, ask, batches, door="fhir", file_name="fhir.json")
    _assess(session, ask, taken)
    found = heads(session, sight_of(ask.visitor), taken.claim_ids)
    return {"claims": [told_head(found[claim_id]) for claim_id in taken.claim_ids]}


def send_file(session: Session, ask: Ask) -> dict[str, Any]:
    sent: SentFile = ask.body
    sight = sight_of(ask.visitor)
    house = the_house()
    with sent.path.open("rb") as spooled:
        stored_as, _sha256, _bytes = keeping.store(spooled, keeping.folder_of(house.settings), house.keyring)
    upload_id = keeping.keep_upload(
        session,
        sight,
        door="api",
        file_name=ask.query["file_name"],
        stored_as=stored_as,
        sha256=sent.sha256,
        byte_count=sent.byte_count,
        by=ask.visitor.person_id,
        at=ask.at,
    )
    return _upload(session, ask, upload_id)


def tell_file(session: Session, ask: Ask, upload_id: int) -> dict[str, Any]:
    return _upload(session, ask, upload_id)


def stop_file(session: Session, ask: Ask, upload_id: int) -> dict[str, Any]:
    """Raises: UploadOver."""
    _upload(session, ask, upload_id)
    keeping.ask_to_stop(session, sight_of(ask.visitor), upload_id, by=ask.visitor.person_id, at=ask.at)
    return _upload(session, ask, upload_id)


def tell_claims(session: Session, ask: Ask) -> dict[str, Any]:
    query = ask.query
    wanted = Wanted(
        states=(query["state"],) if query["state"] else (),
        received_from=query["received_from"],
        received_until=query["received_until"],
        **{name: query[name] for name in ("route", "institution_code", "rule", "least_fen", "text", "order")},
    )
    page = claims_page(
        session,
        sight_of(ask.visitor),
        wanted,
        after=place_of(query["cursor"]),
        size=query["limit"],
        counted=False,
    )
    return {"claims": [told_head(row) for row in page.rows], "next": cursor_of(page.next)}


def tell_claim(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    if not 0 < claim_id <= MOST_ID:
        raise NotFound(kind="claim")
    return told_claim(whole_claim(session, sight_of(ask.visitor), claim_id, with_stays=False))


def _take_in(session: Session, ask: Ask, batches: Iterable[IncomingBatch], *, door: str, file_name: str) -> FileTaken:
    return take_in_file(
        session,
        batches,
        county_code=ask.visitor.county_code,
        door=door,
        file_name=file_name,
        sha256=hashlib.sha256(ask.body).digest(),
        byte_count=len(ask.body),
        at=ask.at,
        on=clock.local_day(ask.at),
        by=ask.visitor.person_id,
        keyring=the_house().keyring,
        institution_code=sight_of(ask.visitor).institution_code,
        is_noted=False,
    )


def _assess(session: Session, ask: Ask, taken: FileTaken) -> None:
    house, county = the_house(), ask.visitor.county_code
    assess(
        session,
        taken.claim_ids,
        county_code=county,
        law=law_of(session, county, is_production=house.settings.is_production),
        keyring=house.keyring,
        at=ask.at,
        on=clock.local_day(ask.at),
        known=taken.known,
        first=[taken.entry],
    )


def _not_too_many(batches: Iterable[IncomingBatch]) -> Iterable[IncomingBatch]:
    count = 0
    for batch in batches:
        count += len(batch)
        if count > MOST_AT_ONCE:
            raise refused("too_many_claims", expected=f"≤ {MOST_AT_ONCE}", found=count)
        yield batch


def _upload(session: Session, ask: Ask, upload_id: int) -> dict[str, Any]:
    found = keeping.upload_of(session, sight_of(ask.visitor), upload_id) if 0 < upload_id <= MOST_ID else None
    if found is None:
        raise NotFound(kind="claim_upload")
    return told_upload(session, found, at=ask.at)


_NOT_TAKEN = _("内容有错，逐项列出；什么都没有收下")
_KNOWN = _("同一份内容已经收过，或同一个请求正在办理")

OPERATIONS = (
    Operation(
        "send",
        "POST",
        "/claims",
        send_claim,
        _("报送一件申请"),
        schemas.ClaimTold(),
        description=_(
            "一件申请和它的各行，名称与交换格式相同。回答里就是审核结果：按规则核准、不予补偿、开始公示，或等人审核。"
        ),
        status=201,
        body=RawBody(("application/json",), schemas.SentClaim()),
        is_once=True,
        refusals={409: _KNOWN, 422: _NOT_TAKEN},
        largest_bytes=LARGEST_CLAIM_BYTES,
    ),
    Operation(
        "send_file",
        "POST",
        "/claim-files",
        send_file,
        _("报送一个文件"),
        schemas.UploadTold(),
        description=_("交换格式或 FHIR R4 的文件。整份收下或整份不收；先回答已经存下，再用它的编号问结果。"),
        status=202,
        query=schemas.FileQuery(),
        body=FileBody(FILE_TYPES),
        is_once=True,
        refusals={409: _KNOWN, 422: _NOT_TAKEN},
        largest_bytes=keeping.LARGEST_BYTES,
    ),
    Operation(
        "file",
        "GET",
        "/claim-files/<int:upload_id>",
        tell_file,
        _("一个文件的结果"),
        schemas.UploadTold(),
        description=_("收到哪里、收下没有、哪一行哪一列有错。"),
    ),
    Operation(
        "stop_file",
        "POST",
        "/claim-files/<int:upload_id>/stop",
        stop_file,
        _("停止收一个文件"),
        schemas.UploadTold(),
        description=_("还没有收下的不再收，什么都不留下。"),
        is_once=True,
        refusals={409: _("已经收下、没有收下或停止了")},
    ),
    Operation(
        "send_fhir",
        "POST",
        "/fhir",
        send_fhir,
        _("以 FHIR R4 报送"),
        schemas.FhirTold(),
        description=_("一个 Claim，或一个装着 Claim 的 Bundle。回答里就是每件的结果。"),
        status=201,
        body=RawBody(FHIR_TYPES),
        is_once=True,
        refusals={409: _KNOWN, 422: _NOT_TAKEN},
        largest_bytes=LARGEST_FHIR_BYTES,
    ),
    Operation(
        "claims",
        "GET",
        "/claims",
        tell_claims,
        _("申请清单"),
        schemas.ClaimsTold(),
        description=_("新的在前，一页一页取。医疗机构的令牌只看到本机构报送的。"),
        query=schemas.ClaimsQuery(),
    ),
    Operation(
        "claim",
        "GET",
        "/claims/<int:claim_id>",
        tell_claim,
        _("一件申请"),
        schemas.ClaimTold(),
        description=_("各行、发现、减额和理由、计算步骤、经过。"),
    ),
)
