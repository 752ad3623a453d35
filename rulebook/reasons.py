"""Why a person refuses, reduces or asks: codes with their words, so that reasons can be counted and never misspelt."""

from typing import NamedTuple


class Reason(NamedTuple):
    title: str
    title_en: str


REFUSE = {
    "not_enrolled": Reason("当日未参合", "Not enrolled on the day that decides"),
    "not_designated": Reason("非定点机构", "The institution is not designated"),
    "duplicate": Reason("重复申报", "Claimed before"),
    "not_covered": Reason("不属补偿范围", "Outside what the scheme compensates"),
    "no_referral": Reason("无有效转诊", "No valid referral"),
    "no_documents": Reason("材料不全", "Papers are missing"),
    "documents_overdue": Reason("补材料逾期", "Papers were not brought in time"),
    "not_genuine": Reason("材料或费用不实", "Papers or charges are not genuine"),
    "late": Reason("逾期申报", "Submitted too late"),
    "identity": Reason("身份不符", "Not the person it says"),
    "paid_elsewhere": Reason("已由他处支付", "Paid by another payer"),
}
REDUCE = {
    "over_price": Reason("超标准收费", "Above the standard price"),
    "duplicate_item": Reason("重复收费", "Billed more than once"),
    "not_necessary": Reason("无指征或过度", "Not indicated, or too much"),
    "no_record": Reason("无医嘱或记录", "No order or record"),
    "bed_days": Reason("天数不符", "More days than the stay has"),
    "outside_stay": Reason("住院日期以外", "Outside the stay"),
    "unbundled": Reason("分解项目", "One service billed in parts"),
    "wrong_item": Reason("串换项目", "One item billed as another"),
}
REVERSE = {
    "wrong_amount": Reason("金额有误", "The amount was wrong"),
    "wrong_person": Reason("参合人有误", "The wrong person"),
    "found_fraud": Reason("查实违规", "A breach was proved"),
    "audit": Reason("县合管办审计要求", "The county's audit asks for it"),
    "readjudicate": Reason("重新核算", "To be decided again after another reversal"),
    "wrong_schedule": Reason("补偿方案有误", "The schedule was wrong"),
    "wrong_catalogue": Reason("目录有误", "An entry of the catalogue was wrong"),
    "appeal": Reason("申诉成立", "An appeal was upheld"),
}
PAPERS = {
    "invoice": Reason("发票原件", "The invoice"),
    "bill": Reason("费用清单", "The itemised bill"),
    "discharge_summary": Reason("出院小结", "The discharge summary"),
    "diagnosis": Reason("诊断证明", "The certificate of diagnosis"),
    "referral": Reason("转诊单", "The referral slip"),
    "identity": Reason("身份证明", "Proof of identity"),
    "bank_card": Reason("收款账户证明", "Proof of the account"),
    "mandate": Reason("委托书", "The mandate of a representative"),
    "receipt": Reason("签收回执", "The signed receipt"),
}
# What is kept with a claim: what a reviewer may ask for, and what else comes with it.
KEPT = PAPERS | {"appeal": Reason("申诉材料", "Papers of an appeal")}
OBJECT = {
    "asks_for_two": Reason(
        "公示期间达到二审规定，须两人决定", "By now the policy of second review asks for two people"
    ),
}
WITHDRAW = {
    "asked": Reason("申请人要求", "The claimant asks for it"),
    "sent_by_mistake": Reason("误报", "Sent by mistake"),
    "replaced": Reason("以新申请代替", "A new claim takes its place"),
}
