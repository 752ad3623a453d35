"""A process's part of the house: its settings, its desks' databases, the doorbell and the keys it may use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import redis

from chassis.db import Database, make_engine
from chassis.desks import Desk, desks_of
from chassis.operations import logs
from chassis.queue.doorbell import Doorbell, hang
from chassis.settings import Settings
from chassis.vault.keys import Keyring, load_keys


@dataclass
class House:
    settings: Settings
    site: str
    databases: dict[str, Database]

    @cached_property
    def keyring(self) -> Keyring:
        return load_keys(Path(self.settings.required("key_file")))

    @cached_property
    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(
            self.settings.required("redis_url"),
            socket_timeout=2,
            socket_connect_timeout=2,
            health_check_interval=30,
        )

    def database(self, desk: Desk) -> Database:
        return self.databases[desk.key]

    def close(self) -> None:
        for database in self.databases.values():
            database.engine.dispose()


def open_house(settings: Settings, site: str) -> House:
    """The house as one site's processes see it: only that site's desks, each as its own database role.

    From here on the process logs through the one chain that lets no number of a person pass.
    """
    databases = {
        desk.key: Database(
            desk,
            make_engine(settings.required(desk.database_setting), schema=desk.schema, application=f"coopmed {site}"),
        )
        for desk in desks_of(site)
    }
    if settings.redis_url:
        doorbell = Doorbell(settings.redis_url)
        for database in databases.values():
            hang(database, doorbell)
    house = House(settings=settings, site=site, databases=databases)
    logs.configure(site, house.keyring)
    return house
