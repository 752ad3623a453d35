"""A file that was taken in, and deaths that stand and that were withdrawn, in the own county and in another."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from demo import county
from oversight.registry.imports.importing import take_in
from oversight.registry.imports.kinds import KINDS
from oversight.registry.membership.tables import Death
from oversight.registry.tables import Division, Member
from tests.authorisation.objects import OTHER, OWN, Records, UrlValues, makes

NOBODY = 999_999_999


@makes("registry_import", "county")
def imports(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    """One that changed something, beside facts of every kind, so that the pages of the registry have rows to show."""
    if session.get(Division, OWN) is None:
        county.write_divisions(session)

    def of(county_code: str) -> UrlValues:
        _take(session, keyring, "institutions", _institutions(county_code), county_code, at)
        changed = _institutions(county_code).replace(",30", ",45")
        import_id = _take(session, keyring, "institutions", changed, county_code, at)
        members = select(Member.card_number).where(Member.county_code == county_code).order_by(Member.id).limit(1)
        for kind, text in _facts(county_code, session.scalars(members).one()).items():
            _take(session, keyring, kind, text, county_code, at)
        return {"county_code": county_code, "import_id": import_id}

    return Records(own={"": of(OWN)}, other=of(OTHER), nowhere={"county_code": OWN, "import_id": NOBODY})


def _institutions(county_code: str) -> str:
    return f"机构编码,机构名称,级别,编制床位\n{county_code}T01,试验卫生院,乡级,30\n{county_code}T02,试验医院,县级,420\n"


def _facts(county_code: str, card: str) -> dict[str, str]:
    return {
        "agreements": f"机构编码,生效日,失效日,协议文号\n{county_code}T01,2024-01-01,,试验协议\n",
        "catalogue": (
            "项目编码,项目名称,类别,项目种类,生效日,乡级限价,限性别\n"
            "T001,试验项目,甲,药品,2024-01-01,0.1234,\nT002,试验项目,乙,检查,2024-01-01,,女\n"
        ),
        "enrolment": (f"卡号,年度,险种,个人缴费,缴费人\n{card},2026,参合,20.00,本人\n{card},2026,补充医疗,9.00,民政\n"),
        "statuses": f"卡号,身份,生效日,失效日,证件文号\n{card},贫困户,2020-01-01,,试验证件\n",
        "referrals": (
            "转诊单号,卡号,转出机构编码,转入机构编码,转诊原因,生效日,失效日\n"
            f"T{county_code},{card},{county_code}T01,{county_code}T02,试验原因,2026-05-01,2026-06-01\n"
        ),
    }


def _take(session: Session, keyring: Keyring, kind: str, text: str, county_code: str, at: dt.datetime) -> int:
    with TemporaryDirectory(prefix="coopmed-test-") as folder:
        path = Path(folder, f"{kind}.csv")
        path.write_text(text, encoding="utf-8")
        told = {"file_name": path.name, "county_code": county_code, "by": None, "at": at}
        return take_in(session, keyring, KINDS[kind], path, **told).record.id


@makes("death", "county")
def deaths(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    def of(county_code: str, place: int, **withdrawn) -> UrlValues:
        members = select(Member.id).where(Member.county_code == county_code).order_by(Member.id.desc())
        member_id = session.scalars(members.offset(place).limit(1)).one()
        if session.get(Death, (county_code, member_id)) is None:
            told = {"died_on": dt.date(2026, 3, 5), "source": "试验", "recorded_at": at}
            session.add(Death(county_code=county_code, member_id=member_id, **told, **withdrawn))
            session.flush()
        return {"county_code": county_code, "member_id": member_id}

    withdrawn = {"withdrawn_at": at, "withdrawn_by": NOBODY, "withdraw_reason": "试验用的理由"}
    return Records(
        own={"stands": of(OWN, 0), "withdrawn": of(OWN, 1, **withdrawn)},
        other=of(OTHER, 0),
        nowhere={"county_code": OWN, "member_id": NOBODY},
        fields={"reason": "试验用的理由"},
    )
