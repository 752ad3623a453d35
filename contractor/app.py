"""The insurer's workspace as one web app. gunicorn calls `contractor.app:create_app()`."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _

from chassis import staff_desk
from chassis.api import pages as interfaces
from chassis.desks import desks_of
from chassis.house import House, open_house
from chassis.settings import read_settings
from chassis.web.current import NavigationItem, Site
from chassis.web.site import make_site
from contractor.claims import api as claims_api
from contractor.claims import pages as claims
from contractor.claims.fhir_out import api as fhir_api
from contractor.corrections import api as corrections_api
from contractor.corrections import pages as corrections
from contractor.documents import api as documents_api
from contractor.documents import pages as documents
from contractor.law import api as law_api
from contractor.law import pages as law
from contractor.ledger import api as ledger_api
from contractor.ledger import pages as ledger
from contractor.letters import api as letters_api
from contractor.letters import pages as letters
from contractor.payments import api as payments_api
from contractor.payments import pages as payments
from contractor.recoveries import api as recoveries_api
from contractor.recoveries import pages as recoveries
from contractor.review import api as desk_api
from contractor.review import pages as review
from contractor.rules import api as rules_api
from contractor.rules import pages as rules
from contractor.second import api as second_api
from contractor.second import pages as second
from contractor.statements import api as statements_api
from contractor.statements import pages as statements
from contractor.webhooks import api as webhooks_api
from contractor.webhooks import pages as webhooks

SITE = Site(
    key="workspace",
    appearance="insurer",
    search="claims.list",
    rooms=(
        *staff_desk.ROOMS,
        interfaces.mount,
        law.mount,
        claims.mount,
        claims_api.mount,
        review.mount,
        fhir_api.mount,
        desk_api.mount,
        documents.mount,
        documents_api.mount,
        letters.mount,
        letters_api.mount,
        second.mount,
        second_api.mount,
        corrections.mount,
        corrections_api.mount,
        rules.mount,
        rules_api.mount,
        statements.mount,
        statements_api.mount,
        payments.mount,
        payments_api.mount,
        webhooks.mount,
        webhooks_api.mount,
        recoveries.mount,
        ledger.mount,
        ledger_api.mount,
        recoveries_api.mount,
        law_api.mount,
    ),
    navigation=(
        NavigationItem("home.page", _("工作台"), _("您能办的事都从这里进入。")),
        NavigationItem(
            "review.queue",
            _("待审"),
            _("看哪件先审、领取下一件、查谁在审。"),
            count=review.count_for_visitor,
        ),
        NavigationItem("claims.list", _("申请"), _("看申请、查一件、裁定、看减了什么和为什么。")),
        NavigationItem(
            "second.page",
            _("二审"),
            _("看初审意见，由另一位审核员决定；定下什么时候要二审。"),
            count=second.count_for_visitor,
        ),
        NavigationItem(
            "corrections.page",
            _("更正"),
            _("冲销、重新计价、重新核算和申诉：一人提出，另一人确认。"),
            count=corrections.count_for_visitor,
        ),
        NavigationItem("rules.page", _("检查规则"), _("看每条规则发现了多少、准不准；主管先预览再改阈值。")),
        NavigationItem("second.households", _("工作人员的参合户"), _("登记谁家是谁家，自己家的申请自己不能办。")),
        NavigationItem("uploads.send", _("报送"), _("报送一个文件的申请，看收下没有、哪一行有错。")),
        NavigationItem("manual.form", _("手工登记"), _("参合人自己垫付的，在乡镇所登记。")),
        NavigationItem("statements.page", _("结算单"), _("一个机构一个月：裁定、减额、垫付、应付和已付。")),
        NavigationItem(
            "payments.page",
            _("支付"),
            _("把已裁定的款项编批、复核、发给银行，看回执和退回。"),
            count=payments.count_for_visitor,
        ),
        NavigationItem(
            "recoveries.page",
            _("追回"),
            _("看谁还拿着应退回的款、退了多少；登记退回的款，另一人确认入账。"),
            count=recoveries.count_for_visitor,
        ),
        NavigationItem("ledger.page", _("账簿"), _("看周转金的每个科目、每笔分录，今天平不平。")),
        NavigationItem("webhooks.page", _("事件推送"), _("裁定、退回、付款时主动告诉别的程序；看没有推成的，重推。")),
        NavigationItem("law.page", _("规则"), _("看某一天适用的补偿方案：每个数、条款、起止、谁批准的。")),
        *staff_desk.NAVIGATION,
    ),
)


def create_app(house: House | None = None) -> Flask:
    return make_site(SITE, house or open_house(read_settings(), SITE.key), desks_of(SITE.key))
