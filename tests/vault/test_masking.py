import csv
import dataclasses
import io
import json
import logging
import pickle
import pprint

import flask
import pytest
import structlog
from markupsafe import escape

from chassis.vault.masking import (
    Masked,
    json_masked,
    mask_account,
    mask_identity_number,
    mask_name,
    mask_phone,
    mask_sealed,
    mask_sealed_many,
    reveal,
)
from chassis.vault.refusals import SealBroken
from chassis.vault.sealing import seal, seal_many

CELL = {"table": "registry.member", "column": "identity_number", "row_id": "330110/17"}
NUMBER = "330106199001011234"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张桂兰", "张*"),
        ("张兰", "张*"),
        ("张", "张*"),
        (" 张桂兰 ", "张*"),
        ("欧阳锋", "欧阳*"),
        ("欧阳", "欧*"),  # a given name may be 阳; nothing but a surname may show
        ("司马相如", "司马*"),
        ("诸葛亮", "诸葛*"),
        ("尉迟敬德", "尉迟*"),
        ("歐陽娜娜", "歐陽*"),
        ("令狐冲", "令狐*"),
        ("阿依古丽·买买提", "阿*"),
        ("买买提·吐尔逊", "买*"),
        ("扎西顿珠", "扎*"),
        ("乌兰托娅", "乌*"),
        ("爱新觉罗·溥仪", "爱*"),
        ("𬱖某某", "𬱖*"),
        ("Aygul Mamat", "A*"),
        ("ئايگۈل", "ئ*"),
        ("བཀྲ་ཤིས", "བ*"),
        ("", "*"),
        ("  ", "*"),
        ("·", "*"),
        ("<script>", "*"),
        ("=cmd()", "*"),
    ],
)
def test_a_name_shows_its_surname_and_one_star(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("mask", "text", "shown"),
    [
        (mask_identity_number, NUMBER, "3301**********1234"),
        (mask_identity_number, "11010519491231002X", "1101**********002X"),
        (mask_identity_number, "110105491231002", "1101*******1002"),
        (mask_identity_number, "33010619900101", "********"),
        (mask_identity_number, "", "********"),
        (mask_identity_number, NUMBER * 2, "********"),
        (mask_account, "6228480402564890018", "****0018"),
        (mask_account, "12345678", "****5678"),
        (mask_account, "1234567", "****"),
        (mask_account, "", "****"),
        (mask_phone, "13812345678", "138****5678"),
        (mask_phone, "057188881234", "****34"),
        (mask_phone, "95588", "****"),
        (mask_phone, "", "****"),
    ],
)
def test_a_mask_shows_what_the_rule_says(mask, text, shown):
    assert mask(text) == shown


@pytest.fixture()
def masked(keyring) -> Masked:
    blob = seal(keyring, "identity_number", NUMBER, **CELL)
    return mask_sealed(keyring, "identity_number", blob, mask_identity_number, **CELL)


def printed_forms(masked: Masked):
    """Every way we know by which a value gets out of a program."""
    app = flask.Flask(__name__)
    sheet = io.StringIO()
    csv.writer(sheet).writerow([masked])
    record = logging.LogRecord("x", 20, "x", 1, "member %s %r", (masked, masked), None)
    with app.app_context():
        yield "flask json", flask.json.dumps({"number": masked})
        yield "template", flask.render_template_string("{{ n }} {{ n|upper }} {{ n|tojson }} {{ [n] }}", n=masked)
        yield "debug", flask.render_template_string("{{ n|pprint }} {{ n|string }} {{ '%s' % n }}", n=masked)
    yield "json", json.dumps({"number": masked}, default=json_masked)
    yield "structlog json", structlog.processors.JSONRenderer()(None, "info", {"number": masked})
    yield "structlog console", structlog.dev.ConsoleRenderer(colors=False)(None, "info", {"event": "x", "n": masked})
    yield "structlog key=value", structlog.processors.KeyValueRenderer()(None, "info", {"number": masked})
    yield "str", str(masked)
    yield "repr", repr(masked)
    yield "format", f"{masked} {masked!r:>40} {masked:>30} {masked!s}"
    yield "percent", "%s %r" % (masked, masked)  # noqa: UP031 – the form under test
    yield "in a list", f"{[masked]} { {'n': masked} } {(masked,)}"
    yield "pprint", pprint.pformat([masked])
    yield "html", escape(masked)
    yield "csv", sheet.getvalue()
    yield "log", record.getMessage()
    yield "error", str(ValueError(masked)) + repr(ValueError(masked))
    yield "pickle", repr(pickle.dumps(masked))
    yield "attributes", repr([getattr(masked, name) for name in dir(masked) if name.startswith("_")])


def test_however_a_masked_value_is_printed_only_its_mask_comes_out(masked):
    for way, printed in printed_forms(masked):
        printed = str(printed)
        assert NUMBER not in printed and "19900101" not in printed, way
        if way != "pickle":
            assert "3301**********1234" in printed, way


def test_plain_json_refuses_a_masked_value_and_names_no_number(masked):
    with pytest.raises(TypeError) as refusal:
        json.dumps(masked)
    assert NUMBER not in str(refusal.value)
    with pytest.raises(TypeError):
        json.dumps(object(), default=json_masked)


def test_a_masked_value_is_no_text_that_could_be_stored_over_the_number(masked):
    assert not isinstance(masked, str) and not dataclasses.is_dataclass(masked)
    with pytest.raises(TypeError):
        "".join([masked])


def test_revealing_needs_the_keys_and_gives_the_number(masked, keyring):
    assert reveal(masked, keyring) == NUMBER
    assert reveal(pickle.loads(pickle.dumps(masked)), keyring) == NUMBER


def test_revealing_a_value_of_another_row_is_refused(keyring):
    blob = seal(keyring, "identity_number", NUMBER, **CELL)
    moved = Masked("x", purpose="identity_number", blob=blob, **(CELL | {"row_id": "330110/18"}))
    with pytest.raises(SealBroken):
        reveal(moved, keyring)


def test_two_people_of_one_mask_are_not_one(keyring):
    ids = ["330110/1", "330110/2"]
    address = {"table": "t", "column": "c"}
    blobs = seal_many(keyring, "identity_number", [NUMBER, "330106198001011234"], row_ids=ids, **address)
    one, other = mask_sealed_many(keyring, "identity_number", blobs, mask_identity_number, row_ids=ids, **address)
    assert str(one) == str(other) and one != other and len({one, other}) == 2
    assert one == pickle.loads(pickle.dumps(one)) and one != str(one)
