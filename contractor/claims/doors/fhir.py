"""FHIR R4 at the door: a Claim, or a Bundle of claims with the patients, organizations and conditions they name.

    for batch in read_fhir(path, file_name="bundle.json", profile=FhirProfile()):
        take_in(session, batch, ...)

Decision 0031 says why the reader is our own and what it passes over. Faults of the document name its path
("Claim.item[2].net"), faults of values the column of the exchange format ("lines[3].line_charged").
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chassis.reading.faults import Faults
from chassis.reading.json_texts import parse_json
from chassis.reading.kinds import JSON, kind_of
from contractor.claims.doors.controls import ControlTotals
from contractor.claims.doors.exchange_json import read_claims
from contractor.claims.doors.fhir_bundle import Resources
from contractor.claims.doors.fhir_claims import FhirProfile, exchange_claim
from contractor.claims.incoming import IncomingBatch

PLAIN = FhirProfile()


def read_fhir(
    path: Path,
    *,
    file_name: str,
    profile: FhirProfile = PLAIN,
    told: ControlTotals | None = None,
    faults: Faults | None = None,
) -> Iterator[IncomingBatch]:
    """The batches of a file of one Claim or Bundle."""
    kind_of(path, file_name, allowed=(JSON,))
    document = parse_json(path.read_bytes())
    return read_fhir_document(document, profile=profile, told=told, faults=faults, file_name=file_name)


def read_fhir_document(
    document: Any,
    *,
    profile: FhirProfile = PLAIN,
    told: ControlTotals | None = None,
    faults: Faults | None = None,
    file_name: str = "",
) -> Iterator[IncomingBatch]:
    """The batches of one document that `parse_json` gave, as the API has it in hand."""
    found = Faults() if faults is None else faults
    resources = Resources(document, found)
    claims = ((row, exchange_claim(claim, resources, profile)) for row, claim in resources.claims())
    return read_claims(claims, told=told, faults=found, file_name=file_name)
