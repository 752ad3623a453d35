"""What the bank says: receipts and line reports as pain.002.001.12 or CSV, statements as camt.053.001.08."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

PAIN002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"
CAMT053 = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
STATUS = {"paid": "ACSC", "refused": "RJCT", "pending": "PDNG"}
GROUP = {
    "TAKEN": ("ACTC", None),
    "REFUSED": ("RJCT", "FF01"),
    "UNKNOWN": ("RJCT", "UNKNOWN"),
    "DUPLICATE": ("RJCT", "DU01"),
}


@dataclass(frozen=True)
class ReportLine:
    says: str
    end_to_end_id: str
    amount_fen: int
    reason: str | None = None


@dataclass(frozen=True)
class Report:
    message_id: str
    about: str
    group: str | None
    """TAKEN, REFUSED, UNKNOWN or DUPLICATE of the whole file; None where only lines are reported."""
    count: int | None
    total_fen: int | None
    lines: Sequence[ReportLine]
    at: dt.datetime


@dataclass(frozen=True)
class Booking:
    number: int
    side: str
    end_to_end_id: str
    amount_fen: int
    reason: str | None


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def pain002(report: Report) -> bytes:
    parts = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{PAIN002}"><CstmrPmtStsRpt><GrpHdr>'
        f"<MsgId>{report.message_id}</MsgId><CreDtTm>{_instant(report.at)}</CreDtTm></GrpHdr>\n"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{escape(report.about)}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
    ]
    if report.count is not None and report.total_fen is not None:
        parts.append(
            f"<OrgnlNbOfTxs>{report.count}</OrgnlNbOfTxs><OrgnlCtrlSum>{yuan(report.total_fen)}</OrgnlCtrlSum>"
        )
    if report.group:
        status, reason = GROUP[report.group]
        parts.append(f"<GrpSts>{status}</GrpSts>")
        if reason:
            code = f"<Prtry>{reason}</Prtry>" if reason == "UNKNOWN" else f"<Cd>{reason}</Cd>"
            parts.append(f"<StsRsnInf><Rsn>{code}</Rsn></StsRsnInf>")
    for says in sorted({line.says for line in report.lines}):
        some = [line.amount_fen for line in report.lines if line.says == says]
        parts.append(
            f"<NbOfTxsPerSts><DtldNbOfTxs>{len(some)}</DtldNbOfTxs><DtldSts>{STATUS[says]}</DtldSts>"
            f"<DtldCtrlSum>{yuan(sum(some))}</DtldCtrlSum></NbOfTxsPerSts>"
        )
    parts.append("</OrgnlGrpInfAndSts>\n")
    if report.lines:
        at = _instant(report.at)
        parts.append(f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{escape(report.about)}</OrgnlPmtInfId>\n")
        parts += [
            f"<TxInfAndSts><OrgnlEndToEndId>{line.end_to_end_id}</OrgnlEndToEndId><TxSts>{STATUS[line.says]}</TxSts>"
            + (f"<StsRsnInf><Rsn><Cd>{line.reason}</Cd></Rsn></StsRsnInf>" if line.reason else "")
            + f"<AccptncDtTm>{at}</AccptncDtTm>"
            f'<OrgnlTxRef><Amt><InstdAmt Ccy="CNY">{yuan(line.amount_fen)}</InstdAmt></Amt></OrgnlTxRef>'
            "</TxInfAndSts>\n"
            for line in report.lines
        ]
        parts.append("</OrgnlPmtInfAndSts>")
    parts.append("</CstmrPmtStsRpt></Document>\n")
    return "".join(parts).encode()


def answer_csv(report: Report) -> bytes:
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\r\n")
    count = "" if report.count is None else report.count
    total = "" if report.total_fen is None else yuan(report.total_fen)
    rows.writerow(
        ["H", "COOPMED-ANSWER-1", report.message_id, report.about, report.group or "REPORT", "", count, total]
    )
    on = report.at.date().isoformat()
    for number, line in enumerate(report.lines, 1):
        rows.writerow(["L", number, line.says, line.end_to_end_id, yuan(line.amount_fen), on, line.reason or ""])
    rows.writerow(["T", len(report.lines), yuan(sum(line.amount_fen for line in report.lines))])
    return out.getvalue().encode()


def camt053(message_id: str, account: str, bookings: Sequence[Booking], at: dt.datetime) -> bytes:
    on, total = at.date().isoformat(), yuan(sum(one.amount_fen for one in bookings))
    parts = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{CAMT053}"><BkToCstmrStmt><GrpHdr>'
        f"<MsgId>{message_id}</MsgId><CreDtTm>{_instant(at)}</CreDtTm></GrpHdr><Stmt><Id>{message_id}</Id>"
        f"<CreDtTm>{_instant(at)}</CreDtTm><Acct><Id><Othr><Id>{escape(account)}</Id></Othr></Id></Acct>"
        f"<TxsSummry><TtlNtries><NbOfNtries>{len(bookings)}</NbOfNtries><Sum>{total}</Sum></TtlNtries></TxsSummry>\n"
    ]
    parts += [
        f'<Ntry><NtryRef>{one.number}</NtryRef><Amt Ccy="CNY">{yuan(one.amount_fen)}</Amt>'
        f"<CdtDbtInd>{one.side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{on}</Dt></BookgDt>"
        f"<BkTxCd/><NtryDtls><TxDtls><Refs><EndToEndId>{one.end_to_end_id}</EndToEndId></Refs>"
        + (f"<RtrInf><Rsn><Cd>{one.reason}</Cd></Rsn></RtrInf>" if one.reason else "")
        + "</TxDtls></NtryDtls></Ntry>\n"
        for one in bookings
    ]
    parts.append("</Stmt></BkToCstmrStmt></Document>\n")
    return "".join(parts).encode()


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
