"""The life of a supplementary claim ([4] 三（五）): the county handles and decides it, the insurer pays or objects."""

from enum import StrEnum

from rulebook.lifecycles.lifecycle import Lifecycle


class S(StrEnum):
    DRAFT = "draft"
    FILED = "filed"
    IN_REVIEW = "in_review"
    AWAITING_DOCUMENTS = "awaiting_documents"
    DECIDED = "decided"
    OBJECTED = "objected"
    PAYABLE = "payable"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"


class E(StrEnum):
    FILED = "filed"
    TAKEN_UP = "taken_up"
    SENT_BACK = "sent_back"
    DOCUMENTS_RECEIVED = "documents_received"
    DOCUMENTS_OVERDUE = "documents_overdue"
    DECIDED = "decided"
    REJECTED = "rejected"
    INSURER_OBJECTED = "insurer_objected"
    OBJECTION_UPHELD = "objection_upheld"
    OBJECTION_DISMISSED = "objection_dismissed"
    INSURER_ACCEPTED = "insurer_accepted"
    OBJECTION_TERM_PASSED = "objection_term_passed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"


SUPPLEMENTARY_CLAIM = Lifecycle(
    name="supplementary_claim",
    title="补充保险申请",
    initial=S.DRAFT,
    states={
        S.DRAFT: "草稿",
        S.FILED: "已提交",
        S.IN_REVIEW: "县级审核中",
        S.AWAITING_DOCUMENTS: "待补材料",
        S.DECIDED: "县已决定，待承办方",
        S.OBJECTED: "承办方有异议",
        S.PAYABLE: "可支付",
        S.REJECTED: "不予补偿",
        S.WITHDRAWN: "已撤回",
        S.REVERSED: "已冲销",
    },
    events={
        E.FILED: "提交",
        E.TAKEN_UP: "领取",
        E.SENT_BACK: "退回补材料",
        E.DOCUMENTS_RECEIVED: "材料补齐",
        E.DOCUMENTS_OVERDUE: "补材料逾期",
        E.DECIDED: "决定补偿",
        E.REJECTED: "不予补偿",
        E.INSURER_OBJECTED: "承办方提出异议",
        E.OBJECTION_UPHELD: "异议成立",
        E.OBJECTION_DISMISSED: "异议不成立",
        E.INSURER_ACCEPTED: "承办方无异议",
        E.OBJECTION_TERM_PASSED: "异议期满",
        E.REOPENED: "申诉成立，重新审核",
        E.WITHDRAWN: "申请人撤回",
        E.REVERSED: "冲销",
    },
    moves={
        (S.DRAFT, E.FILED): S.FILED,
        (S.DRAFT, E.WITHDRAWN): S.WITHDRAWN,
        (S.FILED, E.TAKEN_UP): S.IN_REVIEW,
        (S.FILED, E.WITHDRAWN): S.WITHDRAWN,
        (S.IN_REVIEW, E.SENT_BACK): S.AWAITING_DOCUMENTS,
        (S.IN_REVIEW, E.DECIDED): S.DECIDED,
        (S.IN_REVIEW, E.REJECTED): S.REJECTED,
        (S.AWAITING_DOCUMENTS, E.DOCUMENTS_RECEIVED): S.IN_REVIEW,
        (S.AWAITING_DOCUMENTS, E.DOCUMENTS_OVERDUE): S.REJECTED,
        (S.AWAITING_DOCUMENTS, E.WITHDRAWN): S.WITHDRAWN,
        (S.DECIDED, E.INSURER_OBJECTED): S.OBJECTED,
        (S.DECIDED, E.INSURER_ACCEPTED): S.PAYABLE,
        (S.DECIDED, E.OBJECTION_TERM_PASSED): S.PAYABLE,
        (S.OBJECTED, E.OBJECTION_UPHELD): S.IN_REVIEW,
        (S.OBJECTED, E.OBJECTION_DISMISSED): S.PAYABLE,
        (S.REJECTED, E.REOPENED): S.IN_REVIEW,
        (S.PAYABLE, E.REVERSED): S.REVERSED,
    },
)
