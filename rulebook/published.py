"""Names, types and units of the columns the desks publish to each other. A name here is a promise.

The publishing desk's view, the frame that reads it, the recomputation and the indicators take their names from here.
"""

from rulebook.published_columns import Column, View, day, fen, instant, number, text

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
    fen("cost_fen", "个人负担的总费用", "the cost the member bore before compensation"),
    fen("class_a_fen", "甲类费用（限价、减额之后）", "class A after price limits and reductions"),
    fen("class_b_fen", "乙类费用（限价、减额之后）", "class B after price limits and reductions"),
    fen("class_c_fen", "丙类费用（限价、减额之后）", "class C after price limits and reductions"),
)

# What a settlement comes to. A reversal carries the same amounts with the other sign.
SETTLEMENT_RESULT = (
    fen("eligible_fen", "可补偿费用", "eligible cost"),
    fen("above_deductible_fen", "起付线以上", "above the deductible"),
    fen("base_fen", "统筹基金补偿（不含贫困提高）", "pooled fund, without the top-up"),
    fen("top_up_fen", "贫困提高补偿", "top-up of the poor, from the pooled fund"),
    fen("serious_fen", "大病保险补偿", "serious-illness insurance"),
    fen("supplementary_fen", "补充医疗保险补偿", "supplementary insurance"),
    fen("assistance_fen", "医疗救助（拟）", "medical assistance, as proposed"),
)

SETTLEMENTS = View(
    name="published_settlements",
    grain="one row per decision or reversal of an inpatient claim",
    key=("settlement_id",),
    columns=(
        *SETTLEMENT_INPUT,
        Column("schedule_hash", "str", "code", "所用方案的内容指纹", "content hash of the schedule used"),
        *SETTLEMENT_RESULT,
        number("claim_id", "申请", "the claim"),
        Column("year", "int32", "number", "计入哪一年", "the year it counts for"),
        fen("benefits_fen", "补偿合计", "all benefits together"),
        fen("member_pays_fen", "个人自付", "left to the member"),
        instant("decided_at", "决定时间", "when it was decided"),
        number("decided_by", "决定人", "who decided; null for a rule", is_optional=True),
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
        fen("amount_fen", "金额", "the credit, or the cost it is asked to pay"),
        fen("paid_fen", "账户支付", "what the account pays"),
        fen("balance_fen", "余额", "the balance after it"),
        number("claim_id", "申请", "the visit it pays; null for a credit", is_optional=True),
        Column("year", "int32", "number", "属于哪一年", "the year it belongs to"),
        instant("at", "记账时间", "when it was entered"),
        number("by", "记账人", "who entered it; null for a rule", is_optional=True),
    ),
)

CLAIMS = View(
    name="published_claims",
    grain="one row per claim: a hospital stay or an outpatient visit",
    key=("claim_id",),
    columns=(
        number("claim_id", "申请号", "the claim"),
        text("claim_number", "机构结算单号", "the institution's own number, unique there"),
        number("file_id", "所在文件", "the file it came with"),
        text("route", "途径", "direct, manual or outpatient"),
        text("institution_code", "医疗机构", "where the member was treated"),
        number("member_id", "参合人", "the member"),
        number("household_id", "参合户", "the member's household at intake"),
        text("card_number", "医疗卡号", "the card, as sent"),
        text("invoice_number", "票据号", "number of the institution's invoice"),
        day("admitted_on", "入院日", "day of admission, or of the visit"),
        day("discharged_on", "出院日", "day of discharge, or of the visit"),
        text("diagnosis_code", "诊断代码", "main diagnosis, ICD-10"),
        text("diagnosis_name", "诊断", "main diagnosis in words"),
        text("department", "科室", "department"),
        text("doctor", "医师", "the doctor's number"),
        fen("charged_fen", "费用合计", "sum of its lines as charged"),
        fen("institution_reduced_fen", "机构自审减额", "taken off by the institution's own review"),
        fen("paid_elsewhere_fen", "他处已付", "what another payer has paid"),
        fen("advanced_fen", "机构垫付", "what the institution advanced to the member"),
        day("receipt_signed_on", "收据签字日", "day the member signed for the advance", is_optional=True),
        text("referral_slip", "转诊单号", "number of the referral slip", is_optional=True),
        text("township_code", "受理乡镇", "township office that took it in", is_optional=True),
        instant("received_at", "收到时间", "when it was taken in"),
        day("received_on", "收到日", "the day its term runs from"),
        day("due_on", "到期日", "last day to decide; null while the calendar is unknown", is_optional=True),
        text("state", "状态", "state by rulebook.lifecycles.claim"),
        Column("version", "int32", "number", "版本", "number of its last event"),
        Column("alert_ppm", "int32", "ppm", "预警分", "alert score of its findings"),
        Column("is_clean", "bool", "yes or no", "无疑点", "no finding asks for a person", True),
        day("notice_until_on", "公示期满日", "first day on which its notice is over", is_optional=True),
    ),
)

CLAIM_LINES = View(
    name="published_claim_lines",
    grain="one row per line of a bill",
    key=("claim_id", "line_no"),
    columns=(
        number("claim_id", "申请号", "the claim"),
        Column("line_no", "int32", "number", "行号", "place on the bill, from 1"),
        text("item_code", "项目代码", "the item, as sent"),
        text("hospital_item_name", "机构所用名称", "the institution's own name for it"),
        day("performed_on", "发生日", "day it was given or done"),
        Column("quantity_e4", "int64", "ten-thousandths", "数量", "quantity"),
        Column("unit_price_e4", "int64", "ten-thousandths of a yuan", "单价", "unit price"),
        fen("charged_fen", "金额", "quantity times unit price, half-up to the fen"),
        Column("catalogue_class", "int8", "code", "1 甲 2 乙 3 丙 0 不列", "class by the catalogue, 0 for none"),
        Column("price_limit_e4", "int64", "ten-thousandths of a yuan", "限价；-1 无", "price limit, -1 for none"),
        fen("reduced_fen", "审核减额", "taken off by the reviewer"),
        text("reduce_reason", "减额理由", "why, by its code", is_optional=True),
    ),
)

CLAIM_FINDINGS = View(
    name="published_claim_findings",
    grain="one row per finding of a check",
    key=("claim_id", "finding_no"),
    columns=(
        number("claim_id", "申请号", "the claim"),
        Column("finding_no", "int32", "number", "疑点号", "place among the claim's findings"),
        text("rule", "规则", "key of the check"),
        text("severity", "严重程度", "C, H, M or L"),
        Column("line_no", "int32", "number", "行号", "line it speaks of", True),
        number("other_claim_id", "另一申请", "another claim it speaks of", is_optional=True),
        text("expected", "应当", "what the rule expects"),
        text("found", "实际", "what was found"),
        text("source", "依据", "article or source"),
    ),
)

CLAIM_EVENTS = View(
    name="published_claim_events",
    grain="one row per event in the life of a claim",
    key=("claim_id", "event_no"),
    columns=(
        number("claim_id", "申请号", "the claim"),
        Column("event_no", "int32", "number", "第几步", "place in the claim's life, from 1"),
        text("event", "事件", "event by rulebook.lifecycles.claim"),
        text("state_after", "之后状态", "state that followed"),
        instant("at", "时间", "when"),
        number("acted_by", "经办人", "who; null where a rule acted", is_optional=True),
        text("reason_code", "理由代码", "why, by its code", is_optional=True),
        text("note", "说明", "what the person wrote", is_optional=True),
    ),
)

PAYMENTS = View(
    name="published_payments",
    grain="one row per amount on its way to one payee",
    key=("payment_id",),
    columns=(
        number("payment_id", "支付号", "the payment"),
        number("settlement_id", "结算号", "settlement it pays", is_optional=True),
        number("account_entry_id", "账户流水号", "account entry it pays", is_optional=True),
        number("claim_id", "申请号", "the claim"),
        text("fund", "基金", "pooled, serious, supplementary or household_account"),
        text("payee_kind", "收款人类别", "institution or member"),
        text("institution_code", "收款机构", "the institution paid", is_optional=True),
        number("member_id", "收款参合人", "the member paid", is_optional=True),
        fen("amount_fen", "金额", "what is paid"),
        fen("top_up_fen", "其中贫困提高", "part of it that is the top-up of the poor"),
        text("state", "状态", "state by rulebook.lifecycles.payment"),
        number("batch_id", "批次", "batch it is in", is_optional=True),
        text("end_to_end_id", "银行端到端号", "what the bank calls it"),
        number("replaces_payment_id", "补发哪一笔", "payment it is issued in place of", is_optional=True),
        instant("planned_at", "产生时间", "when it came into being"),
        instant("last_event_at", "最近变动", "when it last moved", is_optional=True),
    ),
)

BATCHES = View(
    name="published_batches",
    grain="one row per batch of payments",
    key=("batch_id",),
    columns=(
        number("batch_id", "批次号", "the batch"),
        text("fund", "基金", "the one fund it pays from"),
        text("payee_kind", "收款人类别", "institution or member"),
        text("institution_code", "收款机构", "the institution it pays", is_optional=True),
        Column("payment_count", "int32", "number", "笔数", "payments in it, when submitted"),
        fen("total_fen", "总额", "their sum, when submitted"),
        text("state", "状态", "state by rulebook.lifecycles.batch"),
        number("made_by", "制单人", "who made it"),
        instant("made_at", "制单时间", "when it was made"),
        instant("submitted_at", "提交时间", "when it was submitted", is_optional=True),
        number("approved_by", "复核人", "who approved it", is_optional=True),
        instant("approved_at", "复核时间", "when it was approved", is_optional=True),
        Column("content_sha256", "bytes", "code", "内容指纹", "hash of what it holds", True),
        Column("approved_sha256", "bytes", "code", "复核所见指纹", "hash of what the checker was shown", True),
        text("message_id", "银行报文号", "its message to the bank", is_optional=True),
        instant("taken_at", "银行收到时间", "when the bank had the file", is_optional=True),
        instant("settled_at", "办结时间", "when its last line was answered", is_optional=True),
    ),
)

POSTINGS = View(
    name="published_postings",
    grain="one row per posting of the ledger",
    key=("posting_id",),
    columns=(
        number("posting_id", "凭证号", "the posting"),
        text("book", "账套", "entrusted, serious or supplementary"),
        text("kind", "种类", "what happened"),
        day("posted_on", "记账日", "business day"),
        instant("posted_at", "记账时间", "when it was entered"),
        number("posted_by", "记账人", "who; null for a rule", is_optional=True),
        number("batch_id", "批次", "batch it is about", is_optional=True),
        number("reverses_posting_id", "冲销哪一笔", "posting it takes back", is_optional=True),
    ),
)

LEGS = View(
    name="published_legs",
    grain="one row per leg of a posting",
    key=("posting_id", "leg_no"),
    columns=(
        number("posting_id", "凭证号", "the posting"),
        Column("leg_no", "int32", "number", "分录号", "its place in the posting"),
        text("book", "账套", "book of the posting"),
        text("account_code", "科目", "account it moves"),
        fen("amount_fen", "金额", "debit above zero, credit below"),
        number("payment_id", "支付号", "payment it is about", is_optional=True),
    ),
)

VIEWS = (
    CLAIMS,
    CLAIM_LINES,
    CLAIM_FINDINGS,
    CLAIM_EVENTS,
    SETTLEMENTS,
    ACCOUNT_ENTRIES,
    PAYMENTS,
    BATCHES,
    POSTINGS,
    LEGS,
)
