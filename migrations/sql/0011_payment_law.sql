-- The law of payments and batches. A row carries its last event; these functions refuse a move that no table of moves
-- allows and write the history themselves, as the owner: the application's role may read the history and no more.
-- The moves are those of rulebook/lifecycles/payment.py and batch.py; a test compares every triple.

CREATE FUNCTION contractor.payment_may_move(state_before text, event text, state_after text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT (state_before, event, state_after) IN (
        ('planned', 'put_in_batch', 'in_batch'),
        ('planned', 'cancelled', 'cancelled'),
        ('in_batch', 'taken_out', 'planned'),
        ('in_batch', 'sent', 'sent'),
        ('sent', 'confirmed', 'paid'),
        ('sent', 'refused', 'refused_by_bank'),
        ('sent', 'answer_missing', 'in_doubt'),
        ('in_doubt', 'confirmed', 'paid'),
        ('in_doubt', 'refused', 'refused_by_bank'),
        ('paid', 'returned', 'returned'),
        ('refused_by_bank', 'reissued', 'reissued'),
        ('refused_by_bank', 'cancelled', 'cancelled'),
        ('returned', 'reissued', 'reissued'),
        ('returned', 'cancelled', 'cancelled'))
$$;

CREATE FUNCTION contractor.batch_may_move(state_before text, event text, state_after text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT (state_before, event, state_after) IN (
        ('draft', 'submitted', 'submitted'),
        ('draft', 'discarded', 'discarded'),
        ('submitted', 'sent_back', 'draft'),
        ('submitted', 'approved', 'approved'),
        ('approved', 'approval_withdrawn', 'draft'),
        ('approved', 'sending_begun', 'sending'),
        ('sending', 'taken_by_bank', 'sent'),
        ('sending', 'answer_missing', 'in_doubt'),
        ('sending', 'not_taken_by_bank', 'approved'),
        ('in_doubt', 'taken_by_bank', 'sent'),
        ('in_doubt', 'not_taken_by_bank', 'approved'),
        ('sent', 'all_lines_answered', 'settled'))
$$;

-- What a batch says, as text: one line of JSON for the batch and one for each payment, in the order of their numbers.
CREATE FUNCTION contractor.batch_content(of_county text, of_batch bigint) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT json_build_array(batch.county_code, batch.id, batch.fund, batch.payee_kind, batch.institution_code,
                            count(payment.id), coalesce(sum(payment.amount_fen), 0))::text
        || coalesce(E'\n' || string_agg(
            json_build_array(payment.id, payment.end_to_end_id, payment.claim_id, payment.amount_fen,
                             payment.top_up_fen, payment.account_name, encode(payment.account_index, 'hex'))::text,
            E'\n' ORDER BY payment.id), '')
    FROM contractor.payment_batch AS batch
    LEFT JOIN contractor.payment AS payment
        ON (payment.county_code, payment.batch_id) = (batch.county_code, batch.id)
    WHERE (batch.county_code, batch.id) = (of_county, of_batch)
    GROUP BY batch.county_code, batch.id
$$;

CREATE FUNCTION contractor.batch_content_sha256(of_county text, of_batch bigint) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT sha256(convert_to(contractor.batch_content(of_county, of_batch), 'UTF8'))
$$;

-- Who holds a role now, by a grant that a second person approved.
CREATE FUNCTION contractor.holds_role(of_county text, person bigint, wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT EXISTS (
        SELECT FROM contractor.role_grant
        WHERE (county_code, staff_id, role) = (of_county, person, wanted) AND decision = 'approved' AND ended_at IS NULL)
$$;

-- A restored database goes on under a new timeline. What the bank was told is told apart by it, and nothing leaves on a
-- timeline that nobody permitted after comparing with the bank.
CREATE FUNCTION contractor.server_timeline() RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT ('x' || left(pg_walfile_name('0/1000000'), 8))::bit(32)::integer
$$;

CREATE FUNCTION contractor.permit_is_given() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.timeline <> contractor.server_timeline() THEN
        RAISE EXCEPTION 'a permit is for the timeline the server is on' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.permitted_by IS NULL AND EXISTS (
        SELECT FROM contractor.payment_batch WHERE county_code = NEW.county_code
        UNION ALL SELECT FROM contractor.sending_permit WHERE county_code = NEW.county_code) THEN
        RAISE EXCEPTION 'after the first, a permit is given by a person' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.permitted_by IS NOT NULL AND NOT contractor.holds_role(NEW.county_code, NEW.permitted_by, 'lead') THEN
        RAISE EXCEPTION 'a permit is given by the lead' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.permitted_at := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER permit_is_given BEFORE INSERT ON contractor.sending_permit
    FOR EACH ROW EXECUTE FUNCTION contractor.permit_is_given();
ALTER TABLE contractor.sending_permit ENABLE ALWAYS TRIGGER permit_is_given;

CREATE FUNCTION contractor.payments_begin() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh WHERE state <> 'planned' OR version <> 0 OR num_nonnulls(batch_id, last_event) > 0
            OR num_nonnulls(last_event_at, last_event_by, last_reason) > 0
            OR (replaces_payment_id IS NULL) <> (planned_by IS NULL)) THEN
        RAISE EXCEPTION 'a payment begins planned and has not moved; a person names who reissues it'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM fresh
        LEFT JOIN contractor.payment AS replaced
            ON (replaced.county_code, replaced.id) = (fresh.county_code, fresh.replaces_payment_id)
        WHERE fresh.replaces_payment_id IS NOT NULL
          AND (replaced.state IS DISTINCT FROM 'reissued'
            OR (replaced.settlement_id, replaced.account_entry_id, replaced.claim_id, replaced.fund, replaced.payee_kind, replaced.institution_code,
                replaced.member_id, replaced.amount_fen, replaced.top_up_fen)
               IS DISTINCT FROM
               (fresh.settlement_id, fresh.account_entry_id, fresh.claim_id, fresh.fund, fresh.payee_kind,
                fresh.institution_code, fresh.member_id, fresh.amount_fen, fresh.top_up_fen))) THEN
        RAISE EXCEPTION 'a reissued payment pays the same to the same payee as the one it replaces'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER payments_begin AFTER INSERT ON contractor.payment
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION contractor.payments_begin();
ALTER TABLE contractor.payment ENABLE ALWAYS TRIGGER payments_begin;

CREATE FUNCTION contractor.payments_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    fault record;
BEGIN
    IF (SELECT count(*) FROM fresh) <> (SELECT count(*) FROM fresh JOIN stale USING (county_code, id)) THEN
        RAISE EXCEPTION 'a payment keeps its number' USING ERRCODE = 'restrict_violation';
    END IF;
    -- Whoever changes what a batch holds keeps the batch from being submitted meanwhile.
    PERFORM FROM contractor.payment_batch AS batch
    WHERE (batch.county_code, batch.id) IN (
        SELECT county_code, batch_id FROM fresh UNION SELECT county_code, batch_id FROM stale)
    ORDER BY batch.county_code, batch.id
    FOR SHARE;
    SELECT fresh.id, stale.state, fresh.last_event, fresh.state AS state_after INTO fault
    FROM fresh JOIN stale USING (county_code, id)
    LEFT JOIN contractor.payment_batch AS batch
        ON (batch.county_code, batch.id) = (fresh.county_code, coalesce(fresh.batch_id, stale.batch_id))
    WHERE fresh.version <> stale.version + 1
       OR NOT contractor.payment_may_move(stale.state, fresh.last_event, fresh.state)
       OR fresh.last_event IS NULL OR fresh.last_event_at IS NULL
       OR (stale.settlement_id, stale.account_entry_id, stale.claim_id, stale.fund, stale.payee_kind,
           stale.institution_code, stale.member_id, stale.account_name, stale.account_sealed, stale.account_index,
           stale.amount_fen, stale.top_up_fen, stale.end_to_end_id, stale.replaces_payment_id, stale.planned_at,
           stale.planned_by)
          IS DISTINCT FROM
          (fresh.settlement_id, fresh.account_entry_id, fresh.claim_id, fresh.fund, fresh.payee_kind,
           fresh.institution_code, fresh.member_id, fresh.account_name, fresh.account_sealed, fresh.account_index,
           fresh.amount_fen, fresh.top_up_fen, fresh.end_to_end_id, fresh.replaces_payment_id, fresh.planned_at,
           fresh.planned_by)
       OR CASE fresh.last_event
              WHEN 'put_in_batch' THEN
                  stale.batch_id IS NOT NULL OR batch.state IS DISTINCT FROM 'draft'
                  OR (batch.fund, batch.payee_kind) IS DISTINCT FROM (fresh.fund, fresh.payee_kind)
                  OR batch.institution_code <> fresh.institution_code
              WHEN 'taken_out' THEN fresh.batch_id IS NOT NULL OR batch.state IS DISTINCT FROM 'draft'
              WHEN 'sent' THEN fresh.batch_id IS DISTINCT FROM stale.batch_id OR batch.state IS DISTINCT FROM 'sent'
              WHEN 'cancelled' THEN
                  fresh.batch_id IS DISTINCT FROM stale.batch_id
                  OR (stale.state <> 'planned' AND fresh.last_event_by IS NULL)
              WHEN 'reissued' THEN fresh.batch_id IS DISTINCT FROM stale.batch_id OR fresh.last_event_by IS NULL
              WHEN 'answer_missing' THEN fresh.batch_id IS DISTINCT FROM stale.batch_id
              -- What the bank says happened, a line of the bank must say.
              ELSE fresh.batch_id IS DISTINCT FROM stale.batch_id OR NOT EXISTS (
                  SELECT FROM contractor.bank_line AS line
                  WHERE (line.county_code, line.end_to_end_id, line.amount_fen)
                      = (fresh.county_code, fresh.end_to_end_id, fresh.amount_fen)
                    AND line.says = CASE fresh.last_event
                        WHEN 'confirmed' THEN 'paid' WHEN 'refused' THEN 'refused' WHEN 'returned' THEN 'returned' END)
          END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'payment % does not move from % by % to % like this',
            fault.id, fault.state, fault.last_event, fault.state_after USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO contractor.payment_event
        (county_code, payment_id, event_no, event, state_after, batch_id, at, acted_by, reason)
    SELECT county_code, id, version, last_event, state, batch_id, last_event_at, last_event_by, last_reason FROM fresh;
    RETURN NULL;
END
$$;
CREATE TRIGGER payments_move AFTER UPDATE ON contractor.payment
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION contractor.payments_move();
ALTER TABLE contractor.payment ENABLE ALWAYS TRIGGER payments_move;

-- A payment is reissued by another that names it, at the latest when the transaction ends.
CREATE FUNCTION contractor.reissued_is_replaced() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM contractor.payment WHERE (county_code, replaces_payment_id) = (NEW.county_code, NEW.id)) THEN
        RAISE EXCEPTION 'nothing replaces payment %', NEW.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER reissued_is_replaced AFTER UPDATE ON contractor.payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'reissued' AND OLD.state <> 'reissued')
    EXECUTE FUNCTION contractor.reissued_is_replaced();
ALTER TABLE contractor.payment ENABLE ALWAYS TRIGGER reissued_is_replaced;

CREATE FUNCTION contractor.batch_begins() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.state <> 'draft' OR NEW.version <> 0 OR NEW.approval_no <> 0 OR NEW.payment_count <> 0 OR NEW.total_fen <> 0
       OR num_nonnulls(NEW.last_event, NEW.last_event_at, NEW.last_event_by, NEW.last_reason, NEW.submitted_at,
                       NEW.approved_at, NEW.message_id, NEW.sending_begun_at, NEW.taken_at, NEW.settled_at) > 0 THEN
        RAISE EXCEPTION 'a batch begins as an empty draft' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT contractor.holds_role(NEW.county_code, NEW.made_by, 'cashier') THEN
        RAISE EXCEPTION 'a batch is made by a cashier' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER batch_begins BEFORE INSERT ON contractor.payment_batch
    FOR EACH ROW EXECUTE FUNCTION contractor.batch_begins();
ALTER TABLE contractor.payment_batch ENABLE ALWAYS TRIGGER batch_begins;

CREATE FUNCTION contractor.batch_moves() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    held record;
    is_fault boolean := false;
BEGIN
    IF NEW.version <> OLD.version + 1 OR NEW.last_event IS NULL OR NEW.last_event_at IS NULL
       OR NOT contractor.batch_may_move(OLD.state, NEW.last_event, NEW.state) THEN
        RAISE EXCEPTION 'batch % does not move from % by % to %', OLD.id, OLD.state, NEW.last_event, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.county_code, OLD.id, OLD.fund, OLD.payee_kind, OLD.institution_code, OLD.made_by, OLD.made_at)
       IS DISTINCT FROM
       (NEW.county_code, NEW.id, NEW.fund, NEW.payee_kind, NEW.institution_code, NEW.made_by, NEW.made_at) THEN
        RAISE EXCEPTION 'what a batch is, and who made it, is not changed' USING ERRCODE = 'restrict_violation';
    END IF;
    -- Each group of columns is written by its own events alone.
    is_fault := (NEW.last_event NOT IN ('submitted', 'sent_back', 'approval_withdrawn')
            AND (OLD.payment_count, OLD.total_fen, OLD.submitted_by, OLD.submitted_at, OLD.content_sha256)
                IS DISTINCT FROM
                (NEW.payment_count, NEW.total_fen, NEW.submitted_by, NEW.submitted_at, NEW.content_sha256))
        OR (NEW.last_event NOT IN ('approved', 'approval_withdrawn')
            AND (OLD.approved_by, OLD.approved_at, OLD.approved_sha256)
                IS DISTINCT FROM (NEW.approved_by, NEW.approved_at, NEW.approved_sha256))
        OR (NEW.last_event <> 'approved'
            AND (OLD.approval_no, OLD.message_id) IS DISTINCT FROM (NEW.approval_no, NEW.message_id))
        OR (NEW.last_event <> 'sending_begun' AND OLD.sending_begun_at IS DISTINCT FROM NEW.sending_begun_at)
        OR (NEW.last_event <> 'taken_by_bank' AND OLD.taken_at IS DISTINCT FROM NEW.taken_at)
        OR (NEW.last_event <> 'all_lines_answered' AND OLD.settled_at IS DISTINCT FROM NEW.settled_at);
    IF is_fault THEN
        RAISE EXCEPTION 'batch % is changed by % in what that event does not concern', OLD.id, NEW.last_event
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT count(*) AS payment_count, coalesce(sum(amount_fen), 0) AS total_fen,
           count(*) FILTER (WHERE state IN ('in_batch', 'sent', 'in_doubt')) AS unanswered,
           count(*) FILTER (WHERE planned_by = NEW.approved_by) AS reissued_by_approver
    INTO held
    FROM contractor.payment WHERE (county_code, batch_id) = (OLD.county_code, OLD.id);
    CASE NEW.last_event
        WHEN 'submitted' THEN
            is_fault := held.payment_count = 0
                OR (NEW.payment_count, NEW.total_fen) IS DISTINCT FROM (held.payment_count, held.total_fen)
                OR NEW.content_sha256 IS DISTINCT FROM contractor.batch_content_sha256(OLD.county_code, OLD.id)
                OR NEW.submitted_by IS DISTINCT FROM NEW.last_event_by
                OR NOT contractor.holds_role(OLD.county_code, NEW.submitted_by, 'cashier');
        WHEN 'approved' THEN
            is_fault := NEW.approved_by IS NULL OR NEW.approved_by = OLD.made_by OR NEW.approved_by = OLD.submitted_by
                OR NEW.approved_by IS DISTINCT FROM NEW.last_event_by
                OR NOT contractor.holds_role(OLD.county_code, NEW.approved_by, 'checker')
                OR held.reissued_by_approver > 0
                OR (OLD.payment_count, OLD.total_fen) IS DISTINCT FROM (held.payment_count, held.total_fen)
                OR NEW.approved_sha256 IS DISTINCT FROM contractor.batch_content_sha256(OLD.county_code, OLD.id)
                OR NEW.approval_no <> OLD.approval_no + 1
                OR NEW.message_id IS DISTINCT FROM
                    'CM' || OLD.county_code || 'T' || lpad(contractor.server_timeline()::text, 3, '0')
                    || 'B' || lpad(OLD.id::text, 10, '0') || 'A' || lpad(NEW.approval_no::text, 2, '0');
        WHEN 'sent_back', 'approval_withdrawn' THEN
            is_fault := NEW.last_event_by IS NULL OR NEW.payment_count <> 0 OR NEW.total_fen <> 0;
        WHEN 'discarded' THEN
            is_fault := NEW.last_event_by IS NULL OR held.payment_count > 0;
        WHEN 'sending_begun' THEN
            is_fault := NEW.sending_begun_at IS NULL
                OR NOT EXISTS (
                    SELECT FROM contractor.sending_permit
                    WHERE (county_code, timeline) = (OLD.county_code, contractor.server_timeline()))
                OR OLD.approved_sha256 IS DISTINCT FROM contractor.batch_content_sha256(OLD.county_code, OLD.id);
        WHEN 'taken_by_bank' THEN
            is_fault := NEW.taken_at IS NULL;
        WHEN 'all_lines_answered' THEN
            is_fault := NEW.settled_at IS NULL OR held.unanswered > 0;
        ELSE
            is_fault := false;
    END CASE;
    IF is_fault THEN
        RAISE EXCEPTION 'batch % may not be % like this', OLD.id, NEW.last_event USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO contractor.batch_event (county_code, batch_id, event_no, event, state_after, at, acted_by, reason, sha256)
    VALUES (NEW.county_code, NEW.id, NEW.version, NEW.last_event, NEW.state, NEW.last_event_at, NEW.last_event_by,
            NEW.last_reason, coalesce(NEW.content_sha256, OLD.content_sha256));
    RETURN NEW;
END
$$;
CREATE TRIGGER batch_moves BEFORE UPDATE ON contractor.payment_batch
    FOR EACH ROW EXECUTE FUNCTION contractor.batch_moves();
ALTER TABLE contractor.payment_batch ENABLE ALWAYS TRIGGER batch_moves;

-- An exception is closed once, by a person, and is otherwise what was noticed.
CREATE FUNCTION contractor.exception_is_closed_once() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.resolved_at IS NOT NULL THEN
            RAISE EXCEPTION 'an exception is noticed before it is closed' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.resolved_at IS NOT NULL OR NEW.resolved_at IS NULL
       OR (OLD.county_code, OLD.id, OLD.kind, OLD.subject, OLD.batch_id, OLD.payment_id, OLD.bank_message_id,
           OLD.expected, OLD.found, OLD.noticed_at)
          IS DISTINCT FROM
          (NEW.county_code, NEW.id, NEW.kind, NEW.subject, NEW.batch_id, NEW.payment_id, NEW.bank_message_id,
           NEW.expected, NEW.found, NEW.noticed_at) THEN
        RAISE EXCEPTION 'an exception is closed once and not rewritten' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER exception_is_closed_once BEFORE INSERT OR UPDATE ON contractor.payment_exception
    FOR EACH ROW EXECUTE FUNCTION contractor.exception_is_closed_once();
ALTER TABLE contractor.payment_exception ENABLE ALWAYS TRIGGER exception_is_closed_once;

COMMENT ON FUNCTION contractor.batch_content(text, bigint) IS
    'What a batch says, payees and accounts included, as the text that is signed.';
COMMENT ON FUNCTION contractor.batch_content_sha256(text, bigint) IS
    'The content hash of a batch as it stands.';
COMMENT ON FUNCTION contractor.holds_role(text, bigint, text) IS
    'Whether a person holds a role now by a grant that a second person approved.';
COMMENT ON FUNCTION contractor.server_timeline() IS
    'The timeline of this server: another one after every restore to a moment.';
COMMENT ON FUNCTION contractor.permit_is_given() IS
    'Sending on a timeline is permitted by one who may, once compared with the bank.';
COMMENT ON FUNCTION contractor.payments_begin() IS
    'Payments begin planned and within what was decided; their history begins with them.';
COMMENT ON FUNCTION contractor.payments_move() IS
    'Payments move by their table of moves alone, and the history is written by this law.';
COMMENT ON FUNCTION contractor.reissued_is_replaced() IS
    'A payment that is reissued has exactly its successor when the transaction ends.';
COMMENT ON FUNCTION contractor.batch_begins() IS
    'A batch begins as a draft of one who may make it.';
COMMENT ON FUNCTION contractor.batch_moves() IS
    'A batch moves by its table of moves, its content unchanged, its second person another.';
