"""The life of an audit finding: a suspicion becomes a finding only when the contractor has been heard.

[4] 三（四）: inspection by the county office, yearly audit, yearly review; [2] 二9: money wrongly paid is deducted.
"""

from enum import StrEnum

from rulebook.lifecycles.lifecycle import Lifecycle


class S(StrEnum):
    SUSPECTED = "suspected"
    RAISED = "raised"
    ANSWERED = "answered"
    CONFIRMED = "confirmed"
    IN_RECOVERY = "in_recovery"
    RECOVERED = "recovered"
    CLEARED = "cleared"


class E(StrEnum):
    RAISED = "raised"
    CLEARED = "cleared"
    ANSWERED = "answered"
    TERM_PASSED = "term_passed"
    ASKED_AGAIN = "asked_again"
    CONFIRMED = "confirmed"
    RECOVERY_ORDERED = "recovery_ordered"
    RECOVERED = "recovered"
    REOPENED = "reopened"


AUDIT = Lifecycle(
    name="audit",
    title="稽核发现",
    initial=S.SUSPECTED,
    states={
        S.SUSPECTED: "可疑",
        S.RAISED: "已出具",
        S.ANSWERED: "已答复",
        S.CONFIRMED: "已认定",
        S.IN_RECOVERY: "追回中",
        S.RECOVERED: "已追回",
        S.CLEARED: "已排除",
    },
    events={
        E.RAISED: "出具发现",
        E.CLEARED: "排除并写明理由",
        E.ANSWERED: "承办方答复",
        E.TERM_PASSED: "逾期未答复",
        E.ASKED_AGAIN: "再次询问",
        E.CONFIRMED: "认定",
        E.RECOVERY_ORDERED: "责令追回",
        E.RECOVERED: "款已追回",
        E.REOPENED: "重新审议",
    },
    moves={
        (S.SUSPECTED, E.RAISED): S.RAISED,
        (S.SUSPECTED, E.CLEARED): S.CLEARED,
        (S.RAISED, E.ANSWERED): S.ANSWERED,
        (S.RAISED, E.TERM_PASSED): S.CONFIRMED,
        (S.ANSWERED, E.ASKED_AGAIN): S.RAISED,
        (S.ANSWERED, E.CONFIRMED): S.CONFIRMED,
        (S.ANSWERED, E.CLEARED): S.CLEARED,
        (S.CONFIRMED, E.RECOVERY_ORDERED): S.IN_RECOVERY,
        (S.CONFIRMED, E.REOPENED): S.ANSWERED,
        (S.IN_RECOVERY, E.RECOVERED): S.RECOVERED,
        (S.IN_RECOVERY, E.REOPENED): S.ANSWERED,
    },
)
