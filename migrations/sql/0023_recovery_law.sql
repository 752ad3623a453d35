-- A debt shrinks by what is set off and by what comes back, never below nothing; both stand in the books.

CREATE FUNCTION contractor.is_more_than_owed(of_county bpchar, of_debt bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT debt.amount_fen < coalesce((
            SELECT sum(met.amount_fen) FROM contractor.set_off AS met
            WHERE (met.county_code, met.owed_back_id) = (of_county, of_debt)), 0)
        + coalesce((
            SELECT sum(paid.amount_fen) FROM contractor.repayment AS paid
            WHERE (paid.county_code, paid.owed_back_id) = (of_county, of_debt) AND paid.confirmed_at IS NOT NULL), 0)
    FROM contractor.owed_back AS debt WHERE (debt.county_code, debt.id) = (of_county, of_debt)
$$;

CREATE OR REPLACE FUNCTION contractor.set_off_is_covered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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
       OR contractor.is_more_than_owed(debt.county_code, debt.id)
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

-- Entered by a cashier, confirmed or given up once, by another person who may; what was entered does not change.
CREATE FUNCTION contractor.repayment_takes_two() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF num_nonnulls(NEW.confirmed_at, NEW.withdrawn_at) > 0
           OR NOT contractor.holds_role(NEW.county_code, NEW.entered_by, 'cashier') THEN
            RAISE EXCEPTION 'a repayment is entered by a cashier, and waits first'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'two_people';
        END IF;
    ELSIF num_nonnulls(OLD.confirmed_at, OLD.withdrawn_at) > 0 OR num_nonnulls(NEW.confirmed_at, NEW.withdrawn_at) <> 1
       OR (OLD.county_code, OLD.id, OLD.owed_back_id, OLD.amount_fen, OLD.way, OLD.reference, OLD.arrived_on,
           OLD.entered_at, OLD.entered_by)
          IS DISTINCT FROM
          (NEW.county_code, NEW.id, NEW.owed_back_id, NEW.amount_fen, NEW.way, NEW.reference, NEW.arrived_on,
           NEW.entered_at, NEW.entered_by)
       OR (NEW.confirmed_by IS NOT NULL AND NOT contractor.holds_role(NEW.county_code, NEW.confirmed_by, 'checker')) THEN
        RAISE EXCEPTION 'a repayment is confirmed or given up once, and confirmed by a checker'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'two_people';
    END IF;
    -- Two that would each fit wait for each other here.
    PERFORM FROM contractor.owed_back AS debt
    WHERE (debt.county_code, debt.id) = (NEW.county_code, NEW.owed_back_id) FOR UPDATE;
    RETURN NEW;
END
$$;
CREATE TRIGGER repayment_takes_two BEFORE INSERT OR UPDATE ON contractor.repayment
    FOR EACH ROW EXECUTE FUNCTION contractor.repayment_takes_two();
ALTER TABLE contractor.repayment ENABLE ALWAYS TRIGGER repayment_takes_two;

CREATE FUNCTION contractor.repayment_is_covered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF contractor.is_more_than_owed(NEW.county_code, NEW.owed_back_id) THEN
        RAISE EXCEPTION 'more comes back for debt % than is owed', NEW.owed_back_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'repayment_is_covered';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER repayment_is_covered AFTER UPDATE ON contractor.repayment
    FOR EACH ROW EXECUTE FUNCTION contractor.repayment_is_covered();
ALTER TABLE contractor.repayment ENABLE ALWAYS TRIGGER repayment_is_covered;

-- At the end of the transaction the books hold exactly what was recovered of each debt that moved.
CREATE FUNCTION contractor.recovery_is_booked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    recovered numeric;
    booked numeric;
BEGIN
    SELECT coalesce(sum(amount_fen), 0) INTO recovered FROM (
        SELECT amount_fen FROM contractor.set_off
        WHERE (county_code, owed_back_id) = (NEW.county_code, NEW.owed_back_id)
        UNION ALL
        SELECT amount_fen FROM contractor.repayment
        WHERE (county_code, owed_back_id) = (NEW.county_code, NEW.owed_back_id) AND confirmed_at IS NOT NULL) AS parts;
    SELECT coalesce(-sum(amount_fen), 0) INTO booked FROM contractor.leg
    WHERE (county_code, owed_back_id) = (NEW.county_code, NEW.owed_back_id) AND account_code LIKE '_203';
    IF recovered <> booked THEN
        RAISE EXCEPTION 'of debt % % fen are recovered and % are booked', NEW.owed_back_id, recovered, booked
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'recovery_is_booked';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER recovery_is_booked AFTER INSERT ON contractor.set_off
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION contractor.recovery_is_booked();
ALTER TABLE contractor.set_off ENABLE ALWAYS TRIGGER recovery_is_booked;
CREATE CONSTRAINT TRIGGER repayment_is_booked AFTER UPDATE ON contractor.repayment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION contractor.recovery_is_booked();
ALTER TABLE contractor.repayment ENABLE ALWAYS TRIGGER repayment_is_booked;

-- An appeal that comes after its term is taken by the lead; its papers are of its own claim, and come while it waits.
CREATE OR REPLACE FUNCTION contractor.appeal_is_decided_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.decided_at IS NOT NULL OR NEW.file_by_on IS NULL OR NOT EXISTS (
            SELECT FROM contractor.claim_event AS against
            WHERE (against.county_code, against.claim_id, against.event_no)
                = (NEW.county_code, NEW.claim_id, NEW.appealed_event_no)
              AND against.acted_by IS NOT DISTINCT FROM NEW.first_by) THEN
            RAISE EXCEPTION 'an appeal is against what somebody decided, and waits first'
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF NEW.late_reason IS NOT NULL AND NOT contractor.holds_role(NEW.county_code, NEW.recorded_by, 'lead') THEN
            RAISE EXCEPTION 'an appeal that comes after its term is taken by the lead'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'late_appeal';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.decided_at IS NOT NULL OR NEW.decided_at IS NULL
       OR (OLD.county_code, OLD.id, OLD.claim_id, OLD.appealed_event_no, OLD.first_by, OLD.filed_by, OLD.filer_name,
           OLD.paper, OLD.statement, OLD.filed_on, OLD.due_on, OLD.recorded_at, OLD.recorded_by, OLD.file_by_on,
           OLD.late_reason)
          IS DISTINCT FROM
          (NEW.county_code, NEW.id, NEW.claim_id, NEW.appealed_event_no, NEW.first_by, NEW.filed_by, NEW.filer_name,
           NEW.paper, NEW.statement, NEW.filed_on, NEW.due_on, NEW.recorded_at, NEW.recorded_by, NEW.file_by_on,
           NEW.late_reason)
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

CREATE FUNCTION contractor.appeal_paper_is_its_own() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM contractor.appeal JOIN contractor.claim_document AS document
            ON (document.county_code, document.claim_id) = (appeal.county_code, appeal.claim_id)
        WHERE (appeal.county_code, appeal.id, document.id) = (NEW.county_code, NEW.appeal_id, NEW.document_id)
          AND appeal.decided_at IS NULL) THEN
        RAISE EXCEPTION 'an appeal takes papers of its own claim, until it is answered'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'paper_of_the_appeal';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER appeal_paper_is_its_own BEFORE INSERT ON contractor.appeal_document
    FOR EACH ROW EXECUTE FUNCTION contractor.appeal_paper_is_its_own();
ALTER TABLE contractor.appeal_document ENABLE ALWAYS TRIGGER appeal_paper_is_its_own;

COMMENT ON FUNCTION contractor.is_more_than_owed(bpchar, bigint) IS 'Whether more was set off and paid back of a debt than it is.';
COMMENT ON FUNCTION contractor.repayment_takes_two() IS 'Refuses repayments by one person alone, and changes of what was entered.';
COMMENT ON FUNCTION contractor.repayment_is_covered() IS 'Refuses to confirm more than is still owed.';
COMMENT ON FUNCTION contractor.recovery_is_booked() IS 'Refuses a debt whose recovered part is not what the books hold of it.';
COMMENT ON FUNCTION contractor.appeal_paper_is_its_own() IS 'Refuses papers of other claims, and papers that come after the answer.';
