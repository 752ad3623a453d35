"""Doors of the sites: bound by the launcher and handed down, so that a site that restarts never loses its own."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Mapping, Sequence

from chassis.launcher.errors import CannotStart
from chassis.launcher.plan import Site


def open_doors(sites: Sequence[Site], env: Mapping[str, str]) -> dict[str, socket.socket]:
    """A listening socket per site: the port the variable names or nothing; else its usual port or the next free one."""
    host = env.get("COOPMED_HOST") or "127.0.0.1"
    doors: dict[str, socket.socket] = {}
    try:
        # Ports that were asked for come first, so that no other site slips into them.
        for site in sorted(sites, key=lambda site: not env.get(site.port_variable)):
            wanted = env.get(site.port_variable)
            doors[site.name] = _exactly(host, wanted, site) if wanted else _next_free(host, site, sites)
    except BaseException:
        for door in doors.values():
            door.close()
        raise
    return doors


def address_of(door: socket.socket) -> str:
    host, port = door.getsockname()[:2]
    # 0.0.0.0 means every address of this machine; a person can open only one of them. Browsers let a security key sign
    # for a name only, so this machine is called by its name.
    return f"http://{'localhost' if host in ('0.0.0.0', '127.0.0.1') else host}:{port}"  # noqa: S104


def _exactly(host: str, wanted: str, site: Site) -> socket.socket:
    if not wanted.isdigit() or not 0 < int(wanted) < 65536:
        raise CannotStart(f"{site.port_variable} is {wanted!r}; expected a port number from 1 to 65535.")
    try:
        return _bind(host, int(wanted))
    except OSError as error:
        raise CannotStart(
            f"{site.port_variable} asks for port {wanted}, which cannot be used ({error.strerror}). "
            "Free it, name another, or leave the variable out: the next free port is then taken."
        ) from error


def _next_free(host: str, site: Site, sites: Sequence[Site]) -> socket.socket:
    others = {other.port for other in sites if other is not site}
    for port in range(site.port, site.port + 200):
        if port in others:
            continue
        try:
            return _bind(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotStart(f"Port {port} of {host} cannot be used: {error.strerror}.") from error
    raise CannotStart(f"No free port for the {site.name} from {site.port} to {site.port + 199}.")


def _bind(host: str, port: int) -> socket.socket:
    door = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        # A port whose last connections are still winding down may be taken again at once.
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))
        door.listen(2048)
        os.set_inheritable(door.fileno(), False)
    except OSError:
        door.close()
        raise
    return door
