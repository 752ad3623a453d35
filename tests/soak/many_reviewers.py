"""A11 at length: sixty-four reviewers at ten thousand claims, with people who give claims back and who walk away."""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.trail import migrated_database
from tests.claims.making import make_world
from tests.review.crowd import desk_for, waiting_claims, what_stands, work
from tests.soak.record import Result

NAME = "many-reviewers"
DESCRIPTION = (
    "Many reviewers at one queue: each takes the next claim and decides it, gives it back, or walks away from it and "
    "comes back when another has decided it (A11)."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, default=64)
    parser.add_argument("--claims", type=int, default=10_000)


def run(args: argparse.Namespace) -> Result:
    with migrated_database() as database, TemporaryDirectory() as folder:
        world = make_world(database, Path(folder), members=200)
        waiting_claims(database, world, args.claims)
        desk = desk_for(database)
        told = work(desk, args.people, seed=args.seed)
        stands = what_stands(desk)
        desk.engine.dispose()
    counts = {
        "reviewers": args.people,
        "claims": args.claims,
        "claims handed out": told.counts["handed"],
        "decided": stands["rejected"],
        "decided twice": stands["decided_twice"],
        "skipped": stands["skipped"],
        "handed to two people at once": told.handed_twice,
        "decisions refused because another was first": told.counts["collided"],
        "given back": told.counts["given back"],
        "left lying": told.counts["left lying"],
        "came back when another had decided, and were told": told.counts["came back too late"],
    }
    faults = list(told.unexpected[:20])
    for what in (
        "decided twice",
        "skipped",
        "handed to two people at once",
        "decisions refused because another was first",
    ):
        if counts[what]:
            faults.append(f"{what}: {counts[what]}")
    if not (stands["rejected"] == stands["told"] == args.claims == len(told.decided)):
        faults.append("claims, decisions, what reviewers believe and the trail do not agree")
    if stands["taken_up"] != told.counts["handed"]:
        faults.append("a claim was taken up that nobody was handed")
    remarks = [
        "Each reviewer is a thread; they share 16 connections, as at a few web processes.",
        "The suite runs 16 reviewers on 2,000 claims, and the same crowd on a queue that looks first and takes "
        "afterwards, where claims are seen to go to two people.",
    ]
    return Result(counts, faults, remarks)
