-- What is at stake is what a yes would cost the funds. The checks foresee it once; until they have, what is asked counts.
ALTER TABLE contractor.claim
    ADD COLUMN foreseen_fen BIGINT CONSTRAINT ck_claim_foreseen CHECK (foreseen_fen >= 0);
COMMENT ON COLUMN contractor.claim.foreseen_fen IS
    'What an approval would have cost the funds when the checks looked, in fen; null before, or where no law was in force.';
ALTER TABLE contractor.claim ALTER COLUMN expected_loss_fen SET EXPRESSION AS (
    COALESCE(foreseen_fen, CASE WHEN advanced_fen > 0 THEN advanced_fen
            ELSE charged_fen - institution_reduced_fen - paid_elsewhere_fen END)
        / 1000000 * alert_ppm
    + COALESCE(foreseen_fen, CASE WHEN advanced_fen > 0 THEN advanced_fen
            ELSE charged_fen - institution_reduced_fen - paid_elsewhere_fen END)
        % 1000000 * alert_ppm / 1000000);
COMMENT ON COLUMN contractor.claim.expected_loss_fen IS
    'Alert score times what a yes would cost, as foreseen, else as asked for; in fen.';

-- A filter that few claims pass is not looked for among all that wait: each is read in the order of the queue.
CREATE INDEX ix_claim_waiting_state_by_term
    ON contractor.claim (county_code, state, due_on, (- expected_loss_fen), id) WHERE is_waiting;
CREATE INDEX ix_claim_waiting_state_by_loss
    ON contractor.claim (county_code, state, (- expected_loss_fen), id, due_on) WHERE is_waiting;
CREATE INDEX ix_claim_waiting_route_by_term
    ON contractor.claim (county_code, route, due_on, (- expected_loss_fen), id) WHERE is_waiting;
CREATE INDEX ix_claim_waiting_route_by_loss
    ON contractor.claim (county_code, route, (- expected_loss_fen), id, due_on) WHERE is_waiting;
CREATE INDEX ix_claim_waiting_institution_by_term
    ON contractor.claim (county_code, institution_code, due_on, (- expected_loss_fen), id) WHERE is_waiting;
CREATE INDEX ix_claim_waiting_institution_by_loss
    ON contractor.claim (county_code, institution_code, (- expected_loss_fen), id, due_on) WHERE is_waiting;
-- Small, for few days stand in it: all that waits is counted by its term without a look at a claim.
CREATE INDEX ix_claim_waiting_due_on ON contractor.claim (county_code, due_on) WHERE is_waiting;
-- A partial index says nothing to the planner about how losses are spread.
CREATE STATISTICS contractor.claim_loss ON (- expected_loss_fen) FROM contractor.claim;

-- A rule's findings stand beside the claims. So that a rule is read in order too, what waits is noted with its rules.
CREATE TABLE contractor.waiting_finding (
    county_code CHAR(6) NOT NULL,
    claim_id BIGINT NOT NULL,
    rule TEXT NOT NULL,
    due_on DATE,
    expected_loss_fen BIGINT NOT NULL,
    CONSTRAINT pk_waiting_finding PRIMARY KEY (county_code, claim_id, rule),
    CONSTRAINT fk_waiting_finding_county_code_claim_id
        FOREIGN KEY (county_code, claim_id) REFERENCES contractor.claim (county_code, id)
);
CREATE INDEX ix_waiting_finding_by_term
    ON contractor.waiting_finding (county_code, rule, due_on, (- expected_loss_fen), claim_id);
CREATE INDEX ix_waiting_finding_by_loss
    ON contractor.waiting_finding (county_code, rule, (- expected_loss_fen), claim_id, due_on);
COMMENT ON TABLE contractor.waiting_finding IS
    'Which rules found something in the claims that wait; written by the database alone, as claims come and go.';
COMMENT ON COLUMN contractor.waiting_finding.county_code IS 'County of the claim.';
COMMENT ON COLUMN contractor.waiting_finding.claim_id IS 'The claim; it waits for a person.';
COMMENT ON COLUMN contractor.waiting_finding.rule IS 'Rule that found something in it.';
COMMENT ON COLUMN contractor.waiting_finding.due_on IS 'The claim''s own due_on.';
COMMENT ON COLUMN contractor.waiting_finding.expected_loss_fen IS 'The claim''s own expected loss, in fen.';
GRANT SELECT ON contractor.waiting_finding TO contractor_rw;

CREATE FUNCTION contractor.claim_waits_with_its_findings() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF NOT NEW.is_waiting THEN
        DELETE FROM contractor.waiting_finding WHERE (county_code, claim_id) = (NEW.county_code, NEW.id);
    ELSIF OLD.is_waiting THEN
        UPDATE contractor.waiting_finding SET due_on = NEW.due_on, expected_loss_fen = NEW.expected_loss_fen
        WHERE (county_code, claim_id) = (NEW.county_code, NEW.id);
    ELSE
        INSERT INTO contractor.waiting_finding (county_code, claim_id, rule, due_on, expected_loss_fen)
        SELECT DISTINCT NEW.county_code, NEW.id, rule, NEW.due_on, NEW.expected_loss_fen
        FROM contractor.claim_finding WHERE (county_code, claim_id) = (NEW.county_code, NEW.id);
    END IF;
    RETURN NULL;
END
$$;
-- A clean claim never waits, and costs a comparison.
CREATE TRIGGER claim_waits_with_its_findings AFTER UPDATE ON contractor.claim FOR EACH ROW
    WHEN (OLD.is_waiting IS DISTINCT FROM NEW.is_waiting
        OR NEW.is_waiting AND (OLD.due_on IS DISTINCT FROM NEW.due_on
            OR OLD.expected_loss_fen IS DISTINCT FROM NEW.expected_loss_fen))
    EXECUTE FUNCTION contractor.claim_waits_with_its_findings();
ALTER TABLE contractor.claim ENABLE ALWAYS TRIGGER claim_waits_with_its_findings;

-- What the nightly rules add to a claim that waits already. The claim is looked up by its number, however many come:
-- it must not leave the queue between the look and the note.
CREATE FUNCTION contractor.finding_is_noted_where_it_waits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    INSERT INTO contractor.waiting_finding (county_code, claim_id, rule, due_on, expected_loss_fen)
    SELECT own.county_code, own.id, fresh.rule, own.due_on, own.expected_loss_fen
    FROM fresh JOIN contractor.claim AS own ON (own.county_code, own.id) = (fresh.county_code, fresh.claim_id)
    WHERE own.is_waiting
    ORDER BY own.id FOR SHARE OF own
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER finding_is_noted_where_it_waits AFTER INSERT ON contractor.claim_finding
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION contractor.finding_is_noted_where_it_waits();
ALTER TABLE contractor.claim_finding ENABLE ALWAYS TRIGGER finding_is_noted_where_it_waits;
COMMENT ON FUNCTION contractor.claim_waits_with_its_findings() IS
    'Notes the rules of a claim that begins to wait, follows its term and loss, and drops them when it is done.';
COMMENT ON FUNCTION contractor.finding_is_noted_where_it_waits() IS 'Notes rules that find something in a claim that waits.';

INSERT INTO contractor.waiting_finding (county_code, claim_id, rule, due_on, expected_loss_fen)
SELECT DISTINCT own.county_code, own.id, found.rule, own.due_on, own.expected_loss_fen
FROM contractor.claim AS own
JOIN contractor.claim_finding AS found ON (found.county_code, found.claim_id) = (own.county_code, own.id)
WHERE own.is_waiting;
