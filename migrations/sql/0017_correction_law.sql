-- Corrections take two people; what they leave of paid money adds up, at the latest when the transaction ends.

CREATE FUNCTION contractor.correction_takes_two() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    is_fault boolean;
BEGIN
    IF TG_OP = 'INSERT' THEN
        is_fault := num_nonnulls(NEW.confirmed_at, NEW.withdrawn_at) > 0
            OR (NEW.proposed_by IS NOT NULL AND NOT contractor.holds_role(NEW.county_code, NEW.proposed_by, 'senior')
                AND NOT contractor.holds_role(NEW.county_code, NEW.proposed_by, 'lead'));
    ELSE
        is_fault := num_nonnulls(OLD.confirmed_at, OLD.withdrawn_at) > 0
            OR num_nonnulls(NEW.confirmed_at, NEW.withdrawn_at) <> 1
            OR (OLD.county_code, OLD.id, OLD.kind, OLD.reason_code, OLD.note, OLD.subject, OLD.content_sha256,
                OLD.claim_count, OLD.before_fen, OLD.after_fen, OLD.follows_settlement_id, OLD.proposed_at,
                OLD.proposed_by)
               IS DISTINCT FROM
               (NEW.county_code, NEW.id, NEW.kind, NEW.reason_code, NEW.note, NEW.subject, NEW.content_sha256,
                NEW.claim_count, NEW.before_fen, NEW.after_fen, NEW.follows_settlement_id, NEW.proposed_at,
                NEW.proposed_by)
            OR (NEW.confirmed_by IS NOT NULL AND (
                NOT (contractor.holds_role(NEW.county_code, NEW.confirmed_by, 'senior')
                     OR contractor.holds_role(NEW.county_code, NEW.confirmed_by, 'lead'))
                OR EXISTS (
                    SELECT FROM contractor.correction_line AS line
                    JOIN contractor.claim ON (claim.county_code, claim.id) = (line.county_code, line.claim_id)
                    WHERE (line.county_code, line.correction_id) = (NEW.county_code, NEW.id)
                      AND contractor.is_too_near(
                        claim.county_code, claim.household_id, claim.received_by, NEW.confirmed_by))));
    END IF;
    IF is_fault THEN
        RAISE EXCEPTION 'a correction is proposed by one person and confirmed or given up once, by another'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'two_people';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER correction_takes_two BEFORE INSERT OR UPDATE ON contractor.correction
    FOR EACH ROW EXECUTE FUNCTION contractor.correction_takes_two();
ALTER TABLE contractor.correction ENABLE ALWAYS TRIGGER correction_takes_two;

-- What is owed back is exactly what the payee holds for a decision that was taken back.
CREATE FUNCTION contractor.owed_back_is_held() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    fault record;
BEGIN
    SELECT fresh.claim_id, fresh.fund INTO fault
    FROM fresh
    WHERE fresh.amount_fen <> (
            SELECT coalesce(sum(payment.amount_fen), 0) FROM contractor.payment
            WHERE (payment.county_code, payment.claim_id, payment.fund) = (fresh.county_code, fresh.claim_id, fresh.fund)
              AND payment.state = 'paid'
              AND coalesce(payment.settlement_id, 0) = fresh.settlement_id
              AND coalesce(payment.account_entry_id, 0) = fresh.account_entry_id)
        + (
            SELECT coalesce(sum(met.amount_fen), 0) FROM contractor.set_off AS met
            WHERE (met.county_code, met.claim_id, met.fund) = (fresh.county_code, fresh.claim_id, fresh.fund)
              AND (met.settlement_id, met.account_entry_id) = (fresh.settlement_id, fresh.account_entry_id))
       OR NOT EXISTS (
            SELECT FROM contractor.settlement AS back
            WHERE (back.county_code, back.reverses_settlement_id) = (fresh.county_code, fresh.settlement_id)
              AND fresh.settlement_id <> 0
            UNION ALL
            SELECT FROM contractor.account_entry AS back
            WHERE (back.county_code, back.reverses_entry_id) = (fresh.county_code, fresh.account_entry_id)
              AND fresh.account_entry_id <> 0)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'what claim % owes back of % is not what was paid for it', fault.claim_id, fault.fund
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'owed_back_is_held';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER owed_back_is_held AFTER INSERT ON contractor.owed_back
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION contractor.owed_back_is_held();
ALTER TABLE contractor.owed_back ENABLE ALWAYS TRIGGER owed_back_is_held;

-- Nobody is set off more than they owe back, and only for the same claim, fund and holder of the money.
CREATE FUNCTION contractor.set_off_is_covered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    fault record;
BEGIN
    PERFORM FROM contractor.owed_back AS debt
    WHERE (debt.county_code, debt.id) IN (SELECT county_code, owed_back_id FROM fresh)
    ORDER BY debt.county_code, debt.id FOR UPDATE;
    SELECT fresh.claim_id INTO fault
    FROM fresh
    JOIN contractor.owed_back AS debt ON (debt.county_code, debt.id) = (fresh.county_code, fresh.owed_back_id)
    WHERE (debt.claim_id, debt.fund) IS DISTINCT FROM (fresh.claim_id, fresh.fund)
       OR debt.amount_fen < (
            SELECT sum(met.amount_fen) FROM contractor.set_off AS met
            WHERE (met.county_code, met.owed_back_id) = (debt.county_code, debt.id))
       OR NOT EXISTS (
            SELECT FROM contractor.settlement AS own
            WHERE (own.county_code, own.id, own.claim_id, own.reverses_settlement_id)
                = (fresh.county_code, fresh.settlement_id, fresh.claim_id, 0)
            UNION ALL
            SELECT FROM contractor.account_entry AS own
            WHERE (own.county_code, own.entry_id, own.claim_id, own.reverses_entry_id)
                = (fresh.county_code, fresh.account_entry_id, fresh.claim_id, 0))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'more is set off for claim % than is owed back', fault.claim_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'set_off_is_covered';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER set_off_is_covered AFTER INSERT ON contractor.set_off
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION contractor.set_off_is_covered();
ALTER TABLE contractor.set_off ENABLE ALWAYS TRIGGER set_off_is_covered;

CREATE FUNCTION contractor.appeal_is_decided_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.decided_at IS NOT NULL OR NOT EXISTS (
            SELECT FROM contractor.claim_event AS against
            WHERE (against.county_code, against.claim_id, against.event_no)
                = (NEW.county_code, NEW.claim_id, NEW.appealed_event_no)
              AND against.acted_by IS NOT DISTINCT FROM NEW.first_by) THEN
            RAISE EXCEPTION 'an appeal is against what somebody decided, and waits first'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.decided_at IS NOT NULL OR NEW.decided_at IS NULL
       OR (OLD.county_code, OLD.id, OLD.claim_id, OLD.appealed_event_no, OLD.first_by, OLD.filed_by, OLD.filer_name,
           OLD.paper, OLD.statement, OLD.filed_on, OLD.due_on, OLD.recorded_at, OLD.recorded_by)
          IS DISTINCT FROM
          (NEW.county_code, NEW.id, NEW.claim_id, NEW.appealed_event_no, NEW.first_by, NEW.filed_by, NEW.filer_name,
           NEW.paper, NEW.statement, NEW.filed_on, NEW.due_on, NEW.recorded_at, NEW.recorded_by)
       OR NOT (contractor.holds_role(NEW.county_code, NEW.decided_by, 'senior')
            OR contractor.holds_role(NEW.county_code, NEW.decided_by, 'lead'))
       OR EXISTS (
            SELECT FROM contractor.claim
            WHERE (county_code, id) = (NEW.county_code, NEW.claim_id)
              AND contractor.is_too_near(county_code, household_id, received_by, NEW.decided_by)) THEN
        RAISE EXCEPTION 'an appeal is decided once, by a person who had no part in it'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'same_person';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER appeal_is_decided_once BEFORE INSERT OR UPDATE ON contractor.appeal
    FOR EACH ROW EXECUTE FUNCTION contractor.appeal_is_decided_once();
ALTER TABLE contractor.appeal ENABLE ALWAYS TRIGGER appeal_is_decided_once;

COMMENT ON FUNCTION contractor.correction_takes_two() IS 'Refuses corrections by one person alone, and changes of what was proposed.';
COMMENT ON FUNCTION contractor.owed_back_is_held() IS 'Refuses debts that are not what was paid for a decision taken back.';
COMMENT ON FUNCTION contractor.set_off_is_covered() IS 'Refuses to set off more than is owed back, or between two claims.';
COMMENT ON FUNCTION contractor.appeal_is_decided_once() IS 'Refuses appeals decided twice, or by whoever decided first.';
