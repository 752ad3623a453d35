"""How fast a file is taken in and how long it will yet take, from what its worker noted last."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from contractor.claims.uploads.tables import WAITING, ClaimUpload


class Pace(NamedTuple):
    """Of either, None before there is anything to tell it from."""

    claims_a_second: int | None
    seconds_left: int | None


def pace_of(upload: ClaimUpload, *, at: dt.datetime) -> Pace:
    if upload.begun_at is None or not upload.claims_seen:
        return Pace(None, None)
    seconds = ((upload.finished_at or at) - upload.begun_at).total_seconds()
    rate = round(upload.claims_seen / seconds) if seconds >= 1 else None
    if upload.state != WAITING or not upload.read_ppm or seconds < 1:
        return Pace(rate, None)
    return Pace(rate, round(seconds * (1_000_000 - upload.read_ppm) / upload.read_ppm))
