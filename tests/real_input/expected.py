"""Where every claim of a mapped county ends, why, and how much of what is charged comes back. Pinned, with reasons.

A row is (route, end state, last event, reason): (claims, charged in fen, awarded in fen). Of what is awarded the
simulated bank refuses and returns some, by the payments' names; the paid share is of what it has paid in the end.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.real_input.outcomes import Outcome

Row = tuple[str, str, str, str]
Amounts = tuple[int, int, int]

BY_RULE: Row = ("direct", "approved", "approved_by_rule", "")
BY_DESK: Row = ("direct", "approved", "approved", "")
NOT_ENROLLED: Row = ("direct", "rejected", "rejected_by_rule", "not_enrolled")
NOT_ENROLLED_AT_DESK: Row = ("direct", "rejected", "rejected", "not_enrolled")
TWO_BEDS: Row = ("direct", "rejected", "rejected", "not_genuine")
AFTER_DEATH: Row = ("direct", "rejected", "rejected", "not_covered")
VISIT_BY_RULE: Row = ("outpatient", "approved", "approved_by_rule", "")
VISIT_BY_DESK: Row = ("outpatient", "approved", "approved", "")
VISIT_TWICE: Row = ("outpatient", "rejected", "rejected", "duplicate")
VISIT_AFTER_DEATH: Row = ("outpatient", "rejected", "rejected", "not_covered")
VISIT_NOT_ENROLLED: Row = ("outpatient", "rejected", "rejected", "not_enrolled")

WHY = {
    BY_RULE: "A stay that no check asks about. Compensated by tier and band up to 20,000 yuan a year; a stay below the "
    "deductible, as most of Synthea's at 75 yuan, or of no charge at all, is approved and comes to nothing.",
    BY_DESK: "A person looked: a total of 50,000 yuan or more, a return for the same illness, a visit in the middle of "
    "a stay, a bill of nothing, or the earlier of two stays that overlap.",
    NOT_ENROLLED: "No premium for the year of discharge: in DE-SynPUF a year without a month of hospital coverage.",
    NOT_ENROLLED_AT_DESK: "The same, with something graver beside it that a person had to see first.",
    TWO_BEDS: "In two beds at once: of two stays that overlap, or have the very same days, the later one.",
    AFTER_DEATH: "Admitted after the day of death. Synthea writes encounters for some of its dead.",
    VISIT_BY_RULE: "A visit or a medicine paid from the household account: 8 yuan a person and year, and no more.",
    VISIT_BY_DESK: "A person looked: 50,000 yuan or more is paid from the account like any visit; a line billed twice "
    "is taken off.",
    VISIT_TWICE: "The same items at the same amounts for the same person, place and day as an earlier claim.",
    VISIT_AFTER_DEATH: "A visit after the day of death.",
    VISIT_NOT_ENROLLED: "A visit in a year after the year of death, for which nobody paid a premium.",
}


@dataclass(frozen=True)
class Expected:
    """What a walk must come to. The band is of what stays cost: paid of charged, on the direct route, in percent."""

    rows: dict[Row, Amounts]
    findings: dict[str, int]
    band_percent: tuple[int, int]


def rows_of(outcomes: list[Outcome]) -> dict[Row, Amounts]:
    return {
        (row.route, row.state, row.event, row.reason): (row.claims, row.charged_fen, row.awarded_fen)
        for row in outcomes
    }


def paid_percent(outcomes: list[Outcome], route: str = "direct") -> float:
    """Paid of charged on a route, refused claims included: "all refused" is nothing, and outside every band."""
    own = [row for row in outcomes if row.route == route]
    return 100 * sum(row.paid_fen for row in own) / sum(row.charged_fen for row in own)


def faults_against(expected: Expected, outcomes: list[Outcome], findings: dict[str, int]) -> list[str]:
    """Every row, check and share that is not as it was pinned."""
    found, faults = rows_of(outcomes), []
    for row in sorted(expected.rows.keys() | found.keys()):
        if expected.rows.get(row) != found.get(row):
            faults.append(f"{' · '.join(row)}: expected {expected.rows.get(row)}, found {found.get(row)}")
    for rule in sorted(expected.findings.keys() | findings.keys()):
        if expected.findings.get(rule) != findings.get(rule):
            faults.append(f"{rule}: expected {expected.findings.get(rule)} claims, found {findings.get(rule)}")
    lowest, highest = expected.band_percent
    share = paid_percent(outcomes)
    if not lowest <= share <= highest:
        faults.append(f"paid share of stays {share:.2f} %, expected {lowest} to {highest} %")
    return faults


# Claims named by each check in all eleven samples of DE-SynPUF; a check not listed names none.
ELEVEN = {
    "F01": 27,
    "F02": 1_185,
    "F03": 383,
    "F09": 3_071,
    "F13": 3_164,
    "F28": 507,
    "F28_mild": 1_487,
    "F29": 1_131,
    "F30": 2_552,
    "F33": 11,
    "F35": 12,
    "F40": 13,
    "not_enrolled": 440,
    "nothing_charged": 65,
    "same_days": 40,
}
SYNTHEA = Expected(
    rows={
        BY_RULE: (459, 349_670_808, 125_328_831),
        BY_DESK: (7, 42_386_412, 14_459_083),
        AFTER_DEATH: (8, 10_367_358, 0),
        VISIT_BY_RULE: (17_627, 5_294_852_661, 10_399_900),
        VISIT_BY_DESK: (136, 922_217_944, 81_600),
        VISIT_TWICE: (28, 414_665, 0),
        VISIT_AFTER_DEATH: (84, 1_463_443, 0),
        VISIT_NOT_ENROLLED: (1, 12_500, 0),
    },
    findings={
        "F02": 2,
        "F04": 1,
        "F10": 93,
        "F16": 3,
        "F17": 28,
        "F29": 139,
        "account_not_sufficient": 17_847,
        "not_enrolled": 1,
    },
    band_percent=(25, 45),
)
SYNTHEA_BEGINNING = Expected(
    rows={
        BY_RULE: (185, 127_064_674, 31_656_095),
        BY_DESK: (5, 23_418_699, 4_728_585),
        VISIT_BY_RULE: (2_786, 601_272_058, 1_485_600),
        VISIT_BY_DESK: (7, 51_490_579, 0),
        VISIT_TWICE: (8, 100_000, 0),
        VISIT_AFTER_DEATH: (9, 112_500, 0),
    },
    findings={"F02": 1, "F04": 1, "F10": 9, "F16": 2, "F17": 8, "F29": 9, "account_not_sufficient": 2_810},
    band_percent=(20, 30),
)
DESYNPUF_BEGINNING = Expected(
    rows={
        BY_RULE: (1_333, 1_304_840_000, 458_426_317),
        BY_DESK: (90, 252_462_000, 65_433_524),
        NOT_ENROLLED: (12, 10_428_800, 0),
        NOT_ENROLLED_AT_DESK: (2, 2_802_400, 0),
        TWO_BEDS: (63, 68_529_200, 0),
    },
    findings={
        "F01": 2,
        "F02": 40,
        "F03": 15,
        "F13": 122,
        "F29": 31,
        "F33": 1,
        "not_enrolled": 14,
        "nothing_charged": 5,
    },
    band_percent=(25, 40),
)
DESYNPUF = Expected(
    rows={
        BY_RULE: (21_238, 21_409_702_600, 7_532_470_833),
        BY_DESK: (936, 3_055_344_000, 783_770_679),
        NOT_ENROLLED: (143, 146_486_200, 0),
        NOT_ENROLLED_AT_DESK: (8, 19_525_200, 0),
        TWO_BEDS: (603, 709_088_800, 0),
    },
    findings={
        "F01": 5,
        "F02": 431,
        "F03": 143,
        "F13": 1_154,
        "F29": 410,
        "F33": 5,
        "not_enrolled": 151,
        "nothing_charged": 27,
        "same_days": 12,
    },
    band_percent=(25, 40),
)
