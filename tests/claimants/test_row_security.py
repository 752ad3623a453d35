"""B5: with SQL as `claimant_rw`, a member's session shows that member and nobody else; and who may run as owner."""

from __future__ import annotations

import itertools
import random
import secrets

import psycopg
import pytest
from psycopg import sql

from chassis.identity.tokens import digest_of
from demo.county import demo_county, other_county
from oversight.claimants import door
from oversight.registry import digests
from tests.claimants.conftest import print_slip, token_of

# Tables of schema `claimant` without row-level security, each with why.
OPEN_TABLES = {
    "task": "the queue: ids and kinds of work, nothing of a record; the worker serves all members",
    "trail_head": "the chain's head: hashes only",
    "trail_entry": "the chain: ids, acts and hashes; what a person wrote never enters it",
    "trail_anchor": "heads of other desks' chains: hashes only",
}
FORBIDDEN_IN_OPEN_TABLES = ("name", "card_number", "pin", "token", "identity_number")

# Every function that runs with its owner's rights, and why it must: those of the member's site, those that the
# insurer's desk may call, and those that only a trigger calls.
OF_THE_MEMBERS_SITE = {
    "claimant.current_member": "finds the session of the token that a transaction presents",
    "claimant.credential": "sign-in: nobody is signed in yet, so no policy could show the row",
    "claimant.start_attempt": "sign-in: counts attempts before anybody is signed in",
    "claimant.finish_attempt": "sign-in: ends that attempt",
    "claimant.open_session": "sign-in: the session does not exist yet",
    "claimant.standing_slip": "first visit: the only reader of the county's slips on this side",
    "claimant.activate": "first visit: writes the credential of somebody who is not signed in",
}
OF_THE_INSURER = {
    "contractor.batch_content": "what is signed is read by the law and by the desk through the same words",
    "contractor.batch_content_sha256": "the hash of it",
    "contractor.is_too_near": "whose household it is stands with the administrator; the law and the desk ask alike",
    "contractor.review_policy_on": "the policy of a day, as the law reads it",
    "contractor.has_had_a_say": "who said what before, as the law reads it",
    "contractor.claim_weight_fen": "what a claim adds to a rolling sum, as the law reads it",
    "contractor.is_one_persons": "whose last word it was, as the law reads it",
    "contractor.asks_for_two": "what the policy of the day asks of a decision; the law and the desk ask alike",
    "contractor.know_claims": "statistics are taken by a table's owner alone",
    "contractor.server_timeline": "a restored server is told apart; only its owner may ask for the name of a log file",
}
OF_TRIGGERS = {
    "contractor.claim_waits_with_its_findings": "what waits is noted by the law alone",
    "contractor.finding_is_noted_where_it_waits": "what waits is noted by the law alone",
    "contractor.account_opens": "balances are written by the law alone",
    "contractor.legs_move_balances": "balances are written by the law alone",
    "contractor.posting_is_balanced": "seals are written by the law alone",
    "contractor.permit_is_given": "reads who may permit",
    "contractor.payments_begin": "histories are written by the law alone",
    "contractor.payments_move": "histories are written by the law alone",
    "contractor.reissued_is_replaced": "reads the successor",
    "contractor.batch_begins": "histories are written by the law alone",
    "contractor.batch_moves": "histories are written by the law alone",
    "contractor.events_keep_hands_apart": "reads whose household it is and who had a say",
    "contractor.settlements_keep_hands_apart": "reads whose household it is and the policy",
    "contractor.entries_keep_hands_apart": "reads whose household it is and the policy",
    "contractor.decision_has_its_event": "reads the claim's history",
    "contractor.first_word_is_enough": "reads the policy with its seed, and what was decided for the same people",
    "contractor.is_wrong_hand": "called by the law of settlements and entries, never by a desk",
    "contractor.two_decided": "called by the law of second review, never by a desk",
    "contractor.repayment_takes_two": "reads who holds the role",
    "contractor.repayment_is_covered": "reads what is owed",
    "contractor.recovery_is_booked": "reads what is owed and what the books hold",
    "contractor.appeal_paper_is_its_own": "reads whose paper it is",
    "contractor.proposal_is_own": "reads who acts on what",
    "contractor.opinion_is_anothers": "reads who proposed",
    "contractor.policy_is_the_leads": "reads who holds the role",
    "contractor.declaration_ends_once": "reads who holds the role",
    "contractor.correction_takes_two": "reads who proposed and who holds the role",
    "contractor.owed_back_is_held": "reads what was paid",
    "contractor.set_off_is_covered": "reads what is owed",
    "contractor.appeal_is_decided_once": "reads who decided before",
    "contractor.holds_role": "called by the law of batches, never by a desk",
}
MAY_CALL = (
    {key: ["claimant_rw"] for key in OF_THE_MEMBERS_SITE}
    | {key: ["contractor_rw"] for key in OF_THE_INSURER}
    | {key: [] for key in OF_TRIGGERS}
)

MEMBER_VIEWS = ("registry.published_member_self", "registry.published_household_self")
TABLES = ("member_credential", "member_session", "activation", "member_sign_in_attempt")


@pytest.fixture(scope="module")
def catalogue(home):
    with psycopg.connect(home.database.owner_url, autocommit=True) as connection:
        yield connection


@pytest.fixture()
def app_role(home):
    with psycopg.connect(home.url("claimant_rw")) as connection:
        yield connection
        connection.rollback()


def tables_without_row_security(connection) -> set[str]:
    return {
        name
        for (name,) in connection.execute(
            """
            SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'claimant' AND c.relkind IN ('r', 'p')
              AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
            """
        )
    }


def policies_that_show_others(connection) -> list[str]:
    """Policies for anyone but the owner whose condition is not that of the member's own rows."""
    own = (
        "((county_code, member_id) IN ( SELECT c.county_code, c.member_id "
        "FROM claimant.current_member() c(county_code, member_id)))"
    )
    wrong = []
    for table, policy, roles, using, check in connection.execute(
        "SELECT tablename, policyname, roles::text[], qual, with_check FROM pg_policies WHERE schemaname = 'claimant'"
    ):
        if roles == ["owner"]:
            continue
        conditions = {" ".join(condition.split()) for condition in (using, check) if condition}
        if roles != ["claimant_rw"] or conditions != {own}:
            wrong.append(f"{table}.{policy}")
    return wrong


def test_every_table_of_the_members_schema_has_forced_row_security_or_a_reason(catalogue):
    assert tables_without_row_security(catalogue) <= OPEN_TABLES.keys()
    assert set(TABLES).isdisjoint(tables_without_row_security(catalogue))


def test_a_table_without_row_security_holds_nothing_of_a_person(catalogue):
    columns = catalogue.execute(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'claimant' AND table_name = ANY(%s)",
        [list(tables_without_row_security(catalogue))],
    ).fetchall()
    assert [pair for pair in columns if pair[1] in FORBIDDEN_IN_OPEN_TABLES] == []


def test_every_policy_for_the_app_is_about_ones_own_rows(catalogue):
    assert policies_that_show_others(catalogue) == []


@pytest.mark.parametrize(
    "planted",
    [
        "CREATE POLICY planted ON claimant.member_session FOR SELECT TO claimant_rw USING (true)",
        "CREATE POLICY planted ON claimant.member_credential FOR SELECT TO PUBLIC USING (member_id > 0)",
        "CREATE POLICY planted ON claimant.member_session FOR SELECT TO claimant_rw "
        "USING (member_id::text = current_setting('coopmed.member', true))",
        "ALTER POLICY own_rows_are_changed ON claimant.member_credential WITH CHECK (true)",
    ],
)
def test_a_planted_permissive_policy_is_found(home, planted):
    with psycopg.connect(home.database.owner_url) as connection:
        connection.execute(planted)
        assert policies_that_show_others(connection) != []
        connection.rollback()


def test_functions_with_their_owners_rights_are_few_listed_and_closed_to_the_public(catalogue):
    found = catalogue.execute(
        """
        SELECT n.nspname || '.' || p.proname, pg_get_userbyid(p.proowner), p.proconfig,
               EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                       WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE'),
               ARRAY(SELECT pg_get_userbyid(a.grantee) FROM aclexplode(p.proacl) a
                     WHERE a.grantee <> p.proowner ORDER BY 1)::text[],
               obj_description(p.oid, 'pg_proc')
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        """
    ).fetchall()
    assert {name for name, *_ in found} == MAY_CALL.keys()
    for name, owner, config, is_public, granted_to, words in found:
        assert owner == "owner", name
        # How it is planned may be said too; whose names it reads is said always.
        assert [one for one in config if not one.startswith("enable_")] == ["search_path=pg_catalog"], name
        assert not is_public, name
        assert granted_to == MAY_CALL[name], name
        assert words, f"{name} does not say what it is for"


def seen(connection) -> set[tuple[str, int]]:
    """Everybody of whom any table or view shows anything."""
    people: set[tuple[str, int]] = set()
    for table in TABLES:
        people.update(connection.execute(f"SELECT county_code, member_id FROM claimant.{table}").fetchall())
    for view in MEMBER_VIEWS:
        people.update(connection.execute(f"SELECT county_code, id FROM {view}").fetchall())
    return people


def present(connection, token: str) -> None:
    connection.execute("SELECT set_config('coopmed.session_token', %s, true)", [token])


def test_a_live_token_shows_its_member_and_household_and_nobody_else(home, app_role, members):
    for member in members:
        present(app_role, token_of(home, member))
        household = household_of(app_role, "its own")
        assert (member.county_code, member.id) in household
        assert seen(app_role) == household
        record = app_role.execute("SELECT card_number FROM registry.published_member_self").fetchall()
        assert record == [(member.person.card_number,)]
        family = next(f for f in demo_of(member) if member.person in f.people)
        assert len(household) == len(family.people)


def demo_of(member):
    return (demo_county() if member.county_code == "990121" else other_county()).families


def test_without_a_token_there_is_nobody(app_role):
    assert seen(app_role) == set()


def made_up_tokens(home, members) -> list[str]:
    """What somebody with SQL, but without a member's token, could put into the setting."""
    rng = random.Random(5)
    victim = members[0]
    live = token_of(home, victim)
    tries = ["", "990121", "990121.", "%", "' OR true --", "null", str(victim.id), f"990121/{victim.id}"]
    tries += [victim.person.card_number, victim.person.identity_number, digest_of(live).hex()]
    tries += [
        digest_of(live).decode("latin-1").replace("\0", ""),
        "\\x" + digest_of(live).hex(),
        live.lower(),
        live.upper(),
        live[:-1],
    ]
    tries += [live + " ", " " + live, live[7:], "990122" + live[6:], live[::-1]]
    for place in range(7, len(live)):
        flipped = "A" if live[place] != "A" else "B"
        tries.append(live[:place] + flipped + live[place + 1 :])
    while len(tries) < 600:
        tries.append(f"{rng.choice(('990121', '990122', '990100'))}.{secrets.token_urlsafe(32)}")
    return tries


def test_no_setting_but_a_real_token_shows_anybody(home, app_role, members):
    tried = 0
    for token in made_up_tokens(home, members):
        present(app_role, token)
        assert seen(app_role) == set(), token
        tried += 1
    assert tried >= 600


SNEAKY = (
    "SET LOCAL row_security = off",
    "SET ROLE owner",
    "SET ROLE county_rw",
    "SET SESSION AUTHORIZATION owner",
    "SELECT * FROM registry.member",
    "SELECT * FROM registry.published_member",
    "SELECT * FROM oversight.published_activation_slip",
    "SELECT * FROM oversight.activation_slip",
    "ALTER TABLE claimant.member_session DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE claimant.member_session NO FORCE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON claimant.member_session USING (true)",
    "CREATE OR REPLACE FUNCTION claimant.current_member() RETURNS TABLE (c CHAR(6), m BIGINT) "
    "LANGUAGE sql AS 'SELECT ''990121'', 1'",
    "CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "CREATE TEMP TABLE mine AS SELECT * FROM registry.published_member_self",
    "CREATE VIEW claimant.mine AS SELECT * FROM registry.member",
    "COPY registry.member TO STDOUT",
    "COPY claimant.member_session FROM STDIN",
    "INSERT INTO claimant.member_session (county_code, member_id, token_hash, device, opened_at, idle_until, ends_at) "
    "VALUES ('990121', 1, sha256('990121.x'), 'phone', now(), now() + interval '1 h', now() + interval '1 h')",
    "INSERT INTO claimant.member_credential VALUES ('990121', 1, sha256('x'), '$argon2id$', now())",
    "INSERT INTO claimant.activation VALUES ('990121', 1, 1, now())",
    "UPDATE claimant.member_session SET member_id = 1",
    "UPDATE claimant.member_session SET token_hash = sha256('990121.x')",
    "UPDATE claimant.member_credential SET card_index = sha256('x')",
    "UPDATE registry.published_member_self SET name = 'x'",
    "DELETE FROM claimant.member_session",
    "MERGE INTO claimant.member_session t USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET member_id = 2",
    "DECLARE c CURSOR FOR SELECT * FROM registry.member",
    "PREPARE p AS SELECT * FROM registry.member",
    "EXPLAIN ANALYZE SELECT * FROM registry.member",
    "LOCK TABLE claimant.member_session IN ACCESS EXCLUSIVE MODE",
    "SELECT query FROM pg_stat_activity WHERE query LIKE '%session_token%' AND pid <> pg_backend_pid()",
    "SELECT * FROM pg_stats WHERE schemaname IN ('registry', 'claimant')",
    "SELECT * FROM pg_statistic",
    "SELECT * FROM pg_authid",
)


def test_no_side_way_shows_or_changes_anybody(home, app_role, members):
    """Each is refused or shows nothing, signed in as another member as well as not signed in."""
    mine = token_of(home, members[1])
    for token, statement in itertools.product(("", mine), SNEAKY):
        present(app_role, token)
        try:
            with app_role.transaction():
                result = app_role.execute(statement)
                rows = result.fetchall() if result.description else []
                changed = result.rowcount if statement.startswith(("UPDATE", "MERGE", "DELETE", "INSERT")) else 0
                if statement.startswith("SET LOCAL row_security"):
                    # The setting itself is anyone's; with it, a query that a policy would narrow is an error.
                    app_role.execute("SELECT * FROM claimant.member_session")
                assert (rows, changed) == ([], 0), statement
        except psycopg.Error as error:
            assert not isinstance(error, psycopg.errors.SyntaxError), statement
        assert seen(app_role) <= household_of(app_role, token), statement


def household_of(connection, token: str) -> set[tuple[str, int]]:
    if not token:
        return set()
    return set(connection.execute("SELECT county_code, id FROM registry.published_household_self").fetchall())


def test_the_functions_of_the_door_give_nothing_to_who_only_guesses(home, app_role, members):
    """300 calls with what an intruder can make up: other counties, empty and random digests, known member ids."""
    rng = random.Random(7)
    victim = members[0]
    guesses = [
        b"",
        b"\0" * 32,
        digest_of(victim.person.card_number),
        digests.card_index(home.keyring, victim.person.card_number)[:31],
        digests.network_digest(home.keyring, victim.person.card_number),
    ]
    guesses += [rng.randbytes(32) for _ in range(95)]
    before = count_of(home)
    for guess in guesses:
        for county in ("990121", "990122", "990100"):
            rows = app_role.execute("SELECT * FROM claimant.credential(%s, %s)", [county, [guess]]).fetchall()
            assert rows == []
            opened = app_role.execute(
                "SELECT claimant.open_session(%s, %s, %s, %s, 'phone')",
                [county, guess, "$argon2id$", digest_of("990121.x")],
            ).fetchone()
            assert opened == (None,)
            slip = app_role.execute(
                "SELECT * FROM claimant.standing_slip(%s, %s, %s)", [county, [guess], [guess]]
            ).fetchall()
            assert slip == []
            used = app_role.execute(
                "SELECT claimant.activate(%s, %s, %s, %s, '$argon2id$', %s)",
                [county, [guess], [guess], guess or b"x" * 32, b"n" * 32],
            ).fetchone()
            assert used == (None,)
    app_role.commit()
    assert count_of(home) == before


def count_of(home) -> list[int]:
    with psycopg.connect(home.database.owner_url) as connection:
        return [
            connection.execute(sql.SQL("SELECT count(*) FROM claimant.{}").format(sql.Identifier(table))).fetchone()[0]
            for table in ("member_credential", "member_session", "activation")
        ]


def test_a_card_digest_alone_opens_no_session_without_the_pin_hash_that_was_checked(home, app_role, members):
    card = digests.card_index(home.keyring, members[0].person.card_number)
    opened = app_role.execute(
        "SELECT claimant.open_session('990121', %s, %s, %s, 'phone')", [card, "$argon2id$guess", digest_of("990121.x")]
    ).fetchone()
    assert opened == (None,)


def test_an_expression_that_fails_on_a_row_tells_nothing_about_rows_of_others(home, app_role, members):
    """A condition that would crash on another's row must not be asked of it: the policies come first."""
    present(app_role, token_of(home, members[1]))
    mine = members[1].person.name
    for view in ("registry.published_member_self", "registry.published_household_self"):
        rows = app_role.execute(
            f"SELECT name FROM {view} WHERE 1 / (CASE WHEN name = %s THEN 0 ELSE 1 END) = 1",
            [members[0].person.name],
        ).fetchall()
        assert (mine,) in rows


def test_a_members_own_sql_changes_only_their_own_rows(home, members):
    """The app's own two updates, without any WHERE: row-level security narrows them to one member."""
    with psycopg.connect(home.url("claimant_rw")) as connection:
        present(connection, token_of(home, members[1]))
        assert connection.execute("UPDATE claimant.member_credential SET pin_set_at = now()").rowcount == 1
        connection.rollback()
    with psycopg.connect(home.database.owner_url) as connection:
        others = connection.execute(
            "SELECT count(*) FROM claimant.member_session WHERE closed_because = 'pin_changed' AND member_id <> %s",
            [members[1].id],
        ).fetchone()
    assert others == (0,)


def test_the_token_is_forgotten_at_the_end_of_the_transaction(home, members):
    """Connections are shared: the next request on the same connection is a stranger's."""
    with psycopg.connect(home.url("claimant_rw")) as connection:
        present(connection, token_of(home, members[0]))
        assert seen(connection)
        connection.commit()
        assert seen(connection) == set()


def test_a_slip_in_the_database_cannot_be_turned_into_a_code(home, app_role):
    """All a thief of the slips' table has are keyed digests; twelve digits without the key file are no code."""
    card = demo_county().families[20].people[0].card_number
    _, slip = print_slip(home, card)
    with home.databases["claimant"].transaction() as session:
        assert door.find_slip(session, home.keyring, card_number=card, code=slip.code)
    unkeyed = [digest_of(slip.code), digest_of(f"code {slip.code}")]
    rows = app_role.execute(
        "SELECT * FROM claimant.standing_slip('990121', %s, %s)", [[digest_of(card)], unkeyed]
    ).fetchall()
    assert rows == []
