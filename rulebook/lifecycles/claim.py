"""The life of a claim, from the institution's review to the decision ([0] 补助原则和方式 第3条, [4] 三（四）).

"Paid" is no state of a claim: it follows from its payment. A claim of a member treated elsewhere is decided, then
waits out its public notice (公示) before it may be paid; an objection sends it back to review.
"""

from enum import StrEnum

from rulebook.lifecycles.lifecycle import Lifecycle


class S(StrEnum):
    RECEIVED = "received"
    IN_REVIEW = "in_review"
    AWAITING_DOCUMENTS = "awaiting_documents"
    IN_SECOND_REVIEW = "in_second_review"
    ON_PUBLIC_NOTICE = "on_public_notice"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"


class E(StrEnum):
    TAKEN_UP = "taken_up"
    RELEASED = "released"
    SENT_BACK = "sent_back"
    DOCUMENTS_RECEIVED = "documents_received"
    DOCUMENTS_OVERDUE = "documents_overdue"
    REDUCED = "reduced"
    REFERRED_UP = "referred_up"
    RETURNED_TO_REVIEWER = "returned_to_reviewer"
    DISPUTED = "disputed"
    APPROVED = "approved"
    APPROVED_BY_RULE = "approved_by_rule"
    NOTICE_BEGUN = "notice_begun"
    NOTICE_ENDED = "notice_ended"
    OBJECTED = "objected"
    REJECTED = "rejected"
    REJECTED_BY_RULE = "rejected_by_rule"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"
    REPRICED = "repriced"
    READJUDICATED = "readjudicated"


CLAIM = Lifecycle(
    name="claim",
    title="补偿申请",
    initial=S.RECEIVED,
    states={
        S.RECEIVED: "已收到",
        S.IN_REVIEW: "审核中",
        S.AWAITING_DOCUMENTS: "待补材料",
        S.IN_SECOND_REVIEW: "二审中",
        S.ON_PUBLIC_NOTICE: "公示中",
        S.APPROVED: "已核准",
        S.REJECTED: "不予补偿",
        S.WITHDRAWN: "已撤回",
        S.REVERSED: "已冲销",
    },
    events={
        E.TAKEN_UP: "领取",
        E.RELEASED: "放回",
        E.SENT_BACK: "退回补材料",
        E.DOCUMENTS_RECEIVED: "材料补齐",
        E.DOCUMENTS_OVERDUE: "补材料逾期",
        E.REDUCED: "减额",
        E.REFERRED_UP: "移交二审",
        E.RETURNED_TO_REVIEWER: "退回初审",
        E.DISPUTED: "二审意见不同",
        E.APPROVED: "核准",
        E.APPROVED_BY_RULE: "按规则核准",
        E.NOTICE_BEGUN: "开始公示",
        E.NOTICE_ENDED: "公示期满无异议",
        E.OBJECTED: "公示有异议",
        E.REJECTED: "不予补偿",
        E.REJECTED_BY_RULE: "按规则不予补偿",
        E.REOPENED: "申诉成立，重新审核",
        E.WITHDRAWN: "申请人撤回",
        E.REVERSED: "冲销",
        E.REPRICED: "重新计价",
        E.READJUDICATED: "重新核算",
    },
    moves={
        (S.RECEIVED, E.TAKEN_UP): S.IN_REVIEW,
        (S.RECEIVED, E.APPROVED_BY_RULE): S.APPROVED,
        (S.RECEIVED, E.NOTICE_BEGUN): S.ON_PUBLIC_NOTICE,
        # What the registry alone decides, such as a year without enrolment; an appeal re-opens it.
        (S.RECEIVED, E.REJECTED_BY_RULE): S.REJECTED,
        (S.RECEIVED, E.WITHDRAWN): S.WITHDRAWN,
        (S.IN_REVIEW, E.TAKEN_UP): S.IN_REVIEW,  # From a hand that let it lie, or handed over by the lead.
        (S.IN_REVIEW, E.RELEASED): S.RECEIVED,
        (S.IN_REVIEW, E.SENT_BACK): S.AWAITING_DOCUMENTS,
        (S.IN_REVIEW, E.REDUCED): S.IN_REVIEW,
        (S.IN_REVIEW, E.REFERRED_UP): S.IN_SECOND_REVIEW,
        (S.IN_REVIEW, E.APPROVED): S.APPROVED,
        (S.IN_REVIEW, E.NOTICE_BEGUN): S.ON_PUBLIC_NOTICE,
        (S.IN_REVIEW, E.REJECTED): S.REJECTED,
        (S.IN_REVIEW, E.WITHDRAWN): S.WITHDRAWN,
        (S.AWAITING_DOCUMENTS, E.DOCUMENTS_RECEIVED): S.IN_REVIEW,
        (S.AWAITING_DOCUMENTS, E.DOCUMENTS_OVERDUE): S.REJECTED,
        (S.AWAITING_DOCUMENTS, E.WITHDRAWN): S.WITHDRAWN,
        (S.IN_SECOND_REVIEW, E.TAKEN_UP): S.IN_SECOND_REVIEW,
        (S.IN_SECOND_REVIEW, E.RELEASED): S.IN_SECOND_REVIEW,
        (S.IN_SECOND_REVIEW, E.RETURNED_TO_REVIEWER): S.IN_REVIEW,
        (S.IN_SECOND_REVIEW, E.DISPUTED): S.IN_SECOND_REVIEW,  # The lead decides.
        (S.IN_SECOND_REVIEW, E.REDUCED): S.IN_SECOND_REVIEW,
        (S.IN_SECOND_REVIEW, E.SENT_BACK): S.AWAITING_DOCUMENTS,
        (S.IN_SECOND_REVIEW, E.APPROVED): S.APPROVED,
        (S.IN_SECOND_REVIEW, E.NOTICE_BEGUN): S.ON_PUBLIC_NOTICE,
        (S.IN_SECOND_REVIEW, E.REJECTED): S.REJECTED,
        (S.ON_PUBLIC_NOTICE, E.NOTICE_ENDED): S.APPROVED,
        (S.ON_PUBLIC_NOTICE, E.OBJECTED): S.IN_REVIEW,
        (S.REJECTED, E.REOPENED): S.IN_REVIEW,  # An appeal upheld by the county.
        (S.APPROVED, E.REVERSED): S.REVERSED,  # The correction is a new row that names this one.
        # Taken back and settled anew in one act, because a rule was wrong or the year's order changed.
        (S.APPROVED, E.REPRICED): S.APPROVED,
        (S.APPROVED, E.READJUDICATED): S.APPROVED,
        (S.REVERSED, E.REOPENED): S.IN_REVIEW,  # An appeal against the reversal, or against the amount.
    },
)
