"""What the administrator changes of a person: the name, and whether the account opens."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, g, redirect, request
from flask_babel import gettext as _

from chassis.errors import StaleVersion, UnreadableInput
from chassis.identity import accounts
from chassis.identity.forms import read, words_of
from chassis.people import forms, keeping
from chassis.people.pages_person import person_page
from chassis.web.current import desk_url, the_database, the_visitor


def rename(staff_id: int):
    try:
        values = read(forms.RENAME, request.form)
        name_pinyin = values["name_pinyin"] or accounts.pinyin_of(values["name"])

        def work(session):
            keeping.rename(session, **_where(staff_id), **(values | {"name_pinyin": name_pinyin}))

        the_database().retrying(work)
    except (UnreadableInput, StaleVersion) as refusal:
        return _again(staff_id, refusal, "rename")
    flash(_("姓名已更正。"), "ok")
    return _back(staff_id)


def suspend(staff_id: int):
    return _change(staff_id, "suspend", accounts.suspend, _("账号已停用，这个人的登录都已退出。"))


def reinstate(staff_id: int):
    return _change(staff_id, "reinstate", accounts.reinstate, _("账号已恢复，这个人可以重新登录。"))


def leave(staff_id: int):
    return _change(staff_id, "leave", keeping.leave, _("已办理离岗：账号永久关闭，岗位都已结束。"))


def _change(staff_id: int, act: str, verb: Callable, done: str):
    try:
        values = read(forms.CHANGE, request.form)
        the_database().retrying(lambda session: verb(session, **_where(staff_id), **values))
    except (UnreadableInput, StaleVersion) as refusal:
        return _again(staff_id, refusal, act)
    flash(done, "ok")
    return _back(staff_id)


def _where(staff_id: int) -> dict:
    visitor = the_visitor()
    return {"county_code": visitor.county_code, "staff_id": staff_id, "by": visitor.person_id, "at": g.at}


def _again(staff_id: int, refusal: UnreadableInput | StaleVersion, act: str):
    """The same page with what was typed: nothing is lost because somebody else was first."""
    is_stale = isinstance(refusal, StaleVersion)
    errors = {} if is_stale else words_of(refusal.facts["faults"])
    return person_page(staff_id, status=refusal.status, errors=errors, typed=request.form, is_stale=is_stale, act=act)


def _back(staff_id: int):
    return redirect(desk_url("people.person", staff_id=staff_id), 303)
