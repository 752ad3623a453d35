"""The trail in words: acts, facts, streams, desks. What has no word yet is shown as its code, never left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from chassis.authorisation import matrix
from chassis.i18n import language
from chassis.trail.verdicts import Fault, Why
from chassis.trail.words import fault_in_words

SHOWN_OF_A_HASH = 12


def stream_words(stream: str) -> str:
    return {
        "people": _("人员和登录"),
        "unmasking": _("看全号码"),
        "exports": _("导出"),
        "checks": _("核对结论"),
        "tasks": _("后台任务"),
        "slips": _("激活单"),
        "claims": _("补偿申请"),
        "documents": _("单据"),
        "recomputations": _("复算"),
        "webhooks": _("事件推送"),
    }.get(stream, stream)


def desk_words(desk: str) -> str:
    return {
        "contractor": _("承办方"),
        "county": _("县合管办"),
        "finance": _("财政局"),
        "claimant": _("参合人网站"),
    }.get(desk, desk)


def act_words(act: str) -> str:
    return {
        "claims.taken_in": _("收下了一份报送文件"),
        "accounts.credited": _("记入了家庭账户"),
        "claim.taken_up": _("领取了申请"),
        "webhook.added": _("加了事件推送"),
        "webhook.off": _("停用了事件推送"),
        "webhook.test": _("试了事件推送"),
        "webhook.replayed": _("重推了事件"),
        "webhook.secret_changed": _("换了事件推送的密钥"),
        "document.added": _("加了单据"),
        "document.withdrawn": _("撤回了单据"),
        "document.opened": _("看了单据"),
        "claim.released": _("放回了申请"),
        "claim.sent_back": _("要求补材料"),
        "claim.documents_received": _("收到补的材料"),
        "claim.documents_overdue": _("补材料逾期，不予补偿"),
        "claim.reduced": _("减了费用"),
        "claim.approved": _("核准了申请"),
        "claim.approved_by_rule": _("按规则核准"),
        "claim.notice_begun": _("开始公示"),
        "claim.notice_ended": _("公示期满，核准"),
        "claim.objected": _("记下公示异议"),
        "claim.rejected": _("决定不予补偿"),
        "claim.rejected_by_rule": _("按规则不予补偿"),
        "claim.reopened": _("重新审核"),
        "claim.withdrawn": _("撤回了申请"),
        "claim.reversed": _("冲销了结算"),
        "person.invited": _("邀请了新人"),
        "person.invited_again": _("换了邀请地址"),
        "person.invitation_withdrawn": _("收回了邀请"),
        "person.invitation_accepted": _("启用了账号"),
        "person.recovery_issued": _("发出恢复地址"),
        "person.recovery_accepted": _("凭恢复地址重设账号"),
        "person.renamed": _("更正了姓名"),
        "person.suspended": _("停用了账号"),
        "person.reinstated": _("恢复停用的账号"),
        "person.left": _("办了离岗"),
        "person.made_for_demo": _("建演示账号"),
        "person.role_installed": _("装首批岗位"),
        "person.role_proposed": _("提议岗位"),
        "person.role_granted": _("授予岗位"),
        "person.role_refused": _("不同意岗位"),
        "person.role_ended": _("结束了岗位"),
        "person.role_withdrawn": _("撤回了提议"),
        "person.signed_in": _("登录成功"),
        "person.sign_in_failed": _("登录没有成功"),
        "person.sign_in_throttled": _("登录太频繁，未核对"),
        "person.stepped_up": _("再次验证身份"),
        "person.step_up_failed": _("再次验证没有成功"),
        "person.step_up_throttled": _("再次验证太频繁，未核对"),
        "person.proved": _("确认所见内容"),
        "person.sessions_ended": _("登录被退出"),
        "person.password_changed": _("换了密码"),
        "person.recovery_codes_made": _("换备用码"),
        "person.recovery_code_used": _("用掉一个备用码"),
        "person.totp_set": _("设置了验证器"),
        "person.totp_replaced": _("换了验证器"),
        "person.security_key_added": _("登记了安全密钥"),
        "person.security_key_removed": _("停用安全密钥"),
        "unmasked": _("看全号码"),
        "members_exported": _("导出参合人"),
        "slip_issued": _("打激活单"),
        "recomputation.asked": _("要求复算"),
        "recomputation.finished": _("复算算完"),
        "recomputation.failed": _("复算没有算成"),
        "recomputation.exported": _("导出复算"),
        "schedule_proposed": _("登记方案批准"),
        "schedule_confirmed": _("确认方案批准"),
        "schedule_withdrawn": _("撤回方案批准"),
        "schedule_taken_back": _("收回方案批准"),
        "trail.checked": _("核对一条链"),
        "trail.exported": _("导出操作记录"),
        "task.retried": _("重试后台任务"),
        "task.given_up": _("放弃后台任务"),
    }.get(act, act)


def subject_words(kind: str) -> str:
    return {
        "staff": _("人员"),
        "member": _("参合人"),
        "member_list": _("参合人名单"),
        "schedule_approval": _("方案批准"),
        "recomputation": _("复算"),
        "chain": _("链"),
        "task": _("后台任务"),
        "trail": _("操作记录"),
    }.get(kind, kind)


def facts_words(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what, value) of every fact; a hash is shown by its beginning, the export has it whole."""
    said = sorted(facts.items(), key=lambda fact: fact[0] != "role")
    return [(_fact(name), _value(value)) for name, value in said if value is not None and value != []]


def fault_words(faults: list[Mapping[str, Any]], more: int) -> list[str]:
    """The faults of a check, as the chain of checks keeps them."""
    said = [
        fault_in_words(Fault(Why(fault["why"]), fault["seq"], until=fault["until"], other=fault["other"]))
        for fault in faults
    ]
    return [*said, _("另有 %(count)s 处未列出。", count=more)] if more else said


def _fact(name: str) -> str:
    return {
        "role": _("授予的岗位"),
        "scope": _("限于"),
        "grant": _("授权编号"),
        "proof": _("确认编号"),
        "shown": _("所见内容指纹"),
        "reason_sha256": _("理由指纹"),
        "session": _("登录编号"),
        "sessions": _("登录编号"),
        "factor": _("验证方式"),
        "network": _("网络代号"),
        "device": _("设备代号"),
        "stage": _("步骤"),
        "why": _("原因"),
        "wait_seconds": _("等待秒数"),
        "entries": _("核对条数"),
        "head": _("链头"),
        "head_hash": _("链头指纹"),
        "anchors": _("比对锚点"),
        "verdict": _("结论"),
        "faults": _("问题"),
        "more_faults": _("未列问题"),
        "rows": _("行数"),
        "kind": _("种类"),
        "county": _("县"),
        "counties": _("县"),
        "field": _("号码"),
        "unmasking": _("查看编号"),
        "scheme": _("方案"),
        "schedule": _("方案内容指纹"),
        "from_on": _("生效日"),
        "until_on": _("停用日"),
        "replaces": _("接替的批准编号"),
        "document_sha256": _("文件指纹"),
    }.get(name, name)


def _code(code: str) -> str:
    """What a code of ours means; a role by its name in the matrix."""
    role = matrix().roles.get(code)
    if role is not None:
        return role.en if language() == "en" else role.zh
    return {
        "sound": _("完好"),
        "password": _("密码"),
        "totp": _("验证器"),
        "security_key": _("安全密钥"),
        "recovery_code": _("备用码"),
    }.get(code, code)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("不是")
    if isinstance(value, str) and len(value) == 64:
        return value[:SHOWN_OF_A_HASH] + "…"
    if isinstance(value, str):
        return _code(value)
    if isinstance(value, Mapping):
        return " ".join(f"{name}={_value(inner)}" for name, inner in value.items() if inner is not None)
    if isinstance(value, list):
        return "、".join(_value(inner) for inner in value)
    return str(value)
