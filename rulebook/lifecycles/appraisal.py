"""The life of an appraisal of the contractor ([4] 三（四）): scored, answered, graded, then fee and renewal follow."""

from enum import StrEnum

from rulebook.lifecycles.lifecycle import Lifecycle


class S(StrEnum):
    OPEN = "open"
    SCORED = "scored"
    WITH_CONTRACTOR = "with_contractor"
    REPLIED = "replied"
    GRADED = "graded"
    PUBLISHED = "published"
    SETTLED = "settled"


class E(StrEnum):
    SCORED = "scored"
    RESCORED = "rescored"
    SENT_TO_CONTRACTOR = "sent_to_contractor"
    REPLIED = "replied"
    TERM_PASSED = "term_passed"
    GRADED = "graded"
    PUBLISHED = "published"
    FEE_SETTLED = "fee_settled"


APPRAISAL = Lifecycle(
    name="appraisal",
    title="考核",
    initial=S.OPEN,
    states={
        S.OPEN: "考核期内",
        S.SCORED: "已评分",
        S.WITH_CONTRACTOR: "待承办方答复",
        S.REPLIED: "已答复",
        S.GRADED: "已定等次",
        S.PUBLISHED: "已公布",
        S.SETTLED: "服务费已结算",
    },
    events={
        E.SCORED: "评分",
        E.RESCORED: "重新评分",
        E.SENT_TO_CONTRACTOR: "送承办方",
        E.REPLIED: "承办方答复",
        E.TERM_PASSED: "逾期未答复",
        E.GRADED: "定等次",
        E.PUBLISHED: "公布",
        E.FEE_SETTLED: "结算服务费",
    },
    moves={
        (S.OPEN, E.SCORED): S.SCORED,
        (S.SCORED, E.RESCORED): S.SCORED,
        (S.SCORED, E.SENT_TO_CONTRACTOR): S.WITH_CONTRACTOR,
        (S.WITH_CONTRACTOR, E.REPLIED): S.REPLIED,
        (S.WITH_CONTRACTOR, E.TERM_PASSED): S.REPLIED,
        (S.REPLIED, E.RESCORED): S.SCORED,
        (S.REPLIED, E.GRADED): S.GRADED,
        (S.GRADED, E.PUBLISHED): S.PUBLISHED,
        (S.PUBLISHED, E.FEE_SETTLED): S.SETTLED,
    },
)
