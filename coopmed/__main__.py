"""`python -m coopmed COMMAND`. Each command parses, calls one verb and prints what changed."""

from __future__ import annotations

import click

from chassis import clock
from chassis.desks import SITES
from chassis.house import open_house
from chassis.settings import read_settings

SITE = click.Choice(SITES)


@click.group(help="Run, watch and keep the house.")
def main() -> None:
    pass


@main.command(help="Bring the database to the state the code expects; as COOPMED_OWNER_DATABASE_URL.")
def migrate() -> None:
    from migrations.apply import code_head, upgrade

    upgrade(read_settings().required("owner_database_url"))
    click.echo(f"database at revision {code_head()}")


@main.command(help="Work on the tasks of a site until told to stop.")
@click.argument("site", type=SITE)
def worker(site: str) -> None:
    from chassis.queue.worker import main as work

    work(site)


@main.command(help="Ring again for tasks that wait, and post the periodic ones.")
@click.argument("site", type=SITE)
def sweeper(site: str) -> None:
    from chassis.queue.sweeper import main as sweep

    sweep(site)


@main.command("demo-sign-ins", help="Print the demo county's sign-ins.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh")
def demo_sign_ins(language: str) -> None:
    from demo.sign_ins import demo_sign_ins as rows

    for row in rows(language):
        click.echo(f"  {row.site}{row.desk_path:<10} {row.place}  {row.who:<24} {row.name:<20} {row.password}")


@main.command("verify-trail", help="Check every link of the trail; names the rows that were changed.")
@click.argument("site", type=SITE)
def verify_trail(site: str) -> None:
    from chassis.trail.verification import verify_all

    verdicts = verify_all(open_house(read_settings(), site))
    for verdict in verdicts:
        click.echo(str(verdict))
    if not all(verdict.is_whole for verdict in verdicts):
        raise SystemExit(1)


@main.command(help="Roles, migrations and, in the demo, its county: what the launcher does before it opens.")
def prepare() -> None:
    from coopmed.preparing import prepare as run

    for line in run(read_settings(), at=clock.now()):
        click.echo(line)


if __name__ == "__main__":
    main()
