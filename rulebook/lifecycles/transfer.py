"""The life of a top-up of the turnover fund (周转金): asked for by the contractor, decided by two finance officers.

[4] 三（六）: the finance bureau manages and watches the turnover fund and keeps it to its purpose.
"""

from enum import StrEnum

from rulebook.lifecycles.lifecycle import Lifecycle


class S(StrEnum):
    REQUESTED = "requested"
    UNDER_EXAMINATION = "under_examination"
    PROPOSED = "proposed"
    GRANTED = "granted"
    ORDERED = "ordered"
    ARRIVED = "arrived"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class E(StrEnum):
    EXAMINATION_BEGUN = "examination_begun"
    PROPOSED = "proposed"
    SENT_BACK = "sent_back"
    GRANTED = "granted"
    REFUSED = "refused"
    ORDERED = "ordered"
    ORDER_FAILED = "order_failed"
    ARRIVED = "arrived"
    WITHDRAWN = "withdrawn"


TRANSFER = Lifecycle(
    name="transfer",
    title="周转金拨付",
    initial=S.REQUESTED,
    states={
        S.REQUESTED: "已申请",
        S.UNDER_EXAMINATION: "财政审查中",
        S.PROPOSED: "待第二人核准",
        S.GRANTED: "已核准",
        S.ORDERED: "已下达银行",
        S.ARRIVED: "已到账",
        S.REFUSED: "不予拨付",
        S.WITHDRAWN: "已撤回",
    },
    events={
        E.EXAMINATION_BEGUN: "开始审查",
        E.PROPOSED: "经办人提出拨付",
        E.SENT_BACK: "退回经办人",
        E.GRANTED: "第二人核准",
        E.REFUSED: "不予拨付",
        E.ORDERED: "下达银行",
        E.ORDER_FAILED: "银行未执行",
        E.ARRIVED: "到账",
        E.WITHDRAWN: "承办方撤回",
    },
    moves={
        (S.REQUESTED, E.EXAMINATION_BEGUN): S.UNDER_EXAMINATION,
        (S.REQUESTED, E.WITHDRAWN): S.WITHDRAWN,
        (S.UNDER_EXAMINATION, E.PROPOSED): S.PROPOSED,
        (S.UNDER_EXAMINATION, E.REFUSED): S.REFUSED,
        (S.UNDER_EXAMINATION, E.WITHDRAWN): S.WITHDRAWN,
        (S.PROPOSED, E.SENT_BACK): S.UNDER_EXAMINATION,
        (S.PROPOSED, E.GRANTED): S.GRANTED,
        (S.PROPOSED, E.REFUSED): S.REFUSED,
        (S.GRANTED, E.ORDERED): S.ORDERED,
        (S.ORDERED, E.ORDER_FAILED): S.GRANTED,
        (S.ORDERED, E.ARRIVED): S.ARRIVED,
    },
)
