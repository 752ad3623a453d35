"""`python -m coopmed COMMAND`. Each command parses, calls one verb and prints what changed."""

from __future__ import annotations

from pathlib import Path

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
    from coopmed.tasks import register_all

    register_all()
    from chassis.queue.worker import main as work

    work(site)


@main.command(help="Ring again for tasks that wait, and post the periodic ones.")
@click.argument("site", type=SITE)
def sweeper(site: str) -> None:
    from coopmed.tasks import register_all

    register_all()
    from chassis.queue.sweeper import main as sweep

    sweep(site)


@main.command("demo-sign-ins", help="Print the demo county's sign-ins.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh")
def demo_sign_ins(language: str) -> None:
    from demo import demo_sign_ins as rows

    for row in rows(language):
        click.echo("  ".join(str(cell) for cell in row))


@main.command("verify-trail", help="Check every link of the trail; names the rows that were changed.")
@click.argument("site", type=SITE)
def verify_trail(site: str) -> None:
    from chassis.trail.verification import verify_all

    verdicts = verify_all(open_house(read_settings(), site))
    for verdict in verdicts:
        click.echo(str(verdict))
    if not all(verdict.is_whole for verdict in verdicts):
        raise SystemExit(1)


@main.command(help="Fill an empty database with the demo county. For the demo only.")
@click.option("--roles/--no-roles", default=True, help="Set up roles and passwords first (embedded server).")
def prepare(roles: bool) -> None:
    from coopmed.preparing import prepare as run

    for line in run(read_settings(), at=clock.now(), here=Path.cwd(), with_roles=roles):
        click.echo(line)


if __name__ == "__main__":
    main()
