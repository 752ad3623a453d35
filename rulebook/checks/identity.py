"""Whose claim it is: enrolled, alive, of the sex and the age the treatment is for."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rulebook.checks.cards import Card
from rulebook.checks.findings import Finding
from rulebook.checks.frames import Frames
from rulebook.checks.lists import begins, listed


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


def other_sex_or_age(frames: Frames, card: Card) -> Iterator[Finding]:
    """A diagnosis or an item that belongs to the other sex, or a diagnosis to another age."""
    claims, lines = frames.claims, frames.lines
    of_women, of_men = card.words["diagnoses_of_women"], card.words["diagnoses_of_men"]
    for row, (sex, diagnosis) in enumerate(zip(claims["sex"], claims["diagnosis"], strict=True)):
        if diagnosis.startswith(of_women if sex == "male" else of_men):
            yield Finding(card.key, row, f"a diagnosis of a {sex}", diagnosis)
    reserved = frames.items["reserved_sex"]
    for line in np.flatnonzero((reserved != "")[lines["item_row"]]):
        row, item = int(lines["claim_row"][line]), lines["item_row"][line]
        if reserved[item] != claims["sex"][row]:
            expected = f"an item for a {claims['sex'][row]}"
            found = f"{frames.items['item'][item]} for a {reserved[item]}"
            yield Finding(card.key, row, expected, found, line_no=int(lines["line_no"][line]))
    yield from _other_age(frames, card)


def _other_age(frames: Frames, card: Card) -> Iterator[Finding]:
    """What only newborns have, in somebody past childhood; a birth by a child or by an old woman."""
    claims = frames.claims
    years = years_of_age(claims["born_on"], claims["admitted_on"])
    most = card.number("most_years_of_children", claims["decisive_on"])
    least_at_birth = card.number("least_years_of_mothers", claims["decisive_on"])
    most_at_birth = card.number("most_years_of_mothers", claims["decisive_on"])
    of_children, of_mothers = card.words["diagnoses_of_newborns"], card.words["diagnoses_of_mothers"]
    for row in np.flatnonzero((years > most) | (years < least_at_birth) | (years > most_at_birth)):
        diagnosis = claims["diagnosis"][row]
        if years[row] > most[row] and diagnosis.startswith(of_children):
            yield Finding(card.key, int(row), f"{most[row]} years at most for {diagnosis}", f"{years[row]} years")
        elif diagnosis.startswith(of_mothers) and not least_at_birth[row] <= years[row] <= most_at_birth[row]:
            expected = f"{least_at_birth[row]} to {most_at_birth[row]} years for {diagnosis}"
            yield Finding(card.key, int(row), expected, f"{years[row]} years")


def too_young(frames: Frames, card: Card) -> Iterator[Finding]:
    """A procedure of older people on somebody young, but for the diagnoses that call for it at any age."""
    claims = frames.claims
    years = years_of_age(claims["born_on"], claims["admitted_on"])
    rows = listed("ages").rows
    highest = max(row["least_years"] for row in rows.values())
    for claim in np.flatnonzero((years < highest) & card.is_in_force(claims["decisive_on"])):
        procedures, diagnosis = claims["procedures"][claim], claims["diagnosis"][claim]
        for row in rows.values():
            done = [code for code in procedures if begins(code, row["procedures"])]
            if done and years[claim] < row["least_years"] and not begins(diagnosis, row["but_for"]):
                expected = f"{row['least_years']} years at least for {done[0]}"
                yield Finding(card.key, int(claim), expected, f"{years[claim]} years")


def years_of_age(born_on: NDArray[np.datetime64], days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Whole years lived on each of some days."""
    months = days.astype("datetime64[M]").astype(np.int64) - born_on.astype("datetime64[M]").astype(np.int64)
    day_of = (days - days.astype("datetime64[M]")).astype(np.int64)
    birthday = (born_on - born_on.astype("datetime64[M]")).astype(np.int64)
    lived: NDArray[np.int64] = (months - (day_of < birthday)) // 12
    return lived


CHECKS = {"not_enrolled": not_enrolled, "F10": dead, "F12": other_sex_or_age, "F33": too_young}
