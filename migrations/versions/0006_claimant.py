"""The member's site (decision 0016): four tables behind row-level security, few functions as doors."""

from alembic import op

from migrations.grants import kept, published

revision = "0006"
down_revision = "0005"

CREDENTIAL = {
    "county_code": "County of the member.",
    "member_id": "The member (registry.member).",
    "card_index": "Keyed digest of the card number: the card itself is not kept here.",
    "pin_hash": "argon2id of a keyed digest of the PIN; without the key file it cannot be guessed offline.",
    "pin_set_at": "When the member chose it.",
}
SESSION = {
    "county_code": "County of the member.",
    "id": "Number of the session.",
    "member_id": "Who is signed in.",
    "token_hash": "SHA-256 of the token that only the member's browser holds.",
    "device": "phone, computer or unknown: enough for the member to recognise it.",
    "opened_at": "When the member signed in.",
    "idle_until": "Ends then unless the member does something.",
    "ends_at": "Ends then in any case.",
    "closed_at": "When it was closed before its end.",
    "closed_because": "signed_out, pin_changed or new_slip.",
}
ACTIVATION = {
    "county_code": "County of the member.",
    "slip_id": "The slip that was used (oversight.activation_slip); a slip works once.",
    "member_id": "Who used it.",
    "activated_at": "When.",
}
ATTEMPT = {
    "county_code": "County the card names.",
    "id": "Number of the attempt.",
    "card_index": "Keyed digest of the card number that was typed.",
    "member_id": "The member with that card; null when no member of the site has it.",
    "network": "Keyed digest of the network it came from.",
    "at": "When.",
    "outcome": "open while the PIN is being checked (counted as a failure), entered or refused.",
}

TABLES = {
    "member_credential": ("How a member signs in: card and PIN, neither of them readable here.", CREDENTIAL),
    "member_session": ("Sign-ins of members and when they end.", SESSION),
    "activation": ("Slips that have been used. Never changed.", ACTIVATION),
    "member_sign_in_attempt": ("Attempts to sign in, counted to slow down guessing.", ATTEMPT),
}

# What each door does; `COMMENT ON FUNCTION` says it in the database, and a test compares the two lists.
FUNCTIONS = {
    "current_member()": "Whose session token this transaction holds; nobody when it holds no live one.",
    "credential(character, bytea[])": "The stored PIN hash for a card digest; only the key file makes such digests.",
    "start_attempt(character, bytea, bytea)": "Writes an attempt down before the PIN is checked, or says to wait.",
    "finish_attempt(character, bigint, boolean)": "Says how an open attempt ended.",
    "open_session(character, bytea, text, bytea, text)": "Opens a session for the credential that was just checked.",
    "standing_slip(character, bytea[], bytea[])": "Whether a slip can be used, and the birthday no PIN may repeat.",
    "activate(character, bytea[], bytea[], bytea, text, bytea)": "Uses a slip once: stores the PIN, ends older sessions.",
}


def upgrade() -> None:
    _tables()
    _functions()
    _policies()
    _views()


def _tables() -> None:
    op.execute(
        """
        CREATE TABLE claimant.member_credential (
            county_code CHAR(6) NOT NULL,
            member_id   BIGINT NOT NULL,
            card_index  BYTEA NOT NULL,
            pin_hash    TEXT NOT NULL,
            pin_set_at  TIMESTAMPTZ NOT NULL,
            CONSTRAINT pk_member_credential PRIMARY KEY (county_code, member_id),
            CONSTRAINT uq_member_credential_county_code_card_index UNIQUE (county_code, card_index),
            CONSTRAINT ck_member_credential_card_index CHECK (octet_length(card_index) = 32),
            CONSTRAINT ck_member_credential_pin_hash CHECK (pin_hash LIKE '$argon2id$%')
        )
        """
    )
    op.execute(
        """
        CREATE TABLE claimant.member_session (
            county_code    CHAR(6) NOT NULL,
            id             BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
            member_id      BIGINT NOT NULL,
            token_hash     BYTEA NOT NULL,
            device         TEXT NOT NULL,
            opened_at      TIMESTAMPTZ NOT NULL,
            idle_until     TIMESTAMPTZ NOT NULL,
            ends_at        TIMESTAMPTZ NOT NULL,
            closed_at      TIMESTAMPTZ,
            closed_because TEXT,
            CONSTRAINT pk_member_session PRIMARY KEY (county_code, id),
            CONSTRAINT uq_member_session_county_code_token_hash UNIQUE (county_code, token_hash),
            CONSTRAINT ck_member_session_token_hash CHECK (octet_length(token_hash) = 32),
            CONSTRAINT ck_member_session_device CHECK (device IN ('phone', 'computer', 'unknown')),
            CONSTRAINT ck_member_session_idle CHECK (idle_until <= ends_at),
            CONSTRAINT ck_member_session_closed CHECK ((closed_at IS NULL) = (closed_because IS NULL)),
            CONSTRAINT ck_member_session_closed_because
                CHECK (closed_because IN ('signed_out', 'pin_changed', 'new_slip'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_member_session_county_code_member_id ON claimant.member_session (county_code, member_id)"
    )
    op.execute(
        """
        CREATE TABLE claimant.activation (
            county_code  CHAR(6) NOT NULL,
            slip_id      BIGINT NOT NULL,
            member_id    BIGINT NOT NULL,
            activated_at TIMESTAMPTZ NOT NULL,
            CONSTRAINT pk_activation PRIMARY KEY (county_code, slip_id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE claimant.member_sign_in_attempt (
            county_code CHAR(6) NOT NULL,
            id          BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
            card_index  BYTEA NOT NULL,
            member_id   BIGINT,
            network     BYTEA NOT NULL,
            at          TIMESTAMPTZ NOT NULL,
            outcome     TEXT NOT NULL,
            CONSTRAINT pk_member_sign_in_attempt PRIMARY KEY (county_code, id),
            CONSTRAINT ck_member_sign_in_attempt_outcome CHECK (outcome IN ('open', 'entered', 'refused'))
        )
        """
    )
    for columns in (("county_code", "card_index", "at"), ("network", "at"), ("county_code", "member_id", "at")):
        op.execute(
            f"CREATE INDEX ix_member_sign_in_attempt_{'_'.join(columns)} "
            f"ON claimant.member_sign_in_attempt ({', '.join(columns)})"
        )
    for table, (words, columns) in TABLES.items():
        op.execute(f"COMMENT ON TABLE claimant.{table} IS {_quoted(words)}")
        for column, meaning in columns.items():
            op.execute(f"COMMENT ON COLUMN claimant.{table}.{column} IS {_quoted(meaning)}")
        kept("claimant", table, is_append_only=table == "activation")
    # Rows are added by the functions alone. What is granted here a policy narrows to the member's own rows.
    op.execute(f"GRANT SELECT ON {', '.join(f'claimant.{table}' for table in TABLES)} TO claimant_rw")
    op.execute("GRANT UPDATE (pin_hash, pin_set_at) ON claimant.member_credential TO claimant_rw")
    op.execute("GRANT UPDATE (idle_until, closed_at, closed_because) ON claimant.member_session TO claimant_rw")


def _functions() -> None:
    # The token begins with the county's code, so that the session is found inside its own county.
    op.execute(
        """
        CREATE FUNCTION claimant.current_member() RETURNS TABLE (county_code CHAR(6), member_id BIGINT)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
            SELECT s.county_code, s.member_id
            FROM claimant.member_session s
            WHERE s.county_code = left(current_setting('coopmed.session_token', true), 6)::bpchar
              AND s.token_hash = sha256(convert_to(current_setting('coopmed.session_token', true), 'UTF8'))
              AND s.closed_at IS NULL AND s.idle_until > now() AND s.ends_at > now()
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION claimant.credential(of_county CHAR(6), cards BYTEA[])
        RETURNS TABLE (member_id BIGINT, card_index BYTEA, pin_hash TEXT)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
            SELECT c.member_id, c.card_index, c.pin_hash
            FROM claimant.member_credential c
            WHERE c.county_code = of_county AND c.card_index = ANY (cards)
        $$
        """
    )
    # Counting and writing are one step under a lock of the card's, so that a hundred guesses at once are a hundred.
    # A network this card has entered from before is not held back by what strangers try elsewhere.
    op.execute(
        """
        CREATE FUNCTION claimant.start_attempt(of_county CHAR(6), card BYTEA, from_network BYTEA)
        RETURNS TABLE (attempt_id BIGINT, wait_minutes INTEGER)
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
        DECLARE
            quarter CONSTANT TIMESTAMPTZ := clock_timestamp() - INTERVAL '15 minutes';
            today CONSTANT TIMESTAMPTZ := clock_timestamp() - INTERVAL '24 hours';
            known BOOLEAN;
            since TIMESTAMPTZ;
            here_quarter INTEGER;
            here_today INTEGER;
            elsewhere_today INTEGER;
            network_quarter INTEGER;
        BEGIN
            PERFORM pg_advisory_xact_lock(7401006, hashtext(encode(card, 'hex')));
            -- Guesses at a PIN that is no longer the PIN are forgotten.
            SELECT greatest(today, max(c.pin_set_at)) INTO since
            FROM claimant.member_credential c WHERE c.county_code = of_county AND c.card_index = card;
            SELECT count(*) FILTER (WHERE a.network = from_network AND a.at > quarter),
                   count(*) FILTER (WHERE a.network = from_network),
                   count(*)
            INTO here_quarter, here_today, elsewhere_today
            FROM claimant.member_sign_in_attempt a
            WHERE a.county_code = of_county AND a.card_index = card AND a.outcome <> 'entered' AND a.at > since;
            SELECT count(*) INTO network_quarter
            FROM claimant.member_sign_in_attempt a
            WHERE a.network = from_network AND a.at > quarter AND a.outcome <> 'entered';
            SELECT EXISTS (
                SELECT FROM claimant.member_sign_in_attempt a
                WHERE a.county_code = of_county AND a.card_index = card AND a.network = from_network
                  AND a.outcome = 'entered' AND a.at > clock_timestamp() - INTERVAL '90 days'
            ) INTO known;
            wait_minutes := CASE
                WHEN here_today >= 20 OR (NOT known AND elsewhere_today >= 20) THEN 24 * 60
                WHEN here_quarter >= 5 OR network_quarter >= 60 THEN 15
            END;
            IF wait_minutes IS NULL THEN
                INSERT INTO claimant.member_sign_in_attempt (county_code, card_index, member_id, network, at, outcome)
                SELECT of_county, card,
                       (SELECT c.member_id FROM claimant.member_credential c
                        WHERE c.county_code = of_county AND c.card_index = card),
                       from_network, clock_timestamp(), 'open'
                RETURNING id INTO attempt_id;
            END IF;
            RETURN NEXT;
        END
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION claimant.finish_attempt(of_county CHAR(6), attempt BIGINT, has_entered BOOLEAN) RETURNS VOID
        LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
            UPDATE claimant.member_sign_in_attempt a
            SET outcome = CASE WHEN has_entered THEN 'entered' ELSE 'refused' END
            WHERE a.county_code = of_county AND a.id = attempt AND a.outcome = 'open'
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION claimant.open_session(
            of_county CHAR(6), card BYTEA, checked_pin_hash TEXT, new_token_hash BYTEA, on_device TEXT
        ) RETURNS BIGINT
        LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
            INSERT INTO claimant.member_session
                (county_code, member_id, token_hash, device, opened_at, idle_until, ends_at)
            SELECT c.county_code, c.member_id, new_token_hash, on_device, now(),
                   now() + INTERVAL '30 minutes', now() + INTERVAL '12 hours'
            FROM claimant.member_credential c
            WHERE c.county_code = of_county AND c.card_index = card AND c.pin_hash = checked_pin_hash
            RETURNING id
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION claimant.standing_slip(of_county CHAR(6), cards BYTEA[], codes BYTEA[])
        RETURNS TABLE (slip_id BIGINT, member_id BIGINT, born_on DATE)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
            SELECT s.id, s.member_id, s.born_on
            FROM oversight.published_activation_slip s
            WHERE s.county_code = of_county AND s.card_index = ANY (cards) AND s.code_hash = ANY (codes)
              AND s.expires_at > now()
              AND NOT EXISTS (SELECT FROM claimant.activation a
                              WHERE a.county_code = s.county_code AND a.slip_id = s.id)
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION claimant.activate(
            of_county CHAR(6), cards BYTEA[], codes BYTEA[], new_card BYTEA, new_pin_hash TEXT, from_network BYTEA
        ) RETURNS BIGINT
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
        DECLARE
            used BIGINT;
        BEGIN
            -- Of two at once, the second waits for the first's row and then inserts nothing.
            INSERT INTO claimant.activation (county_code, slip_id, member_id, activated_at)
            SELECT of_county, s.slip_id, s.member_id, now() FROM claimant.standing_slip(of_county, cards, codes) s
            ON CONFLICT DO NOTHING
            RETURNING member_id INTO used;
            IF used IS NULL THEN
                RETURN NULL;
            END IF;
            INSERT INTO claimant.member_credential AS c (county_code, member_id, card_index, pin_hash, pin_set_at)
            VALUES (of_county, used, new_card, new_pin_hash, now())
            ON CONFLICT (county_code, member_id) DO UPDATE
                SET card_index = excluded.card_index, pin_hash = excluded.pin_hash, pin_set_at = excluded.pin_set_at;
            UPDATE claimant.member_session s
            SET closed_at = now(), closed_because = 'new_slip'
            WHERE s.county_code = of_county AND s.member_id = used AND s.closed_at IS NULL;
            -- Whoever held the slip is at home on this network: strangers elsewhere no longer hold them back here.
            INSERT INTO claimant.member_sign_in_attempt (county_code, card_index, member_id, network, at, outcome)
            VALUES (of_county, new_card, used, from_network, clock_timestamp(), 'entered');
            RETURN used;
        END
        $$
        """
    )
    for signature, purpose in FUNCTIONS.items():
        op.execute(f"COMMENT ON FUNCTION claimant.{signature} IS {_quoted(purpose)}")
        op.execute(f"REVOKE ALL ON FUNCTION claimant.{signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION claimant.{signature} TO claimant_rw")


def _policies() -> None:
    own = "(county_code, member_id) IN (SELECT c.county_code, c.member_id FROM claimant.current_member() c)"
    for table in TABLES:
        op.execute(f"ALTER TABLE claimant.{table} ENABLE ROW LEVEL SECURITY")
        # Forced: the functions run as owner, and what they may do is said by a policy too.
        op.execute(f"ALTER TABLE claimant.{table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_rows_are_read ON claimant.{table} FOR SELECT TO claimant_rw USING ({own})")
        op.execute(f"CREATE POLICY functions_read ON claimant.{table} FOR SELECT TO owner USING (true)")
        op.execute(f"CREATE POLICY functions_add ON claimant.{table} FOR INSERT TO owner WITH CHECK (true)")
    for table in ("member_credential", "member_session"):
        op.execute(
            f"CREATE POLICY own_rows_are_changed ON claimant.{table} FOR UPDATE TO claimant_rw "
            f"USING ({own}) WITH CHECK ({own})"
        )
    for table in ("member_credential", "member_session", "member_sign_in_attempt"):
        op.execute(f"CREATE POLICY functions_change ON claimant.{table} FOR UPDATE TO owner USING (true)")


def _views() -> None:
    op.execute(
        """
        CREATE VIEW registry.published_member_self WITH (security_barrier = true) AS
        SELECT m.county_code, m.id, m.card_number, m.name, m.sex, m.born_on, m.is_head,
               m.identity_number_sealed, m.bank_account_sealed, m.phone_sealed,
               h.household_number, v.name_zh AS village_zh, v.name_en AS village_en,
               t.name_zh AS township_zh, t.name_en AS township_en, t.office_phone,
               d.name_zh AS county_zh, d.name_en AS county_en, d.complaint_phone
        FROM registry.member m
        JOIN registry.household h ON h.county_code = m.county_code AND h.id = m.household_id
        JOIN registry.village v ON v.county_code = h.county_code AND v.code = h.village_code
        JOIN registry.township t ON t.county_code = v.county_code AND t.code = v.township_code
        JOIN registry.division d ON d.county_code = m.county_code
        WHERE (m.county_code, m.id) IN (SELECT c.county_code, c.member_id FROM claimant.current_member() c)
        """
    )
    op.execute(
        "COMMENT ON VIEW registry.published_member_self IS "
        "'The member whose session token the transaction holds, and nobody else.'"
    )
    published("registry", "published_member_self", "claimant_rw")
    op.execute(
        """
        CREATE VIEW registry.published_household_self WITH (security_barrier = true) AS
        SELECT o.county_code, o.id, o.name, right(o.card_number, 4) AS card_tail, o.is_head
        FROM registry.member o
        JOIN registry.member m ON m.county_code = o.county_code AND m.household_id = o.household_id
        WHERE (m.county_code, m.id) IN (SELECT c.county_code, c.member_id FROM claimant.current_member() c)
        """
    )
    op.execute(
        "COMMENT ON VIEW registry.published_household_self IS "
        "'Names and card tails of the household of the member whose session token the transaction holds.'"
    )
    published("registry", "published_household_self", "claimant_rw")


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
