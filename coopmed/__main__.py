"""`python -m coopmed COMMAND`. Each command parses, calls one verb and prints what changed."""

from __future__ import annotations

from pathlib import Path

import click

from chassis import clock
from chassis.desks import SITES
from chassis.errors import Misconfigured, Refusal
from chassis.house import open_house
from chassis.launcher.errors import CannotStart
from chassis.settings import read_settings
from chassis.trail.verdicts import Verdict
from chassis.vault.cli import keys_command
from coopmed.beginning import first_people, new_county
from coopmed.importing import import_claims
from coopmed.paying import book_money, check_payments, open_payments
from coopmed.registering import import_registry
from coopmed.resealing import reseal_command

SITE = click.Choice(SITES)


class FrontDoor(click.Group):
    """What is wrong with the set-up is said in one sentence, not in a traceback."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except (Misconfigured, CannotStart, Refusal) as reason:
            raise click.ClickException(str(reason)) from reason


@click.group(cls=FrontDoor, help="Run, watch and keep the house.")
def main() -> None:
    pass


def _tell(verdicts: list[Verdict]) -> None:
    """A line a chain; the command fails when one is not whole."""
    for verdict in verdicts:
        found = "whole" if verdict.ok else ", ".join(f"{fault.why} at row {fault.seq}" for fault in verdict.faults)
        click.echo(f"  {verdict.schema} {verdict.county_code} {verdict.stream}: {verdict.rows} entries, {found}")
    if not all(verdict.ok for verdict in verdicts):
        raise SystemExit(1)


@main.command(help="Bring the database to the state the code expects; as COOPMED_OWNER_DATABASE_URL.")
def migrate() -> None:
    from migrations.apply import code_head, upgrade

    upgrade(read_settings().required("owner_database_url"))
    click.echo(f"database at revision {code_head()}")


@main.command(help="Work on the tasks of a site until told to stop.")
@click.argument("site", type=SITE)
def worker(site: str) -> None:
    from chassis.operations.beacon import light_where_set
    from chassis.queue.worker import main as work

    work(site, beside=light_where_set)


@main.command(help="Ring again for tasks that wait, and post the periodic ones.")
@click.argument("site", type=SITE)
def sweeper(site: str) -> None:
    from chassis.operations.beacon import light_where_set
    from chassis.queue.sweeper import main as sweep

    sweep(site, beside=light_where_set)


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

    _tell(verify_all(open_house(read_settings(), site)))


@main.command(help="Roles, migrations and, in the demo, its county: what the launcher does before it opens.")
def prepare() -> None:
    from coopmed.preparing import prepare as run

    for line in run(read_settings(), at=clock.now()):
        click.echo(line)


@main.command("demo-county", help="Bring in what is missing of the demo county: people, registry, claims, payments.")
def demo_county() -> None:
    from coopmed.preparing import bring_in_demo_county as run

    run(read_settings(), at=clock.now(), told=click.echo)


@main.command("demo-key", help="Print what is planted in the demo's claims, for whoever tries the checks.")
def demo_key() -> None:
    from demo.key import key_as_csv

    click.echo(key_as_csv().decode("utf-8-sig"), nl=False)


@main.command(help="Is the house in this folder running, and does every site answer?")
@click.option("--folder", type=click.Path(path_type=Path), default=Path(".coopmed/demo"), help="The house's folder.")
def status(folder: Path) -> None:
    from chassis.launcher.housekeeping import tell_status

    raise SystemExit(tell_status(folder.resolve()))


@main.command(help="Back up a running house: database, WAL, documents; its keys into a folder of their own.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path(".coopmed/demo"), help="The house's folder.")
@click.option("--into", type=click.Path(path_type=Path), required=True, help="Where backups are kept.")
@click.option("--keys-into", type=click.Path(path_type=Path), required=True, help="Another place, for the keys.")
def backup(folder: Path, into: Path, keys_into: Path) -> None:
    from chassis.operations.backup.house_folder import source_of
    from chassis.operations.backup.taking import take

    taken = take(source_of(folder.resolve()), into.resolve(), keys_into.resolve(), at=clock.now(), say=click.echo)
    click.echo(f"backup {taken.name} is finished: {taken}. Move its keys to another medium.")


@main.command(help="Restore a house into an empty folder, as it was at a moment, and check every link of its trail.")
@click.option("--from", "store", type=click.Path(path_type=Path), required=True, help="Where backups are kept.")
@click.option("--to", "moment", required=True, help="2026-11-21T14:30:00+08:00, or `latest`.")
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="The new house's folder; empty.")
@click.option("--keys", type=click.Path(path_type=Path), help="Where the backup's keys are, if they were moved.")
@click.option("--wal", type=click.Path(path_type=Path), help="Where the WAL archive is, if it was moved.")
def restore(store: Path, moment: str, folder: Path, keys: Path | None, wal: Path | None) -> None:
    from chassis.operations.backup.restoring import parse_moment
    from chassis.operations.backup.restoring import restore as run
    from chassis.operations.backup.verifying import verify_restored

    now = clock.now()
    to = parse_moment(moment, now=now)
    done = run(store.resolve(), folder.resolve(), to=to, now=now, keys=keys, wal_archive=wal, say=click.echo)
    click.echo(f"restored from {done.backup.name}, last transaction at {done.reached_at}, revision {done.revision}")
    verdicts = verify_restored(done.folder)
    _tell(verdicts)
    click.echo(f"every chain is whole. Run it: python3 dev.py run --folder {done.folder}")


main.add_command(keys_command, "keys")
main.add_command(reseal_command)
main.add_command(new_county)
main.add_command(first_people)
main.add_command(import_claims)
main.add_command(import_registry)
main.add_command(open_payments)
main.add_command(book_money)
main.add_command(check_payments)


if __name__ == "__main__":
    main()
