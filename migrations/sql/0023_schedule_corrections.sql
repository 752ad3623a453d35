-- A schedule that was in force and was wrong: a corrected version takes the same days, named as a correction with its
-- reason, by the same two people as any other (decision 0050). The wrong one stays, for what was decided by it.

ALTER TABLE registry.schedule_approval
    ADD COLUMN corrects_id BIGINT,
    ADD COLUMN correction_reason TEXT,
    ADD COLUMN corrected_by_id BIGINT,
    ADD COLUMN corrected_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT fk_schedule_approval_corrects_id FOREIGN KEY (county_code, corrects_id)
        REFERENCES registry.schedule_approval (county_code, id),
    ADD CONSTRAINT fk_schedule_approval_corrected_by_id FOREIGN KEY (county_code, corrected_by_id)
        REFERENCES registry.schedule_approval (county_code, id),
    ADD CONSTRAINT ck_schedule_approval_correction CHECK (
        (corrects_id IS NULL) = (correction_reason IS NULL) AND (corrects_id IS NULL OR replaces_id IS NULL)
        AND char_length(btrim(correction_reason)) BETWEEN 2 AND 300),
    ADD CONSTRAINT ck_schedule_approval_corrected CHECK (
        (corrected_by_id IS NULL) = (corrected_at IS NULL) AND (corrected_at IS NULL OR confirmed_at IS NOT NULL)),
    DROP CONSTRAINT ex_schedule_approval_one_law_a_day,
    ADD CONSTRAINT ex_schedule_approval_one_law_a_day EXCLUDE USING gist (
        county_code WITH =, daterange(in_force_from, LEAST(in_force_until, replaced_on)) WITH &&
    ) WHERE (confirmed_at IS NOT NULL AND withdrawn_at IS NULL AND corrected_at IS NULL);

COMMENT ON COLUMN registry.schedule_approval.corrects_id IS 'Approval that was wrong and whose days this one takes; null where it corrects none.';
COMMENT ON COLUMN registry.schedule_approval.correction_reason IS 'What was wrong with that one, in words.';
COMMENT ON COLUMN registry.schedule_approval.corrected_by_id IS 'Approval that has taken all days of this one, because it was wrong.';
COMMENT ON COLUMN registry.schedule_approval.corrected_at IS 'When it did; from then on this one is in force on no day.';

CREATE OR REPLACE FUNCTION registry.schedule_approval_keeps_the_law() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF num_nonnulls(NEW.confirmed_at, NEW.withdrawn_at, NEW.replaced_on, NEW.corrected_at) > 0 THEN
            RAISE EXCEPTION 'a schedule is proposed first' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (OLD.county_code, OLD.id, OLD.scheme_key, OLD.content_hash, OLD.canonical, OLD.in_force_from, OLD.in_force_until,
        OLD.replaces_id, OLD.committee, OLD.approved_on, OLD.document, OLD.document_sha256, OLD.proposed_by,
        OLD.proposed_at, OLD.corrects_id, OLD.correction_reason)
       IS DISTINCT FROM
       (NEW.county_code, NEW.id, NEW.scheme_key, NEW.content_hash, NEW.canonical, NEW.in_force_from, NEW.in_force_until,
        NEW.replaces_id, NEW.committee, NEW.approved_on, NEW.document, NEW.document_sha256, NEW.proposed_by,
        NEW.proposed_at, NEW.corrects_id, NEW.correction_reason) THEN
        RAISE EXCEPTION 'what was proposed is not changed; withdraw it and propose anew'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.confirmed_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL)
       AND (OLD.confirmed_by, OLD.confirmed_at, OLD.confirmed_sha256)
           IS DISTINCT FROM (NEW.confirmed_by, NEW.confirmed_at, NEW.confirmed_sha256) THEN
        RAISE EXCEPTION 'a schedule is confirmed once, and not after it was withdrawn'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.withdrawn_at IS NOT NULL
       AND (OLD.withdrawn_by, OLD.withdrawn_at, OLD.withdraw_reason)
           IS DISTINCT FROM (NEW.withdrawn_by, NEW.withdrawn_at, NEW.withdraw_reason) THEN
        RAISE EXCEPTION 'a schedule is withdrawn once' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.replaced_on, OLD.replaced_by_id) IS DISTINCT FROM (NEW.replaced_on, NEW.replaced_by_id) THEN
        IF OLD.replaced_by_id IS NOT NULL AND EXISTS (
            SELECT FROM registry.schedule_approval AS successor
            WHERE successor.county_code = OLD.county_code AND successor.id = OLD.replaced_by_id
              AND successor.withdrawn_at IS NULL) THEN
            RAISE EXCEPTION 'the successor of this schedule stands' USING ERRCODE = 'restrict_violation';
        END IF;
        -- A corrected version ends where the wrong one did, and hands over to the same successor.
        IF NEW.replaced_by_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM registry.schedule_approval AS successor
            WHERE successor.county_code = NEW.county_code AND successor.id = NEW.replaced_by_id
              AND successor.in_force_from = NEW.replaced_on AND successor.withdrawn_at IS NULL
              AND (successor.replaces_id = NEW.id OR EXISTS (
                SELECT FROM registry.schedule_approval AS wrong
                WHERE (wrong.county_code, wrong.id) = (NEW.county_code, NEW.corrects_id)
                  AND wrong.replaced_by_id = successor.id AND wrong.corrected_by_id = NEW.id))) THEN
            RAISE EXCEPTION 'no successor takes the place of this schedule on that day'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    IF (OLD.corrected_by_id, OLD.corrected_at) IS DISTINCT FROM (NEW.corrected_by_id, NEW.corrected_at)
       AND (OLD.corrected_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL OR NOT EXISTS (
            SELECT FROM registry.schedule_approval AS right_one
            WHERE (right_one.county_code, right_one.id, right_one.corrects_id)
                = (NEW.county_code, NEW.corrected_by_id, NEW.id)
              AND right_one.in_force_from = NEW.in_force_from
              AND right_one.in_force_until IS NOT DISTINCT FROM NEW.in_force_until
              AND right_one.content_hash <> NEW.content_hash
              AND right_one.confirmed_at IS NULL AND right_one.withdrawn_at IS NULL)) THEN
        RAISE EXCEPTION 'a schedule is corrected once, by one that names it and takes the same days'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION registry.schedule_approval_leaves_no_gap() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (
        SELECT FROM registry.schedule_approval AS ended
        LEFT JOIN registry.schedule_approval AS successor
          ON successor.county_code = ended.county_code AND successor.id = ended.replaced_by_id
         AND successor.confirmed_at IS NOT NULL AND successor.withdrawn_at IS NULL
        WHERE ended.county_code = NEW.county_code AND ended.replaced_on IS NOT NULL
          AND ended.withdrawn_at IS NULL AND ended.corrected_at IS NULL AND successor.id IS NULL) THEN
        RAISE EXCEPTION 'a schedule has ended and its successor is not in force'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM registry.schedule_approval AS wrong
        LEFT JOIN registry.schedule_approval AS right_one
          ON right_one.county_code = wrong.county_code AND right_one.id = wrong.corrected_by_id
         AND right_one.confirmed_at IS NOT NULL AND right_one.withdrawn_at IS NULL
        WHERE wrong.county_code = NEW.county_code AND wrong.corrected_at IS NOT NULL AND right_one.id IS NULL)
       OR EXISTS (
        SELECT FROM registry.schedule_approval AS right_one
        LEFT JOIN registry.schedule_approval AS wrong
          ON wrong.county_code = right_one.county_code AND wrong.id = right_one.corrects_id
         AND wrong.corrected_by_id = right_one.id
        WHERE right_one.county_code = NEW.county_code AND right_one.corrects_id IS NOT NULL
          AND right_one.confirmed_at IS NOT NULL AND wrong.id IS NULL) THEN
        RAISE EXCEPTION 'a schedule was corrected and its corrected version is not in force'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE VIEW registry.published_schedule_approval AS
SELECT county_code, id, scheme_key, content_hash, canonical, in_force_from, in_force_until, replaces_id, replaced_on,
    committee, approved_on, document, document_sha256, proposed_by, proposed_at, confirmed_by, confirmed_at,
    confirmed_sha256, corrects_id, correction_reason, corrected_by_id, corrected_at
FROM registry.schedule_approval WHERE confirmed_at IS NOT NULL AND withdrawn_at IS NULL;
