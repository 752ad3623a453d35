"""Whose claim it is: enrolled, alive, of the sex the treatment is for."""

from collections.abc import Iterator

import numpy as np

from rulebook.checks.cards import Card
from rulebook.checks.findings import Finding
from rulebook.checks.frames import Frames


def not_enrolled(frames: Frames, card: Card) -> Iterator[Finding]:
    """Only who is enrolled on the day that decides is compensated."""
    claims = frames.claims
    for row in np.flatnonzero(~claims["is_enrolled"] & claims["has_law"]):
        yield Finding(card.key, int(row), f"enrolled on {claims['decisive_on'][row]}", "not enrolled")


def dead(frames: Frames, card: Card) -> Iterator[Finding]:
    """Admitted after the day of death. The day itself may be the last admission of a life."""
    claims = frames.claims
    for row in np.flatnonzero(claims["admitted_on"] > claims["died_on"]):
        died, admitted = claims["died_on"][row], claims["admitted_on"][row]
        yield Finding(card.key, int(row), f"alive on {admitted}", f"died on {died}")


def other_sex(frames: Frames, card: Card) -> Iterator[Finding]:
    """A diagnosis or an item that belongs to the other sex."""
    claims, lines = frames.claims, frames.lines
    of_women, of_men = card.words["diagnoses_of_women"], card.words["diagnoses_of_men"]
    for row, (sex, diagnosis) in enumerate(zip(claims["sex"], claims["diagnosis"], strict=True)):
        if diagnosis.startswith(of_women if sex == "male" else of_men):
            yield Finding(card.key, row, f"a diagnosis of a {sex}", diagnosis)
    reserved = lines["reserved_sex"]
    for line in np.flatnonzero(reserved != ""):
        row = int(lines["claim_row"][line])
        if reserved[line] != claims["sex"][row]:
            expected, found = f"an item for a {claims['sex'][row]}", f"{lines['item'][line]} for a {reserved[line]}"
            yield Finding(card.key, row, expected, found, line_no=int(lines["line_no"][line]))


CHECKS = {"not_enrolled": not_enrolled, "F10": dead, "F12": other_sex}
