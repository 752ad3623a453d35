"""The eight bundles come through the FHIR door as the very claims that the tables give."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from contractor.claims.doors.fhir import read_fhir
from contractor.claims.intake import FileTaken, take_in_file
from contractor.claims.refusals import FileKnown
from tests.conftest import Servers
from tests.demo.house import LivedIn
from tests.real_input.bundles import profile_of
from tests.real_input.county import RealCounty, beginning_of
from tests.real_input.house import SentFile, at_morning_of, house_of
from tests.real_input.path import assess_all
from tests.real_input.registry_files import FIRST_DAY
from tests.real_input.sources import SYNTHEA, folder

RECEIVED_ON = FIRST_DAY.replace(year=2023, day=10)


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


def _take_in(home: LivedIn, county: RealCounty, path: Path) -> FileTaken:
    content = path.read_bytes()
    with home.databases["contractor"].transaction() as session:
        return take_in_file(
            session,
            read_fhir(path, file_name=path.name, profile=profile_of(county)),
            county_code=county.county_code,
            door="fhir",
            file_name=path.name,
            sha256=hashlib.sha256(content).digest(),
            byte_count=len(content),
            at=at_morning_of(RECEIVED_ON),
            on=RECEIVED_ON,
            by=None,
            keyring=home.keyring,
        )


def test_a_bundle_is_taken_in_once_and_its_claims_are_decided(
    synthea_county: RealCounty, bundle_files: list[Path], servers: Servers, template: str
) -> None:
    numbers = {
        claim.claim_number
        for path in bundle_files
        for batch in read_fhir(path, file_name=path.name, profile=profile_of(synthea_county))
        for claim in batch.each()
    }
    claims = [claim for claim in synthea_county.claims if claim.claim_number in numbers]
    county = beginning_of(replace(synthea_county, claims=claims), claims=len(claims))
    with house_of(servers, template, county) as home:
        taken = [_take_in(home, county, path) for path in bundle_files]
        assert sum(file.charged_fen for file in taken) == county.charged_fen
        with pytest.raises(FileKnown):
            _take_in(home, county, bundle_files[0])
        assessed = assess_all(home, [SentFile(file, RECEIVED_ON) for file in taken])
    del assessed["households credited"]
    assert assessed == Counter({"approved": 115, "waiting": 2})
