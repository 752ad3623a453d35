"""Who works in the demo, and the members who have chosen a PIN. Everyone's password is one sentence, said openly."""

from __future__ import annotations

from dataclasses import dataclass, field

from demo.county import CITY, COUNTY, OTHER_COUNTY, Person, demo_county

PASSPHRASE = "coopmed-demo-2026"  # noqa: S105 – printed at every start of the demo
PINS = ("258013", "640927", "917350")


@dataclass(frozen=True)
class DemoPerson:
    desk: str
    county_code: str
    sign_in_name: str
    name: str
    roles: tuple[str, ...]
    scopes: dict[str, str] = field(default_factory=dict)
    """What a role is limited to, by role."""

    @property
    def password(self) -> str:
        return PASSPHRASE


def _of(desk: str, county_code: str, *people: tuple[str, str, str]) -> tuple[DemoPerson, ...]:
    return tuple(DemoPerson(desk, county_code, sign_in, name, (role,)) for sign_in, name, role in people)


FIRST_COUNTY = (
    *_of(
        "contractor",
        COUNTY,
        ("intake", "周小雨", "intake"),
        ("reviewer", "韩梅", "reviewer"),
        ("reviewer2", "何静", "reviewer"),
        ("senior", "罗建平", "senior"),
        ("cashier", "钱进", "cashier"),
        ("checker", "沈一丹", "checker"),
        ("lead", "方志远", "lead"),
        ("admin", "严守中", "administrator"),
        ("security", "安宁", "security_officer"),
        ("security2", "秦岭", "security_officer"),
        ("logs", "简明", "log_auditor"),
    ),
    DemoPerson("contractor", COUNTY, "hospital", "白玉", ("institution",), {"institution": "990121001"}),
    DemoPerson("contractor", COUNTY, "township", "马兰", ("township",), {"township": "990121101"}),
    *_of(
        "county",
        COUNTY,
        ("registrar", "丁一清", "registrar"),
        ("officer", "许正", "officer"),
        ("auditor", "查明", "auditor"),
        ("director", "高远", "director"),
        ("civil", "温良", "civil_affairs"),
        ("audit-bureau", "申平", "audit_bureau"),
        ("regulator", "江晏", "insurance_regulator"),
        ("admin", "石磊", "administrator"),
        ("security", "卫国", "security_officer"),
        ("security2", "方圆", "security_officer"),
        ("logs", "史册", "log_auditor"),
    ),
    DemoPerson("county", COUNTY, "appraiser", "孔度", ("appraiser",), {"appraiser": "health"}),
    *_of(
        "finance",
        COUNTY,
        ("finance", "金穗", "finance_officer"),
        ("finance-head", "库银", "finance_head"),
        ("admin", "田野", "administrator"),
        ("security", "关山", "security_officer"),
        ("security2", "凌云", "security_officer"),
        ("logs", "文录", "log_auditor"),
    ),
)
CITY_PEOPLE = _of("county", CITY, ("city", "顾全", "city"))
OTHER_PEOPLE = (
    *_of("contractor", OTHER_COUNTY, ("reviewer-liuxi", "柳青", "reviewer")),
    *_of(
        "county",
        OTHER_COUNTY,
        ("registrar-liuxi", "溪畔", "registrar"),
        ("officer-liuxi", "林下", "officer"),
        ("auditor-liuxi", "审言", "auditor"),
        ("director-liuxi", "舒同", "director"),
    ),
    *_of("finance", OTHER_COUNTY, ("finance-liuxi", "银河", "finance_officer")),
)
STAFF = (*FIRST_COUNTY, *CITY_PEOPLE, *OTHER_PEOPLE)


def staff_of(desk: str) -> dict[str, list[DemoPerson]]:
    """The demo's people of one desk, by county or city."""
    found: dict[str, list[DemoPerson]] = {}
    for person in STAFF:
        if person.desk == desk:
            found.setdefault(person.county_code, []).append(person)
    return found


def members_with_pin() -> list[tuple[Person, str]]:
    """The heads of the first three households, each with a PIN; the first is the old man of the design's pictures."""
    heads = [family.people[0] for family in demo_county().families[: len(PINS)]]
    return list(zip(heads, PINS, strict=True))
