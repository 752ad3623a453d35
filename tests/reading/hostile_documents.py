"""JSON and FHIR documents that must be refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from contractor.claims.doors.fhir_claims import OURS
from tests.reading.hostile import Hostile
from tests.reading.making import Bare, fhir_bundle, json_bytes, two_claims, with_bare_numbers

Document = Any


def cases() -> Iterator[Hostile]:
    yield from _json_cases()
    yield from _fhir_cases()


def _json_cases() -> Iterator[Hostile]:
    claims = two_claims()
    good = json_bytes(claims)

    def case(name: str, content: bytes, reason: str, column: str | None = None, row: int | None = None) -> Hostile:
        return Hostile(f"json-{name}", "a.json", content, reason, column, row)

    yield case("empty", b"", "empty_file", row=0)
    yield case("blank", b"  \n", "broken_json")
    yield case("cut short", good[:-40], "broken_json")
    yield case("two documents", good + good, "broken_json")
    yield case("a comma too many", good[:-1] + b",]", "broken_json")
    yield case("single quotes", good.replace(b'"', b"'"), "broken_json")
    yield case("a comment", b"/* x */" + good, "broken_json")
    yield case("a tab in a text", good.replace("普外科".encode(), b"a\tb"), "broken_json")
    yield case("utf-16", good.decode().encode("utf-16"), "unknown_encoding")
    yield case("gbk", good.decode().encode("gbk"), "unknown_encoding")
    yield case("not utf-8", good.replace("普外科".encode(), b"\xff\xfe"), "unknown_encoding")
    yield case("100,000 deep", b"[" * 100_000, "too_deep")
    yield case("100,000 deep and closed", b"[" * 100_000 + b"]" * 100_000, "too_deep")
    yield case("41 deep beside good claims", good[:-1] + b"," + b'{"a":' * 41 + b"1" + b"}" * 41 + b"]", "too_deep")
    yield case(
        "brackets in a text do not hide depth", b'["' + b"]" * 100 + b'",' + b"[" * 60 + b"]" * 60 + b"]", "too_deep"
    )
    yield case("three million values", b"[" + b"0," * 3_000_000 + b"0]", "too_many_values")
    yield case("17 MiB", b" " * (17 << 20) + good, "too_large_file")
    yield case(
        "a key twice", good.replace(b'"charged": "128.35"', b'"charged": "128.35", "charged": "1.00"'), "key_twice"
    )
    yield case(
        "a key twice, once escaped",
        good.replace(b'"charged": "128.35"', b'"charged": "128.35", "\\u0063harged": "1"'),
        "key_twice",
    )
    for constant in (b"NaN", b"Infinity", b"-Infinity"):
        yield case(f"{constant.decode()}", good.replace(b'"128.35"', constant), "not_a_number")
    yield case("a number in exponents", good.replace(b'"28.35"', b"2.835E1"), "exponent_notation")
    yield case("a number of 10,000 digits", good.replace(b'"128.35"', b"9" * 10_000), "over_long_cell", "charged", 1)
    yield case("a float's remains", good.replace(b'"128.35"', b"128.35000000000002"), "too_many_decimals", "charged", 1)
    yield case(
        "a card as a number", good.replace(b'"9901210100000017"', b"9901210100000017"), "wrong_type", "card_number", 1
    )
    yield case("a truth for an amount", good.replace(b'"128.35"', b"true"), "wrong_type", "charged", 1)
    yield case("a list for an amount", good.replace(b'"128.35"', b'["128.35"]'), "wrong_type", "charged", 1)
    yield case("an object for a text", good.replace('"普外科"'.encode(), b'{"a": 1}', 1), "wrong_type", "department", 1)
    yield case(
        "a list of numbers for codes", good.replace(b'"47.0100"', b"[47.01]", 1), "wrong_type", "procedure_codes", 1
    )
    yield case("null for a day", good.replace(b'"2024-01-08"', b"null", 1), "blank", "submitted_on", 1)
    yield case(
        "half a pair",
        good.replace("床位费".encode(), b"\\ud800"),
        "control_character",
        "lines[2].hospital_item_name",
        1,
    )
    yield case(
        "an escaped NUL",
        good.replace("床位费".encode(), b"a\\u0000b"),
        "control_character",
        "lines[2].hospital_item_name",
        1,
    )
    yield case(
        "an unknown member",
        good.replace(b'"charged": "128.35"', b'"charged": "128.35", "approved": "128.35"'),
        "unknown_key",
        "approved",
        1,
    )
    yield case(
        "the database's own name",
        good.replace(b'"charged": "128.35"', b'"charged_fen": "12835"'),
        "unknown_key",
        "charged_fen",
        1,
    )
    yield case(
        "__proto__",
        good.replace(b'"charged": "128.35"', b'"charged": "128.35", "__proto__": {}'),
        "unknown_key",
        "__proto__",
        1,
    )
    yield case(
        "an unknown member of a line",
        good.replace(b'"quantity": "4"', b'"quantity": "4", "class": "A"'),
        "unknown_key",
        "lines[2].class",
        1,
    )
    for name, text, reason in (
        ("a text of 100,000 signs", "床" + " " * 100_000 + "位", "over_long_cell"),
        ("a text after 100,000 blanks", " " * 100_000 + "床", "control_character"),
    ):
        yield case(name, good.replace("床位费".encode(), text.encode()), reason, "lines[2].hospital_item_name", 1)
    for name, spoil, reason, column in (
        ("no lines", lambda c: c.pop("lines"), "no_lines", "lines"),
        ("lines empty", lambda c: c.update(lines=[]), "no_lines", "lines"),
        ("lines an object", lambda c: c.update(lines={"1": {}}), "wrong_type", "lines"),
        ("lines a text", lambda c: c.update(lines="2"), "wrong_type", "lines"),
        ("a line a text", lambda c: c.update(lines=["x"]), "wrong_type", "lines[1]"),
        ("a line empty", lambda c: c.update(lines=[{}]), "blank", "lines[1].item_code"),
        ("5,001 lines", lambda c: c.update(lines=c["lines"] * 2_501), "too_many_lines", "lines"),
        ("no number", lambda c: c.pop("claim_number"), "blank", "claim_number"),
        ("no route", lambda c: c.pop("route"), "blank", "route"),
    ):
        spoiled = copy.deepcopy(claims)
        spoil(spoiled[0])
        yield case(name, json_bytes(spoiled), reason, column, 1)
    for name, document, reason in (
        ("a text", "claims", "wrong_type"),
        ("null", None, "wrong_type"),
        ("a number", 5, "wrong_type"),
        ("no claims", [], "no_rows"),
        ("an empty list of claims", {"claims": []}, "no_rows"),
        ("claims an object", {"claims": {}}, "wrong_type"),
        ("claims of texts", ["x"], "wrong_type"),
        ("an empty object", {}, "blank"),
        ("another member beside the claims", {"claims": claims, "sql": "x"}, "unknown_key"),
        ("a control of lists", {"claims": claims, "control": []}, "wrong_type"),
        ("an unknown control", {"claims": claims, "control": {"sum": "1"}}, "unknown_key"),
        ("a control in exponents", {"claims": claims, "control": {"charged": "1E5"}}, "exponent_notation"),
        ("the same claim twice", [claims[0], claims[0]], "claim_twice"),
    ):
        yield case(name, json.dumps(document).encode(), reason)
    lines = [json_bytes(claim) for claim in claims]
    for name, content, reason, row in (
        ("a broken line", lines[0] + b"\n" + lines[1][:-9], "broken_json", 2),
        ("a line that is a list", lines[0] + b"\n[]", "wrong_type", 2),
        ("a line of 5 MiB and more", lines[0] + b"\n" + b" " * (5 << 20) + lines[1], "over_long_line", 2),
        ("a deep line", lines[0] + b"\n" + b"[" * 50_000, "too_deep", 2),
        ("a document over several lines", json.dumps(claims, indent=1).encode(), "broken_json", 1),
        ("only blank lines", b"\n\n\n", "no_rows", 0),
    ):
        yield Hostile(f"jsonl-{name}", "a.jsonl", content, reason, None, row)


def _fhir_cases() -> Iterator[Hostile]:
    def case(name: str, spoil: Callable[[Document], Any], reason: str, column: str | None = None) -> Hostile:
        bundle = fhir_bundle(two_claims())
        spoil(bundle)
        return Hostile(f"fhir-{name}", "a.json", with_bare_numbers(bundle), reason, column)

    def claim(bundle: Document) -> Document:
        return bundle["entry"][3]["resource"]

    def item(bundle: Document) -> Document:
        return claim(bundle)["item"][0]

    def setting(where: Callable[[Document], Document], **values: Any) -> Callable[[Document], Any]:
        return lambda bundle: where(bundle).update(values)

    def without(where: Callable[[Document], Document], key: str) -> Callable[[Document], Any]:
        return lambda bundle: where(bundle).pop(key)

    yen = {"value": Bare("28.35"), "currency": "JPY"}
    for name, spoil, reason, column in (
        ("another resource", setting(lambda b: b, resourceType="Patient"), "not_a_claim_or_bundle", None),
        ("a resource without a type", setting(lambda b: b, resourceType=""), "not_a_claim_or_bundle", None),
        ("a message", setting(lambda b: b, type="message"), "bundle_of_another_type", None),
        ("a history", setting(lambda b: b, type="history"), "bundle_of_another_type", None),
        ("a bundle without a type", without(lambda b: b, "type"), "bundle_of_another_type", None),
        ("no entries", setting(lambda b: b, entry=[]), "no_rows", None),
        ("no claim among the entries", lambda b: b.update(entry=b["entry"][:2]), "no_rows", None),
        ("entries an object", setting(lambda b: b, entry={}), "wrong_type", "Bundle.entry"),
        ("an entry a text", lambda b: b["entry"].append("x"), "wrong_type", "Bundle.entry[4]"),
        ("a resource a list", lambda b: b["entry"][0].update(resource=[]), "wrong_type", None),
        (
            "a request to delete",
            lambda b: b["entry"][3].update(request={"method": "DELETE", "url": "Claim/1"}),
            "unsupported_element",
            "Bundle.entry[3].request.method",
        ),
        ("one name for two", lambda b: b["entry"][1].update(fullUrl="urn:uuid:p1"), "entry_twice", "Bundle.entry[1]"),
        ("a draft", setting(claim, status="draft"), "not_as_expected", "Claim.status"),
        ("a cancelled claim", setting(claim, status="cancelled"), "not_as_expected", "Claim.status"),
        ("a claim without a status", without(claim, "status"), "not_as_expected", "Claim.status"),
        ("a predetermination", setting(claim, use="predetermination"), "not_as_expected", "Claim.use"),
        ("a preauthorization", setting(claim, use="preauthorization"), "not_as_expected", "Claim.use"),
        ("an element of R5", setting(claim, traceNumber=[]), "unknown_key", "Claim.traceNumber"),
        ("an element of nobody", setting(claim, payNow=Bare("1")), "unknown_key", "Claim.payNow"),
        ("an item's element of R5", setting(item, tax=yen), "unknown_key", "Claim.item[0].tax"),
        (
            "a modifier extension",
            setting(claim, modifierExtension=[{"url": "urn:x"}]),
            "modifier_extension",
            "Claim.modifierExtension",
        ),
        (
            "an item's modifier extension",
            setting(item, modifierExtension=[]),
            "modifier_extension",
            "Claim.item[0].modifierExtension",
        ),
        ("implicit rules", setting(claim, implicitRules="urn:x"), "unsupported_element", "Claim.implicitRules"),
        (
            "a claim that replaces another",
            setting(claim, related=[{"claim": {"reference": "Claim/1"}}]),
            "unsupported_element",
            "Claim.related",
        ),
        ("an accident", setting(claim, accident={"date": "2024-01-01"}), "unsupported_element", "Claim.accident"),
        (
            "details below an item",
            setting(item, detail=[{"sequence": Bare("1")}]),
            "unsupported_element",
            "Claim.item[0].detail",
        ),
        ("a factor", setting(item, factor=Bare("0.5")), "unsupported_element", "Claim.item[0].factor"),
        ("another currency in the total", setting(claim, total=yen), "other_currency", "Claim.total"),
        ("another currency in an item", setting(item, net=yen), "other_currency", "Claim.item[0].net"),
        ("no currency", setting(claim, total={"value": Bare("28.35")}), "other_currency", "Claim.total"),
        (
            "an amount in quotes",
            setting(claim, total={"value": "28.35", "currency": "CNY"}),
            "wrong_type",
            "Claim.total.value",
        ),
        (
            "an amount in exponents",
            setting(claim, total={"value": Bare("2.835E1"), "currency": "CNY"}),
            "exponent_notation",
            "charged",
        ),
        (
            "a negative amount",
            setting(claim, total={"value": Bare("-28.35"), "currency": "CNY"}),
            "negative_amount",
            "charged",
        ),
        (
            "a third decimal",
            setting(claim, total={"value": Bare("28.355"), "currency": "CNY"}),
            "too_many_decimals",
            "charged",
        ),
        (
            "a total above its items",
            setting(claim, total={"value": Bare("153.35"), "currency": "CNY"}),
            "sum_differs",
            "charged",
        ),
        ("no total", without(claim, "total"), "blank", "charged"),
        (
            "an item without a price",
            lambda b: [item(b).pop(k) for k in ("net", "unitPrice", "quantity")],
            "blank",
            "lines[1].line_charged",
        ),
        (
            "a net that is not its product",
            setting(item, net={"value": Bare("28.34"), "currency": "CNY"}),
            "line_is_not_its_product",
            "lines[1].line_charged",
        ),
        (
            "a quantity in quotes",
            setting(item, quantity={"value": "2.5"}),
            "wrong_type",
            "Claim.item[0].quantity.value",
        ),
        (
            "a negative quantity",
            setting(item, quantity={"value": Bare("-2.5")}),
            "negative_amount",
            "lines[1].quantity",
        ),
        ("an item never given", without(item, "servicedDate"), "blank", "lines[1].performed_on"),
        ("an item without a code", setting(item, productOrService={"text": "x"}), "blank", "lines[1].item_code"),
        (
            "an item's code with a blank",
            setting(item, productOrService={"coding": [{"code": "D 1"}]}),
            "not_a_code",
            "lines[1].item_code",
        ),
        ("no items", setting(claim, item=[]), "no_lines", "lines"),
        ("items an object", setting(claim, item={"1": {}}), "wrong_type", "Claim.item"),
        ("an item a text", setting(claim, item=["x"]), "wrong_type", "Claim.item[0]"),
        (
            "a patient not here",
            setting(claim, patient={"reference": "Patient/2"}),
            "unresolved_reference",
            "Claim.patient",
        ),
        (
            "a patient on the web",
            setting(claim, patient={"reference": "http://169.254.169.254/Patient/1"}),
            "unresolved_reference",
            "Claim.patient",
        ),
        (
            "a patient in a file",
            setting(claim, patient={"reference": "file:///etc/passwd"}),
            "unresolved_reference",
            "Claim.patient",
        ),
        ("a patient without a card", setting(claim, patient={"reference": "Organization/o1"}), "blank", "card_number"),
        (
            "a patient of another system",
            setting(claim, patient={"identifier": {"system": "urn:x", "value": "1"}}),
            "blank",
            "card_number",
        ),
        ("a patient a text", setting(claim, patient="Patient/p1"), "wrong_type", "Claim.patient"),
        (
            "a provider not here",
            setting(claim, provider={"reference": "Organization/9"}),
            "unresolved_reference",
            "Claim.provider",
        ),
        (
            "a contained one not here",
            setting(claim, provider={"reference": "#x"}),
            "unresolved_reference",
            "Claim.provider",
        ),
        (
            "two claim numbers",
            lambda b: claim(b)["identifier"].append({"system": OURS + "claim-number", "value": "Z"}),
            "identifier_twice",
            "Claim.identifier",
        ),
        ("no claim number", lambda b: claim(b)["identifier"].pop(0), "blank", "claim_number"),
        (
            "an advance twice",
            lambda b: claim(b)["extension"].append(dict(claim(b)["extension"][0])),
            "extension_twice",
            "Claim.extension",
        ),
        (
            "an advance in dollars",
            lambda b: claim(b)["extension"][0].update(valueMoney={"value": Bare("1"), "currency": "USD"}),
            "other_currency",
            None,
        ),
        (
            "an impossible day",
            setting(claim, billablePeriod={"start": "2024-02-30", "end": "2024-03-01"}),
            "impossible_day",
            "admitted_on",
        ),
        ("an instant that cannot be", setting(claim, created="2024-01-08T25:00:00Z"), "time_of_day", "submitted_on"),
        ("half a day", setting(claim, created="2024-01"), "not_a_day", "submitted_on"),
        ("a day as a number", setting(claim, created=Bare("20240108")), "wrong_type", "Claim.created"),
        (
            "days the wrong way round",
            setting(claim, billablePeriod={"start": "2024-01-05", "end": "2024-01-02"}),
            "before_admission",
            "discharged_on",
        ),
        ("no diagnosis", without(claim, "diagnosis"), "blank", "diagnosis_code"),
        (
            "a diagnosis not here",
            setting(claim, diagnosis=[{"sequence": 1, "diagnosisReference": {"reference": "Condition/1"}}]),
            "unresolved_reference",
            "Claim.diagnosis[0].diagnosisReference",
        ),
        (
            "an unknown type of claim",
            setting(claim, type={"coding": [{"code": "burial"}]}),
            "not_a_choice",
            "Claim.type",
        ),
        (
            "a claim twice",
            lambda b: b["entry"].append({**copy.deepcopy(b["entry"][3]), "fullUrl": "urn:uuid:again"}),
            "claim_twice",
            "claim_number",
        ),
        (
            "a pharmacy claim of several days",
            setting(claim, type={"coding": [{"code": "pharmacy"}]}, extension=[]),
            "visit_of_several_days",
            "discharged_on",
        ),
    ):
        yield case(name, spoil, reason, column)
    as_lines = b"\n".join(json_bytes(each["resource"]) for each in fhir_bundle(two_claims())["entry"])
    yield Hostile("fhir-as-lines", "a.jsonl", as_lines, "unknown_key")
