"""The macros one by one: no text of a record becomes markup, and what is absent, empty or negative is said plainly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from chassis.layout import figures, in_language, stays
from tests.layout.harness import PARTS, ROOT

HOSTILE = """"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}&lt;b"""
AT = dt.datetime(2026, 11, 20, 6, 31, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 20)
H = HOSTILE
SCALE = figures.scale(
    dict.fromkeys(["p5", "p25", "p50", "p75", "p95", "this", "estimate", "upper", "tolerable"], 1.0),
    highest=2,
    ticks=[(0, H), (2, H)],
)
HASH = "7f3a91c20b5ed4183c90"
STEP = {"operator": "minus", "label": H, "amount_fen": -1, "article": H, "kind": "", "is_changed": True}
COLUMNS = [
    {"key": kind, "label": H, "kind": kind, "unit": H, "is_header": kind == "link"}
    for kind in ("text", "number", "money", "day", "instant", "link", "pill", "finding", "two", "strong")
]
ROW = {
    "text": H,
    "number": H,
    "money": -1,
    "day": DAY,
    "instant": AT,
    "link": (H, H),
    "pill": (H, H),
    "two": (H, H),
    "finding": {"code": H, "name": H, "severity": H, "more": H},
    "strong": H,
    "id": H,
}
FIELD = {"name": H, "label": H, "value": H, "hint": H, "error": H, "id": H}

# Every macro with a hostile text in each argument that can hold one. A macro not listed here fails the test below.
ARGUMENTS: dict[str, dict] = {
    "money": {"fen": -1, "changed": True, "unit": True, "strong": True},
    "day": {"value": DAY},
    "pill": {"word": H, "kind": H},
    "finding_badge": {"code": H, "name": H, "severity": H, "more": H},
    "code": {"text": H, "copy": True},
    "key": {"letter": H},
    "button": {"label": H, "kind": H, "letter": H, "data": {"x": H}},
    "link_button": {"label": H, "url": H, "kind": H, "letter": H},
    "page_head": {
        "title": H,
        "back": (H, H),
        "pill": (H, H),
        "facts": [H],
        "actions": [{"label": H, "url": H, "kind": H, "letter": H}],
    },
    "box": {"title": H, "note": H, "kind": H, "links": [(H, H)], "footer": H, "id": H, "caller": lambda: ""},
    "facts": {"items": [(H, H)]},
    "kv": {"items": [(H, H, H)]},
    "key_figure": {"label": H, "value": H, "unit": H, "notes": [H], "pill": (H, H), "kind": H, "size": H},
    "definition_card": {
        "name": H,
        "question": H,
        "numerator": H,
        "denominator": H,
        "exclusions": [H],
        "better": H,
        "clause": H,
        "checked_on": DAY,
        "code": H,
    },
    "checks": {"items": [(H, H, H, [(H, H)])]},
    "alerts": {"items": [(H, H, H, H, H)]},
    "tabs": {"items": [(H, H, True)], "label": H},
    "road": {"steps": [(H, H)], "label": H},
    "event_timeline": {"events": [{"at": AT, "by": H, "what": H, "note": H, "kind": H}], "label": H},
    "decision_bar": {"amount_label": H, "amount_fen": -1, "facts": [H], "saved": H, "caller": lambda: ""},
    "keys_dialog": {"keys": [([H], H)]},
    "table": {
        "caption": H,
        "columns": COLUMNS,
        "groups": [{"title": H, "rows": [ROW]}],
        "total": [H] * len(COLUMNS),
        "row_key": "id",
        "selected": H,
        "show_caption": True,
    },
    "filter_bar": {
        "action": H,
        "fields": [
            {"name": H, "label": H, "kind": "select", "value": H, "choices": [(H, H)]},
            {"name": H, "label": H, "kind": "number", "value": H, "placeholder": H},
        ],
        "tags": [(H, H)],
        "clear_url": H,
        "views": [(H, H, H, True)],
        "keep": {H: H},
    },
    "keyset_pager": {
        "from_number": 1,
        "to_number": 50,
        "total": 10000,
        "is_capped": True,
        "first_url": H,
        "previous_url": H,
        "next_url": H,
        "note": H,
    },
    "steps_sheet": {
        "steps": [STEP, {**STEP, "text": H}, {"kind": "heading", "label": H}],
        "caption": H,
        "in_words": True,
        "show_head": True,
    },
    "comparison": {
        "rows": [
            {"label": H, "article": H, "left": H, "right": H, "left_note": H, "right_note": H, "is_unequal": True}
        ],
        "left": H,
        "right": H,
        "caption": H,
        "result": (H, -1, H),
    },
    "timeline": {
        "plot": stays.timeline([stays.Stay(H, DAY, DAY, "x<script>", True)], year=2026),
        "label": H,
        "this_word": H,
    },
    "sparkline": {"plot": figures.sparkline([(H, 1)], limit=2, limit_label=H), "label": H},
    "band_bar": {"plot": figures.band_bar(1, floor=0, target=2), "label": H},
    "histogram": {"plot": figures.histogram([(H, 1)]), "label": H},
    "share_bar": {"plot": figures.share_bar(1, 4, pending=1), "label": H},
    "peers": {"plot": SCALE, "label": H},
    "limit_bar": {"plot": SCALE, "label": H, "limit_label": H},
    "plot_with_table": {
        "id": H,
        "label": H,
        "caption": H,
        "label_head": H,
        "series": [{"label": H, "draw": H}],
        "rows": [(H, [H])],
        "divisor": H,
        "maximum": H,
        "every": H,
    },
    "csrf": {},
    "field": {**FIELD, "kind": H, "unit": H, "autocomplete": H, "inputmode": H, "maxlength": H, "size": H, "keep": H},
    "select_field": {**FIELD, "choices": [(H, H)]},
    "radio_field": {**FIELD, "choices": [(H, H, H)]},
    "checkbox_field": {**FIELD, "checked": True},
    "textarea": {**FIELD, "rows": H, "maxlength": H, "keep": H},
    "file_field": {"name": H, "label": H, "accept": H, "capture": H, "multiple": True, "hint": H, "error": H, "id": H},
    "submit": {"label": H, "kind": H, "letter": H, "name": H, "value": H, "formaction": H},
    "error_summary": {"errors": [(H, H), (H, None)], "title": H},
    "kept_is_done": {"keep": H},
    "webauthn_button": {"act": H, "label": H, "options_url": H, "finish_url": H, "kind": H},
    "confirm_panel": {
        "title": H,
        "total_fen": -1,
        "counts": [H],
        "content_hash": HASH,
        "action": H,
        "approve": H,
        "rows": [(H, H, H)],
        "earlier": H,
        "reject": (H, H),
        "cannot": H,
        "next_step": H,
        "errors": {"last_four": H, "password": H, "form": H},
        "hidden": {H: H},
        "id": H,
    },
    "undo_bar": {"text": H, "action": H, "time_left": H, "hidden": {H: H}},
    "progress": {
        "id": H,
        "title": H,
        "done": 1,
        "total": 3,
        "notes": [H],
        "stop_url": H,
        "stop_consequence": H,
        "poll_url": H,
        "refresh_url": H,
    },
    "skeleton": {"label": H},
    "empty_state": {"title": H, "text": H, "actions": [(H, H)]},
    "note": {"title": H, "text": H, "kind": H, "role": H, "passing": True},
    "conflict_note": {"who": H, "at": AT, "expected": H, "found": H, "see_url": H, "continue_url": H},
    "system_error_note": {"reference": H, "retry_url": H},
    "member_head": {"title": H, "note": H},
    "member_card": {"title": H, "is_key": True, "caller": lambda: ""},
    "member_amount": {"label": H, "fen": -1, "after": H},
    "member_bar": {"plot": figures.share_bar(1, 4, pending=1), "label": H, "left": H, "right": H},
    "member_go_list": {"items": [(H, H, H)], "label": H},
    "member_steps": {"number": 1, "of": 3},
    "member_track": {"steps": [(H, H, H)]},
    "member_sum": {"rows": [(H, -1, H)], "caption": H},
    "member_button": {"label": H, "url": H, "kind": H},
    "member_paper": {"title": H, "state": H, "kind": H, "caller": lambda: ""},
    "letter_head": {"office": H, "number": H, "date_words": H, "title": H},
    "letter_decision": {"words": H, "amount": H},
    "letter_signature": {"names": H, "seal": H},
    "letter_foot": {"check": H, "middle": H, "page": H},
}


class Elements(HTMLParser):
    """The elements and attributes a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict]] = []
        self.text = ""

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


def parsed(markup: str) -> Elements:
    elements = Elements()
    elements.feed(str(markup))
    return elements


@pytest.fixture
def cm(site_app) -> Iterator[SimpleNamespace]:
    with site_app.test_request_context("/insurer/zh/components"):
        yield site_app.jinja_env.get_template("cm.html").module


def macros(module) -> set[str]:
    return {name for name in dir(module) if type(getattr(module, name)).__name__ == "Macro"}


def test_every_macro_is_tried_with_hostile_text(cm):
    assert macros(cm) == set(ARGUMENTS)


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_every_text_argument_of_the_macro_is_tried(cm, name):
    untexted = {
        "required",
        "checked",
        "multiple",
        "dense",
        "show_caption",
        "flush",
        "level",
        "small",
        "short",
        "strong",
        "is_finished",
        "money",
        "tall",
        "ask_for",
        "refused",
        "empty",
        "rows",
        "groups",
        "has_end",
        "text",
    }
    assert set(getattr(cm, name).arguments) - set(ARGUMENTS[name]) <= untexted


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_no_text_becomes_markup(cm, name):
    elements = parsed(getattr(cm, name)(**ARGUMENTS[name]))
    assert not [tag for tag, _ in elements.seen if tag in ("script", "img")]
    events = [(tag, key) for tag, attributes in elements.seen for key in attributes if key.startswith("on")]
    assert events == []
    assert "49" not in elements.text


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("table", {"caption": H, "columns": COLUMNS, "rows": [], "empty": H}),
        ("submit", {"label": H, "refused": H}),
        ("confirm_panel", {**ARGUMENTS["confirm_panel"], "refused": H}),
        ("confirm_panel", {**ARGUMENTS["confirm_panel"], "ask_for": "code"}),
        ("member_amount", {"label": H, "text": H}),
        ("progress", {**ARGUMENTS["progress"], "is_finished": True}),
        ("steps_sheet", {"steps": [STEP]}),
    ],
)
def test_no_text_becomes_markup_in_the_other_forms_of_a_macro(cm, name, named):
    elements = parsed(getattr(cm, name)(**named))
    assert not [tag for tag, _ in elements.seen if tag in ("script", "img")]
    assert not [key for _, attributes in elements.seen for key in attributes if key.startswith("on")]


def test_money_writes_a_true_minus_a_whole_zero_and_says_what_does_not_apply(cm):
    assert parsed(cm.money(-27660)).text == "−276.60"
    assert parsed(cm.money(0)).text == "0.00"
    assert parsed(cm.money(None)).text == "不适用"
    assert parsed(cm.money(425010, unit=True)).text == "4,250.10 元"


def test_an_empty_table_says_so_across_all_its_columns(cm):
    elements = parsed(cm.table("t", [{"key": "a", "label": "A"}, {"key": "b", "label": "B"}], []))
    cells = [attributes for tag, attributes in elements.seen if tag == "td"]
    assert [cell["colspan"] for cell in cells] == ["2"]
    assert "没有记录" in elements.text


def test_a_table_names_itself_its_region_and_its_columns(cm):
    elements = parsed(
        cm.table(
            "待审申请",
            [{"key": "a", "label": "申请号", "is_header": True}],
            [{"a": "2611"}],
            row_key="a",
            selected="2611",
        )
    )
    regions = [attributes for tag, attributes in elements.seen if attributes.get("role") == "region"]
    assert [region["aria-label"] for region in regions] == ["待审申请"]
    assert [attributes["scope"] for tag, attributes in elements.seen if tag == "th"] == ["col", "row"]
    assert [a.get("aria-current") for tag, a in elements.seen if tag == "tr" and "data-row" in a] == ["true"]


def test_the_pager_says_where_it_is_and_when_the_count_was_stopped(cm):
    assert "第 51–100 条，共 10,000+ 条" in parsed(cm.keyset_pager(51, 100, 10000, True)).text
    assert "第 51–100 条" in parsed(cm.keyset_pager(51, 100)).text
    assert "共" not in parsed(cm.keyset_pager(51, 100)).text
    assert "没有记录" in parsed(cm.keyset_pager(0, 0)).text


def test_a_field_ties_its_hint_and_its_error_to_itself_and_keeps_what_was_typed(cm):
    elements = parsed(cm.field("cut", "减额", "1,200.00", hint="不大于 972.00", error="大于 972.00"))
    field = next(attributes for tag, attributes in elements.seen if tag == "input")
    assert field["value"] == "1,200.00"
    assert field["aria-describedby"] == "f-cut-hint f-cut-error"
    assert field["aria-invalid"] == "true"
    ids = {attributes.get("id") for _, attributes in elements.seen}
    assert {"f-cut", "f-cut-hint", "f-cut-error"} <= ids
    assert next(attributes for tag, attributes in elements.seen if tag == "label")["for"] == "f-cut"
    calm = parsed(cm.field("cut", "减额", None))
    field = next(attributes for tag, attributes in calm.seen if tag == "input")
    assert field["value"] == "" and "aria-describedby" not in field and "aria-invalid" not in field


def test_one_fact_of_a_page_is_a_text_and_several_are_a_list(cm):
    def facts(given):
        return parsed(cm.page_head("t", facts=given)).text.split("t", 1)[1].split()

    assert facts("审核员") == ["审核员"]
    assert facts(["审核员", "1,284 件"]) == ["审核员1,284", "件"]
    assert [tag for tag, _ in parsed(cm.page_head("t", facts="审核员")).seen].count("span") == 1


def test_every_error_links_to_its_field(cm):
    elements = parsed(cm.error_summary([("a", "f-a"), ("b", "f-b")]))
    assert [attributes["href"] for tag, attributes in elements.seen if tag == "a"] == ["#f-a", "#f-b"]
    assert "有 2 处要改" in elements.text
    assert str(cm.error_summary([])).strip() == ""


def test_what_is_confirmed_is_posted_with_the_hash_that_was_shown(cm):
    elements = parsed(
        cm.confirm_panel("t", 128645730, ["412 笔"], HASH, "/approve", "批准 412 笔", hidden={"batch": "7"})
    )
    assert "1,286,457.30" in elements.text and "7F3A 91C2 0B5E D418" in elements.text
    fields = {attributes.get("name"): attributes for tag, attributes in elements.seen if tag == "input"}
    assert fields["content_hash"]["value"] == HASH
    assert fields["batch"]["value"] == "7"
    assert {"csrf_token", "last_four", "password"} <= set(fields)
    buttons = [attributes for tag, attributes in elements.seen if tag == "button"]
    assert "disabled" in buttons[0]
    assert not [button for button in buttons if "data-key" in button]


def test_who_may_not_approve_sees_why_and_gets_no_button(cm):
    elements = parsed(cm.confirm_panel("t", 1, [], HASH, "/approve", "批准", refused="这一批由您编制"))
    assert "这一批由您编制" in elements.text
    assert [attributes for tag, attributes in elements.seen if tag == "button" and "disabled" not in attributes] == []


def test_a_running_task_is_polled_and_a_finished_one_is_left_alone(cm):
    running = parsed(cm.progress("p", "t", 1, 4, poll_url="/p"))
    assert next(a for tag, a in running.seen if tag == "div")["hx-get"] == "/p"
    done = parsed(cm.progress("p", "t", 4, 4, poll_url="/p", is_finished=True))
    assert "hx-get" not in next(a for tag, a in done.seen if tag == "div")
    assert [a["role"] for _, a in done.seen if "role" in a] == ["status"]
    assert next(a for tag, a in parsed(cm.progress("p", "t", 0, 0)).seen if tag == "progress")["max"] == "1"


def test_the_same_sheet_uses_signs_on_the_screen_and_words_on_paper(cm):
    step = {"operator": "minus", "label": "起付线", "amount_fen": 20000, "article": "第 10 条"}
    assert "−" in parsed(cm.steps_sheet([step])).text
    letter = parsed(cm.steps_sheet([step], in_words=True)).text
    assert "减" in letter and "−" not in letter


def test_a_macro_speaks_the_language_of_the_request(site_app):
    said = []
    for language in ("zh", "en", "zh"):
        with site_app.test_request_context(f"/insurer/{language}/components"):
            said.append(parsed(site_app.jinja_env.get_template("cm.html").module.money(None)).text)
    assert said == ["不适用", "not applicable", "不适用"]


def test_a_letter_speaks_two_languages_on_one_page(cm):
    step = {"operator": "minus", "label": "x", "amount_fen": 1, "article": None}
    assert "减" in in_language("zh", cm.steps_sheet, [step], in_words=True)
    assert "less" in in_language("en", cm.steps_sheet, [step], in_words=True)


def test_every_macro_says_what_its_arguments_are():
    undocumented = []
    for path in sorted((ROOT / "chassis/layout/templates/layout/parts").glob("*.html")):
        text = path.read_text("utf-8")
        for part in text.split("{% macro ")[1:]:
            name = part.split("(")[0]
            before = text[: text.index("{% macro " + name + "(")].rstrip()
            if not name.startswith("_") and not before.endswith("#}"):
                undocumented.append(f"{path.name}: {name}")
    assert undocumented == []


def test_every_sentence_of_the_layout_has_its_english():
    with PARTS.open("rb") as file:
        known = {m.id if isinstance(m.id, str) else m.id[0]: m.string for m in read_po(file) if m.id}
    said = set()
    for path in (ROOT / "chassis/layout").rglob("*"):
        if path.suffix not in (".py", ".html"):
            continue
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
        for _line, message, *_ in extract_from_file(method, str(path), keywords):
            said.add(message if isinstance(message, str) else message[0])
    assert sorted(said - set(known)) == []
    assert sorted(set(known) - said) == []
    assert all(known.values())
