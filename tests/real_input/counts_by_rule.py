"""How many claims of all eleven samples each check names, without a database between; and why."""

from __future__ import annotations

from dataclasses import replace

from rulebook.checks import CHECKS, YEAR_CHECKS, all_cards
from rulebook.checks.frames import OUTPATIENT, columns
from rulebook.checks.year import Stay, Year, peers_of, year_of
from tests.real_input.check_frames import frames_of
from tests.real_input.county import RealCounty

# The sources register no beds.
NO_BEDS = 0
ALONE = "No two people of the source share a household or a village."
NO_ITEMS = "The source has no lines; the five that a mapping makes bear kinds and no names."
WHY = {
    "F01": "Readmissions within a week to the same hospital under the same first three characters of ICD-9.",
    "F02": "Readmissions within fifteen days to the same hospital for anything else; the file is Medicare's, whose "
    "thirty-day readmissions are a fifth of all stays. Chemotherapy, dialysis and rehabilitation (V56 to V58) are out.",
    "F03": "From one hospital into another within a day: transfers, which in Medicare need no slip.",
    "F04": "Only stays are mapped, so nobody is seen as an outpatient meanwhile.",
    "F05": "A bed of as many days as the stay stands on one line, so no day is without anything.",
    "F06": "A bed is fifteen of a hundred of every mapped bill.",
    "F07": "The source registers no beds.",
    "F08": "The list of minor illnesses is of ICD-10 and the codes are of ICD-9.",
    "F09": "Hospitals with thirty stays a year and one-day stays above three of a hundred, a sample of twenty of each: "
    "Medicare's observation and transfer days are stays here.",
    "F10": "Nobody was admitted after the day of death.",
    "F12": "Diagnoses reserved to a sex or an age are listed by ICD-10.",
    "F13": "The pairs of overlapping stays that the file holds, each told to both claims; CMS perturbed the days.",
    "F14": ALONE,
    "F15": ALONE,
    "F16": NO_ITEMS,
    "F17": "No two claims agree in days, total and lines.",
    "F18": "The source has no price limits.",
    "F19": NO_ITEMS,
    "F20": "A bed of several days stands on one line, and other items have no number.",
    "F21": "Only stays are mapped, and nothing is dispensed.",
    "F26": NO_ITEMS,
    "F27": NO_ITEMS,
    "F28": "Stays whose total lies more than three deviations of its logarithm above others of their category and "
    "tier; tiers are drawn, so a long stay in a cheap category is most of them.",
    "F28_mild": "The same between two and three deviations.",
    "F29": "Totals above 50,000 yuan; a dollar is taken as a yuan.",
    "F30": "Longer than nineteen of twenty of the category and tier; by its definition fewer than five of a hundred.",
    "F32": "No surgeon did thirty cataracts as inpatients on one day.",
    "F33": "Joints replaced and arteries cleared below their ages: the disabled below sixty-five are in Medicare too.",
    "F34": NO_ITEMS,
    "F35": "Five stays above the county and 50,000 yuan within a year: tiers are drawn, and there are no slips.",
    "F37": "The source has no accounts.",
    "F39": "No three bills of 18,000 to 20,000 yuan at one hospital within a week.",
    "F40": "Few hospitals have ten December stays; those named rose above half as many again and above nearly all of "
    "their tier.",
    "F41": "Bed days are made of the days of the stay.",
    "F42": "No hospital has a thousand stays a year.",
    "account_not_sufficient": "Only stays are mapped.",
    "late_submission": "The day of submission is the day of discharge.",
    "no_account": "Every hospital was given an account.",
    "no_law": "The law begins before the samples do.",
    "no_receipt": "Every stay was given a receipt.",
    "no_referral": "Every stay is direct.",
    "not_designated": "Every hospital was given an agreement.",
    "not_enrolled": "Stays in a year without a month of hospital coverage.",
    "not_in_catalogue": "Every mapped item is in the catalogue.",
    "nothing_charged": "Stays whose payment, deductible, coinsurance and other payer are all nothing.",
    "outside_stay": "All lines bear the day of admission.",
    "same_days": "Pairs of stays with the very same days, each told to both claims.",
}


def year_frame(county: RealCounty) -> Year:
    """The stays as the nightly look reads them; everybody lives alone in a village of their own."""
    cards = {person.card_number: number for number, person in enumerate(county.people, 1)}
    places = {each.code: (each.tier, NO_BEDS) for each in county.institutions}
    return year_of(
        (
            Stay(
                number,
                cards[claim.card_number],
                cards[claim.card_number],
                cards[claim.card_number],
                claim.institution_code,
                claim.admitted_on,
                claim.discharged_on,
                claim.diagnosis_code,
                tuple(claim.procedure_codes),
                claim.doctor,
                claim.charged_fen,
                bool(claim.referral_slip),
            )
            for number, claim in enumerate(county.claims, 1)
            if claim.route != "outpatient"
        ),
        places,
    )


def counts_by_rule(county: RealCounty) -> dict[str, int]:
    """Claims named by each check, at intake and by night. At intake a claim is held against the whole county's like."""
    year, frames, cards = year_frame(county), frames_of(county), all_cards()
    if (frames.claims["route"] != OUTPATIENT).all():
        peers = peers_of(year)
        frames = replace(frames, peers=columns({name: str(peers[name].dtype) for name in peers}, peers))
    counts = {key: len({one.claim_row for one in of(frames, cards[key])}) for key, of in CHECKS.items()}
    counts |= {key: len({one.claim_row for one in of(year, cards[key])}) for key, of in YEAR_CHECKS.items()}
    return counts
