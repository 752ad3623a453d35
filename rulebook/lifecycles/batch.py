"""The life of a payment batch: one row of the table of funds, made by one person and approved by another."""

from enum import StrEnum

from rulebook.lifecycles.lifecycle import Lifecycle


class S(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"
    IN_DOUBT = "in_doubt"
    SETTLED = "settled"
    DISCARDED = "discarded"


class E(StrEnum):
    SUBMITTED = "submitted"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    APPROVAL_WITHDRAWN = "approval_withdrawn"
    SENDING_BEGUN = "sending_begun"
    TAKEN_BY_BANK = "taken_by_bank"
    ANSWER_MISSING = "answer_missing"
    NOT_TAKEN_BY_BANK = "not_taken_by_bank"
    ALL_LINES_ANSWERED = "all_lines_answered"
    DISCARDED = "discarded"


BATCH = Lifecycle(
    name="batch",
    title="支付批次",
    initial=S.DRAFT,
    states={
        S.DRAFT: "草稿",
        S.SUBMITTED: "待复核",
        S.APPROVED: "已核准",
        S.SENDING: "发送中",
        S.SENT: "银行已接收",
        S.IN_DOUBT: "待银行查证",
        S.SETTLED: "已结清",
        S.DISCARDED: "已作废",
    },
    events={
        E.SUBMITTED: "提交复核",
        E.SENT_BACK: "退回制单人",
        E.APPROVED: "核准",
        E.APPROVAL_WITHDRAWN: "撤回核准",
        E.SENDING_BEGUN: "开始发送",
        E.TAKEN_BY_BANK: "银行接收",
        E.ANSWER_MISSING: "未得回执",
        E.NOT_TAKEN_BY_BANK: "银行未接收",
        E.ALL_LINES_ANSWERED: "全部回执到齐",
        E.DISCARDED: "作废",
    },
    moves={
        (S.DRAFT, E.SUBMITTED): S.SUBMITTED,
        (S.DRAFT, E.DISCARDED): S.DISCARDED,
        (S.SUBMITTED, E.SENT_BACK): S.DRAFT,
        (S.SUBMITTED, E.APPROVED): S.APPROVED,
        (S.APPROVED, E.APPROVAL_WITHDRAWN): S.DRAFT,
        # The intent to send is on file before the first byte leaves; from here on a batch is asked about, not resent.
        (S.APPROVED, E.SENDING_BEGUN): S.SENDING,
        (S.SENDING, E.TAKEN_BY_BANK): S.SENT,
        (S.SENDING, E.ANSWER_MISSING): S.IN_DOUBT,
        (S.SENDING, E.NOT_TAKEN_BY_BANK): S.APPROVED,
        (S.IN_DOUBT, E.TAKEN_BY_BANK): S.SENT,
        (S.IN_DOUBT, E.NOT_TAKEN_BY_BANK): S.APPROVED,
        (S.SENT, E.ALL_LINES_ANSWERED): S.SETTLED,
    },
)
