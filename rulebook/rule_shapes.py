"""Which rules a scheme can have: for each its parts, the kind of number, the unit, and which rules belong together.

A county's numbers are data (`schedules/`). This page only says what form the data has.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import product

TIERS = ("township", "county", "above_county")
STATUSES = ("member", "poor", "five_guarantee")
CLASSES = ("class_a", "class_b", "class_c")
BANDS = ("band_1", "band_2", "band_3")

# "none" written for a limit. Far above any amount of money, and small enough to be added to one.
NO_LIMIT = 4 * 10**18

Part = tuple[str, ...]


class Kind(StrEnum):
    MONEY = "money"
    PERCENT = "percent"
    CHOICE = "choice"


@dataclass(frozen=True)
class Shape:
    """The form of one rule.

    Args:
        parts: the paths of the numbers in the file, such as ("class_b", "township").
        choices: the words a CHOICE may take.
        may_be_unlimited: whether "none" may stand for a limit that does not exist.
        needs: rules that must be in force on every day this one is.
        is_required: no day of the scheme may be without it.
    """

    group: str
    kind: Kind
    parts: tuple[Part, ...]
    units: tuple[str, ...]
    choices: tuple[str, ...] = ()
    may_be_unlimited: bool = False
    needs: tuple[str, ...] = ()
    is_required: bool = False


def _parts(*levels: tuple[str, ...]) -> tuple[Part, ...]:
    return tuple(product(*levels))


UNITS = {
    "yuan per person and year": "元／人／年",
    "yuan per admission": "元／次住院",
    "yuan a year": "元／年",
    "percent": "%",
    "percent of the expense in the class": "占该类费用%",
    "percent of the expense in the band": "占该段费用%",
    "percentage points": "百分点",
    "percent of what the cap has cut": "占超封顶部分%",
    "percent of what is left to the member": "占个人仍负担部分%",
    "percent of the year's fund": "占当年基金%",
    "which day": "以哪一天为准",
    "yes or no": "是否",
}

SHAPES: dict[str, Shape] = {
    "decisive_day": Shape(
        "order",
        Kind.CHOICE,
        _parts(("year_and_schedule", "status")),
        ("which day",),
        choices=("admission", "discharge"),
        is_required=True,
    ),
    "household_account_credit": Shape(
        "household_account", Kind.MONEY, _parts(("per_person",)), ("yuan per person and year",)
    ),
    "catalogue_class_share": Shape(
        "inpatient",
        Kind.PERCENT,
        _parts(CLASSES, TIERS),
        ("percent of the expense in the class",),
        is_required=True,
    ),
    "inpatient_deductible": Shape("inpatient", Kind.MONEY, _parts(TIERS), ("yuan per admission",), is_required=True),
    "deductible_waived": Shape("inpatient", Kind.CHOICE, _parts(STATUSES), ("yes or no",), choices=("yes", "no")),
    "inpatient_bands": Shape(
        "inpatient",
        Kind.MONEY,
        _parts(("band_1_up_to", "band_2_up_to")),
        ("yuan a year",),
        may_be_unlimited=True,
        is_required=True,
    ),
    "inpatient_rate": Shape(
        "inpatient",
        Kind.PERCENT,
        _parts(TIERS, BANDS),
        ("percent of the expense in the band",),
        is_required=True,
    ),
    "inpatient_rate_range": Shape("inpatient", Kind.PERCENT, _parts(TIERS, ("lowest", "highest")), ("percent",)),
    "inpatient_cap": Shape(
        "inpatient", Kind.MONEY, _parts(("a_year",)), ("yuan a year",), may_be_unlimited=True, is_required=True
    ),
    "poor_top_up": Shape("inpatient", Kind.PERCENT, _parts(STATUSES), ("percentage points",)),
    "serious_illness_threshold": Shape(
        "serious_illness",
        Kind.MONEY,
        _parts(STATUSES),
        ("yuan a year",),
        needs=("serious_illness_bands", "serious_illness_rate"),
    ),
    "serious_illness_bands": Shape(
        "serious_illness",
        Kind.MONEY,
        _parts(("band_1_up_to", "band_2_up_to")),
        ("yuan a year",),
        may_be_unlimited=True,
        needs=("serious_illness_threshold",),
    ),
    "serious_illness_rate": Shape(
        "serious_illness",
        Kind.PERCENT,
        _parts(BANDS),
        ("percent of the expense in the band",),
        needs=("serious_illness_threshold",),
    ),
    "serious_illness_extra": Shape(
        "serious_illness",
        Kind.PERCENT,
        _parts(STATUSES),
        ("percentage points",),
        needs=("serious_illness_threshold",),
    ),
    "serious_illness_cap": Shape(
        "serious_illness",
        Kind.MONEY,
        _parts(("a_year",)),
        ("yuan a year",),
        may_be_unlimited=True,
        needs=("serious_illness_threshold",),
    ),
    "supplementary_share": Shape(
        "supplementary",
        Kind.PERCENT,
        _parts(("of_the_cut",)),
        ("percent of what the cap has cut",),
        needs=("supplementary_cap",),
    ),
    "supplementary_cap": Shape(
        "supplementary", Kind.MONEY, _parts(("a_year",)), ("yuan a year",), needs=("supplementary_share",)
    ),
    "supplementary_premium": Shape("funding", Kind.MONEY, _parts(("member", "city")), ("yuan per person and year",)),
    "medical_assistance_rate": Shape(
        "medical_assistance",
        Kind.PERCENT,
        _parts(STATUSES),
        ("percent of what is left to the member",),
        needs=("medical_assistance_cap",),
    ),
    "medical_assistance_cap": Shape(
        "medical_assistance",
        Kind.MONEY,
        _parts(STATUSES),
        ("yuan a year",),
        may_be_unlimited=True,
        needs=("medical_assistance_rate",),
    ),
    "premium": Shape("funding", Kind.MONEY, _parts(("per_person",)), ("yuan per person and year",)),
    "subsidies": Shape(
        "funding", Kind.MONEY, _parts(("central", "region", "city", "county")), ("yuan per person and year",)
    ),
    "fund_balance_limit": Shape("funding", Kind.PERCENT, _parts(("of_the_fund",)), ("percent of the year's fund",)),
    "risk_fund": Shape("funding", Kind.PERCENT, _parts(("of_the_fund",)), ("percent of the year's fund",)),
}

# The words for the parts, Chinese and English, as the reader's table prints them.
PART_WORDS: dict[str, tuple[str, str]] = {
    "township": ("乡镇（苏木）卫生院", "township"),
    "county": ("县（旗）级", "county"),
    "above_county": ("县（旗）级以上", "above the county"),
    "member": ("一般参合人", "member"),
    "poor": ("贫困参合人", "poor"),
    "five_guarantee": ("五保供养", "five-guarantee"),
    "class_a": ("甲类", "class A"),
    "class_b": ("乙类", "class B"),
    "class_c": ("丙类", "class C"),
    "band_1": ("第一段", "band 1"),
    "band_2": ("第二段", "band 2"),
    "band_3": ("第三段", "band 3"),
    "band_1_up_to": ("第一段上限", "band 1 up to"),
    "band_2_up_to": ("第二段上限", "band 2 up to"),
    "lowest": ("最低", "lowest"),
    "highest": ("最高", "highest"),
    "a_year": ("一年", "a year"),
    "per_person": ("每人", "per person"),
    "of_the_cut": ("超封顶部分", "of the cut"),
    "of_the_fund": ("当年基金", "of the fund"),
    "central": ("中央", "central"),
    "region": ("自治区（省）", "region"),
    "city": ("市", "city"),
    "year_and_schedule": ("年度和方案", "year and schedule"),
    "status": ("身份", "status"),
}
