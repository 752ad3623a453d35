"""What the workspace's pages do, and by which operation a program does it: `python -m contractor.api_coverage`.

Every act and every read of a page has its operation, or stands here with the reason why people alone do it. The page
docs/api_coverage.md is drawn from this, from config/authorisation.yaml and from the operations; a test keeps all three
together, so that a new page cannot be forgotten here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chassis.api.operations import VERSION_PATH, Operation
from chassis.authorisation import ANYONE, Rule, matrix
from contractor.claims import api as claims
from contractor.claims.fhir_out import api as fhir
from contractor.corrections import api as corrections
from contractor.corrections import api_appeals
from contractor.documents import api as documents
from contractor.law import api as law
from contractor.ledger import api as ledger
from contractor.letters import api as letters
from contractor.payments import api as payments
from contractor.recoveries import api as recoveries
from contractor.review import api as desk
from contractor.review import api_desk
from contractor.rules import api as rules
from contractor.second import api as second
from contractor.statements import api as statements
from contractor.webhooks import api as webhooks

PAGE = Path(__file__).parents[1] / "docs" / "api_coverage.md"
DESK = "contractor"

PROOF = "asks for a fresh proof of identity, by security key in production: a program has none to give"
MONEY = "money leaves the house by people: a maker, a checker with a fresh proof, the lead for what hangs"
PERSON = "a person's own account, and the administrators' work: nothing of claims"
COUNTER = "a form at a counter, with the person and their papers in front of the clerk"
FORM = "a form for people to fill in; programs have the document's schemas"
COMPARISON = "two whole versions are there to be compared"

DONE_BY: Mapping[str, tuple[str, ...]] = {
    "claims.list GET": ("claims_api.claims",),
    "claims.export GET": ("claims_api.claims",),
    "claims.claim GET": ("claims_api.claim", "desk_api.beside", "second_api.proposal", "fhir_api.claim_response"),
    "claims.preview POST": ("desk_api.preview",),
    "claims.draft POST": ("desk_api.keep_draft", "desk_api.draft"),
    "claims.discard_draft POST": ("desk_api.discard_draft",),
    "review.queue GET": ("desk_api.queue", "desk_api.views"),
    "review.next POST": ("desk_api.next",),
    "review.save_view POST": ("desk_api.save_view",),
    "review.remove_view POST": ("desk_api.remove_view",),
    "review.hold POST": ("desk_api.hold",),
    "review.board GET": ("desk_api.board",),
    "review.hand_over POST": ("desk_api.hand_over",),
    "documents.page GET": ("documents_api.documents",),
    "documents.page POST": ("documents_api.add",),
    "documents.sheet GET": ("documents_api.page",),
    "documents.withdraw POST": ("documents_api.withdraw",),
    "letters.member GET": ("letters_api.letter", "fhir_api.explanation_of_benefit"),
    "letters.reduction GET": ("letters_api.reduction",),
    "second.page GET": ("second_api.waiting",),
    "second.next POST": ("second_api.next",),
    "second.claim GET": ("second_api.proposal",),
    "second.claim POST": ("second_api.opinion",),
    "second.policy GET": ("second_api.policies",),
    "corrections.page GET": ("corrections_api.corrections", "corrections_api.appeals", "corrections_api.owed_back"),
    "corrections.reprice GET": ("corrections_api.reprice",),
    "corrections.reprice POST": ("corrections_api.propose_reprice",),
    "corrections.reversal GET": ("corrections_api.reversal",),
    "corrections.reversal POST": ("corrections_api.propose_reversal",),
    "corrections.correction GET": ("corrections_api.correction",),
    "corrections.withdraw POST": ("corrections_api.withdraw",),
    "corrections.renew POST": ("corrections_api.renew",),
    "corrections.file_appeal GET": ("claims_api.claim",),
    "corrections.file_appeal POST": ("corrections_api.file_appeal",),
    "corrections.add_paper POST": ("corrections_api.add_paper",),
    "corrections.appeal GET": ("corrections_api.appeal",),
    "corrections.appeal POST": ("corrections_api.answer_appeal",),
    "rules.page GET": ("rules_api.rules",),
    "rules.export GET": ("rules_api.rules",),
    "rules.afterwards GET": ("rules_api.afterwards",),
    "rules.afterwards POST": ("rules_api.judge_afterwards",),
    "rules.rule GET": ("rules_api.rule", "rules_api.preview"),
    "statements.page GET": ("statements_api.statement",),
    "statements.export GET": ("statements_api.statement",),
    "uploads.send GET": ("claims_api.send_file",),
    "uploads.send POST": ("claims_api.send_file", "claims_api.send", "claims_api.send_fhir"),
    "uploads.upload GET": ("claims_api.file",),
    "uploads.progress GET": ("claims_api.file",),
    "uploads.export GET": ("claims_api.file",),
    "uploads.stop POST": ("claims_api.stop_file",),
    "payments.page GET": ("payments_api.waiting", "payments_api.batches"),
    "payments.batch GET": ("payments_api.batch",),
    "payments.export GET": ("payments_api.batch",),
    "payments.answers GET": ("payments_api.answers",),
    "payments.exception GET": ("payments_api.answers",),
    "payments.unpaid GET": ("payments_api.answers",),
    "recoveries.page GET": ("recoveries_api.debts",),
    "recoveries.export GET": ("recoveries_api.debts",),
    "recoveries.debt GET": ("recoveries_api.debt",),
    "ledger.page GET": ("ledger_api.books",),
    "ledger.account GET": ("ledger_api.account",),
    "ledger.export GET": ("ledger_api.account",),
    "ledger.posting GET": ("ledger_api.posting",),
    "law.page GET": ("law_api.versions",),
    "law.version GET": ("law_api.version",),
    "law.export GET": ("law_api.version",),
    "webhooks.page GET": ("webhooks_api.subscriptions",),
    "webhooks.one GET": ("webhooks_api.deliveries",),
    "webhooks.test POST": ("webhooks_api.test",),
    "webhooks.replay POST": ("webhooks_api.replay",),
    "webhooks.rotate POST": ("webhooks_api.rotate",),
    "webhooks.off POST": ("webhooks_api.off",),
} | {
    f"claims.{act} {method}": (f"desk_api.{act}",) if method == "POST" else ("claims_api.claim",)
    for act in (
        "take_up", "release", "reduce", "approve", "refuse", "send_back", "papers", "withdraw", "refer_up",
        "return_to_reviewer", "object_to", "reopen",
    )
    for method in ("GET", "POST")
}  # fmt: skip
PEOPLE_ALONE: Mapping[str, str] = {
    "law.differences GET": COMPARISON,
    "exchange.export GET": FORM,
    "manual.form GET": COUNTER,
    "manual.form POST": COUNTER,
    "second.households GET": PERSON,
    "second.households POST": PERSON,
    "second.end_household POST": PERSON,
    "payments.opening GET": MONEY,
    "payments.permit GET": MONEY,
    "recoveries.debt POST": MONEY,
    "recoveries.withdraw POST": MONEY,
} | {
    f"payments.{act} POST": MONEY
    for act in ("make", "submit", "discard", "send_back", "withdraw", "send", "exception", "reissue", "cancel")
}  # fmt: skip
ROOMS_OF_PEOPLE = frozenset(
    {
        "home", "identity", "people", "grants", "trail", "tasks", "unmasking", "operations", "gallery", "language",
        "interfaces",
    }
)  # fmt: skip
"""Rooms that every desk has: accounts, administration, the house itself."""


@dataclass(frozen=True)
class Covered:
    """One act or read of a page, with its operations or the reason why it has none."""

    page: Rule
    operations: tuple[str, ...]
    reason: str


def operations() -> dict[str, Operation]:
    """Every operation by the name that the matrix has for it."""
    rooms = {
        "claims_api": claims.OPERATIONS,
        "desk_api": (*desk.OPERATIONS, *api_desk.OPERATIONS),
        "documents_api": documents.OPERATIONS,
        "letters_api": letters.OPERATIONS,
        "second_api": second.OPERATIONS,
        "corrections_api": (*corrections.OPERATIONS, *api_appeals.OPERATIONS),
        "rules_api": rules.OPERATIONS,
        "recoveries_api": recoveries.OPERATIONS,
        "statements_api": statements.OPERATIONS,
        "payments_api": payments.OPERATIONS,
        "ledger_api": ledger.OPERATIONS,
        "law_api": law.OPERATIONS,
        "webhooks_api": webhooks.OPERATIONS,
        "fhir_api": fhir.OPERATIONS,
    }
    return {f"{room}.{one.endpoint}": one for room, of_room in rooms.items() for one in of_room}


def name_of(rule: Rule) -> str:
    return f"{rule.endpoint} {rule.method}"


def pages() -> list[Rule]:
    """Every act and read of the workspace's own pages, in the order of the matrix."""
    own = [rule for rule in matrix().rules.values() if rule.desk == DESK and not rule.by_token]
    return [rule for rule in own if rule.endpoint.partition(".")[0] not in ROOMS_OF_PEOPLE and ANYONE not in rule.who]


def covered() -> list[Covered]:
    """Raises: KeyError, for a page that nobody has thought of here."""
    found = []
    for rule in pages():
        name = name_of(rule)
        done_by = DONE_BY.get(name, ())
        reason = "" if done_by else PROOF if rule.step_up else PEOPLE_ALONE[name]
        found.append(Covered(rule, done_by, reason))
    return found


def page() -> str:
    known, shown = operations(), covered()
    lines = [
        "# What the pages do, and programs",
        "",
        "Drawn by `python -m contractor.api_coverage` from `config/authorisation.yaml` and the operations of the API.",
        "A program acts for the person whose token it has: their role, their sight, their four eyes (decision 0052).",
        f"Below `{VERSION_PATH}`; what each takes and answers is in `{VERSION_PATH}/openapi.json`.",
        "",
        f"{sum(1 for one in shown if one.operations)} of {len(shown)} acts and reads have an operation; "
        f"{sum(1 for one in shown if one.reason == PROOF)} ask for a fresh proof, "
        f"{sum(1 for one in shown if one.reason == MONEY)} move money.",
        "",
        "| page | who | operation | or why people alone |",
        "| --- | --- | --- | --- |",
    ]
    for one in shown:
        told = "<br>".join(f"`{known[name].method} {known[name].address}`" for name in one.operations)
        lines.append(f"| `{name_of(one.page)}` | {', '.join(sorted(one.page.who))} | {told} | {one.reason} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
