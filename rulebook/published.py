"""Names, types and units of the columns the desks publish to each other. A name here is a promise.

The publishing desk's view, the frame that reads it, the recomputation and the indicators take their names from here.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Column:
    """One published column.

    Args:
        unit: fen, day, code, number, yes or no.
        meaning: what it says, Chinese and English.
    """

    name: str
    dtype: str
    unit: str
    meaning: str
    meaning_en: str


@dataclass(frozen=True)
class View:
    """One published view: its name, its grain, its key and its columns in order."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def dtypes(self) -> dict[str, np.dtype]:
        return {column.name: np.dtype(column.dtype) for column in self.columns}


def _fen(name: str, meaning: str, meaning_en: str) -> Column:
    return Column(name, "int64", "fen", meaning, meaning_en)


# What a settlement is computed from.
SETTLEMENT_INPUT = (
    Column("settlement_id", "int64", "number", "结算号，全县唯一", "the settlement, unique in the county"),
    Column("reverses_settlement_id", "int64", "number", "冲销哪一笔；0 为非冲销", "what it reverses, 0 for none"),
    Column("member_id", "int64", "number", "参合人", "the member"),
    Column("settlement_no", "int32", "number", "本年度第几笔", "its place in the member's year, from 1"),
    Column("admitted_on", "datetime64[D]", "day", "入院日", "day of admission"),
    Column("discharged_on", "datetime64[D]", "day", "出院日", "day of discharge"),
    Column("tier", "int8", "code", "1 乡镇 2 县 3 县以上", "1 township, 2 county, 3 above the county"),
    Column("status_on_admission", "int8", "code", "0 一般 1 贫困 2 五保", "0 member, 1 poor, 2 five-guarantee"),
    Column("status_on_discharge", "int8", "code", "0 一般 1 贫困 2 五保", "0 member, 1 poor, 2 five-guarantee"),
    Column("is_supplemented", "int8", "yes or no", "是否参加补充保险", "1 where supplementary insurance is held"),
    _fen("cost_fen", "个人负担的总费用", "the cost the member bore before compensation"),
    _fen("class_a_fen", "甲类费用（限价、减额之后）", "class A after price limits and reductions"),
    _fen("class_b_fen", "乙类费用（限价、减额之后）", "class B after price limits and reductions"),
    _fen("class_c_fen", "丙类费用（限价、减额之后）", "class C after price limits and reductions"),
)

# What a settlement comes to. A reversal carries the same amounts with the other sign.
SETTLEMENT_RESULT = (
    _fen("eligible_fen", "可补偿费用", "eligible cost"),
    _fen("above_deductible_fen", "起付线以上", "above the deductible"),
    _fen("base_fen", "统筹基金补偿（不含贫困提高）", "pooled fund, without the top-up"),
    _fen("top_up_fen", "贫困提高补偿", "top-up of the poor, from the pooled fund"),
    _fen("serious_fen", "大病保险补偿", "serious-illness insurance"),
    _fen("supplementary_fen", "补充医疗保险补偿", "supplementary insurance"),
    _fen("assistance_fen", "医疗救助（拟）", "medical assistance, as proposed"),
)

SETTLEMENTS = View(
    name="published_settlements",
    grain="one row per decision or reversal of an inpatient claim",
    key=("settlement_id",),
    columns=(
        *SETTLEMENT_INPUT,
        Column("schedule_hash", "str", "code", "所用方案的内容指纹", "content hash of the schedule used"),
        *SETTLEMENT_RESULT,
    ),
)

ACCOUNT_ENTRIES = View(
    name="published_account_entries",
    grain="one row per entry of a household account",
    key=("entry_id",),
    columns=(
        Column("entry_id", "int64", "number", "流水号", "the entry"),
        Column("reverses_entry_id", "int64", "number", "冲销哪一笔；0 为非冲销", "what it reverses; 0 for none"),
        Column("household_id", "int64", "number", "参合户", "the household"),
        Column("account_no", "int32", "number", "本户第几笔", "its place in the household's account, from 1"),
        Column("kind", "int8", "code", "1 记入 2 门诊 3 缴费 4 冲销", "1 credit, 2 outpatient, 3 premium, 4 reversal"),
        _fen("amount_fen", "金额", "the credit, or the cost it is asked to pay"),
        _fen("paid_fen", "账户支付", "what the account pays"),
        _fen("balance_fen", "余额", "the balance after it"),
    ),
)

VIEWS = (SETTLEMENTS, ACCOUNT_ENTRIES)
