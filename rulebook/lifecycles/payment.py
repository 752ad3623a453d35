"""The life of one payment line: one approved amount on its way to one payee.

A line whose sending is uncertain is only asked about, never sent again; that is why `in_doubt` has no way back to
`sent`.
"""

from enum import StrEnum

from rulebook.lifecycles.lifecycle import Lifecycle


class S(StrEnum):
    PLANNED = "planned"
    IN_BATCH = "in_batch"
    SENT = "sent"
    IN_DOUBT = "in_doubt"
    PAID = "paid"
    REFUSED_BY_BANK = "refused_by_bank"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    REISSUED = "reissued"


class E(StrEnum):
    PUT_IN_BATCH = "put_in_batch"
    TAKEN_OUT = "taken_out"
    SENT = "sent"
    ANSWER_MISSING = "answer_missing"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    RETURNED = "returned"
    REISSUED = "reissued"
    CANCELLED = "cancelled"


PAYMENT = Lifecycle(
    name="payment",
    title="支付",
    initial=S.PLANNED,
    states={
        S.PLANNED: "待组批",
        S.IN_BATCH: "已组批",
        S.SENT: "已发送银行",
        S.IN_DOUBT: "待银行查证",
        S.PAID: "已支付",
        S.REFUSED_BY_BANK: "银行拒付",
        S.RETURNED: "已退回",
        S.CANCELLED: "已取消",
        S.REISSUED: "已重发",
    },
    events={
        E.PUT_IN_BATCH: "编入批次",
        E.TAKEN_OUT: "移出批次",
        E.SENT: "发送",
        E.ANSWER_MISSING: "未得回执",
        E.CONFIRMED: "银行确认",
        E.REFUSED: "银行拒付",
        E.RETURNED: "退票",
        E.REISSUED: "另行补发",
        E.CANCELLED: "取消",
    },
    moves={
        (S.PLANNED, E.PUT_IN_BATCH): S.IN_BATCH,
        (S.PLANNED, E.CANCELLED): S.CANCELLED,
        (S.IN_BATCH, E.TAKEN_OUT): S.PLANNED,
        (S.IN_BATCH, E.SENT): S.SENT,
        (S.SENT, E.CONFIRMED): S.PAID,
        (S.SENT, E.REFUSED): S.REFUSED_BY_BANK,
        (S.SENT, E.ANSWER_MISSING): S.IN_DOUBT,
        (S.IN_DOUBT, E.CONFIRMED): S.PAID,
        (S.IN_DOUBT, E.REFUSED): S.REFUSED_BY_BANK,
        (S.PAID, E.RETURNED): S.RETURNED,
        (S.REFUSED_BY_BANK, E.REISSUED): S.REISSUED,
        (S.REFUSED_BY_BANK, E.CANCELLED): S.CANCELLED,
        (S.RETURNED, E.REISSUED): S.REISSUED,
        (S.RETURNED, E.CANCELLED): S.CANCELLED,
    },
)
