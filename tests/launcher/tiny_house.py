"""A house small enough to start in a second: one-page sites, workers that only wait, a table with one row a run.

It stands where the real applications stand, so that tests watch the launcher and nothing else. As a module it answers
`prepare`, `worker`, `sweeper`, `demo-sign-ins`, `demo-county`; as `python -m tests.launcher.tiny_house run FOLDER` it
is a house.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

MODULE = "tests.launcher.tiny_house"


def app(environ, start_response):
    if environ["PATH_INFO"] == "/environment":
        body = json.dumps({name: value for name, value in os.environ.items() if name.startswith("COOPMED_")})
    elif environ["PATH_INFO"] == "/scheme":
        body = environ["wsgi.url_scheme"]
    elif environ["PATH_INFO"] == "/slow":
        Path(os.environ["COOPMED_DATA_DIR"], "asked").touch()
        time.sleep(1)
        body = "paid"
    else:
        body = f"{os.environ['COOPMED_SITE']} {os.getpid()}"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [body.encode()]


def tiny_plan(app_name: str = "app", *names: str):
    """All three sites, or those named."""
    from chassis.launcher.plan import SITES, Plan, Site

    chosen = [site for site in SITES if not names or site.name in names]
    sites = tuple(Site(site.name, f"{MODULE}:{app_name}", site.port + 700, site.connections) for site in chosen)
    # A killed process loses nothing the kernel has; only a power cut would need the disk's word.
    has_demo = bool(os.environ.get("TINY_DEMO_COUNTY"))
    return Plan(sites=sites, module=MODULE, postgres_options={"fsync": "off"}, has_demo_county=has_demo)


def note_end(part: str) -> None:
    """One line in `ends`: which part ends, and whether both servers still answer it."""
    import psycopg
    import redis

    own = next(value for name, value in os.environ.items() if name.endswith("_DATABASE_URL"))
    try:
        psycopg.connect(own).close()
        postgres = "up"
    except psycopg.OperationalError as error:
        # The roles of this house have no grants; being asked and refused by the server is an answer.
        postgres = "up" if "FATAL" in str(error) else "down"
    try:
        valkey = "up" if redis.Redis.from_url(os.environ["COOPMED_REDIS_URL"]).ping() else "down"
    except redis.ConnectionError:
        valkey = "down"
    with Path(os.environ["COOPMED_DATA_DIR"], "ends").open("a") as ends:
        ends.write(f"{part} postgres={postgres} valkey={valkey}\n")


if os.environ.get("TINY_NOTES_ENDS") and "COOPMED_SITE" in os.environ and __name__ != "__main__":
    atexit.register(note_end, "web")


def main(act: str, *rest: str) -> None:
    if act == "run":
        from chassis.launcher.house import run_house

        sys.exit(run_house(Path(rest[0]), tiny_plan(*rest[1:])))
    if act == "prepare":
        if os.environ.get("TINY_CANNOT_PREPARE"):
            sys.exit("the county's schedule of 2031 is unreadable")
        import psycopg

        with psycopg.connect(os.environ["COOPMED_OWNER_DATABASE_URL"]) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS runs (n int)")
            connection.execute("INSERT INTO runs VALUES (1)")
    elif act == "demo-county":
        print("county of twenty thousand: 1 ÷ 2", flush=True)
        if os.environ["TINY_DEMO_COUNTY"] == "hangs":
            time.sleep(600)
        sys.exit("the county is in disorder" if os.environ["TINY_DEMO_COUNTY"] == "fails" else 0)
    elif act == "demo-sign-ins":
        print("sign in as anybody")
    elif act in ("worker", "sweeper"):
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        print(f"WARNING {rest[0]} {act} is here", flush=True)
        stop.wait()
        if os.environ.get("TINY_NOTES_ENDS"):
            note_end(act)


if __name__ == "__main__":
    main(*sys.argv[1:])
