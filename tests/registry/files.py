"""Files as a county's clerk sends them, and a small county entered from them: everything comes through the door."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

from sqlalchemy.orm import Session

from chassis.reading.faults import FileRefused
from chassis.vault.bank_accounts import made_up_card_number
from chassis.vault.identity_numbers import made_up_identity_number
from chassis.vault.keyring import Keyring
from oversight.registry.imports.importing import Taken, take_in
from oversight.registry.imports.kinds import KINDS
from oversight.registry.plans import Plan

AT = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 20)
COUNTY = "990121"
CLERK = 900_001
_RNG = random.Random("files of the registry's tests")
BORN = {"1": dt.date(1960, 5, 4), "2": dt.date(1962, 8, 9), "3": dt.date(1990, 1, 31), "4": dt.date(2024, 6, 1)}
NUMBERS = {n: made_up_identity_number(_RNG, "110101", born, n in "13") for n, born in BORN.items()}
SPARE_NUMBER = made_up_identity_number(_RNG, "110101", dt.date(1971, 3, 3), True)
ACCOUNT, OTHER_ACCOUNT = made_up_card_number(_RNG), made_up_card_number(_RNG)

PLACES = """乡镇代码,乡镇名称,村代码,村名称
990121001,河口镇,990121001001,东河村
990121001,河口镇,990121001002,西河村
990121002,马家营乡,990121002001,马家营村
"""
MEMBERS = f"""户号,村代码,卡号,姓名,身份证号,是否户主,电话,收款账户
H001,990121001001,9901210001,陈有福,{NUMBERS["1"]},是,13800001234,{ACCOUNT}
H001,990121001001,9901210002,李秀英,{NUMBERS["2"]},否,,
H001,990121001001,9901210003,陈大山,{NUMBERS["3"]},否,,
H002,990121002001,9901210004,王小妮,{NUMBERS["4"]},是,,
"""
INSTITUTIONS = """机构编码,机构名称,级别,编制床位,乡镇代码,收款户名,收款账户
990121101,河口镇卫生院,乡级,30,990121001,河口镇卫生院,33001616783050000888
990121201,试验县人民医院,县级,420,,试验县人民医院,33001616783050000999
990100301,省城中心医院,县以上,1600,,,
"""
AGREEMENTS = """机构编码,生效日,失效日,协议文号
990121101,2024-01-01,,试合〔2023〕1号
990121201,2024-01-01,2026-07-01,试合〔2023〕2号
990100301,2024-01-01,,试合〔2023〕3号
"""
ENROLMENT = """卡号,年度,险种,个人缴费,缴费人
9901210001,2025,参合,20.00,本人
9901210001,2026,参合,20.00,本人
9901210001,2026,补充医疗,9.00,本人
9901210002,2026,参合,20.00,本人
9901210003,2026,参合,0.00,民政
9901210004,2026,参合,20.00,本人
"""
STATUSES = """卡号,身份,生效日,失效日,证件文号
9901210003,贫困户,2025-01-01,,扶贫证 0001
"""
DEATHS = """卡号,死亡日期,来源
9901210002,2026-03-05,死亡证明 0001
"""
CATALOGUE = """项目编码,项目名称,类别,项目种类,生效日,失效日,乡级限价,县级限价,县以上限价,限性别
A001,阿莫西林胶囊,甲,药品,2024-01-01,,0.5000,0.5500,0.6000,
B001,头孢曲松钠,乙,药品,2024-01-01,,12.3456,12.3456,12.3456,
C001,产前检查,甲,检查,2024-01-01,,,,,女
"""
REFERRALS = """转诊单号,卡号,转出机构编码,转入机构编码,转诊原因,生效日,失效日
ZZ-0001,9901210001,990121101,990121201,本院无法手术,2026-05-01,2026-06-01
"""
FILES = {
    "places": PLACES,
    "members": MEMBERS,
    "institutions": INSTITUTIONS,
    "agreements": AGREEMENTS,
    "enrolment": ENROLMENT,
    "statuses": STATUSES,
    "deaths": DEATHS,
    "catalogue": CATALOGUE,
    "referrals": REFERRALS,
}


class Clerk:
    """Takes files of a county in, one after another."""

    def __init__(self, session: Session, keyring: Keyring, folder: Path) -> None:
        self.session, self.keyring, self.folder = session, keyring, folder

    def sends(self, kind: str, text: str | None = None, *, at: dt.datetime = AT, county_code: str = COUNTY) -> Taken:
        path = self.folder / f"{kind}.csv"
        path.write_text(FILES[kind] if text is None else text, encoding="utf-8")
        with self.session.begin_nested():
            return take_in(
                self.session,
                self.keyring,
                KINDS[kind],
                path,
                file_name=path.name,
                county_code=county_code,
                by=CLERK,
                at=at,
            )

    def enters_everything(self) -> None:
        for kind in FILES:
            self.sends(kind)

    def is_refused(self, kind: str, text: str, *, at: dt.datetime = AT) -> list[tuple[int, str, str, str, str]]:
        """The faults of a file that must be refused: row, column, expected, found, reason."""
        try:
            self.sends(kind, text, at=at)
        except FileRefused as refusal:
            return [(f.row, f.column, f.expected, f.found, f.reason) for f in refusal.faults]
        raise AssertionError(f"the file of {kind} was taken in")


def counted(plan: Plan) -> tuple[int, int, int]:
    return plan.added, plan.changed, plan.same


def changed(plan: Plan) -> list[tuple[int, str, str, str | None, str | None]]:
    return [(c.row, c.subject, c.column, c.old, c.new) for c in plan.changes]


def with_row(kind: str, row: str) -> str:
    """The header of a kind's file and one row."""
    return FILES[kind].splitlines()[0] + "\n" + row + "\n"
