"""Orders as the house writes them: pain.001.001.09 or its CSV. What does not add up is refused as a whole."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lxml import etree

NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


class NotAnOrder(Exception):
    """A file the bank refuses; the text says why."""


@dataclass(frozen=True)
class OrderedLine:
    end_to_end_id: str
    amount_fen: int
    name: str
    account: str


@dataclass(frozen=True)
class Order:
    message_id: str
    is_csv: bool
    account: str
    lines: tuple[OrderedLine, ...]

    @property
    def total_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)


def read_order(content: bytes) -> Order:
    """Raises: NotAnOrder."""
    order, count, total_fen = _read_xml(content) if content.lstrip().startswith(b"<") else _read_csv(content)
    if (len(order.lines), order.total_fen) != (count, total_fen):
        raise NotAnOrder(f"control sums: {count} of {total_fen} told, {len(order.lines)} of {order.total_fen} found")
    if len({line.end_to_end_id for line in order.lines}) != count:
        raise NotAnOrder("an end-to-end id stands twice")
    return order


def fen(yuan: str) -> int:
    try:
        amount = Decimal(yuan)
    except InvalidOperation as error:
        raise NotAnOrder("an amount is no number") from error
    if amount <= 0 or amount != amount.quantize(Decimal("0.01")):
        raise NotAnOrder("an amount is not in fen")
    return int(amount * 100)


def _read_xml(content: bytes) -> tuple[Order, int, int]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser).find("p:CstmrCdtTrfInitn", NS)
        lines = tuple(
            OrderedLine(
                line.findtext("p:PmtId/p:EndToEndId", None, NS),
                fen(line.findtext("p:Amt/p:InstdAmt", "", NS)),
                line.findtext("p:Cdtr/p:Nm", "", NS),
                line.findtext("p:CdtrAcct/p:Id/p:Othr/p:Id", "", NS),
            )
            for line in root.iterfind("p:PmtInf/p:CdtTrfTxInf", NS)
        )
        message_id = root.findtext("p:GrpHdr/p:MsgId", None, NS)
        account = root.findtext("p:PmtInf/p:DbtrAcct/p:Id/p:Othr/p:Id", "", NS)
        count = int(root.findtext("p:GrpHdr/p:NbOfTxs", "0", NS))
        return Order(message_id, False, account, lines), count, fen(root.findtext("p:GrpHdr/p:CtrlSum", "", NS))
    except (etree.XMLSyntaxError, AttributeError, ValueError) as error:
        raise NotAnOrder("not a pain.001") from error


def _read_csv(content: bytes) -> tuple[Order, int, int]:
    try:
        rows = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
        kind, form, message_id, _created, _on, account, count, total = rows[0]
        lines = tuple(OrderedLine(row[2], fen(row[3]), row[5], row[4]) for row in rows[1:-1])
        if (kind, form, rows[-1]) != ("H", "COOPMED-PAY-1", ["T", count, total]):
            raise NotAnOrder("head or trailer")
        return Order(message_id, True, account, lines), int(count), fen(total)
    except (UnicodeDecodeError, csv.Error, ValueError, IndexError) as error:
        raise NotAnOrder("not an order in CSV") from error
