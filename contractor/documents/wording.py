"""The words of documents: what is refused, what was left out of a picture, what kind of file it is."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from chassis.errors import Refusal
from chassis.layout.formats import instant
from chassis.web.answers import Answer, words_for
from contractor.claims.reasons import document_words
from contractor.documents.kinds import ENDINGS, JPEG, PDF, PNG
from contractor.documents.refusals import (
    ClaimClosed,
    DocumentKnown,
    DocumentTooLarge,
    DocumentWithdrawn,
    EmptyDocument,
    NameLies,
    NotADocument,
    NotShowable,
    NotYourDocument,
    TooManyDocuments,
    UnknownPaper,
)

KINDS = {PDF: "PDF", JPEG: "JPEG", PNG: "PNG"}
LEFT_OUT = {
    "script": lazy_gettext("脚本"),
    "files": lazy_gettext("夹带的文件"),
    "launch": lazy_gettext("打开程序的指令"),
}
LETTERS = {
    "letters_borrowed": lazy_gettext("有的文字用了文件没带的字体，这里换了本机的字体显示，样子可能和原件不同。"),
    "letters_missing": lazy_gettext(
        "有的文字用了文件没带的字体，这台机器也没有，可能没有显示出来。请对照原件，或请对方打印后扫描再加。"
    ),
}
NOT_SHOWABLE = {
    "unreadable": lazy_gettext("文件不完整或已损坏，读不出来。请重新扫描或导出。"),
    "locked": lazy_gettext("这个 PDF 有密码。请去掉密码再加。"),
    "form": lazy_gettext("这个 PDF 是要程序才能显示的表单。请打印成普通 PDF 再加。"),
    "too_heavy": lazy_gettext("画面太大，处理不了。请缩小（每边不超过 7,000 像素）再加。"),
    "too_many_pages": lazy_gettext("超过 60 页。请分成几份再加。"),
}


@words_for(EmptyDocument)
def _empty(refusal: Refusal) -> Answer:
    return Answer(_("文件是空的"), _("没有收下。请选另一个文件。"))


@words_for(NotADocument)
def _not_a_document(refusal: Refusal) -> Answer:
    return Answer(_("不是 PDF、JPEG 或 PNG"), _("按内容看不是这三种，没有收下。请扫描或拍照后再加。"))


@words_for(NameLies)
def _name_lies(refusal: Refusal) -> Answer:
    named, found = refusal.facts["named"], refusal.facts["found"]
    return Answer(
        _("文件名和内容不符"),
        _(
            "名称写的是 .%(named)s，内容是 %(found)s。没有收下；若确是这份材料，把名称改成 .%(ending)s 再加。",
            named=named,
            found=KINDS[found],
            ending=ENDINGS[found][0],
        ),
    )


@words_for(DocumentTooLarge)
def _too_large(refusal: Refusal) -> Answer:
    return Answer(
        _("文件太大"),
        _("一份材料最大 %(most)s MB，没有收下；别的都没有动。请缩小或分成几份再加。", most=refusal.facts["most_mb"]),
    )


@words_for(NotShowable)
def _not_showable(refusal: Refusal) -> Answer:
    return Answer(_("没有收下"), str(NOT_SHOWABLE[refusal.facts["reason"]]))


@words_for(DocumentKnown)
def _known(refusal: Refusal) -> Answer:
    return Answer(
        _("同一个文件已经在这件申请里"),
        _(
            "%(at)s 作为%(paper)s加的，不会再收一次。",
            at=instant(refusal.facts["added_at"]),
            paper=document_words(refusal.facts["paper"]),
        ),
    )


@words_for(TooManyDocuments)
def _too_many(refusal: Refusal) -> Answer:
    return Answer(_("材料太多"), _("一件申请最多 %(most)s 份。请合并，或先撤回多余的。", most=refusal.facts["most"]))


@words_for(UnknownPaper)
def _unknown_paper(refusal: Refusal) -> Answer:
    return Answer(_("这是什么材料"), _("请选一项。没有收下。"))


@words_for(ClaimClosed)
def _claim_closed(refusal: Refusal) -> Answer:
    return Answer(_("申请已经撤回"), _("撤回的申请不再收材料。什么都没有改动。"))


@words_for(DocumentWithdrawn)
def _withdrawn(refusal: Refusal) -> Answer:
    return Answer(_("这份材料已经撤回"), _("什么都没有改动。"))


@words_for(NotYourDocument)
def _not_yours(refusal: Refusal) -> Answer:
    return Answer(_("这份不是您加的"), _("谁加的谁撤回，或请承办方撤回。什么都没有改动。"))
