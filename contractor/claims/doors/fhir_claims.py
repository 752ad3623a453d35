"""A FHIR R4 Claim as a claim of the exchange format: which element fills which column.

The elements that are read, and the few that are refused because passing over them would change the claim, are listed
in docs/exchange.md. What has no place in R4 (the institution's own reduction, the advance, the receipt, what another
party paid, the payee's account) comes as an extension of our own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contractor.claims.doors.fhir_bundle import Resources
from contractor.claims.doors.fhir_elements import Element

OURS = "urn:coopmed:fhir:"
ExchangeClaim = dict[str, Any]
"""A claim as the exchange format writes it in JSON: text by key, and `lines`, a list of such."""


def as_it_stands(claim: ExchangeClaim, resource: Element, resources: Resources) -> ExchangeClaim:
    """The default of `FhirProfile.adapt`: nothing is changed."""
    return claim


@dataclass(frozen=True)
class FhirProfile:
    """What two parties agree on beside R4.

    Args:
        adapt: a last word on each claim in exchange form, for a source that writes some things elsewhere, such as a
            base fee that is part of `total` and of no item. Sums are controlled after it, as for every door.
    """

    card_system: str = OURS + "card-number"
    institution_system: str = OURS + "institution-code"
    claim_system: str = OURS + "claim-number"
    invoice_system: str = OURS + "invoice-number"
    item_systems: tuple[str, ...] = ()
    """Code systems of items in order of preference; none named takes the first coding."""
    currency: str = "CNY"
    adapt: Callable[[ExchangeClaim, Element, Resources], ExchangeClaim] = as_it_stands


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


CLAIM_ELEMENTS = _names(
    """id extension resourceType meta implicitRules language text contained identifier status type subType use patient
    billablePeriod created enterer insurer provider priority fundsReserve related prescription originalPrescription
    payee referral facility careTeam supportingInfo diagnosis procedure insurance accident item total"""
)
ITEM_ELEMENTS = _names(
    """id extension sequence careTeamSequence diagnosisSequence procedureSequence informationSequence revenue category
    productOrService modifier programCode servicedDate servicedPeriod locationCodeableConcept locationAddress
    locationReference quantity unitPrice factor net udi bodySite subSite encounter detail"""
)
REFUSED_IN_A_CLAIM = ("implicitRules", "related", "accident")
REFUSED_IN_AN_ITEM = ("detail",)
CLAIM_EXTENSIONS = {
    "institution-reduced": "institution_reduced",
    "paid-elsewhere": "paid_elsewhere",
    "advanced": "advanced",
}
_OUTPATIENT_TYPES = ("professional", "pharmacy", "oral", "vision")


def exchange_claim(claim: Element, resources: Resources, profile: FhirProfile) -> ExchangeClaim:
    """The claim in exchange form; what cannot be read has added its fault and is empty."""
    claim.refuse_unknown(CLAIM_ELEMENTS)
    for key in REFUSED_IN_A_CLAIM:
        claim.refuse(key)
    _expect(claim["status"], "active")
    _expect(claim["use"], "claim")
    diagnosis = _main_diagnosis(claim, resources)
    made: ExchangeClaim = {
        "claim_number": _identifier(claim, profile.claim_system),
        "route": _route(claim),
        "institution_code": _named_party(claim["provider"], claim, resources, profile.institution_system),
        "card_number": _card_number(claim, resources, profile),
        "invoice_number": _identifier(claim, profile.invoice_system),
        "admitted_on": claim["billablePeriod"]["start"].day(),
        "discharged_on": claim["billablePeriod"]["end"].day(),
        "diagnosis_code": diagnosis[0],
        "diagnosis_name": diagnosis[1],
        "procedure_codes": _procedures(claim, resources),
        "doctor": _doctor(claim, resources),
        "charged": claim["total"].money(profile.currency),
        "receipt_signed_on": _extension(claim, "receipt-signed")["valueDate"].text(),
        "department": _extension(claim, "department")["valueString"].text(),
        "referral_slip": claim["referral"]["identifier"]["value"].text(),
        "submitted_on": claim["created"].day(),
        "lines": [_line(item, profile) for item in claim.each("item")],
    }
    for name, key in CLAIM_EXTENSIONS.items():
        made[key] = _extension(claim, name)["valueMoney"].money(profile.currency)
    if account := _extension(claim["payee"], "account")["valueString"].text():
        made["payee_account"] = account
        made["payee_name"] = claim["payee"]["party"]["display"].text()
    return profile.adapt(made, claim, resources)


def _line(item: Element, profile: FhirProfile) -> ExchangeClaim:
    item.refuse_unknown(ITEM_ELEMENTS)
    for key in REFUSED_IN_AN_ITEM:
        item.refuse(key)
    if (factor := item["factor"].number()).rstrip("0").rstrip(".") not in ("", "1"):
        item.fault("unsupported_element", expected="1", found=factor, key="factor")
    product = item["productOrService"]
    code, display = _coding(product, profile.item_systems)
    net = item["net"].money(profile.currency)
    unit_price = item["unitPrice"].money(profile.currency)
    quantity = item["quantity"]["value"].number()
    return {
        "line_no": item["sequence"].number(),
        "item_code": code,
        "hospital_item_name": product["text"].text() or display,
        "performed_on": item["servicedDate"].day() or item["servicedPeriod"]["start"].day(),
        # In R4 an item without a quantity is one of it, and its unit price is its net.
        "quantity": quantity or "1",
        "unit_price": unit_price or ("" if quantity else net),
        "line_charged": net,
    }


def _expect(element: Element, expected: str) -> None:
    if (found := element.text()) != expected:
        element.fault("not_as_expected", expected=expected, found=found)


def _identifier(element: Element, system: str) -> str:
    """The value of the identifier of that system; two of them are a fault."""
    values = [each["value"].text() for each in element.each("identifier") if each["system"].text() == system]
    if len(values) > 1:
        element.fault("identifier_twice", expected=system, found=values[1], key="identifier")
    return values[0] if values else ""


def _named_party(reference: Element, claim: Element, resources: Resources, system: str) -> str:
    """Who a reference means: by the identifier in it, else by that of the resource it points to."""
    logical = reference["identifier"]
    if logical and logical["system"].text() == system:
        return logical["value"].text()
    return _identifier(resources.target(reference, claim), system)


def _card_number(claim: Element, resources: Resources, profile: FhirProfile) -> str:
    if card := _named_party(claim["patient"], claim, resources, profile.card_system):
        return card
    for insurance in claim.each("insurance"):
        coverage = insurance["coverage"]
        if insurance["focal"].value is True and coverage["reference"]:
            return resources.target(coverage, claim)["subscriberId"].text()
    return ""


def _route(claim: Element) -> str:
    if told := _extension(claim, "route")["valueCode"].text():
        return told
    kind = _coding(claim["type"], ())[0]
    if kind in _OUTPATIENT_TYPES:
        return "outpatient"
    if kind != "institutional":
        claim["type"].fault("not_a_choice", expected="institutional, " + ", ".join(_OUTPATIENT_TYPES), found=kind)
        return ""
    payee = _coding(claim["payee"]["type"], ())[0]
    return "manual" if payee in ("subscriber", "beneficiary", "other") else "direct"


def _main_diagnosis(claim: Element, resources: Resources) -> tuple[str, str]:
    """Code and words of the diagnosis marked principal, else of the first in sequence."""
    listed = list(claim.each("diagnosis"))
    if not listed:
        return "", ""
    principal = [each for each in listed if any(_coding(kind, ())[0] == "principal" for kind in each.each("type"))]
    chosen = min(principal or listed, key=_sequence)
    concept = chosen["diagnosisCodeableConcept"]
    if not concept:
        concept = resources.target(chosen["diagnosisReference"], claim)["code"]
    code, display = _coding(concept, ())
    return code, concept["text"].text() or display


def _sequence(element: Element) -> tuple[int, str]:
    text = element["sequence"].number()
    return (len(text), text)


def _procedures(claim: Element, resources: Resources) -> list[str]:
    codes = []
    for procedure in claim.each("procedure"):
        concept = procedure["procedureCodeableConcept"]
        if not concept:
            concept = resources.target(procedure["procedureReference"], claim)["code"]
        if code := _coding(concept, ())[0]:
            codes.append(code)
    return codes


def _doctor(claim: Element, resources: Resources) -> str:
    for member in claim.each("careTeam"):
        provider = member["provider"]
        if name := provider["identifier"]["value"].text() or provider["display"].text():
            return name
    return ""


def _coding(concept: Element, systems: tuple[str, ...]) -> tuple[str, str]:
    """Code and display of the coding whose system comes first in `systems`, else of the first coding."""
    codings = list(concept.each("coding"))
    for system in systems:
        codings = [each for each in codings if each["system"].text() == system] or codings
        if codings and codings[0]["system"].text() == system:
            break
    if not codings:
        return "", ""
    return codings[0]["code"].text(), codings[0]["display"].text()


def _extension(element: Element, name: str) -> Element:
    """Our own extension of that name; given twice it is a fault."""
    named = [each for each in element.each("extension") if each["url"].text() == OURS + name]
    if len(named) > 1:
        element.fault("extension_twice", found=OURS + name, key="extension")
    return named[0] if named else Element(None, f"{element.path}.extension({name})", element.row, element.faults)
