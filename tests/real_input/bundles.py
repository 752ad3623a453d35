"""Synthea's FHIR bundles through the FHIR door: what the two parties would have agreed on beside R4.

The rules are those of `synthea`; a bundle writes the same things elsewhere. The base fee is in `total` and in no item,
items without a price say why and where, the identities are the source's own, and the day is the day as written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contractor.claims.doors.exchange_columns import LINE_COLUMNS
from contractor.claims.doors.fhir_bundle import Resources
from contractor.claims.doors.fhir_claims import ExchangeClaim, FhirProfile
from contractor.claims.doors.fhir_elements import Element
from contractor.claims.incoming import IncomingLine
from rulebook.money import parse_amount_due
from tests.real_input.county import Item, RealCounty, whole_line
from tests.real_input.exchange_files import cell
from tests.real_input.synthea import BASE_FEES, CODE_PREFIXES, day_of, moved, years_moved

SYSTEMS = {
    "http://snomed.info/sct": CODE_PREFIXES["procedure"],
    "http://hl7.org/fhir/sid/cvx": CODE_PREFIXES["immunization"],
}
UUID = "urn:uuid:"


def profile_of(county: RealCounty) -> FhirProfile:
    """How this county reads Synthea's claims; cards, institutions and items are those of the mapped county."""
    cards = {(person.source_id, person.years_moved): person.card_number for person in county.people}
    codes = {each.source_id: each.code for each in county.institutions}
    items = {item.item_code: item for item in county.items}
    return FhirProfile(currency="USD", adapt=_adapting(cards, codes, items))


def _adapting(
    cards: dict[tuple[str, int], str], codes: dict[str, str], items: dict[str, Item]
) -> Callable[[ExchangeClaim, Element, Resources], ExchangeClaim]:
    def adapt(made: ExchangeClaim, claim: Element, resources: Resources) -> ExchangeClaim:
        encounter = _encounter(claim, resources)
        is_pharmacy = claim["prescription"]["reference"].text() != ""
        kind = encounter["class"]["code"].text()
        is_stay = kind == "IMP" and not is_pharmacy
        begun_on = day_of(claim["billablePeriod"]["start"].text())
        years = years_moved(begun_on.year)
        admitted_on = moved(begun_on, years)
        ended_on = moved(day_of(encounter["period"]["end"].text()), years) if is_stay else admitted_on
        fee_item = items[_medicine(claim, resources)] if is_pharmacy else BASE_FEES[kind][0]
        bill = [(items[code], parse_amount_due(priced)) for code, priced in _priced(claim, made)]
        fee_fen = parse_amount_due(made["charged"]) - sum(amount_fen for _, amount_fen in bill)
        lines = [
            whole_line(number, item, performed_on=admitted_on, amount_fen=amount_fen)
            for number, (item, amount_fen) in enumerate([(fee_item, fee_fen), *bill], 1)
        ]
        code, name = _diagnosis(made, encounter)
        return made | {
            "claim_number": claim["id"].text(),
            "invoice_number": claim["id"].text(),
            "route": "direct" if is_stay else "outpatient",
            "institution_code": codes[_identity(claim["provider"])],
            "card_number": cards[_identity(claim["patient"]), years],
            "admitted_on": admitted_on.isoformat(),
            "discharged_on": ended_on.isoformat(),
            "submitted_on": ended_on.isoformat(),
            "receipt_signed_on": ended_on.isoformat() if is_stay else "",
            "diagnosis_code": code,
            "diagnosis_name": name,
            "department": _first_type(encounter)[1],
            "doctor": _doctor(encounter),
            "lines": [_as_texts(line) for line in lines],
        }

    return adapt


def _encounter(claim: Element, resources: Resources) -> Element:
    """The first item is always the encounter itself."""
    return resources.target(_first(_first(claim, "item"), "encounter"), claim)


def _priced(claim: Element, made: ExchangeClaim) -> list[tuple[str, str]]:
    """Code and net of the items that carry a price."""
    priced = []
    for item, line in zip(claim.each("item"), made["lines"], strict=True):
        if line["line_charged"]:
            coding = _first(item["productOrService"], "coding")
            priced.append((f"{SYSTEMS[coding['system'].text()]}-{line['item_code']}", line["line_charged"]))
    return priced


def _medicine(claim: Element, resources: Resources) -> str:
    request = resources.target(claim["prescription"], claim)
    return f"RX-{_first(request['medicationCodeableConcept'], 'coding')['code'].text()}"


def _diagnosis(made: ExchangeClaim, encounter: Element) -> tuple[str, str]:
    if made["diagnosis_code"]:
        return made["diagnosis_code"], made["diagnosis_name"]
    reason = _first(_first(encounter, "reasonCode"), "coding")
    if reason:
        return reason["code"].text(), reason["display"].text()
    return _first_type(encounter)


def _first_type(encounter: Element) -> tuple[str, str]:
    kind = _first(encounter, "type")
    return _first(kind, "coding")["code"].text(), kind["text"].text()


def _doctor(encounter: Element) -> str:
    return _identity(_first(encounter, "participant")["individual"])


def _first(element: Element, key: str) -> Element:
    """The first of a list; absent where there is none."""
    return next(element.each(key), Element(None, f"{element.path}.{key}[0]", element.row, element.faults))


def _identity(reference: Element) -> str:
    return reference["reference"].text().removeprefix(UUID)


def _as_texts(line: IncomingLine) -> dict[str, Any]:
    return {column.key: cell(column, getattr(line, column.name)) for column in LINE_COLUMNS}
