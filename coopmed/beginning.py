"""Commands that begin a real county: its row in the registry, and its first people at each desk."""

from __future__ import annotations

import click

from chassis import clock
from chassis.db import Database, make_engine
from chassis.desks import COUNTY, DESKS, Desk
from chassis.people.installing import FirstPerson, install_first_people
from chassis.settings import Settings, read_settings
from oversight.registry.founding import found_division

STAFF_DESKS = click.Choice([desk.key for desk in DESKS.values() if desk.has_staff])


@click.command("new-county", help="Enter a county and its city in the registry. Running it twice changes nothing.")
@click.option("--code", required=True, help="Six digits (GB/T 2260), such as 410122.")
@click.option("--name", required=True, help="As on its seal: 中牟县.")
@click.option("--english", required=True, help="Zhongmu County.")
@click.option("--city-code", required=True, help="The city's six digits, such as 410100.")
@click.option("--city-name", required=True, help="郑州市.")
@click.option("--city-english", required=True, help="Zhengzhou.")
def new_county(code: str, name: str, english: str, city_code: str, city_name: str, city_english: str) -> None:
    at = clock.now()
    with _database(COUNTY, read_settings()).transaction() as session:
        found_division(
            session, county_code=city_code, city_code=city_code, name_zh=city_name, name_en=city_english, at=at
        )
        is_new = found_division(session, county_code=code, city_code=city_code, name_zh=name, name_en=english, at=at)
    click.echo(f"{name} ({code}) {'was entered' if is_new else 'is there already'}")


@click.command(
    "first-people",
    help="Invite a desk's first four: one administrator, two security officers, one log auditor. Each PERSON is "
    "role:sign-in-name:name, for example administrator:wang.li:王力.",
)
@click.option("--desk", "desk_key", type=STAFF_DESKS, required=True)
@click.option("--county", required=True, help="The county's or the city's six digits.")
@click.option(
    "--address", required=True, help="The site's address that people open, such as https://workspace.example.cn"
)
@click.argument("people", nargs=-1, required=True)
def first_people(desk_key: str, county: str, address: str, people: tuple[str, ...]) -> None:
    desk = DESKS[desk_key]
    persons = [_person(text) for text in people]
    with _database(desk, read_settings()).transaction() as session:
        invited = install_first_people(session, county_code=county, people=persons, at=clock.now())
    click.echo("Hand each address over in person; it opens once.")
    for person, invitation in invited:
        click.echo(f"  {person.role:<18} {person.name}  {address.rstrip('/')}{desk.path}/invitation/{invitation.token}")


def _person(text: str) -> FirstPerson:
    parts = text.split(":")
    if len(parts) != 3 or not all(parts):
        raise click.BadParameter(f"{text!r} is not role:sign-in-name:name")
    role, sign_in_name, name = parts
    return FirstPerson(sign_in_name=sign_in_name, name=name, role=role)


def _database(desk: Desk, settings: Settings) -> Database:
    return Database(desk, make_engine(settings.required(desk.database_setting), schema=desk.schema))
