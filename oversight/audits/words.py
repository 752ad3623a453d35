"""The words of recomputations: kinds, steps, values, states. What has no word is shown as its name."""

from __future__ import annotations

from flask_babel import gettext as _

from chassis.terms import (
    CLAIM_EVENTS,
    CLAIM_STATES,
    FUNDS,
    PAYMENT_STATES,
    class_words,
    price_words,
    term,
)
from oversight.audits.listing import LATE


def is_late(step: str) -> bool:
    """Whether the registry said it only after the decision."""
    return step.startswith(LATE)


def occasion_words(occasion: str) -> str:
    return {"asked": _("稽核员要求"), "nightly": _("每夜自动"), "batch_settled": _("批次办结后")}[occasion]


def kind_words(kind: str) -> str:
    return {
        "line": _("费用明细"),
        "input": _("计算依据"),
        "law": _("适用方案"),
        "benefit": _("补偿计算"),
        "account": _("家庭账户"),
        "payment": _("支付"),
        "event": _("经过"),
        "trail": _("操作记录"),
    }[kind]


def stage_words(stage: str | None) -> str:
    return {
        "claims": _("正在读费用明细"),
        "settlements": _("正在复算补偿"),
        "account_entries": _("正在复算家庭账户"),
        "payments": _("正在核对支付"),
        "ledger": _("正在核对账目"),
        "trail": _("正在核对操作记录"),
    }.get(stage or "", _("等后台来办"))


def step_words(step: str) -> str:
    """The step on which the two sides part; one without a word is shown as its name."""
    if is_late(step):
        return _("%(step)s（决定后才登记）", step=step_words(step.removeprefix(LATE)))
    return {
        "death": _("死亡登记"),
        "booked_amount": _("账上支付金额"),
        "booked_in_another_fund": _("记在另一基金的账上"),
        "booked_for_nobody": _("账上的支付不存在"),
        "claim_id": _("没有这份申请"),
        "institution": _("医疗机构"),
        "enrolment": _("参合登记"),
        "member_id": _("参合人"),
        "household_id": _("参合户"),
        "admitted_on": _("入院日"),
        "discharged_on": _("出院日"),
        "tier": _("机构级别"),
        "status_on_admission": _("入院日身份"),
        "status_on_discharge": _("出院日身份"),
        "is_supplemented": _("补充保险"),
        "year": _("计入年度"),
        "charged_fen": _("费用合计"),
        "cost_fen": _("个人负担费用"),
        "class_a_fen": _("甲类费用"),
        "class_b_fen": _("乙类费用"),
        "class_c_fen": _("丙类费用"),
        "catalogue_class": _("目录类别"),
        "price_limit_e4": _("限价"),
        "law": _("没有方案"),
        "schedule_hash": _("方案版本"),
        "gap_in_numbers": _("年内序号有缺"),
        "reverses_no_decision": _("冲销的不是一笔决定"),
        "reversed_twice": _("重复冲销"),
        "unknown_code": _("代码不存在"),
        "amount_out_of_bounds": _("金额超出范围"),
        "eligible_fen": _("可补偿费用"),
        "above_deductible_fen": _("起付线以上"),
        "base_share_fen": _("分段补偿"),
        "top_up_share_fen": _("贫困提高"),
        "base_fen": _("统筹补偿"),
        "top_up_fen": _("贫困提高补偿"),
        "serious_fen": _("大病保险"),
        "supplementary_fen": _("补充保险补偿"),
        "assistance_fen": _("医疗救助（拟）"),
        "benefits_fen": _("补偿合计"),
        "member_pays_fen": _("个人自付"),
        "amount_fen": _("应记金额"),
        "paid_fen": _("账户支付"),
        "balance_fen": _("账户余额"),
        "account_no": _("账户序号"),
        "settlement_no": _("年内序号"),
        "paid_without_decision": _("没有决定就支付"),
        "paid_nothing_or_less": _("金额为零或负"),
        "paid_for_another_claim": _("付到另一份申请"),
        "paid_to_another": _("收款人不符"),
        "paid_twice": _("重复支付"),
        "paid_for_reversed": _("已冲销仍在支付"),
        "paid_amount": _("支付金额"),
        "not_paid": _("决定了没有支付"),
        "set_off_beyond_owed": _("抵扣多于应退回"),
        "illegal_move": _("不允许的一步"),
        "state_after": _("之后状态"),
        "event_no": _("步骤序号"),
        "state": _("现在状态"),
        "version": _("版本号"),
        "no_event": _("申请已不在"),
        "no_such_row": _("记录已不在"),
        "no_trail_entry": _("操作记录里没有"),
    }.get(step, step)


def value_words(step: str, value: str | None) -> str:
    """What a side says where it is no amount."""
    if value is None or value == "":
        return "–"
    step = step.removeprefix(LATE)
    if step in ("tier",):
        return tier_words(int(value))
    if step.startswith("status_on_"):
        return status_words(int(value))
    if step == "is_supplemented":
        return _("已参加") if value == "1" else _("未参加")
    if step == "catalogue_class":
        return class_words(int(value))
    if step == "price_limit_e4":
        return _("不限") if value == "-1" else price_words(int(value))
    if step in ("state", "state_after"):
        return state_words(value)
    return {"yes": _("有"), "no": _("没有")}.get(value, value)


def tier_words(tier: int) -> str:
    return {1: _("乡镇级"), 2: _("县级"), 3: _("县以上")}.get(tier, str(tier))


def status_words(status: int) -> str:
    return {0: _("一般"), 1: _("贫困"), 2: _("五保")}.get(status, str(status))


def state_words(state: str) -> str:
    return term(CLAIM_STATES, state)


def event_words(event: str) -> str:
    return term(CLAIM_EVENTS, event)


def payment_state_words(state: str) -> str:
    return term(PAYMENT_STATES, state)


def fund_words(fund: str) -> str:
    return term(FUNDS, fund)


def effect_words(effect_fen: int) -> tuple[str, str]:
    """Whether too much or too little, and how it is marked."""
    if effect_fen > 0:
        return _("多付"), "bad"
    return (_("少付"), "wait") if effect_fen < 0 else (_("不影响金额"), "")
