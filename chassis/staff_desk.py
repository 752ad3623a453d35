"""What every staff desk has: signing in, its people and their roles, its trail, its background work."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from chassis.home import pages as home
from chassis.identity import pages as identity
from chassis.layout import gallery
from chassis.operations import pages as operations
from chassis.people import pages as people
from chassis.people.queries import count_for_visitor
from chassis.queue import pages as tasks
from chassis.trail import pages as trail
from chassis.unmasking import pages as unmasking
from chassis.web import language
from chassis.web.current import NavigationItem

ROOMS = (
    operations.mount,
    language.mount,
    identity.mount,
    home.mount,
    unmasking.mount,
    people.mount,
    trail.mount,
    tasks.mount,
    gallery.mount,
)

# After the desk's own rooms, in this order.
NAVIGATION = (
    NavigationItem("people.list", _("人员名单"), _("谁在这里工作；邀请新人，停用离岗的人的账号。")),
    NavigationItem(
        "grants.list", _("岗位授权"), _("看谁在什么岗位，提议岗位，确认另一位提议的。"), count=count_for_visitor
    ),
    NavigationItem("trail.page", _("操作记录"), _("谁在哪天做了什么，记录有没有被人改过。")),
    NavigationItem("tasks.page", _("后台任务"), _("看后台的活有没有卡住，让停下的重试。")),
    NavigationItem("unmasking.log", _("查看登记"), _("谁在什么时候、为什么看过完整的证件号和账号。")),
)
