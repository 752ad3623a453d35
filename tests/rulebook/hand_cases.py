"""Reads `hand_cases.txt`, the table of cases worked by hand."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from rulebook.schedule import FOLDER

HERE = Path(__file__).parent
STATUS = {"member": 0, "poor": 1, "five": 2}
FOLDERS = {
    "balin_zuoqi": FOLDER / "balin_zuoqi",
    "zhengzhou": FOLDER / "zhengzhou",
    "river_county": HERE / "schedules" / "river_county",
}


@dataclass(frozen=True)
class HandCase:
    scheme: str
    article: str
    line: int
    rows: list[dict]
    expected: list[tuple[int, ...]]
    reasons: list[str]

    def __str__(self) -> str:
        return f"line {self.line}, {self.scheme}: {self.article}"


def fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)


def read_cases() -> list[HandCase]:
    cases: list[HandCase] = []
    for number, line in enumerate((HERE / "hand_cases.txt").read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("=="):
            scheme, article = (part.strip() for part in line[2:].split("|"))
            cases.append(HandCase(scheme, article, number, [], [], []))
        elif line and not line.startswith(("#", "stay")):
            _read_row(cases[-1], line)
    return cases


def _read_row(case: HandCase, line: str) -> None:
    happened, paid, why = (part.strip() for part in line.split("|"))
    if happened.startswith("reverses"):
        _, named, no, *rest = happened.split()
        before = case.rows[int(named) - 1]
        stay, reverses = f"{before['admitted_on']}>{before['discharged_on']}", before["settlement_id"]
    else:
        stay, no, *rest = happened.split()
        reverses = 0
    tier, status, sup, *amounts = rest
    days, statuses = stay.split(">"), status.split(">")
    cost, *classes = (fen(amount) for amount in amounts)
    case.rows.append(
        {
            "settlement_id": len(case.rows) + 1,
            "reverses_settlement_id": reverses,
            "member_id": 7,
            "settlement_no": int(no),
            "admitted_on": date.fromisoformat(days[0]),
            "discharged_on": date.fromisoformat(days[-1]),
            "tier": int(tier),
            "status_on_admission": STATUS[statuses[0]],
            "status_on_discharge": STATUS[statuses[-1]],
            "is_supplemented": int(sup == "yes"),
            "cost_fen": cost,
            "class_a_fen": classes[0],
            "class_b_fen": classes[1],
            "class_c_fen": classes[2],
        }
    )
    case.expected.append(tuple(fen(amount) for amount in paid.split()))
    case.reasons.append(why)
