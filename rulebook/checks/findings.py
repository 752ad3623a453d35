"""What a check finds, how grave it is, and how findings add up to one alert score."""

from collections.abc import Iterable
from typing import NamedTuple

from rulebook.money import PPM

# How likely the trade takes a finding of each severity to be a fault: the score's p in CLAIM_RULES "Scoring".
SEVERITIES = {"C": 900_000, "H": 600_000, "M": 300_000, "L": 100_000}
# A refusing finding decides by the registry alone; a waiting one sends the claim to a person; a telling one informs.
EFFECTS = ("refuses", "waits", "tells")


class Finding(NamedTuple):
    """One finding. `line_no` and `other_claim_id` are 0 where it speaks of none."""

    rule: str
    claim_row: int
    expected: str
    found: str
    line_no: int = 0
    other_claim_id: int = 0


def alert_ppm(severities: Iterable[str]) -> int:
    """The score of a claim: 1 - product of (1 - p), in parts per million, rounded down at each step."""
    left = PPM
    for severity in severities:
        left = left * (PPM - SEVERITIES[severity]) // PPM
    return PPM - left
