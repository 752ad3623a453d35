"""The structure of ClaimResponse and ExplanationOfBenefit as FHIR R4 (4.0.1) defines it, and a check against it.

Written from the standard's element tables: name, cardinality, type. Coded elements with a required binding list their
codes; the code systems of HL7 that we use list theirs. `test_r4.py` holds the table itself against HL7's examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

DAY = r"\d{4}(-\d{2}(-\d{2})?)?"
INSTANT = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})"
PLAIN = {
    "string": r"[\s\S]*\S[\s\S]*",
    "markdown": r"[\s\S]*\S[\s\S]*",
    "xhtml": r"<div[\s\S]*",
    "code": r"\S+( \S+)*",
    "uri": r"\S+",
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "date": DAY,
    "dateTime": rf"{DAY}|{INSTANT}",
    "instant": INSTANT,
}
_RESOURCE = """id 0..1 id | meta 0..1 Meta | implicitRules 0..1 uri | language 0..1 code | text 0..1 Narrative |
    contained 0..* any | extension 0..* Extension | modifierExtension 0..* Extension | """
TYPES = {
    "Meta": "versionId 0..1 id | lastUpdated 0..1 instant | source 0..1 uri | profile 0..* uri | tag 0..* Coding",
    "Narrative": "status 1..1 code | div 1..1 xhtml",
    "Extension": "url 1..1 uri | value* 0..1 any",
    "Identifier": """use 0..1 code | type 0..1 CodeableConcept | system 0..1 uri | value 0..1 string |
        period 0..1 Period | assigner 0..1 Reference""",
    "Reference": "reference 0..1 string | type 0..1 uri | identifier 0..1 Identifier | display 0..1 string",
    "CodeableConcept": "coding 0..* Coding | text 0..1 string",
    "Coding": """system 0..1 uri | version 0..1 string | code 0..1 code | display 0..1 string |
        userSelected 0..1 boolean""",
    "Money": "value 0..1 decimal | currency 0..1 code",
    "Quantity": "value 0..1 decimal | unit 0..1 string | system 0..1 uri | code 0..1 code",
    "Period": "start 0..1 dateTime | end 0..1 dateTime",
    "Adjudication": """category 1..1 CodeableConcept | reason 0..1 CodeableConcept | amount 0..1 Money |
        value 0..1 decimal""",
    "Total": "category 1..1 CodeableConcept | amount 1..1 Money",
    "Payment": """type 0..1 CodeableConcept | adjustment 0..1 Money | adjustmentReason 0..1 CodeableConcept |
        date 0..1 date | amount 0..1 Money | identifier 0..1 Identifier""",
    "ResponseItem": """itemSequence 1..1 positiveInt | noteNumber 0..* positiveInt | adjudication 1..* Adjudication |
        detail 0..* any""",
    "ResponseInsurance": """sequence 1..1 positiveInt | focal 1..1 boolean | coverage 1..1 Reference |
        businessArrangement 0..1 string | claimResponse 0..1 Reference""",
    "ResponseNote": """number 0..1 positiveInt | type 0..1 code:NoteType | text 1..1 string |
        language 0..1 CodeableConcept""",
    "Note": "number 0..1 positiveInt | type 0..1 code:NoteType | text 0..1 string | language 0..1 CodeableConcept",
    "Error": "itemSequence 0..1 positiveInt | detailSequence 0..1 positiveInt | code 1..1 CodeableConcept",
    "ClaimResponse": _RESOURCE
    + """identifier 0..* Identifier | status 1..1 code:Status | type 1..1 CodeableConcept |
        subType 0..1 CodeableConcept | use 1..1 code:Use | patient 1..1 Reference | created 1..1 dateTime |
        insurer 1..1 Reference | requestor 0..1 Reference | request 0..1 Reference | outcome 1..1 code:Outcome |
        disposition 0..1 string | preAuthRef 0..1 string | preAuthPeriod 0..1 Period | payeeType 0..1 CodeableConcept |
        item 0..* ResponseItem | addItem 0..* any | adjudication 0..* Adjudication | total 0..* Total |
        payment 0..1 Payment | fundsReserve 0..1 CodeableConcept | formCode 0..1 CodeableConcept | form 0..1 any |
        processNote 0..* ResponseNote | communicationRequest 0..* Reference | insurance 0..* ResponseInsurance |
        error 0..* Error""",
    "BenefitPayee": "type 0..1 CodeableConcept | party 0..1 Reference",
    "BenefitInsurance": "focal 1..1 boolean | coverage 1..1 Reference | preAuthRef 0..* string",
    "CareTeam": """sequence 1..1 positiveInt | provider 1..1 Reference | responsible 0..1 boolean |
        role 0..1 CodeableConcept | qualification 0..1 CodeableConcept""",
    "Diagnosis": """sequence 1..1 positiveInt | diagnosisCodeableConcept 0..1 CodeableConcept |
        diagnosisReference 0..1 Reference | type 0..* CodeableConcept | onAdmission 0..1 CodeableConcept |
        packageCode 0..1 CodeableConcept""",
    "Procedure": """sequence 1..1 positiveInt | type 0..* CodeableConcept | date 0..1 dateTime |
        procedureCodeableConcept 0..1 CodeableConcept | procedureReference 0..1 Reference | udi 0..* Reference""",
    "BenefitItem": """sequence 1..1 positiveInt | careTeamSequence 0..* positiveInt |
        diagnosisSequence 0..* positiveInt | procedureSequence 0..* positiveInt |
        informationSequence 0..* positiveInt | revenue 0..1 CodeableConcept | category 0..1 CodeableConcept |
        productOrService 1..1 CodeableConcept | modifier 0..* CodeableConcept | programCode 0..* CodeableConcept |
        servicedDate 0..1 date | servicedPeriod 0..1 Period |
        location* 0..1 any | quantity 0..1 Quantity | unitPrice 0..1 Money | factor 0..1 decimal | net 0..1 Money |
        udi 0..* Reference | bodySite 0..1 CodeableConcept | subSite 0..* CodeableConcept | encounter 0..* Reference |
        noteNumber 0..* positiveInt | adjudication 0..* Adjudication | detail 0..* any""",
    "ExplanationOfBenefit": _RESOURCE
    + """identifier 0..* Identifier | status 1..1 code:Status | type 1..1 CodeableConcept |
        subType 0..1 CodeableConcept | use 1..1 code:Use | patient 1..1 Reference | billablePeriod 0..1 Period |
        created 1..1 dateTime | enterer 0..1 Reference | insurer 1..1 Reference | provider 1..1 Reference |
        priority 0..1 CodeableConcept | fundsReserveRequested 0..1 CodeableConcept | fundsReserve 0..1 CodeableConcept |
        related 0..* any | prescription 0..1 Reference | originalPrescription 0..1 Reference | payee 0..1 BenefitPayee |
        referral 0..1 Reference | facility 0..1 Reference | claim 0..1 Reference | claimResponse 0..1 Reference |
        outcome 1..1 code:Outcome | disposition 0..1 string | preAuthRef 0..* string | preAuthRefPeriod 0..* Period |
        careTeam 0..* CareTeam | supportingInfo 0..* any | diagnosis 0..* Diagnosis | procedure 0..* Procedure |
        precedence 0..1 positiveInt | insurance 1..* BenefitInsurance | accident 0..1 any | item 0..* BenefitItem |
        addItem 0..* any | adjudication 0..* Adjudication | total 0..* Total | payment 0..1 Payment |
        formCode 0..1 CodeableConcept | form 0..1 any | processNote 0..* Note | benefitPeriod 0..1 Period |
        benefitBalance 0..* any""",
}
RESOURCES = ("ClaimResponse", "ExplanationOfBenefit")
REQUIRED_CODES = {
    "Status": {"active", "cancelled", "draft", "entered-in-error"},
    "Use": {"claim", "preauthorization", "predetermination"},
    "Outcome": {"queued", "complete", "error", "partial"},
    "NoteType": {"display", "print", "printoper"},
}
_HL7 = "http://terminology.hl7.org/CodeSystem/"
SYSTEMS = {
    _HL7 + "adjudication": {
        "submitted", "copay", "eligible", "deductible", "unallocdeduct", "eligpercent", "tax", "benefit",
    },
    _HL7 + "claim-type": {"institutional", "oral", "pharmacy", "professional", "vision"},
    _HL7 + "payeetype": {"subscriber", "provider", "beneficiary", "other"},
    _HL7 + "adjudication-reason": {"ar001", "ar002"},
    _HL7 + "ex-diagnosistype": {
        "admitting", "clinical", "differential", "discharge", "laboratory", "nursing", "prenatal", "principal",
        "radiology", "remote", "retrospective", "self",
    },
}  # fmt: skip


def faults_of(resource: Any) -> list[str]:
    """What of the resource is not as R4 has it: path and reason. Decimals are to be read as `Decimal`."""
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    if kind not in RESOURCES:
        return [f"resourceType is {kind!r}"]
    return list(_object({k: v for k, v in resource.items() if k != "resourceType"}, kind, kind))


def _object(value: Any, kind: str, path: str) -> Iterator[str]:
    if not isinstance(value, dict) or not value:
        yield f"{path}: no object, or an empty one"
        return
    known = dict(_elements(kind))
    for name in value:
        if _declared(name, known) is None:
            yield f"{path}.{name}: R4 has no such element"
    for name, (least, most, of) in known.items():
        for given in [key for key in value if _declared(key, known) == name] or [name]:
            yield from _element(value.get(given), f"{path}.{given}", least=least, most=most, of=of)


def _element(value: Any, path: str, *, least: int, most: str, of: str) -> Iterator[str]:
    if value is None:
        if least:
            yield f"{path}: required"
        return
    if most == "1":
        if isinstance(value, list):
            yield f"{path}: one, not a list"
        else:
            yield from _value(value, of, path)
        return
    if not isinstance(value, list) or not value:
        yield f"{path}: a list that is not empty"
        return
    for place, one in enumerate(value):
        yield from _value(one, of, f"{path}[{place}]")


def _value(value: Any, of: str, path: str) -> Iterator[str]:
    of, _colon, binding = of.partition(":")
    if of in TYPES:
        yield from _object(value, of, path)
        if of == "Coding" and isinstance(value, dict):
            codes = SYSTEMS.get(value.get("system", ""))
            if codes is not None and value.get("code") not in codes:
                yield f"{path}: {value.get('system')} has no code {value.get('code')!r}"
    elif of == "boolean":
        if not isinstance(value, bool):
            yield f"{path}: no boolean"
    elif of == "positiveInt":
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            yield f"{path}: no positive whole number"
    elif of == "decimal":
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            yield f"{path}: no decimal"
    elif of in PLAIN:
        if not isinstance(value, str) or not re.fullmatch(PLAIN[of], value):
            yield f"{path}: {value!r} is no {of}"
        elif binding and value not in REQUIRED_CODES[binding]:
            yield f"{path}: {value!r} is not one of {sorted(REQUIRED_CODES[binding])}"


def _elements(kind: str) -> Iterator[tuple[str, tuple[int, str, str]]]:
    shared = "" if kind in RESOURCES else "id 0..1 string | extension 0..* Extension | "
    for told in (shared + TYPES[kind]).split("|"):
        name, cardinality, of = told.split()
        least, most = cardinality.split("..")
        yield name, (int(least), most, of)


def _declared(name: str, known: dict[str, Any]) -> str | None:
    """The element of the table that this name is; `value*` stands for every choice of type."""
    plain = name.removeprefix("_")
    if plain in known:
        return plain
    return next((one for one in known if one.endswith("*") and plain.startswith(one[:-1])), None)
