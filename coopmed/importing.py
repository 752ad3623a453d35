"""`python -m coopmed import-claims`: a file of claims into a county, the whole of it or nothing."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import click

from chassis import clock
from chassis.desks import CONTRACTOR
from chassis.errors import Refusal
from chassis.house import open_house
from chassis.reading.faults import FileRefused
from chassis.settings import read_settings
from contractor.claims.asking import ask_to_assess
from contractor.claims.doors.controls import ControlTotals
from contractor.claims.doors.sent import read_sent
from contractor.claims.intake import FileTaken, take_in_file

MOST_SHOWN = 20
PIECE = 1 << 20


class DryRun(Exception):
    """Nothing is kept of what was tried."""

    def __init__(self, taken: FileTaken) -> None:
        super().__init__("dry run")
        self.taken = taken


@click.command(
    "import-claims",
    help="Take a FILE of claims into a county: the exchange format (CSV, xlsx, JSON) or FHIR R4. The whole file or "
    "nothing of it; the same file twice is refused. A worker assesses the claims afterwards.",
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--county", required=True, help="The county's six digits.")
@click.option("--claims", "claim_count", type=click.IntRange(min=1), help="How many claims the sender says it holds.")
@click.option("--dry-run", is_flag=True, help="Check all of it against the registry, and keep nothing.")
def import_claims(file: Path, county: str, claim_count: int | None, dry_run: bool) -> None:
    house = open_house(read_settings(), CONTRACTOR.site)
    at = clock.now()
    try:
        taken = _take_in(house, file, county, claim_count, dry_run, at)
    except DryRun as tried:
        click.echo(f"nothing is kept; it would be taken in: {_told(tried.taken)}")
    except FileRefused as refusal:
        _tell_faults(refusal)
        raise SystemExit(1) from refusal
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    else:
        click.echo(f"taken in as file {taken.file_id}: {_told(taken)}; a worker assesses it now")
    finally:
        house.close()


def _take_in(house, file: Path, county: str, claim_count: int | None, dry_run: bool, at) -> FileTaken:
    told = ControlTotals(claim_count=claim_count) if claim_count else None
    with house.database(CONTRACTOR).transaction() as session:
        taken = take_in_file(
            session,
            read_sent(file, file_name=file.name, told=told).batches,
            county_code=county,
            door="cli",
            file_name=file.name,
            sha256=_sha256(file),
            byte_count=file.stat().st_size,
            at=at,
            on=clock.local_day(at),
            by=None,
            keyring=house.keyring,
            told=_progress(claim_count),
        )
        if dry_run:
            raise DryRun(taken)
        ask_to_assess(session, county, taken.file_id, at=at)
    return taken


def _sha256(file: Path) -> bytes:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(PIECE):
            digest.update(piece)
    return digest.digest()


def _progress(claim_count: int | None) -> Callable[[int], None]:
    """A line after each batch: how many, how fast, and how long yet where the sender said how many there are."""
    started = time.monotonic()

    def tell(claims: int) -> None:
        rate = claims / max(time.monotonic() - started, 0.001)
        left = f", about {max(claim_count - claims, 0) / max(rate, 0.001):,.0f} s left" if claim_count else ""
        click.echo(f"  {claims:,} claims, {rate:,.0f} a second{left}", err=True)

    return tell


def _told(taken: FileTaken) -> str:
    yuan = f"{taken.charged_fen // 100:,}.{taken.charged_fen % 100:02d}"
    return f"{len(taken.claim_ids):,} claims, {taken.line_count:,} lines, {yuan} yuan charged"


def _tell_faults(refusal: FileRefused) -> None:
    click.echo(f"refused, and nothing is taken in: {refusal.fault_count} faults", err=True)
    for fault in refusal.faults[:MOST_SHOWN]:
        where = f"row {fault.row} {fault.column}".rstrip() if fault.row else "the file"
        expected = f", expected {fault.expected}" if fault.expected else ""
        found = f", found {fault.found}" if fault.found else ""
        click.echo(f"  {where}: {fault.reason}{expected}{found}", err=True)
    if refusal.fault_count > MOST_SHOWN:
        click.echo(f"  … and {refusal.fault_count - MOST_SHOWN} more", err=True)
