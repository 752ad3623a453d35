"""Is a restored house whole: every chain of its trail, link by link, before anybody signs in."""

from __future__ import annotations

import json
from pathlib import Path

from chassis.db import Database, make_engine
from chassis.desks import SITES, desks_of
from chassis.house import House
from chassis.launcher.keepsakes import secrets_folder
from chassis.launcher.postgres import PostgresServer
from chassis.operations.backup.restoring import DATABASE
from chassis.settings import read_settings
from chassis.trail.verdicts import Verdict
from chassis.trail.verification import verify_all


def verify_restored(folder: Path) -> list[Verdict]:
    """Start the restored server alone, check, and stop it again. A verdict for each chain, in order."""
    server = PostgresServer(folder / "postgres")
    passwords = json.loads((secrets_folder(folder) / "role_passwords.json").read_text(encoding="utf-8"))
    verdicts: dict[tuple[str, str, str], Verdict] = {}
    server.start()
    try:
        for site in SITES:
            house = House(
                settings=read_settings({"COOPMED_ENVIRONMENT": "test"}),
                site=site,
                databases={
                    desk.key: Database(
                        desk,
                        make_engine(
                            server.url(desk.database_role, DATABASE, passwords[desk.database_role]), schema=desk.schema
                        ),
                    )
                    for desk in desks_of(site)
                },
            )
            for verdict in verify_all(house):
                chain = (verdict.schema, verdict.county_code, verdict.stream)
                known = verdicts.get(chain)
                # A desk that sees only another's head has counted nothing; the one that reads it all has the word.
                if known is None or verdict.rows > known.rows or not verdict.ok:
                    verdicts[chain] = verdict
            house.close()
    finally:
        server.stop()
    return [verdicts[chain] for chain in sorted(verdicts)]
