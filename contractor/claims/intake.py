"""Taking claims in: a file enters whole or not at all, batch by batch, members and institutions found in the registry.

A file is one transaction of its edge. Every batch is a constant number of statements; the rows go in by COPY. What is
wrong is gathered as row faults; once there is one, nothing more is written and the end refuses the whole file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter
from psycopg.errors import UniqueViolation
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.reading.faults import Faults
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.vault.bank_accounts import parse_settlement_account
from chassis.vault.blind_index import index_many
from chassis.vault.keyring import Keyring
from chassis.vault.refusals import BankAccountRefused
from chassis.vault.sealing import row_id_text, seal_many
from contractor.claims import registry
from contractor.claims.chunk import Known
from contractor.claims.copying import copy_rows, reserved_numbers
from contractor.claims.incoming import ClaimColumns, IncomingBatch, LineColumns
from contractor.claims.refusals import ClaimNumbersTaken, FileKnown
from contractor.claims.statements import statement
from contractor.claims.tables import ClaimFile
from rulebook.handling_terms import term_on
from rulebook.money import yuan_text
from rulebook.workdays import Calendar, mainland_calendar

log = structlog.get_logger(__name__)
STREAM = "claims"
MANY = 500
"""Claims of a first batch from which on it matters that the planner knows of them."""
ACCOUNT_PURPOSE = "bank_account"
TAKEN_IN = Counter("coopmed_claims_taken_in_total", "Claims taken in.", ["door"])
DUE_DAY_UNKNOWN = Counter(
    "coopmed_claims_due_day_unknown_total", "Claims without a due day: a year's calendar is not loaded."
)

_COPIED = (
    "claim_number", "route", "institution_code", "card_number", "invoice_number", "admitted_on", "discharged_on",
    "diagnosis_code", "diagnosis_name", "department", "doctor", "charged_fen", "institution_reduced_fen",
    "paid_elsewhere_fen", "advanced_fen", "receipt_signed_on", "submitted_on",
)  # fmt: skip
_CLAIM_COLUMNS = (
    "county_code", "id", "file_id", "member_id", "household_id", "procedure_codes", "referral_slip", "township_code",
    "payee_name", "payee_account_sealed", "payee_account_index", "received_at", "received_by", "received_on", "due_on",
    *_COPIED,
)  # fmt: skip
_LINE_COLUMNS = (
    "county_code", "claim_id", "catalogue_class", "price_limit_e4", "line_no", "item_code", "hospital_item_name",
    "performed_on", "quantity_e4", "unit_price_e4", "charged_fen",
)  # fmt: skip


@dataclass(slots=True)
class FileAtHand:
    """A file while it is taken in: what is known of it and what was found wrong so far."""

    county_code: str
    id: int
    door: str
    file_name: str
    received_at: dt.datetime
    received_on: dt.date
    received_by: int | None
    due_on: dt.date | None
    institution_code: str | None = None
    township_code: str | None = None
    faults: Faults = field(default_factory=Faults)
    claim_ids: list[int] = field(default_factory=list)
    line_count: int = 0
    charged_fen: int = 0
    items: dict[str, list[registry.KnownItem]] = field(default_factory=dict)
    institutions: dict[str, registry.KnownInstitution] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileTaken:
    """A file that was taken in."""

    county_code: str
    file_id: int
    claim_ids: list[int]
    line_count: int
    charged_fen: int
    entry: Entry
    """What the trail says of it."""
    known: Known


def take_in_file(
    session: Session,
    batches: Iterable[IncomingBatch],
    *,
    county_code: str,
    door: str,
    file_name: str,
    sha256: bytes,
    byte_count: int,
    at: dt.datetime,
    on: dt.date,
    by: int | None,
    keyring: Keyring,
    institution_code: str | None = None,
    township_code: str | None = None,
    told: Callable[[int], None] = lambda claims: None,
    calendar: Calendar | None = None,
    is_noted: bool = True,
) -> FileTaken:
    """One file, whole or not at all; the caller's transaction holds all of it.

    Args:
        on: the local day of receipt; the term to decide runs from it.
        institution_code: the institution that sends it; claims of any other are faults then.
        told: called after each batch with the claims taken in so far.
        is_noted: whether the trail is written here; else whoever assesses in this transaction writes `FileTaken.entry`.

    Raises: FileKnown, FileRefused with the row faults, ClaimNumbersTaken.
    """
    file = begin_file(
        session, county_code=county_code, door=door, file_name=file_name, sha256=sha256, byte_count=byte_count,
        at=at, on=on, by=by, institution_code=institution_code, township_code=township_code, calendar=calendar,
    )  # fmt: skip
    for batch in batches:
        take_in(session, batch, file=file, keyring=keyring)
        told(len(file.claim_ids))
    return end_file(session, file, is_noted=is_noted)


def begin_file(
    session: Session,
    *,
    county_code: str,
    door: str,
    file_name: str,
    sha256: bytes,
    byte_count: int,
    at: dt.datetime,
    on: dt.date,
    by: int | None,
    institution_code: str | None = None,
    township_code: str | None = None,
    calendar: Calendar | None = None,
) -> FileAtHand:
    """Note the file before its claims. Raises: FileKnown."""
    file_id = session.scalar(
        insert(ClaimFile)
        .values(
            county_code=county_code, door=door, file_name=file_name[:200], sha256=sha256, byte_count=byte_count,
            claim_count=0, line_count=0, charged_fen=0, received_at=at, received_by=by,
            institution_code=institution_code,
        )
        .on_conflict_do_nothing(index_elements=["county_code", "sha256"])
        .returning(ClaimFile.id)
    )  # fmt: skip
    if file_id is None:
        known = session.execute(
            select(ClaimFile.id, ClaimFile.received_at).where(
                ClaimFile.county_code == county_code, ClaimFile.sha256 == sha256
            )
        ).one()
        raise FileKnown(file_id=known.id, received_at=known.received_at)
    due = (calendar or mainland_calendar()).due_after(on, workdays=term_on("decide_claim", on))
    if due.alarm:
        log.error("calendar_not_loaded", year=due.alarm.year, file_id=file_id)
    return FileAtHand(
        county_code, file_id, door, file_name, at, on, by, due.on,
        institution_code=institution_code, township_code=township_code,
    )  # fmt: skip


def take_in(session: Session, batch: IncomingBatch, *, file: FileAtHand, keyring: Keyring) -> None:
    """One batch of a file. Faults go to `file.faults`; after the first fault nothing more is written."""
    claims, lines = batch.claims, batch.lines
    members = registry.members_by_card(session, file.county_code, set(claims.card_number))
    _learn(session, file, claims, lines)
    _check_claims(session, file, claims, members)
    _check_sums(file, claims, lines)
    accounts = _checked_accounts(file, claims)
    if file.faults:
        return
    ids = reserved_numbers(session, "claim", "id", len(batch))
    sealed, digests = _sealed(keyring, file.county_code, accounts, ids)
    try:
        copy_rows(session, "claim", _CLAIM_COLUMNS, _claim_rows(file, claims, ids, members, sealed, digests))
    except UniqueViolation as taken:
        raise ClaimNumbersTaken(file_name=file.file_name) from taken
    if not file.claim_ids and len(batch) >= MANY:
        # Before the lines: the planner would take the table for empty, and look for each line's claim in all of them.
        session.execute(statement("SELECT contractor.know_claims()"))
    copy_rows(session, "claim_line", _LINE_COLUMNS, _line_rows(file, claims, lines, ids))
    file.claim_ids += ids
    file.line_count += len(lines.claim_row)
    file.charged_fen += sum(claims.charged_fen)


def end_file(session: Session, file: FileAtHand, *, is_noted: bool = True) -> FileTaken:
    """Write the totals and the trail. Raises: FileRefused when any row was at fault or there was no claim at all."""
    if not file.claim_ids and not file.faults:
        file.faults.add(0, "", "no_claims")
    file.faults.raise_if_any(file.file_name)
    facts = {
        "claims": len(file.claim_ids), "lines": file.line_count, "charged_fen": file.charged_fen, "door": file.door,
    }  # fmt: skip
    by = Actor(ActorKind.SYSTEM, "intake") if file.received_by is None else staff(file.received_by)
    entry = Entry("claims.taken_in", "claim_file", str(file.id), by, facts)
    known = Known(file.institutions, file.items)
    taken = FileTaken(
        file.county_code, file.id, file.claim_ids, file.line_count, file.charged_fen, entry, known
    )  # fmt: skip
    session.execute(
        update(ClaimFile)
        .where(ClaimFile.county_code == file.county_code, ClaimFile.id == file.id)
        .values(claim_count=len(taken.claim_ids), line_count=taken.line_count, charged_fen=taken.charged_fen)
        .execution_options(synchronize_session=False)
    )
    if is_noted:
        append(session, county_code=file.county_code, stream=STREAM, entries=[entry], at=file.received_at)
    TAKEN_IN.labels(file.door).inc(len(taken.claim_ids))
    if file.due_on is None:
        DUE_DAY_UNKNOWN.inc(len(taken.claim_ids))
    return taken


def staff(staff_id: int) -> Actor:
    return Actor(ActorKind.STAFF, str(staff_id))


def _learn(session: Session, file: FileAtHand, claims: ClaimColumns, lines: LineColumns) -> None:
    """What this batch needs of institutions and catalogue and no earlier batch has asked for."""
    new_codes = set(claims.institution_code) - file.institutions.keys()
    if new_codes:
        file.institutions |= registry.institutions(session, file.county_code, new_codes)
    new_items = set(lines.item_code) - file.items.keys()
    if new_items:
        file.items |= {code: [] for code in new_items} | registry.items(session, file.county_code, new_items)


def _check_claims(
    session: Session, file: FileAtHand, claims: ClaimColumns, members: dict[str, registry.KnownMember]
) -> None:
    faults, known, own = file.faults, file.institutions, file.institution_code
    standing = _numbers_standing(session, file.county_code, claims)
    for row, number, code, card in zip(
        claims.row, claims.claim_number, claims.institution_code, claims.card_number, strict=True
    ):
        if code not in known:
            faults.add(row, "institution_code", "unknown_institution", found=code)
        elif own is not None and code != own:
            faults.add(row, "institution_code", "not_your_institution", expected=own, found=code)
        if card not in members:
            faults.add(row, "card_number", "unknown_card", found=card)
        if (code, number) in standing:
            faults.add(row, "claim_number", "claim_known", found=number)
        standing.add((code, number))
    for row, charged, reduced, elsewhere, advanced in zip(
        claims.row, claims.charged_fen, claims.institution_reduced_fen, claims.paid_elsewhere_fen, claims.advanced_fen,
        strict=True,
    ):  # fmt: skip
        if reduced + elsewhere > charged:
            faults.add(
                row,
                "institution_reduced_fen",
                "more_than_charged",
                expected=yuan_text(charged),
                found=yuan_text(reduced + elsewhere),
            )
        if advanced > charged:
            faults.add(row, "advanced_fen", "more_than_charged", expected=yuan_text(charged), found=yuan_text(advanced))


def _numbers_standing(session: Session, county_code: str, claims: ClaimColumns) -> set[tuple[str, str]]:
    """(institution, number) of claims that are there already; also some pairs that nobody sent, which do no harm.

    Two lists and no join: where the table has grown by this very file and no statistics know of it, PostgreSQL would
    look through all of an institution's claims for each claim that was sent, and 100,000 would never come in.
    """
    rows = session.execute(
        statement(
            "SELECT institution_code, claim_number FROM contractor.claim WHERE county_code = :county_code "
            "AND institution_code = ANY(:codes) AND claim_number = ANY(:numbers)"
        ),
        {
            "county_code": county_code,
            "codes": list(set(claims.institution_code)),
            "numbers": claims.claim_number,
        },
    )
    return {(row[0], row[1]) for row in rows}


def _check_sums(file: FileAtHand, claims: ClaimColumns, lines: LineColumns) -> None:
    """A claim is the sum of its lines; a reader has checked that, and the ledger relies on it."""
    sums = [0] * len(claims.row)
    for place, charged_fen in zip(lines.claim_row, lines.charged_fen, strict=True):
        sums[place] += charged_fen
    for row, charged_fen, sum_fen in zip(claims.row, claims.charged_fen, sums, strict=True):
        if charged_fen != sum_fen:
            file.faults.add(
                row, "charged_fen", "sum_differs", expected=yuan_text(sum_fen), found=yuan_text(charged_fen)
            )


def _checked_accounts(file: FileAtHand, claims: ClaimColumns) -> dict[int, str]:
    """The accounts that claims name, by place in the batch, as digits."""
    accounts = {}
    for place, account in enumerate(claims.payee_account):
        if not account:
            continue
        try:
            accounts[place] = parse_settlement_account(account).text
        except BankAccountRefused as refused:
            expected = str(refused.facts.get("expected", ""))
            file.faults.add(claims.row[place], "payee_account", "not_an_account", expected=expected)
        if not claims.payee_name[place]:
            file.faults.add(claims.row[place], "payee_name", "blank")
    return accounts


def _sealed(
    keyring: Keyring, county_code: str, accounts: dict[int, str], ids: list[int]
) -> tuple[dict[int, bytes], dict[int, bytes]]:
    if not accounts:
        return {}, {}
    row_ids = [row_id_text(county_code, ids[place]) for place in accounts]
    sealed = seal_many(
        keyring, ACCOUNT_PURPOSE, list(accounts.values()),
        table="contractor.claim", column="payee_account_sealed", row_ids=row_ids,
    )  # fmt: skip
    digests = index_many(keyring, ACCOUNT_PURPOSE, accounts.values())
    return dict(zip(accounts, sealed, strict=True)), dict(zip(accounts, digests, strict=True))


def _claim_rows(
    file: FileAtHand,
    claims: ClaimColumns,
    ids: list[int],
    members: dict[str, registry.KnownMember],
    sealed: dict[int, bytes],
    digests: dict[int, bytes],
) -> Iterable[tuple[object, ...]]:
    county, received = file.county_code, (file.received_at, file.received_by, file.received_on, file.due_on)
    as_sent = zip(*(getattr(claims, name) for name in _COPIED), strict=True)
    own = zip(ids, claims.card_number, claims.procedure_codes, claims.referral_slip, claims.payee_name, strict=True)
    for place, ((claim_id, card, procedures, slip, payee), sent) in enumerate(zip(own, as_sent, strict=True)):
        member = members[card]
        account = sealed.get(place)
        yield (
            county, claim_id, file.id, member.id, member.household_id, list(procedures), slip or None,
            file.township_code, payee if account else None, account, digests.get(place), *received, *sent,
        )  # fmt: skip


def _line_rows(
    file: FileAtHand, claims: ClaimColumns, lines: LineColumns, ids: list[int]
) -> Iterable[tuple[object, ...]]:
    county, items = file.county_code, file.items
    tier_of = [file.institutions[code].tier for code in claims.institution_code]
    for place, *as_sent in zip(
        lines.claim_row, lines.line_no, lines.item_code, lines.hospital_item_name, lines.performed_on,
        lines.quantity_e4, lines.unit_price_e4, lines.charged_fen, strict=True,
    ):  # fmt: skip
        day = as_sent[3]
        for item in items[as_sent[1]]:
            if item.from_on <= day < item.until_on:
                yield (county, ids[place], item.catalogue_class, item.limits_e4[tier_of[place]], *as_sent)
                break
        else:
            yield (county, ids[place], 0, -1, *as_sent)
