"""What is mapped passes the documented door unchanged; what no door takes is refused by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chassis.reading.faults import FileRefused
from contractor.claims.doors.controls import ControlTotals
from contractor.claims.doors.exchange import read_exchange
from tests.real_input import desynpuf
from tests.real_input.county import RealCounty
from tests.real_input.exchange_files import write_exchange


@pytest.fixture(params=["synthea_county", "desynpuf_county"])
def county(request: pytest.FixtureRequest) -> RealCounty:
    return request.getfixturevalue(request.param)


def test_the_exchange_format_gives_back_every_claim_as_it_was_mapped(county: RealCounty, tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    write_exchange(path, county.claims)
    told = ControlTotals(
        claim_count=len(county.claims),
        line_count=sum(len(claim.lines) for claim in county.claims),
        charged_fen=county.charged_fen,
    )
    read = [claim for batch in read_exchange(path, file_name=path.name, told=told) for claim in batch.each()]
    assert read == county.claims


def test_a_negative_total_is_refused_by_the_door_and_named(desynpuf_county: RealCounty, tmp_path: Path) -> None:
    refunds = [each for each in desynpuf_county.put_aside if each.why == desynpuf.NEGATIVE_TOTAL]
    assert refunds, "the first sample has one"
    claims = [
        replace(claim, claim_number=refund.source_id, charged_fen=refund.amount_fen)
        for claim, refund in zip(desynpuf_county.claims, refunds, strict=False)
    ]
    path = tmp_path / "refunds.csv"
    write_exchange(path, claims)
    with pytest.raises(FileRefused) as refusal:
        list(read_exchange(path, file_name=path.name))
    assert [(fault.column, fault.reason) for fault in refusal.value.faults] == [("charged", "negative_amount")]
