"""The eight bundles come through the FHIR door as the very claims that the tables give."""

from __future__ import annotations

from pathlib import Path

import pytest

from contractor.claims.fhir import read_fhir
from tests.real_input.bundles import profile_of
from tests.real_input.county import RealCounty
from tests.real_input.sources import SYNTHEA, folder


@pytest.fixture(scope="module")
def bundle_files(synthea_county: RealCounty) -> list[Path]:
    return sorted((folder(SYNTHEA) / "bundles").glob("*.json"))


def test_the_fhir_door_gives_the_claims_of_the_tables(synthea_county: RealCounty, bundle_files: list[Path]) -> None:
    by_number = {claim.claim_number: claim for claim in synthea_county.claims}
    counts = {}
    for path in bundle_files:
        batches = read_fhir(path, file_name=path.name, profile=profile_of(synthea_county))
        claims = [claim for batch in batches for claim in batch.each()]
        assert [by_number[claim.claim_number] for claim in claims] == claims
        counts[path.name.split("_")[1]] = len(claims)
    assert counts == {
        "Kuhlman": 16,
        "Larson": 9,
        "Hodkiewicz": 11,
        "Gerhold": 16,
        "Kris": 21,
        "Weber": 15,
        "Beer": 11,
        "Jaskolski": 18,
    }
