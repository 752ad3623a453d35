"""The lines of one claim as they are shown and decided: what was charged, what was found on it, what shall count.

A decision on a line is an amount taken off and a reason. Nothing taken off allows the line, all of it refuses it. What
stands in the fields may be typed just now, come from the draft, or be what the line already holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flask_babel import gettext as _

from chassis.layout.formats import yuan
from chassis.terms import class_words, price_words, quantity_words
from chassis.web.answers import answer_to
from contractor.claims import reasons
from contractor.claims.decisions import Reduction
from contractor.claims.finding_words import phrase_words
from contractor.claims.record import WholeClaim
from contractor.claims.words import rule_title, shown_finding
from contractor.review.drafts import Draft, DraftedLine
from rulebook.money import RefusedAmount, parse_amount_due, yuan_text
from rulebook.reasons import REDUCE

LONGEST_NUMBER = 7
# The reason that a finding on the line suggests; the reviewer may choose another.
SUGGESTED = {
    "F16": "duplicate_item",
    "F18": "over_price",
    "F19": "unbundled",
    "F41": "bed_days",
    "outside_stay": "outside_stay",
}


@dataclass(frozen=True)
class Typed:
    """What was sent from the fields of the lines, read as far as it can be read."""

    lines: Mapping[int, DraftedLine]
    """What shall be different from what the lines hold."""
    texts: Mapping[str, str]
    """What stands in the fields, by their names."""
    faults: Mapping[str, list[str]]
    """By the names of fields: what cannot be read."""
    lacking: Mapping[str, list[str]]
    """By the names of fields: what a decision still asks for and a draft does not."""
    asked: frozenset[int]
    """Lines that were touched, whatever stands in them now."""

    @property
    def reduced_fen(self) -> dict[int, int]:
        return {line_no: line.reduced_fen for line_no, line in self.lines.items()}

    @property
    def reductions(self) -> list[Reduction]:
        """For the verb. Every line with an amount has its reason; see `lacking`."""
        otherwise = next(iter(REDUCE))
        return [Reduction(one.line_no, one.reduced_fen, one.reason_code or otherwise) for one in self.lines.values()]


NOTHING_TYPED = Typed({}, {}, {}, {}, frozenset())


def read_typed(form: Mapping[str, str]) -> Typed:
    """The fields `reduced-N` and `reason-N`, each beside what the line held when the page was shown."""
    lines: dict[int, DraftedLine] = {}
    faults: dict[str, list[str]] = {}
    lacking: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    asked = {int(part) for part in form.get("touched", "").split(",")[:500] if _is_number(part)}
    for name, text in form.items():
        number = name.removeprefix("reduced-")
        if number == name or not _is_number(number):
            continue
        reason = form.get(f"reason-{number}", "")
        texts |= {name: text, f"reason-{number}": reason}
        asked.add(int(number))
        try:
            fen = parse_amount_due(text.strip() or "0")
            before = parse_amount_due(form.get(f"before-{number}", "0.00"))
        except RefusedAmount as refused:
            faults[name] = [answer_to(refused).title]
            continue
        if fen == before and (not fen or reason == form.get(f"was-{number}", "")):
            continue
        if fen and reason not in REDUCE:
            lacking[f"reason-{number}"] = [_("第 %(line)s 行：请选减额的理由", line=number)]
        lines[int(number)] = DraftedLine(int(number), fen, reason if fen and reason in REDUCE else None)
    return Typed(lines, texts, faults, lacking, frozenset(asked))


def typed_of_draft(draft: Draft) -> Typed:
    """The draft as if it had just been typed."""
    texts = {}
    for line in draft.lines:
        texts[f"reduced-{line.line_no}"] = yuan_text(line.reduced_fen) if line.reduced_fen else ""
        texts[f"reason-{line.line_no}"] = line.reason_code or ""
    numbers = frozenset(line.line_no for line in draft.lines)
    return Typed({line.line_no: line for line in draft.lines}, texts, {}, {}, numbers)


def too_much(found: WholeClaim, typed: Typed) -> dict[str, list[str]]:
    """Lines that would be cut by more than was charged, and numbers that no line has."""
    charged = {line.line_no: line.charged_fen for line in found.lines}
    return {
        f"reduced-{line_no}": [_("第 %(lines)s 行减额多于这一行的金额。", lines=line_no)]
        for line_no, line in typed.lines.items()
        if line.reduced_fen > charged.get(line_no, -1)
    }


def shown_lines(found: WholeClaim, typed: Typed) -> list[SimpleNamespace]:
    return [_line(found, line, typed) for line in found.lines]


def _line(found: WholeClaim, line, typed: Typed) -> SimpleNamespace:
    on_line = [one for one in found.findings if one.line_no == line.line_no]
    drafted = typed.lines.get(line.line_no)
    reduced_fen = drafted.reduced_fen if drafted else line.reduced_fen
    reason = drafted.reason_code if drafted else line.reduce_reason
    over_fen = found.over_limit_fen(line)
    whole_fen = line.charged_fen - over_fen
    cut_fen = min(reduced_fen, whole_fen)
    before = yuan_text(line.reduced_fen)
    return SimpleNamespace(
        line_no=line.line_no,
        item=line.hospital_item_name or line.item_code,
        code=line.item_code,
        on=line.performed_on,
        catalogue_class=class_words(line.catalogue_class),
        is_listed=line.catalogue_class in (1, 2, 3),
        quantity=quantity_words(line.quantity_e4),
        price=price_words(line.unit_price_e4),
        charged_fen=line.charged_fen,
        limit=price_words(line.price_limit_e4) if line.price_limit_e4 >= 0 else None,
        over_fen=over_fen,
        whole=yuan_text(whole_fen),
        cut_fen=cut_fen,
        is_refused=bool(cut_fen) and cut_fen == whole_fen,
        is_drafted=drafted is not None,
        why=reasons.reduction_words(reason) if reason else None,
        taken_off_fen=over_fen + cut_fen,
        # What no class lists is the member's own; of it nothing is allowed, however much was charged.
        allowed_fen=whole_fen - cut_fen if line.catalogue_class else 0,
        before=before,
        was=line.reduce_reason or "",
        amount=typed.texts.get(f"reduced-{line.line_no}", before if line.reduced_fen else ""),
        reason=typed.texts.get(f"reason-{line.line_no}", line.reduce_reason or ""),
        suggested=next((SUGGESTED[one.rule] for one in on_line if one.rule in SUGGESTED), ""),
        findings=[_on_line(one) for one in on_line],
    )


def totals(lines: list[SimpleNamespace]) -> SimpleNamespace:
    return SimpleNamespace(
        charged_fen=sum(line.charged_fen for line in lines),
        taken_off_fen=sum(line.taken_off_fen for line in lines),
        allowed_fen=sum(line.allowed_fen for line in lines),
        cut_count=sum(1 for line in lines if line.cut_fen),
    )


def _on_line(one) -> dict[str, Any]:
    more = {"told": told_of(one), "number": one.finding_no, "rule_name": rule_title(one.rule)}
    return shown_finding(one.rule, one.severity) | more


def told_of(one) -> str:
    """Expected and found in one short line."""
    found = phrase_words(one.found)
    if not one.expected:
        return found
    return _("应为 %(expected)s，实为 %(found)s", expected=phrase_words(one.expected), found=found or "–")


def drafted_words(found: WholeClaim, draft: Draft) -> list[tuple[str, str, str]]:
    """A draft to be read: item, amount, reason."""
    items = {line.line_no: line.hospital_item_name or line.item_code for line in found.lines}
    return [
        (
            items.get(line.line_no, str(line.line_no)),
            yuan(line.reduced_fen),
            reasons.reduction_words(line.reason_code) if line.reason_code else "–",
        )
        for line in draft.lines
    ]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER
