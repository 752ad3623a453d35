"""The bank's files read strictly: pain.002, camt.053 or CSV. Pure: bytes in, an `Answer` out, or a refusal by name.

No DTD, no entity, a bounded size; control counts and sums must be those of the lines; whole file or nothing.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from contractor.payments.refusals import UnreadableAnswer
from rulebook.money import parse_yuan
from rulebook.refusals import Refused

LARGEST_BYTES = 64 * 1024 * 1024
MOST_LINES = 200_000
CSV_FORM = "COOPMED-ANSWER-1"
PAIN002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"
CAMT053 = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
MESSAGE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,34}")
# What ISO 20022 calls it, and what it means here.
SAYS_OF_STATUS = {"ACSC": "paid", "RJCT": "refused", "PDNG": "pending", "ACSP": "pending"}
GROUP_OF_STATUS = {"ACTC": "taken", "ACCP": "taken", "PART": "taken", "ACSC": "taken"}
UNKNOWN, DUPLICATE = "UNKNOWN", "DU01"


@dataclass(frozen=True, slots=True)
class AnswerLine:
    says: str
    end_to_end_id: str
    amount_fen: int
    booked_on: dt.date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    kind: str
    message_id: str
    about: str | None
    """The file of ours that it answers; None for a statement."""
    group: str | None
    """taken, refused, unknown or duplicate: what the bank says of that file as a whole."""
    group_count: int | None
    group_total_fen: int | None
    reason: str | None
    lines: Sequence[AnswerLine]

    @property
    def total_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)


def read_answer(content: bytes) -> Answer:
    """Raises: UnreadableAnswer."""
    if len(content) > LARGEST_BYTES:
        raise UnreadableAnswer(fault="too_large", expected=LARGEST_BYTES, found=len(content))
    try:
        if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return _read_xml(content)
        return _read_csv(content)
    except Refused as refusal:
        raise UnreadableAnswer(fault="amount", expected="yuan", found=refusal.key) from refusal


def _read_xml(content: bytes) -> Answer:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise UnreadableAnswer(fault="doctype", expected="none", found="one")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableAnswer(fault="not_xml", expected="XML", found=f"line {error.lineno}") from error
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableAnswer(fault="doctype", expected="none", found="one")
    namespace = etree.QName(root).namespace
    if namespace == PAIN002:
        return _pain002(root)
    if namespace == CAMT053:
        return _camt053(root)
    raise UnreadableAnswer(fault="namespace", expected=f"{PAIN002} {CAMT053}", found=str(namespace)[:80])


def _pain002(root: etree._Element) -> Answer:
    ns = {"p": PAIN002}
    report = _one(root, "p:CstmrPmtStsRpt", ns)
    about = _one(report, "p:OrgnlGrpInfAndSts", ns)
    group, reason = _group(about, ns)
    lines = []
    for line in report.iterfind("p:OrgnlPmtInfAndSts/p:TxInfAndSts", ns):
        status = _value(line, "p:TxSts", ns)
        if status not in SAYS_OF_STATUS:
            raise UnreadableAnswer(fault="status", expected=" ".join(SAYS_OF_STATUS), found=status[:10])
        amount = _one(line, "p:OrgnlTxRef/p:Amt/p:InstdAmt", ns)
        lines.append(
            AnswerLine(
                SAYS_OF_STATUS[status],
                _name(_value(line, "p:OrgnlEndToEndId", ns)),
                _cny(amount),
                _day(line.findtext("p:AccptncDtTm", None, ns)),
                _reason(line, ns),
            )
        )
    _bounded(lines)
    told_count, told_fen = 0, 0
    for part in about.iterfind("p:NbOfTxsPerSts", ns):
        told_count += _whole(_value(part, "p:DtldNbOfTxs", ns))
        told_fen += parse_yuan(_value(part, "p:DtldCtrlSum", ns))
    _controls(lines, told_count, told_fen)
    count, total = about.findtext("p:OrgnlNbOfTxs", None, ns), about.findtext("p:OrgnlCtrlSum", None, ns)
    return Answer(
        "pain002" if lines else "taken",
        _name(_value(report, "p:GrpHdr/p:MsgId", ns)),
        _name(_value(about, "p:OrgnlMsgId", ns)),
        group,
        _whole(count) if count else None,
        parse_yuan(total) if total else None,
        reason,
        lines,
    )


def _group(about: etree._Element, ns: dict[str, str]) -> tuple[str | None, str | None]:
    status, reason = about.findtext("p:GrpSts", None, ns), _reason(about, ns)
    if status is None:
        return None, reason
    if status == "RJCT":
        return {UNKNOWN: "unknown", DUPLICATE: "duplicate"}.get(reason or "", "refused"), reason
    if status not in GROUP_OF_STATUS:
        raise UnreadableAnswer(fault="status", expected=" ".join(GROUP_OF_STATUS), found=status[:10])
    return GROUP_OF_STATUS[status], reason


def _camt053(root: etree._Element) -> Answer:
    ns = {"p": CAMT053}
    statement = _one(root, "p:BkToCstmrStmt/p:Stmt", ns)
    lines: list[AnswerLine] = []
    count, total_fen = 0, 0
    for entry in statement.iterfind("p:Ntry", ns):
        amount_fen = _cny(_one(entry, "p:Amt", ns))
        count, total_fen = count + 1, total_fen + amount_fen
        if _value(entry, "p:Sts/p:Cd", ns) != "BOOK":
            raise UnreadableAnswer(fault="status", expected="BOOK", found=_value(entry, "p:Sts/p:Cd", ns)[:10])
        name = entry.findtext("p:NtryDtls/p:TxDtls/p:Refs/p:EndToEndId", None, ns)
        if name is None:
            continue  # Money received, interest, fees: no answer to an order of ours.
        side = _value(entry, "p:CdtDbtInd", ns)
        if side not in ("DBIT", "CRDT"):
            raise UnreadableAnswer(fault="side", expected="DBIT CRDT", found=side[:10])
        lines.append(
            AnswerLine(
                "paid" if side == "DBIT" else "returned",
                _name(name),
                amount_fen,
                _day(entry.findtext("p:BookgDt/p:Dt", None, ns)),
                entry.findtext("p:NtryDtls/p:TxDtls/p:RtrInf/p:Rsn/p:Cd", None, ns),
            )
        )
    _bounded(lines)
    told = _one(statement, "p:TxsSummry/p:TtlNtries", ns)
    found = (count, total_fen)
    expected = (_whole(_value(told, "p:NbOfNtries", ns)), parse_yuan(_value(told, "p:Sum", ns)))
    if found != expected:
        raise UnreadableAnswer(fault="control_sum", expected=str(expected), found=str(found))
    name = _name(_value(root, "p:BkToCstmrStmt/p:GrpHdr/p:MsgId", ns))
    return Answer("camt053", name, None, None, None, None, None, lines)


def _read_csv(content: bytes) -> Answer:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableAnswer(fault="encoding", expected="UTF-8", found=f"byte {error.start}") from error
    rows = _rows(text)
    head = next(rows, [])
    if len(head) != 8 or head[:2] != ["H", CSV_FORM]:
        raise UnreadableAnswer(fault="head", expected=f"H,{CSV_FORM}", found=",".join(head[:2])[:40])
    _h, _form, message_id, about, status, reason, count, total = head
    groups = {"TAKEN": "taken", "REFUSED": "refused", "UNKNOWN": "unknown", "DUPLICATE": "duplicate", "REPORT": None}
    if status not in groups:
        raise UnreadableAnswer(fault="status", expected=" ".join(groups), found=status[:10])
    lines: list[AnswerLine] = []
    for row in rows:
        if row[0] == "T":
            if len(row) != 3:
                raise UnreadableAnswer(fault="trailer", expected=3, found=len(row))
            _controls(lines, _whole(row[1]), parse_yuan(row[2]))
            if next(rows, None) is not None:
                raise UnreadableAnswer(fault="after_trailer", expected="nothing", found="a line")
            return Answer(
                "answer_csv" if lines else "taken",
                _name(message_id),
                _name(about),
                groups[status],
                _whole(count) if count else None,
                parse_yuan(total) if total else None,
                reason or None,
                lines,
            )
        if row[0] != "L" or len(row) != 7 or row[1] != str(len(lines) + 1):
            raise UnreadableAnswer(fault="line", expected=f"L,{len(lines) + 1}", found=",".join(row[:2])[:40])
        if row[2] not in ("paid", "refused", "pending", "returned"):
            raise UnreadableAnswer(fault="status", expected="paid refused pending returned", found=row[2][:10])
        lines.append(AnswerLine(row[2], _name(row[3]), _positive(row[4]), _day(row[5] or None), row[6][:140] or None))
        _bounded(lines)
    raise UnreadableAnswer(fault="trailer", expected="T", found="the end")


def _rows(text: str) -> Iterator[list[str]]:
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            if not row:
                raise UnreadableAnswer(fault="line", expected="values", found="an empty line")
            yield row
    except csv.Error as error:
        raise UnreadableAnswer(fault="csv", expected="CSV", found=str(error)[:80]) from error


def _one(parent: etree._Element, path: str, ns: dict[str, str]) -> etree._Element:
    found = parent.findall(path, ns)
    if len(found) != 1:
        raise UnreadableAnswer(fault="element", expected=f"one {path}", found=len(found))
    return found[0]


def _value(parent: etree._Element, path: str, ns: dict[str, str]) -> str:
    text = _one(parent, path, ns).text
    if not text or not text.strip():
        raise UnreadableAnswer(fault="element", expected=f"a value in {path}", found="none")
    return text.strip()


def _reason(parent: etree._Element, ns: dict[str, str]) -> str | None:
    rsn = parent.find("p:StsRsnInf/p:Rsn", ns)
    if rsn is None:
        return None
    return (rsn.findtext("p:Cd", None, ns) or rsn.findtext("p:Prtry", None, ns) or "")[:140] or None


def _name(text: str) -> str:
    if not MESSAGE_ID.fullmatch(text):
        raise UnreadableAnswer(fault="name", expected="up to 35 letters and digits", found=text[:40])
    return text


def _cny(amount: etree._Element) -> int:
    if amount.get("Ccy") != "CNY":
        raise UnreadableAnswer(fault="currency", expected="CNY", found=str(amount.get("Ccy"))[:10])
    return _positive(amount.text or "")


def _positive(text: str) -> int:
    fen = parse_yuan(text)
    if fen <= 0:
        raise UnreadableAnswer(fault="amount", expected="above zero", found=text[:40])
    return fen


def _whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise UnreadableAnswer(fault="count", expected="a whole number", found=text[:20])
    return int(text)


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError as error:
        raise UnreadableAnswer(fault="day", expected="2026-01-31", found=text[:20]) from error


def _controls(lines: Sequence[AnswerLine], count: int, total_fen: int) -> None:
    found = (len(lines), sum(line.amount_fen for line in lines))
    if found != (count, total_fen):
        raise UnreadableAnswer(fault="control_sum", expected=str((count, total_fen)), found=str(found))


def _bounded(lines: Sequence[AnswerLine]) -> None:
    if len(lines) > MOST_LINES:
        raise UnreadableAnswer(fault="too_many_lines", expected=MOST_LINES, found=len(lines))
