"""The words of accounts and grants: states as word and shape, roles with what they are limited to."""

from __future__ import annotations

from flask_babel import gettext as _

from chassis.identity.tables import RoleGrant
from chassis.people import granting
from chassis.web.frame import role_words

Pill = tuple[str, str]


def status_pill(status: str) -> Pill:
    return {
        "invited": (_("已邀请"), "wait"),
        "active": (_("在用"), "ok"),
        "suspended": (_("停用"), "bad"),
        "left": (_("离岗"), "note"),
    }[status]


def status_choices() -> list[tuple[str, str]]:
    return [(status, status_pill(status)[0]) for status in ("active", "invited", "suspended", "left")]


def grant_pill(grant: RoleGrant) -> Pill:
    return {
        "pending": (_("待第二人确认"), "wait"),
        "approved": (_("在岗"), "ok"),
        "refused": (_("未同意"), "bad"),
        "withdrawn": (_("已撤回"), "note"),
        "ended": (_("已结束"), "note"),
    }[granting.state_of(grant)]


def role_with_scope(grant: RoleGrant) -> str:
    words = role_words([grant.role]) or grant.role
    return f"{words} {grant.scope}" if grant.scope else words


def scope_kind(kind: str) -> str:
    return {
        "institution": _("医疗机构代码"),
        "township": _("乡镇代码"),
        "department": _("部门代码"),
    }[kind]
