"""`coopmed keys`: the key file's commands. They print ids and purposes, never a key."""

from __future__ import annotations

from pathlib import Path

import click

from chassis.vault import keys
from chassis.vault.key_file import read_key_file
from chassis.vault.refusals import KeyFileRefused

KINDS = click.Choice([keys.SEALING, keys.INDEX])


@click.group("keys")
@click.option(
    "--file",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="COOPMED_KEY_FILE",
    required=True,
    help="The key file (COOPMED_KEY_FILE).",
)
@click.pass_context
def keys_command(context: click.Context, path: Path) -> None:
    """Create, add, rotate, rewrap and list the vault's keys."""
    context.obj = path


@keys_command.command()
@click.pass_obj
def create(path: Path) -> None:
    """A new key file with a key for every purpose. Refused when there is one already."""
    if path.exists():
        raise click.ClickException(f"{path} exists; it is never replaced.")
    _said(keys.ensure_key_file, path)
    click.echo(f"{path} made. Back it up apart from the database: what a lost key sealed is lost.")


@keys_command.command()
@click.argument("purpose")
@click.option("--kind", type=KINDS, default=keys.SEALING)
@click.option("--algorithm", help="aes-256-gcm or sm4-gcm; hmac-sha-256 or hmac-sm3.")
@click.pass_obj
def add(path: Path, purpose: str, kind: str, algorithm: str | None) -> None:
    """The first key of a new purpose."""
    click.echo(f"{purpose}: {_said(keys.add_purpose, path, purpose, kind=kind, algorithm=algorithm)}")


@keys_command.command()
@click.argument("purpose")
@click.option("--kind", type=KINDS, default=keys.SEALING)
@click.option("--algorithm", help="Change the algorithm with this key; otherwise it stays.")
@click.pass_obj
def rotate(path: Path, purpose: str, kind: str, algorithm: str | None) -> None:
    """A new key for a purpose; the old ones still open what they sealed."""
    click.echo(f"{purpose}: {_said(keys.rotate, path, purpose, kind=kind, algorithm=algorithm)}")


@keys_command.command()
@click.pass_obj
def rewrap(path: Path) -> None:
    """A new key-encryption key around the same data keys."""
    click.echo(f"wrapped by {_said(keys.rewrap, path)}")


@keys_command.command("list")
@click.pass_obj
def list_keys(path: Path) -> None:
    """Ids, purposes, algorithms and days; the newest of a purpose comes last."""
    file = _said(read_key_file, path)
    for kind in (keys.SEALING, keys.INDEX):
        for purpose, of_purpose in sorted(file[kind].items()):
            for key in of_purpose:
                click.echo(f"{kind:8} {purpose:20} {key['id']} {key['algorithm']:13} {key['made_at']}")


def _said(act, *arguments, **options):
    try:
        return act(*arguments, **options)
    except KeyFileRefused as refusal:
        raise click.ClickException(str(refusal)) from None
