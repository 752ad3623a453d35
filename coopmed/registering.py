"""`python -m coopmed import-registry`: what the portal's import page does, from the server's command line."""

from __future__ import annotations

from pathlib import Path

import click

from chassis import clock
from chassis.db import Database, make_engine
from chassis.desks import COUNTY
from chassis.reading.faults import FileRefused
from chassis.settings import read_settings
from chassis.vault.keys import load_keys
from oversight.registry.imports.importing import plan_file, take_in
from oversight.registry.imports.kinds import KINDS
from oversight.registry.plans import Plan

MOST_SHOWN = 20


@click.command(
    "import-registry",
    help="Take a CSV or xlsx FILE into a county's registry, the whole of it or nothing. A file that was taken in "
    "before changes nothing. KIND is one of: " + ", ".join(KINDS) + ".",
)
@click.argument("kind", type=click.Choice(list(KINDS)), metavar="KIND")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--county", required=True, help="The county's six digits.")
@click.option("--dry-run", is_flag=True, help="Say what it would change, and change nothing.")
def import_registry(kind: str, file: Path, county: str, dry_run: bool) -> None:
    settings = read_settings()
    keyring = load_keys(Path(settings.required("key_file")))
    database = Database(COUNTY, make_engine(settings.required("county_database_url"), schema=COUNTY.schema))
    at = clock.now()
    try:
        with database.transaction() as session:
            told = {"file_name": file.name, "county_code": county}
            if dry_run:
                plan = plan_file(session, keyring, KINDS[kind], file, on=clock.local_day(at), **told)
            else:
                plan = take_in(session, keyring, KINDS[kind], file, by=None, at=at, **told).plan
    except FileRefused as refusal:
        _tell_faults(refusal)
        raise SystemExit(1) from refusal
    finally:
        database.engine.dispose()
    _tell(plan, done=not dry_run)


def _tell(plan: Plan, *, done: bool) -> None:
    said = "taken in" if done else "nothing is written; it would be"
    click.echo(f"{said}: {plan.added} added, {plan.changed} changed, {plan.same} the same")
    for change in plan.changes[:MOST_SHOWN]:
        click.echo(f"  row {change.row} {change.subject} {change.column}: {change.old or '–'} → {change.new or '–'}")
    _tell_rest(len(plan.changes))
    for notice in plan.notices.listed[:MOST_SHOWN]:
        click.echo(f"  look at row {notice.row} {notice.column}: {notice.reason} {notice.found}")
    _tell_rest(plan.notices.count)


def _tell_faults(refusal: FileRefused) -> None:
    click.echo(f"refused, and nothing is changed: {refusal.fault_count} faults", err=True)
    for fault in refusal.faults[:MOST_SHOWN]:
        where = f"row {fault.row} {fault.column}".rstrip() if fault.row else "the file"
        expected = f", expected {fault.expected}" if fault.expected else ""
        found = f", found {fault.found}" if fault.found else ""
        click.echo(f"  {where}: {fault.reason}{expected}{found}", err=True)
    if refusal.fault_count > MOST_SHOWN:
        click.echo(f"  … and {refusal.fault_count - MOST_SHOWN} more", err=True)


def _tell_rest(count: int) -> None:
    if count > MOST_SHOWN:
        click.echo(f"  … and {count - MOST_SHOWN} more")
