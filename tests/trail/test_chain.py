"""The arithmetic of the chain: bytes, links, and what may stand in facts."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

import pytest

from chassis.trail.chain import (
    Placed,
    canonical,
    facts_text,
    genesis,
    is_identity_number,
    link,
    machine_word,
)

ENTRY = Placed(
    county_code="410100",
    stream="claims",
    seq=7,
    recorded_at=dt.datetime(2023, 11, 1, 8, 30, 0, 123456, tzinfo=dt.UTC),
    acted_on=dt.date(2023, 11, 1),
    actor_kind="staff",
    actor_id="reviewer-1",
    act="claim.approved",
    subject_kind="claim",
    subject_id="C000007",
    facts='{"amount_fen":1007}',
)


def test_the_form_is_fixed_byte_for_byte():
    """Written out by hand from decision 0014: a change of this test is a new form, not a correction."""
    by_hand = (
        bytes.fromhex("00000002 0001")
        + bytes.fromhex("00000006")
        + b"410100"
        + bytes.fromhex("00000008 0000000000000007")
        + bytes.fromhex("00000008")
        + ((8705 * 86400 + 8 * 3600 + 30 * 60) * 1_000_000 + 123456).to_bytes(8, "big")
        + bytes.fromhex("00000004")
        + (8705).to_bytes(4, "big")
        + b"\0\0\0\x06claims\0\0\0\x05staff\0\0\0\x0areviewer-1\0\0\0\x0eclaim.approved\0\0\0\x05claim"
        + b'\0\0\0\x07C000007\0\0\0\x13{"amount_fen":1007}'
    )
    assert canonical(ENTRY) == by_hand


def test_a_link_hashes_the_hash_before_and_the_form():
    prev = hashlib.sha256(b"before").digest()
    assert link(prev, canonical(ENTRY)) == hashlib.sha256(b"\0\x0e\0\0\0\x20" + prev + canonical(ENTRY)).digest()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"actor_id": "ab", "act": "c"}, {"actor_id": "a", "act": "bc"}),
        ({"subject_kind": "a|b", "subject_id": "c"}, {"subject_kind": "a", "subject_id": "b|c"}),
        ({"stream": "claimsstaff", "actor_kind": ""}, {"stream": "claims", "actor_kind": "staff"}),
        ({"actor_id": "", "act": "x"}, {"actor_id": "x", "act": ""}),
        ({"subject_id": "", "facts": "C1{}"}, {"subject_id": "C1", "facts": "{}"}),
    ],
)
def test_no_two_entries_share_a_form_by_moving_letters_between_fields(one, other):
    assert canonical(replace(ENTRY, **one)) != canonical(replace(ENTRY, **other))


@pytest.mark.parametrize(
    "change",
    [
        {"county_code": "410101"},
        {"stream": "payments"},
        {"seq": 8},
        {"recorded_at": ENTRY.recorded_at + dt.timedelta(microseconds=1)},
        {"acted_on": dt.date(2023, 11, 2)},
        {"actor_kind": "system"},
        {"actor_id": "reviewer-2"},
        {"act": "claim.rejected"},
        {"subject_kind": "batch"},
        {"subject_id": "C000008"},
        {"facts": '{"amount_fen":1008}'},
        {"facts": '{"amount_fen": 1007}'},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_value_of_an_entry_is_in_its_hash(change):
    prev = genesis("contractor", "410100", "claims")
    assert link(prev, canonical(replace(ENTRY, **change))) != link(prev, canonical(ENTRY))


def test_the_same_instant_in_another_zone_is_the_same_form():
    shanghai = ENTRY.recorded_at.astimezone(dt.timezone(dt.timedelta(hours=8)))
    assert canonical(replace(ENTRY, recorded_at=shanghai)) == canonical(ENTRY)


def test_each_chain_begins_elsewhere():
    chains = [
        (s, c, t) for s in ("contractor", "oversight") for c in ("410100", "410200") for t in ("claims", "people")
    ]
    assert len({genesis(*chain) for chain in chains}) == len(chains)


def test_a_nul_is_never_hashed():
    with pytest.raises(AssertionError, match="NUL"):
        canonical(replace(ENTRY, subject_id="C\0"))


def test_facts_have_one_text_whatever_their_order():
    assert facts_text({"b": 1, "a": [True, None, "x"]}) == facts_text({"a": [True, None, "x"], "b": 1})
    assert facts_text({"b": 10**30, "a": [True, None, "x"]}) == '{"a":[true,null,"x"],"b":1' + "0" * 30 + "}"


@pytest.mark.parametrize(
    "facts",
    [
        {"name": "张三"},
        {"name": "Zhang San"},
        {"reason": "approved after a call"},
        {"amount": 1.5},
        {"amount": float("nan")},
        {"identity": "11010519491231002X"},
        {"identity": 110101199003074530},
        {"deep": [{"identity": "11010519491231002x"}]},
        {"张三": 1},
        {"text": 'a"b'},
        {"text": "a\\u0000"},
        {"text": "a\0"},
        {"day": dt.date(2023, 11, 1)},
    ],
    ids=repr,
)
def test_facts_refuse_people_and_what_they_wrote(facts):
    with pytest.raises(AssertionError):
        facts_text(facts)


def test_an_ordinary_number_of_eighteen_digits_is_no_identity_number():
    assert not is_identity_number("202311010000000017")
    assert not is_identity_number("110105194912310021")
    assert machine_word(hashlib.sha256(b"sheet").hexdigest())
