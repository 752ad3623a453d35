"""The lines a sheet of steps can have, in the order of the law."""

from dataclasses import dataclass

from rulebook.benefits.terms import Assistance, Claim, Pooled, Rules, SeriousIllness, State, Supplementary


@dataclass(frozen=True)
class Line:
    """One line.

    Args:
        field: which named amount it shows.
        rule: the rule of the schedule it follows; its article is printed. `article` stands in where there is none.
        only_with: the number of the law without which the line says nothing.
        only_below_no_limit: the limit that must exist for the line to say something.
    """

    operator: str
    label: str
    label_en: str
    field: str
    rule: str = ""
    article: str = ""
    unit: str = "fen"
    rounds: bool = False
    is_total: bool = False
    only_with: str = ""
    only_below_no_limit: str = ""


FIELD_PLACES = {
    name: place
    for place, name in enumerate(
        [f"claim.{name}" for name in Claim._fields]
        + [f"state.{name}" for name in State._fields]
        + [f"rules.{name}" for name in Rules._fields]
        + [f"pooled.{name}" for name in Pooled._fields]
        + [f"serious.{name}" for name in SeriousIllness._fields]
        + [f"supplementary.{name}" for name in Supplementary._fields]
        + [f"assistance.{name}" for name in Assistance._fields]
        + ["benefits_fen", "member_pays_fen"]
    )
}

# Where bands exist each band's part and rate are told; without bands there is one rate.
_B1, _B2 = "band_1_up_to_fen", "band_2_up_to_fen"
_S1, _S2 = "serious_band_1_up_to_fen", "serious_band_2_up_to_fen"

LINES: tuple[Line, ...] = (
    Line("", "个人负担的总费用", "cost the member bore", "claim.cost_fen"),
    Line("", "甲类计入", "class A, what counts", "pooled.counted_a_fen", "catalogue_class_share", rounds=True),
    Line(
        "+",
        "乙类计入",
        "class B, what counts",
        "pooled.counted_b_fen",
        "catalogue_class_share",
        rounds=True,
        only_with="class_b_ppm",
    ),
    Line(
        "+",
        "丙类计入",
        "class C, what counts",
        "pooled.counted_c_fen",
        "catalogue_class_share",
        rounds=True,
        only_with="class_c_ppm",
    ),
    Line("=", "可补偿费用", "eligible cost", "pooled.eligible_fen", is_total=True),
    Line("−", "起付线，{tier}", "deductible, {tier}", "pooled.deducted_fen", "inpatient_deductible"),
    Line("=", "起付线以上", "above the deductible", "pooled.above_deductible_fen", is_total=True),
    Line("", "本年此前已计入分段", "in the year's bands before", "state.covered_fen", only_below_no_limit=_B1),
    Line("", "落在第一段", "in band 1", "pooled.in_band_1_fen", "inpatient_bands", only_below_no_limit=_B1),
    Line("×", "比例，{tier}，第一段", "rate, {tier}, band 1", "rules.band_1_ppm", "inpatient_rate", unit="ppm"),
    Line("", "落在第二段", "in band 2", "pooled.in_band_2_fen", "inpatient_bands", only_below_no_limit=_B1),
    Line(
        "×",
        "比例，{tier}，第二段",
        "rate, {tier}, band 2",
        "rules.band_2_ppm",
        "inpatient_rate",
        unit="ppm",
        only_below_no_limit=_B1,
    ),
    Line("", "落在第三段", "in band 3", "pooled.in_band_3_fen", "inpatient_bands", only_below_no_limit=_B2),
    Line(
        "×",
        "比例，{tier}，第三段",
        "rate, {tier}, band 3",
        "rules.band_3_ppm",
        "inpatient_rate",
        unit="ppm",
        only_below_no_limit=_B2,
    ),
    Line("=", "按比例补偿", "by the rate", "pooled.base_share_fen", "inpatient_rate", rounds=True, is_total=True),
    Line("×", "贫困提高", "top-up of the poor", "rules.top_up_ppm", "poor_top_up", unit="ppm", only_with="top_up_ppm"),
    Line(
        "=",
        "贫困提高补偿",
        "by the top-up",
        "pooled.top_up_share_fen",
        "poor_top_up",
        rounds=True,
        only_with="top_up_ppm",
    ),
    Line("", "年内统筹基金已补偿", "paid by the pooled fund this year", "state.pool_paid_fen"),
    Line("≤", "封顶余额", "left under the cap", "pooled.cap_left_fen", "inpatient_cap", only_below_no_limit="cap_fen"),
    Line("", "统筹基金补偿", "pooled fund", "pooled.base_fen", "inpatient_rate", is_total=True),
    Line(
        "+",
        "统筹基金补偿，贫困提高",
        "pooled fund, top-up of the poor",
        "pooled.top_up_fen",
        "poor_top_up",
        is_total=True,
        only_with="top_up_ppm",
    ),
    Line(
        "", "封顶线截去", "cut off by the cap", "pooled.cut_by_cap_fen", "inpatient_cap", only_below_no_limit="cap_fen"
    ),
    Line("", "个人仍负担的可补偿费用", "eligible cost left to the member", "pooled.burden_fen"),
    Line(
        "",
        "年内此前个人负担",
        "left to the member this year before",
        "state.burden_fen",
        only_with="serious_band_1_ppm",
    ),
    Line(
        "−",
        "大病保险起付线",
        "threshold of serious-illness insurance",
        "rules.serious_threshold_fen",
        "serious_illness_threshold",
        only_with="serious_band_1_ppm",
    ),
    Line(
        "=",
        "本次超过起付线",
        "above the threshold by this claim",
        "serious.over_threshold_fen",
        "serious_illness_threshold",
        only_with="serious_band_1_ppm",
    ),
    Line(
        "×",
        "大病保险比例，第一段",
        "rate of serious-illness insurance, band 1",
        "rules.serious_band_1_ppm",
        "serious_illness_rate",
        unit="ppm",
        only_with="serious_band_1_ppm",
    ),
    Line(
        "×",
        "大病保险比例，第二段",
        "rate of serious-illness insurance, band 2",
        "rules.serious_band_2_ppm",
        "serious_illness_rate",
        unit="ppm",
        only_with="serious_band_2_ppm",
        only_below_no_limit=_S1,
    ),
    Line(
        "×",
        "大病保险比例，第三段",
        "rate of serious-illness insurance, band 3",
        "rules.serious_band_3_ppm",
        "serious_illness_rate",
        unit="ppm",
        only_with="serious_band_3_ppm",
        only_below_no_limit=_S2,
    ),
    Line(
        "=",
        "大病保险补偿",
        "serious-illness insurance",
        "serious.paid_fen",
        "serious_illness_rate",
        rounds=True,
        is_total=True,
        only_with="serious_band_1_ppm",
    ),
    Line(
        "×",
        "补充医疗保险比例",
        "share of supplementary insurance",
        "rules.supplementary_ppm",
        "supplementary_share",
        unit="ppm",
        only_with="supplementary_ppm",
    ),
    Line(
        "≤",
        "补充医疗保险年度限额",
        "yearly limit of supplementary insurance",
        "rules.supplementary_cap_fen",
        "supplementary_cap",
        only_with="supplementary_ppm",
    ),
    Line(
        "=",
        "补充医疗保险补偿",
        "supplementary insurance",
        "supplementary.paid_fen",
        "supplementary_share",
        rounds=True,
        is_total=True,
        only_with="supplementary_ppm",
    ),
    Line(
        "",
        "以上补偿后个人仍负担",
        "left to the member after all insurance",
        "assistance.left_to_member_fen",
        only_with="assistance_ppm",
    ),
    Line(
        "×",
        "医疗救助比例",
        "rate of medical assistance",
        "rules.assistance_ppm",
        "medical_assistance_rate",
        unit="ppm",
        only_with="assistance_ppm",
    ),
    Line(
        "=",
        "医疗救助（拟）",
        "medical assistance, proposed",
        "assistance.paid_fen",
        "medical_assistance_rate",
        rounds=True,
        is_total=True,
        only_with="assistance_ppm",
    ),
    Line("", "补偿合计", "all benefits", "benefits_fen", is_total=True),
    Line("", "个人自付", "paid by the member", "member_pays_fen", is_total=True),
)
