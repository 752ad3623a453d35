-- The law of the ledger. Balances and seals are written by these functions alone, as the owner: the application's role
-- may read them and no more, so that a balance is the sum of its legs whoever writes the legs.

CREATE FUNCTION contractor.account_opens() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO contractor.account_balance (county_code, book, account_code, floor_fen)
    VALUES (NEW.county_code, NEW.book, NEW.account_code, NEW.floor_fen);
    RETURN NULL;
END
$$;
CREATE TRIGGER account_opens AFTER INSERT ON contractor.account
    FOR EACH ROW EXECUTE FUNCTION contractor.account_opens();
ALTER TABLE contractor.account ENABLE ALWAYS TRIGGER account_opens;

CREATE FUNCTION contractor.posting_begins() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    NEW.posted_at := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER posting_begins BEFORE INSERT ON contractor.posting
    FOR EACH ROW EXECUTE FUNCTION contractor.posting_begins();
ALTER TABLE contractor.posting ENABLE ALWAYS TRIGGER posting_begins;

-- A leg joins a posting that is not sealed yet, and moves its account's balance; accounts are locked in their order.
CREATE FUNCTION contractor.legs_move_balances() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT county_code, posting_id FROM fresh) AS joined
        JOIN contractor.posting_seal AS seal USING (county_code, posting_id)) THEN
        RAISE EXCEPTION 'a sealed posting takes no further leg' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM FROM contractor.account_balance AS balance
    WHERE (balance.county_code, balance.book, balance.account_code)
        IN (SELECT DISTINCT county_code, book, account_code FROM fresh)
    ORDER BY balance.county_code, balance.book, balance.account_code
    FOR UPDATE;
    UPDATE contractor.account_balance AS balance
    SET balance_fen = balance.balance_fen
            + CASE account.normal_side WHEN 'debit' THEN moved.amount_fen ELSE -moved.amount_fen END,
        leg_count = balance.leg_count + moved.leg_count,
        moved_at = clock_timestamp()
    FROM (
        SELECT county_code, book, account_code, sum(amount_fen)::bigint AS amount_fen, count(*) AS leg_count
        FROM fresh GROUP BY county_code, book, account_code) AS moved
    JOIN contractor.account AS account USING (county_code, book, account_code)
    WHERE (balance.county_code, balance.book, balance.account_code)
        = (moved.county_code, moved.book, moved.account_code);
    RETURN NULL;
END
$$;
CREATE TRIGGER legs_move_balances AFTER INSERT ON contractor.leg
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION contractor.legs_move_balances();
ALTER TABLE contractor.leg ENABLE ALWAYS TRIGGER legs_move_balances;

-- At the end of its transaction, or whenever constraints are made immediate, a posting is found balanced and sealed.
CREATE FUNCTION contractor.posting_is_balanced() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    legs bigint;
    total numeric;
    debits numeric;
BEGIN
    SELECT count(*), coalesce(sum(amount_fen), 0), coalesce(sum(amount_fen) FILTER (WHERE amount_fen > 0), 0)
    INTO legs, total, debits
    FROM contractor.leg WHERE (county_code, posting_id) = (NEW.county_code, NEW.id);
    IF legs < 2 THEN
        RAISE EXCEPTION 'posting % has % legs, not two', NEW.id, legs USING ERRCODE = 'check_violation';
    END IF;
    IF total <> 0 THEN
        RAISE EXCEPTION 'posting % is out of balance by % fen', NEW.id, total USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.reverses_posting_id IS NOT NULL AND EXISTS (
        SELECT FROM (
            SELECT account_code, payment_id, amount_fen FROM contractor.leg
            WHERE (county_code, posting_id) = (NEW.county_code, NEW.id)
            UNION ALL
            SELECT account_code, payment_id, amount_fen FROM contractor.leg
            WHERE (county_code, posting_id) = (NEW.county_code, NEW.reverses_posting_id)) AS both_ways
        GROUP BY account_code, payment_id HAVING sum(amount_fen) <> 0) THEN
        RAISE EXCEPTION 'posting % does not take back exactly posting %', NEW.id, NEW.reverses_posting_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.reverses_posting_id IS NOT NULL AND NEW.book IS DISTINCT FROM (
        SELECT book FROM contractor.posting WHERE (county_code, id) = (NEW.county_code, NEW.reverses_posting_id)) THEN
        RAISE EXCEPTION 'a reversal stands in the book of what it takes back' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO contractor.posting_seal (county_code, posting_id, leg_count, debit_fen)
    VALUES (NEW.county_code, NEW.id, legs, debits);
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER posting_is_balanced AFTER INSERT ON contractor.posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION contractor.posting_is_balanced();
ALTER TABLE contractor.posting ENABLE ALWAYS TRIGGER posting_is_balanced;

COMMENT ON FUNCTION contractor.account_opens() IS
    'An account begins with a balance of nothing.';
COMMENT ON FUNCTION contractor.legs_move_balances() IS
    'Legs join postings that are not sealed and move the balances that nobody else may write.';
COMMENT ON FUNCTION contractor.posting_is_balanced() IS
    'A posting is found balanced and sealed at the end of its transaction.';
