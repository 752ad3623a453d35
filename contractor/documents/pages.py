"""The papers of a claim: beside its lines, on a page of their own, each page in a frame that can do nothing.

Who may see a claim sees its papers. A page of a paper is a picture inside a document of its own, without script, form
or address to go to; whatever a file from outside once held, the reader's browser meets pixels.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from flask import Blueprint, Flask, Response, current_app, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import Row
from sqlalchemy.orm import Session

from chassis.api.fields import MOST_ID
from chassis.desks import Desk
from chassis.errors import NotFound, Refusal
from chassis.visitors import Visitor
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.rooms import at
from chassis.web.site import CONTENT_SECURITY_POLICY
from contractor.claims import slots
from contractor.claims.pages_one import claim_seen, page_of
from contractor.claims.sight import sight_of
from contractor.documents import keeping
from contractor.documents import wording as _wording  # noqa: F401 – registers the words
from contractor.documents.adding import add_document, open_document, withdraw_document
from contractor.documents.pages_shown import shown_documents
from contractor.documents.receiving import FORM_BYTES, largest_bytes, received
from contractor.documents.refusals import DocumentTooLarge

MOST_DRAINED = 512 << 20
FIT = Markup("html{background:#e9ecf0}body{margin:0}img{display:block;width:100%;height:auto}")
FULL = Markup("html{background:#e9ecf0}body{margin:0}img{display:block}")


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("documents", __name__, template_folder="templates", url_prefix="/claims/<int:claim_id>/documents")
    at(room, "", "page", {"GET": show, "POST": add})
    at(room, "/<int:document_id>/pages/<int:page_no>", "sheet", {"GET": sheet})
    at(room, "/<int:document_id>/withdraw", "withdraw", {"POST": withdraw})
    room.register_error_handler(413, _too_large)
    app.register_blueprint(room)
    app.extensions["coopmed_largest_bodies"]["documents.page"] = _largest_bytes(app) + FORM_BYTES
    app.after_request(_let_own_frames_in)
    slots.fill("documents", beside)


def beside(session: Session, visitor: Visitor, record: Row) -> dict[str, Any]:
    """The part of the claim's screen."""
    g.holds_frames = True
    return shown_documents(session, visitor, record.id, record.state) | {"most_mb": _largest_bytes() >> 20}


def show(claim_id: int):
    return _page(claim_id)


def add(claim_id: int):
    visitor, house = the_visitor(), the_house()
    sight = sight_of(visitor)
    with the_database().transaction() as session:
        _claim(session, visitor, claim_id)  # whoever does not see it does not make us read a file
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(claim_id, errors={"file": _("请选一个文件")}, status=422)
    folder = keeping.folder_of(house.settings)
    prepared = None
    try:
        prepared = received(sent, house)
        with the_database().transaction() as session:
            paper = request.form.get("paper", "")
            add_document(session, sight, claim_id, paper=paper, prepared=prepared, by=visitor.person_id, at=g.at)
    except NotFound:
        raise
    except Refusal as refusal:
        if prepared is not None:
            keeping.forget(folder, prepared.stored_as)
        field = "paper" if refusal.key == "document_unknown_paper" else "file"
        return _page(claim_id, errors={field: _sentence(refusal)}, status=refusal.status)
    flash(_("%(name)s 已加入。", name=prepared.file_name), "ok")
    return redirect(desk_url("documents.page", claim_id=claim_id), 303)


def withdraw(claim_id: int, document_id: int):
    visitor = the_visitor()
    reason = " ".join(request.form.get("reason", "").split())
    if not 0 < document_id <= MOST_ID:
        raise NotFound(kind="claim_document")
    if not 2 <= len(reason) <= 300 or not reason.isprintable():
        return _page(claim_id, errors={f"reason-{document_id}": _("写下为什么撤回")}, status=422)
    try:
        with the_database().transaction() as session:
            _claim(session, visitor, claim_id)
            who = {"by": visitor.person_id, "at": g.at}
            withdraw_document(session, sight_of(visitor), claim_id, document_id, reason=reason, **who)
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(claim_id, errors={f"reason-{document_id}": _sentence(refusal)}, status=refusal.status)
    flash(_("已撤回，原件仍留存。"), "ok")
    return redirect(desk_url("documents.page", claim_id=claim_id), 303)


def sheet(claim_id: int, document_id: int, page_no: int):
    """One page of a paper as a document that holds its picture and nothing else."""
    visitor, house = the_visitor(), the_house()
    if not 0 < document_id <= MOST_ID or not 0 < claim_id <= MOST_ID:
        raise NotFound(kind="claim_document")
    with the_database().transaction() as session:
        who = {"by": visitor.person_id, "at": g.at}
        row = open_document(session, sight_of(visitor), claim_id, document_id, page_no, **who)
    picture = keeping.picture(keeping.folder_of(house.settings), row.stored_as, row.pages, page_no, house.keyring)
    width, height, _size = row.pages[page_no - 1]
    style = FULL if request.args.get("at") == "full" else FIT
    answer = make_response(
        render_template(
            "documents/sheet.html",
            picture=base64.b64encode(picture).decode("ascii"),
            width=width,
            height=height,
            style=style,
            page_no=page_no,
            page_count=row.page_count,
            document_id=document_id,
        )
    )
    answer.headers["Content-Security-Policy"] = policy_of_sheet(style)
    answer.headers["Content-Disposition"] = f'inline; filename="document-{document_id}-{page_no}.html"'
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def policy_of_sheet(style: str) -> str:
    """Pictures that stand in the document itself, the one style it has, and our own pages around it."""
    own_style = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{own_style}'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'self'; sandbox"
    )


def _page(claim_id: int, *, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    visitor, errors = the_visitor(), errors or {}
    with the_database().transaction() as session:
        found = claim_seen(session, visitor, claim_id)
        part = beside(session, visitor, found.record)
        context = page_of(found, visitor, {})
    response = make_response(
        render_template(
            "documents/page.html",
            **context,
            part=part,
            errors=errors,
            error_list=[(text, f"f-{field}") for field, text in errors.items()],
            claim_url=desk_url("claims.claim", claim_id=claim_id),
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _claim(session: Session, visitor: Visitor, claim_id: int) -> None:
    if not 0 < claim_id <= MOST_ID:
        raise NotFound(kind="claim")
    claim_seen(session, visitor, claim_id)


def _too_large(_error: Any):
    """A browser that is still sending when we hang up shows its own error page; so what comes is let run out first."""
    stream, drained = request.environ["wsgi.input"], 0
    left = min(request.content_length or MOST_DRAINED, MOST_DRAINED)
    while drained < left and (piece := stream.read(min(1 << 16, left - drained))):
        drained += len(piece)
    words = _sentence(DocumentTooLarge(most_mb=_largest_bytes() >> 20))
    try:
        return _page((request.view_args or {})["claim_id"], errors={"file": words}, status=413)
    except Refusal as refusal:  # a claim that this visitor does not see
        return current_app.handle_user_exception(refusal)


def _largest_bytes(app: Flask | None = None) -> int:
    return largest_bytes((app or current_app).extensions["coopmed"])


def _sentence(refusal: Refusal) -> str:
    words = answer_to(refusal)
    return f"{words.title}{_('：')}{words.text}"


def _let_own_frames_in(response: Response) -> Response:
    """Pages that show papers may hold frames of this site; no other page may hold any."""
    if g.get("holds_frames"):
        response.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
    return response
