"""Who can sign in at the demo, as rows to print. Nothing here reads the database."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.authorisation import matrix
from chassis.desks import DESKS
from demo.county import DIVISIONS
from demo.names import english, pinyin
from demo.people import STAFF, members_with_pin


@dataclass(frozen=True)
class SignIn:
    site: str
    """workspace, portal or claimants."""
    desk_path: str
    """Where on that site: "" or "/finance"."""
    who: str
    place: str
    name: str
    """What to type first: a sign-in name, or a member's card number."""
    password: str


def demo_sign_ins(language: str) -> list[SignIn]:
    """Staff by desk and place, then the members who have a PIN. `language` is zh or en."""
    is_english = language == "en"
    roles = matrix().roles
    places = {code: english(name) if is_english else name for code, _, name, _ in DIVISIONS}
    rows = [
        SignIn(
            site=DESKS[person.desk].site,
            desk_path=DESKS[person.desk].path,
            who=(", " if is_english else "、").join(
                roles[role].en if is_english else roles[role].zh for role in person.roles
            ),
            place=places[person.county_code],
            name=person.sign_in_name,
            password=person.password,
        )
        for person in STAFF
    ]
    for person, pin in members_with_pin():
        who = f"Member {pinyin(person.name).title()}" if is_english else f"参合人{person.name}"
        rows.append(SignIn("claimants", "", who, places[person.card_number[:6]], person.card_number, pin))
    return rows
