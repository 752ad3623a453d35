"""One call for whatever file was sent: the exchange format in each of its forms, or FHIR R4."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chassis.reading.faults import Faults
from chassis.reading.json_texts import parse_json
from chassis.reading.kinds import CSV, JSON, XLSX, kind_of
from contractor.claims.doors.controls import ControlTotals
from contractor.claims.doors.exchange import read_exchange
from contractor.claims.doors.exchange_json import read_json_document
from contractor.claims.doors.fhir import PLAIN, read_fhir_document
from contractor.claims.doors.fhir_claims import FhirProfile
from contractor.claims.incoming import IncomingBatch


@dataclass(frozen=True)
class Sent:
    """What was sent: its format ("exchange" or "fhir") and its batches, read as they are asked for."""

    format: str
    batches: Iterator[IncomingBatch]


def read_sent(
    path: Path,
    *,
    file_name: str,
    profile: FhirProfile = PLAIN,
    told: ControlTotals | None = None,
    faults: Faults | None = None,
) -> Sent:
    """Read a file by what it is. Raises FileRefused at once where it is nothing we take, else at the end."""
    found = Faults() if faults is None else faults
    kind = kind_of(path, file_name, allowed=(CSV, XLSX, JSON))
    if kind != JSON or not file_name.casefold().endswith(".json"):
        return Sent("exchange", read_exchange(path, file_name=file_name, told=told, faults=found))
    document = parse_json(path.read_bytes())
    if isinstance(document, dict) and "resourceType" in document:
        batches = read_fhir_document(document, profile=profile, told=told, faults=found, file_name=file_name)
        return Sent("fhir", batches)
    return Sent("exchange", read_json_document(document, told=told, faults=found, file_name=file_name))
