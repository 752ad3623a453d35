import datetime as dt
import decimal
import io
import json
import random
import re
import unicodedata
import uuid
from pathlib import Path

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.vault.bank_accounts import made_up_card_number
from chassis.vault.identity_numbers import made_up_identity_number, parse_identity_number
from chassis.vault.masking import mask_identity_number, mask_sealed
from chassis.vault.scrubbing import LARGEST_SCANNED, LARGEST_TEXT, NOT_ALLOWED, Scrubber, scrub, scrub_text
from chassis.vault.sealing import seal

FULL_WIDTH = {ord("0") + n: chr(0xFF10 + n) for n in range(10)}
ARABIC = {ord("0") + n: chr(0x0660 + n) for n in range(10)}


def grouped(text: str, *sizes: int, gap: str = " ") -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(text[at : at + size])
        at += size
    return gap.join(part for part in (*parts, text[at:]) if part)


def spellings(rng: random.Random, secret: str) -> list[str]:
    """How people, forms and copied web pages write a number."""
    sizes = {18: (6, 8), 19: (4, 4, 4, 4), 16: (4, 4, 4), 11: (3, 4), 15: (4, 6)}[len(secret)]
    gap = rng.choice([" ", "-", "\u3000", "\u00a0", "\u2013", " - "[:2], "\u200b"])
    forms = [secret, grouped(secret, *sizes, gap=gap), secret.translate(FULL_WIDTH), secret.translate(ARABIC)]
    forms.append(secret.lower() if "X" in secret else grouped(secret, *sizes, gap="\n"))
    return forms


SENTENCES = [
    "{}",
    "身份证{}已登记",
    "姓名张桂兰，号码：{}。",
    "no member {} in county 330110",
    "GET /members?number={}&page=2",
    '{{"number": "{}", "amount_fen": 1200}}',
    "ID{}",
    "a={};b={}",
    "<td>{}</td>",
    "330110/17 {} 2026-11-21",
    "ValueError: invalid literal for int() with base 10: '{}'",
    "[{}, {}]",
    "x\r\nlevel=info {}",
]


def planted(seed: int, count: int) -> list[tuple[str, str]]:
    """Pairs of a secret and a sentence that holds it in one of its spellings."""
    rng = random.Random(seed)
    pairs = []
    for _ in range(count):
        born_on = dt.date(1930, 1, 1) + dt.timedelta(days=rng.randrange(35_000))
        secret = rng.choice(
            [
                made_up_identity_number(rng, f"{rng.randrange(110101, 659010)}", born_on, rng.random() < 0.5),
                made_up_card_number(rng, length=rng.choice([16, 19])),
                made_up_card_number(rng, bin_digits="37", length=15),
                f"1{rng.randrange(3, 10)}{rng.randrange(10**9):09d}",
            ]
        )
        sentence = rng.choice(SENTENCES)
        pairs.append((secret, sentence.format(*[rng.choice(spellings(rng, secret))] * 2)))
    return pairs


def nested(rng: random.Random, leaves: list[object]) -> object:
    """The leaves somewhere inside lists, tuples and mappings, as values and as keys."""
    if len(leaves) == 1:
        return leaves[0]
    half = len(leaves) // 2
    left, right = nested(rng, leaves[:half]), nested(rng, leaves[half:])
    shape = rng.randrange(4)
    if shape == 0:
        return [left, right]
    if shape == 1:
        return (left, {"found": right})
    if shape == 2 and isinstance(left, str):
        return {left: right, "expected": left}
    return {"expected": left, "found": right}


def leaves_of(value: object):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from leaves_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves_of(inner)
    else:
        yield str(value)


def only_digits(text: str) -> str:
    digits = (str(unicodedata.digit(c)) if c.isdecimal() else c for c in text)
    return "".join(c for c in digits if c in "0123456789")


@pytest.mark.parametrize("seed", range(10))
def test_none_of_hundreds_of_planted_numbers_comes_through_any_structure(seed):
    rng = random.Random(seed)
    pairs = planted(seed, 60)
    members: list[object] = [sentence for _, sentence in pairs[:40]]
    members += [ValueError(sentence) for _, sentence in pairs[40:50]]
    members += [int(secret) for secret, _ in pairs[50:] if secret.isdigit()]
    rng.shuffle(members)
    event = {"event": pairs[0][1], "found": nested(rng, members[:30]), "error": nested(rng, members[30:])}
    event |= {f"extra{n}": sentence for n, (_, sentence) in enumerate(pairs[:5])}
    clean = json.loads(json.dumps(scrub(None, "info", event)))
    shown = [only_digits(leaf) for leaf in leaves_of(clean)]
    for secret, sentence in pairs:
        assert not any(secret.rstrip("X") in digits for digits in shown), sentence


@pytest.mark.parametrize("seed", range(4))
def test_none_of_two_hundred_numbers_comes_through_a_text(seed):
    for secret, sentence in planted(100 + seed, 200):
        clean = scrub_text(sentence)
        assert secret.rstrip("X") not in only_digits(clean), sentence
        # What is left of the sentence says what was there.
        assert re.search(r"\[(identity number|account|phone)]", clean), sentence


surroundings = st.text(alphabet=st.characters(exclude_categories=("Nd",)) | st.sampled_from("00X- "), max_size=20)


@settings(deadline=None)
@given(before=surroundings, after=surroundings, seed=st.integers(0, 10**6), gap=st.sampled_from(["", " ", "-", "\n"]))
def test_no_surrounding_text_smuggles_an_identity_number_through(before, after, seed, gap):
    number = made_up_identity_number(random.Random(seed), "330106", dt.date(1990, 1, 1), True)
    assert "199001" not in only_digits(scrub_text(before + grouped(number, 6, 8, gap=gap) + after))


@pytest.mark.parametrize(
    "text",
    [
        "3301061990010112345",
        "33010619900101123",
        "330106900101123",
        "330106 1990 0101 123x",
        "330-106-1990-0101-123-X",
        "3 3 0 1 0 6 1 9 9 0 0 1 0 1 1 2 3 X",
        "330106199002301234",
        "33010619900101123Ｘ",
        "33010619900101123Х",
        "6222 0212 3456 7890",
        "3782 822463 10005",
        "622848 0402564890018",
        "13812345678",
        "+86 138 1234 5678",
        "0086-13812345678",
        "013812345678",
        "tel:138-1234-5678",
        "1" * 15,
        "9" * 40,
        "330106 19900101 12340007",
        "007330106 19900101 1234",
        "0330106-1990-0101-12340",
    ],
)
def test_a_number_in_an_odd_shape_or_mistyped_is_still_taken_out(text):
    assert len(only_digits(scrub_text(text))) <= 2


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T19:35:12.123456Z",
        "2026-11-01 2026-11-30",
        "claim 330110-2026-000123 decided",
        "county 330110 row 330110/17",
        "paid 1,234,567.89 in 12 lines",
        "1234567890123 fen",
        "epoch 1732217512123",
        "192.168.100.123:5432",
        "migration 0012",
        "took 0.12345 s",
        "1 2 3 4 5 6 7 8 9 10 11 12",
        "张桂兰",
        "",
        "99999999999",
        "date 20261121",
        "3301**********1234",
        "****0018",
    ],
)
def test_harmless_digits_stay(text):
    assert scrub_text(text) == text


def test_a_log_line_cannot_be_forged_or_steer_a_terminal():
    hostile = "a\r\nb\x00c\x1b[2Jd\u2028e\u202ef\x85g\ud800h\ti"
    clean = scrub_text(hostile)
    assert clean == "a\\r\\nb\\u0000c\\u001b[2Jd\\u2028e\\u202ef\\u0085g\\ud800h\\ti"
    assert clean.isprintable()
    assert all(key.isprintable() for key in scrub(None, "info", {"a\nlevel": 1}))


def test_only_fields_someone_vouched_for_are_written():
    event = {"event": "signed in", "name": "张桂兰", "password": "x", "otp": 123456, "born_on": dt.date(1990, 1, 1)}
    event["found"] = {"name": "张桂兰", "count": 3, "diagnosis": ["I10"]}
    clean = scrub(None, "info", event)
    assert clean == {
        "event": "signed in",
        "name": NOT_ALLOWED,
        "password": NOT_ALLOWED,
        "otp": NOT_ALLOWED,
        "born_on": NOT_ALLOWED,
        "found": {"name": NOT_ALLOWED, "count": 3, "diagnosis": NOT_ALLOWED},
    }
    more = Scrubber(pseudonym_key=bytes(32), also_allowed=["diagnosis"])
    assert more(None, "info", event)["found"]["diagnosis"] == ["I10"]


def test_the_event_passed_in_is_not_changed():
    inner = {"name": "张桂兰"}
    event = {"event": "13812345678", "found": inner}
    scrub(None, "info", event)
    assert event == {"event": "13812345678", "found": {"name": "张桂兰"}} and inner == {"name": "张桂兰"}


def test_people_are_pseudonyms_that_join_under_one_key_and_not_under_another(key_file):
    from chassis.vault.keys import load_keys

    one, again = Scrubber.with_keys(load_keys(key_file)), Scrubber.with_keys(load_keys(key_file))
    event = {"member_id": 17, "decided_by": "330110/17", "by": 17, "claim_id": 17, "person_ids": [17, 18]}
    clean = one(None, "info", event)
    assert clean == again(None, "info", event)
    assert clean["member_id"] == clean["by"] == clean["person_ids"][0] != clean["person_ids"][1]
    assert clean["claim_id"] == 17 and clean["decided_by"] != "330110/17"
    assert re.fullmatch("p-[0-9a-f]{16}", clean["member_id"])
    assert scrub(None, "info", event)["member_id"] != clean["member_id"]
    assert one(None, "info", {"by": None}) == {"by": None}


def test_an_id_of_a_thing_that_is_really_a_number_is_taken_out():
    clean = scrub(None, "info", {"request_id": "330106199001011234", "claim_id": 330106199001011234})
    assert clean == {"request_id": "[identity number]", "claim_id": "[identity number]"}


def test_request_ids_and_hashes_stay_whole_so_that_lines_can_be_joined():
    rng = random.Random(3)
    for _ in range(500):
        request = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        digest = f"{rng.getrandbits(256):064x}"
        event = {"request_id": request, "batch_hash": digest, "task_id": rng.randrange(10**9)}
        assert scrub(None, "info", event) == event


def test_amounts_stay_numbers_but_an_account_is_none():
    event = {"owed_fen": 13812345678, "took_ms": 12.5, "count": 7, "is_x": True, "found": None}
    clean = scrub(None, "info", event)
    assert clean == event | {"is_x": NOT_ALLOWED}
    assert scrub(None, "info", {"owed_fen": 6228480402564890018}) == {"owed_fen": "[account]"}
    assert scrub(None, "info", {"count": 13812345678}) == {"count": "[phone]"}
    assert "3010619900101" not in str(scrub(None, "info", {"count": 330106199001011234.0}))


def test_an_error_from_the_database_does_not_quote_the_row():
    text = (
        'duplicate key value violates unique constraint "uq_member"\n'
        "DETAIL:  Key (name, village)=(张桂兰, 王家村) already exists.\nLINE 1: x\n"
        "[SQL: INSERT INTO member]\n[parameters: {'name': '张桂兰'}]"
    )
    clean = scrub_text(text)
    assert "张桂兰" not in clean and "uq_member" in clean and "LINE 1: x" in clean
    assert "张" not in scrub_text('invalid input syntax for type integer: "张桂兰"')
    assert "张" not in scrub_text('CONTEXT:  COPY member, line 3, column id: "张桂兰"')


def test_masked_values_and_parsed_numbers_are_logged_masked(keyring):
    text = "11010519491231002X"
    cell = {"table": "t", "column": "c", "row_id": "1"}
    masked = mask_sealed(
        keyring, "identity_number", seal(keyring, "identity_number", text, **cell), mask_identity_number, **cell
    )
    clean = scrub(None, "info", {"found": masked, "number": [masked], "anything": masked, "payee": {"x": masked}})
    assert clean["found"] == clean["anything"] == clean["number"][0] == "1101**********002X"
    parsed = parse_identity_number(text, on=dt.date(2026, 1, 1))
    assert scrub(None, "info", {"found": parsed}) == {"found": "[IdentityNumber]"}


def test_values_of_every_kind_have_a_form():
    class Record:
        def __repr__(self):
            return "张桂兰 330106199001011234"

    event = {
        "found": [dt.date(2026, 11, 21), decimal.Decimal("12.34"), Path("/x"), b"330106199001011234", Record(), {1, 2}],
        "expected": {Record(): 1, 5: "x", ("a", "b"): 2},
    }
    clean = json.loads(json.dumps(scrub(None, "info", event)))
    assert clean["found"] == ["2026-11-21", "12.34", "/x", "[bytes]", "[Record]", [1, 2]]
    assert clean["expected"] == {"[not a name]": NOT_ALLOWED, "5": NOT_ALLOWED}


def test_huge_deep_and_circular_values_end():
    deep: object = "330106199001011234"
    for _ in range(50):
        deep = {"found": [deep]}
    circle: dict = {}
    circle["found"] = circle
    event = {"error": "9" * 10**6, "found": deep, "expected": circle, "reason": list(range(10**5)), "key": "1 " * 10**5}
    clean = json.dumps(scrub(None, "info", event))
    assert len(clean) < 10 * LARGEST_TEXT and "too deep" in clean


def test_a_number_that_the_limit_cuts_in_two_leaves_no_half():
    number = "330106199001011234"
    for at in range(LARGEST_SCANNED - 30, LARGEST_SCANNED + 5):
        clean = scrub_text("DETAIL: " + "x" * (at - 9) + "\n" + number + "\n")
        assert "3301061990" not in clean


def test_structlogs_own_chain_writes_scrubbed_json_with_the_traceback():
    out = io.StringIO()
    chain = [structlog.processors.add_log_level, scrub, structlog.processors.JSONRenderer()]
    log = structlog.wrap_logger(structlog.PrintLogger(out), processors=chain)
    try:
        number = "330106199001011234"
        raise ValueError(f"no member {number}\nfor 13812345678")
    except ValueError:
        log.exception("lookup failed", member_id=17, name="张桂兰")
    line = out.getvalue()
    assert line.count("\n") == 1
    written = json.loads(line)
    assert written["level"] == "error" and "Traceback" in written["exception"]
    assert "[identity number]" in written["exception"] and "exc_info" not in written
    for secret in ("330106199001011234", "13812345678", "张桂兰"):
        assert secret not in line
