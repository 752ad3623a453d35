"""Commands of payments: open a county's books, book money that arrived, compare the four witnesses of it on demand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import click

from chassis import clock
from chassis.desks import CONTRACTOR
from chassis.errors import Refusal
from chassis.house import House, open_house
from chassis.settings import read_settings
from contractor.ledger.advances import book_advance
from contractor.ledger.charts import the_chart
from contractor.ledger.identity import identities
from contractor.ledger.queries import bank_balance
from contractor.ledger.refusals import AdvanceOfTomorrow, BooksNotOpen, ReferenceMisspelt, ReferenceUsed
from contractor.payments import parity
from contractor.payments.bank_settings import bank_of
from contractor.payments.jobs import STATEMENT_GRACE
from contractor.payments.opening import is_sending_permitted, open_county
from contractor.payments.refusals import CountyNotEntered
from rulebook.money import RefusedAmount, parse_amount_due, yuan_text

COUNTY = click.option("--county", "county_code", required=True, help="The county's six digits.")
DAY = click.DateTime(formats=["%Y-%m-%d"])
MOST_SHOWN = 40


class Amount(click.ParamType):
    """Yuan with at most two decimals, as fen."""

    name = "YUAN"

    def convert(self, value, param, ctx) -> int:
        try:
            fen = parse_amount_due(value)
        except RefusedAmount as refused:
            self.fail(f"{value!r} is no amount in yuan such as 1234.50 ({type(refused).__name__})", param, ctx)
        return fen or self.fail("it must be above zero", param, ctx)


@click.command("open-payments", help="Open a county's books, so that it can pay. Running it twice changes nothing.")
@COUNTY
def open_payments(county_code: str) -> None:
    with _said_how_to_go_on(), _house() as house:
        bank = bank_of(house.settings, county_code)
        with house.database(CONTRACTOR).transaction() as session:
            opened = open_county(session, county_code=county_code, by=None, at=clock.now())
        for book, account in bank.accounts.items():
            click.echo(f"  {book:<14} pays from {account.name} ****{account.account[-4:]} at {account.agent}")
    click.echo(f"{county_code}: {f'{opened} accounts were opened' if opened else 'its books are open already'}")


@click.command(
    "book-advance",
    help="Book money that the bank's statement shows on a book's account. REFERENCE is the bank's own: the same "
    "arrival a second time changes nothing.",
)
@COUNTY
@click.option("--book", type=click.Choice(list(the_chart())), required=True)
@click.option("--amount", "amount_fen", type=Amount(), required=True, help="Yuan, such as 1250000.00.")
@click.option("--reference", required=True, help="As the bank's statement names it.")
@click.option("--on", "day", type=DAY, required=True, help="The day it arrived, such as 2026-01-05.")
def book_money(county_code: str, book: str, amount_fen: int, reference: str, day: dt.datetime) -> None:
    with _said_how_to_go_on(), _house() as house, house.database(CONTRACTOR).transaction() as session:
        posted = book_advance(
            session,
            county_code=county_code,
            book=book,
            amount_fen=amount_fen,
            reference=reference,
            on=day.date(),
            by=None,
            at=clock.now(),
        )
        session.flush()
        held = yuan_text(bank_balance(session, county_code, book))
    said = "is booked" if posted.is_new else "was booked before"
    click.echo(f"{yuan_text(amount_fen)} yuan {said} as posting {posted.posting_id}; the account holds {held} yuan")


@click.command(
    "check-payments",
    help="Compare claims, payments, ledger and bank line by line, both ways, and print what does not agree. Writes "
    "nothing unless told to; fails when something does not agree.",
)
@COUNTY
@click.option("--note", is_flag=True, help="Also keep the check and put what it found before the cashiers.")
@click.option("--at-once", is_flag=True, help="Do not wait two days for the bank's statement to name a payment.")
def check_payments(county_code: str, note: bool, at_once: bool) -> None:
    at = clock.now()
    given = {"county_code": county_code, "at": at, "grace": dt.timedelta(0) if at_once else STATEMENT_GRACE}
    with _house() as house, house.database(CONTRACTOR).transaction() as session:
        compare = parity.check_and_note if note else parity.check
        found = compare(session, keyring=house.keyring, **given)
        books = identities(session, county_code)
        is_permitted = is_sending_permitted(session, county_code)
    click.echo(
        f"{county_code}: compared {found.settlement_count:,} decisions, {found.payment_count:,} payments, "
        f"{found.leg_count:,} legs of the ledger and {found.bank_line_count:,} lines of the bank"
    )
    for one in books:
        holds = "holds" if one.holds else f"DOES NOT HOLD: {one.drifted_count} drifted, {one.unbalanced_count} crooked"
        sides = f"held {yuan_text(one.held_fen)}, owed {yuan_text(one.owed_fen)}"
        click.echo(f"  book {one.book:<14} {holds}; {sides}")
    if not is_permitted:
        click.echo("  sending is not permitted here: the books are not open, or the house was restored from a backup")
    for kind, count in sorted(found.kinds.items()):
        click.echo(f"  {kind}: {count}")
    for one in found.discrepancies[:MOST_SHOWN]:
        click.echo(f"    {one.kind} {one.subject}: expected {one.expected}, found {one.found}")
    if len(found.discrepancies) > MOST_SHOWN:
        click.echo(f"    … and {len(found.discrepancies) - MOST_SHOWN} more")
    if found.discrepancies or not all(one.holds for one in books):
        raise SystemExit(1)
    click.echo("  all four agree")


def _what_to_do(refusal: Refusal) -> str:
    facts = refusal.facts
    match refusal:
        case CountyNotEntered():
            return f"the registry has no county {facts['county']}; enter it first: python -m coopmed new-county"
        case BooksNotOpen():
            return (
                f"the books of {facts['county']} are not open; open them: "
                f"python -m coopmed open-payments --county {facts['county']}"
            )
        case AdvanceOfTomorrow():
            return f"{facts['on']} is still to come; book money when the bank's statement shows it"
        case ReferenceMisspelt():
            return f"{facts['reference']!r} is no reference of 3 to 60 letters, digits, dots, dashes and underscores"
        case ReferenceUsed():
            return (
                f"{facts['reference']} stands for {yuan_text(facts['amount_fen'])} yuan of {facts['on']}; if that is "
                "wrong, the lead first takes it back on the page “Start paying”"
            )
    return str(refusal)


@contextmanager
def _said_how_to_go_on() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise click.ClickException(_what_to_do(refusal)) from refusal


@contextmanager
def _house() -> Iterator[House]:
    house = open_house(read_settings(), CONTRACTOR.site)
    try:
        yield house
    finally:
        house.close()
