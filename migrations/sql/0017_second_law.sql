-- Who may decide on what, held by the database whatever the application thinks (RELIABILITY, rule 9). A person is named
-- by the row; who pretends to be somebody else is found by the trail and not here.

-- Nobody decides a claim they entered, or one of a household that was declared to be theirs.
CREATE FUNCTION contractor.is_too_near(of_county bpchar, household bigint, entered_by bigint, person bigint)
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce(entered_by = person, false) OR EXISTS (
        SELECT FROM contractor.staff_household
        WHERE (county_code, staff_id, household_id) = (of_county, person, household) AND ended_at IS NULL)
$$;

-- The policy of a day: of those that have begun the latest, and of one day's the one set last.
CREATE FUNCTION contractor.review_policy_on(of_county bpchar, of_day date) RETURNS SETOF contractor.review_policy
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT * FROM contractor.review_policy WHERE county_code = of_county AND from_on <= of_day
    ORDER BY from_on DESC, id DESC LIMIT 1
$$;

-- Who has had their say on a claim since it was last referred up: the first reviewer, and whoever disagreed.
CREATE FUNCTION contractor.has_had_a_say(of_county bpchar, of_claim bigint, before_event integer, person bigint)
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT EXISTS (
        SELECT FROM contractor.claim_event AS said
        WHERE (said.county_code, said.claim_id) = (of_county, of_claim) AND said.event_no < before_event
          AND said.acted_by = person AND said.event IN ('referred_up', 'disputed')
          AND said.event_no >= (
            SELECT max(event_no) FROM contractor.claim_event
            WHERE (county_code, claim_id) = (of_county, of_claim) AND event = 'referred_up'
              AND event_no < before_event))
$$;

CREATE FUNCTION contractor.events_keep_hands_apart() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    fault record;
BEGIN
    SELECT fresh.claim_id, fresh.event INTO fault
    FROM fresh JOIN contractor.claim ON (claim.county_code, claim.id) = (fresh.county_code, fresh.claim_id)
    WHERE fresh.event IN ('taken_up', 'sent_back', 'reduced', 'referred_up', 'returned_to_reviewer', 'disputed',
                          'approved', 'notice_begun', 'rejected', 'reopened', 'reversed', 'repriced', 'readjudicated')
      AND fresh.acted_by IS NOT NULL
      AND contractor.is_too_near(claim.county_code, claim.household_id, claim.received_by, fresh.acted_by)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'nobody decides claim %: it is their own household''s, or they entered it', fault.claim_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'too_near';
    END IF;
    SELECT fresh.claim_id, fresh.event INTO fault
    FROM fresh
    JOIN contractor.claim_event AS earlier
        ON (earlier.county_code, earlier.claim_id, earlier.event_no)
         = (fresh.county_code, fresh.claim_id, fresh.event_no - 1)
    WHERE fresh.event IN ('approved', 'notice_begun', 'rejected', 'returned_to_reviewer', 'disputed', 'sent_back',
                          'reduced')
      AND earlier.state_after = 'in_second_review'
      AND (fresh.acted_by IS NULL OR contractor.has_had_a_say(
            fresh.county_code, fresh.claim_id, fresh.event_no, fresh.acted_by))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'claim % is decided by a person who has not had a say on it yet', fault.claim_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'same_person';
    END IF;
    SELECT fresh.claim_id, fresh.event INTO fault
    FROM fresh
    JOIN contractor.claim_event AS earlier
        ON (earlier.county_code, earlier.claim_id, earlier.event_no)
         = (fresh.county_code, fresh.claim_id, fresh.event_no - 1)
    WHERE fresh.event IN ('approved', 'notice_begun', 'rejected') AND earlier.state_after = 'in_review'
      AND EXISTS (
        SELECT FROM contractor.review_policy_on(fresh.county_code, (fresh.at AT TIME ZONE 'Asia/Shanghai')::date) AS p
        WHERE p.is_on_critical)
      AND EXISTS (
        SELECT FROM contractor.claim_finding AS finding
        WHERE (finding.county_code, finding.claim_id) = (fresh.county_code, fresh.claim_id) AND finding.severity = 'C')
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'claim % has a critical finding: two people decide it', fault.claim_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'second_review';
    END IF;
    SELECT fresh.claim_id, fresh.event INTO fault
    FROM fresh JOIN contractor.claim ON (claim.county_code, claim.id) = (fresh.county_code, fresh.claim_id)
    WHERE fresh.event = 'approved_by_rule' AND claim.is_clean IS FALSE
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'claim % asks for a person: no rule approves it', fault.claim_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'asks_for_a_person';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER events_keep_hands_apart AFTER INSERT ON contractor.claim_event
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION contractor.events_keep_hands_apart();
ALTER TABLE contractor.claim_event ENABLE ALWAYS TRIGGER events_keep_hands_apart;

-- Money is decided before the claim moves on, so the claim's state here is the one it was decided in.
CREATE FUNCTION contractor.settlements_keep_hands_apart() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    fault record;
BEGIN
    SELECT fresh.claim_id INTO fault
    FROM fresh JOIN contractor.claim ON (claim.county_code, claim.id) = (fresh.county_code, fresh.claim_id)
    WHERE (fresh.decided_by IS NOT NULL
           AND contractor.is_too_near(claim.county_code, claim.household_id, claim.received_by, fresh.decided_by))
       OR (fresh.reverses_settlement_id = 0 AND claim.state = 'in_second_review'
           AND (fresh.decided_by IS NULL
                OR contractor.has_had_a_say(claim.county_code, claim.id, claim.version + 1, fresh.decided_by)))
       OR (fresh.reverses_settlement_id = 0 AND claim.state = 'received' AND claim.is_clean IS FALSE)
       OR (fresh.reverses_settlement_id = 0 AND claim.state = 'in_review'
           AND EXISTS (
             SELECT FROM contractor.review_policy_on(
                fresh.county_code, (fresh.decided_at AT TIME ZONE 'Asia/Shanghai')::date) AS p
             WHERE fresh.decided_by IS NULL OR fresh.benefits_fen >= p.limit_fen))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'claim % is not settled by this hand', fault.claim_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'hands_apart';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER settlements_keep_hands_apart AFTER INSERT ON contractor.settlement
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION contractor.settlements_keep_hands_apart();
ALTER TABLE contractor.settlement ENABLE ALWAYS TRIGGER settlements_keep_hands_apart;

CREATE FUNCTION contractor.entries_keep_hands_apart() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    fault record;
BEGIN
    SELECT fresh.claim_id INTO fault
    FROM fresh JOIN contractor.claim ON (claim.county_code, claim.id) = (fresh.county_code, fresh.claim_id)
    WHERE (fresh."by" IS NOT NULL
           AND contractor.is_too_near(claim.county_code, claim.household_id, claim.received_by, fresh."by"))
       OR (fresh.reverses_entry_id = 0 AND claim.state = 'in_second_review'
           AND (fresh."by" IS NULL
                OR contractor.has_had_a_say(claim.county_code, claim.id, claim.version + 1, fresh."by")))
       OR (fresh.reverses_entry_id = 0 AND claim.state = 'received' AND claim.is_clean IS FALSE)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'claim % is not settled by this hand', fault.claim_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'hands_apart';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER entries_keep_hands_apart AFTER INSERT ON contractor.account_entry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION contractor.entries_keep_hands_apart();
ALTER TABLE contractor.account_entry ENABLE ALWAYS TRIGGER entries_keep_hands_apart;

-- What a person must decide is decided by an event that names them, at the latest when the transaction ends.
CREATE FUNCTION contractor.decision_has_its_event() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM contractor.claim_event
        WHERE (county_code, claim_id, event_no, state_after) = (NEW.county_code, NEW.id, NEW.version, NEW.state)) THEN
        RAISE EXCEPTION 'claim % moves to % by an event', NEW.id, NEW.state
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'has_its_event';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER decision_has_its_event AFTER UPDATE ON contractor.claim
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NEW.state IN ('approved', 'rejected', 'on_public_notice', 'reversed')
          AND (OLD.state IN ('in_review', 'in_second_review', 'approved') OR OLD.is_clean IS FALSE))
    EXECUTE FUNCTION contractor.decision_has_its_event();
ALTER TABLE contractor.claim ENABLE ALWAYS TRIGGER decision_has_its_event;

-- The number a claim's decision draws: the first eight bytes of a hash, below a million.
CREATE FUNCTION contractor.drawn_ppm(seed bytea, of_claim bigint, of_version integer) RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT ((('x' || substr(encode(sha256(seed || int8send(of_claim) || int4send(of_version)), 'hex'), 1, 15))::bit(60)
             ::bigint) % 1000000)::integer
$$;

CREATE FUNCTION contractor.proposal_is_own() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    policy contractor.review_policy;
BEGIN
    IF EXISTS (
        SELECT FROM contractor.claim
        WHERE (county_code, id) = (NEW.county_code, NEW.claim_id)
          AND contractor.is_too_near(county_code, household_id, received_by, NEW.proposed_by)) THEN
        RAISE EXCEPTION 'nobody proposes on claim % of their own', NEW.claim_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'too_near';
    END IF;
    IF NEW.policy_id IS NOT NULL THEN
        SELECT * INTO policy FROM contractor.review_policy
        WHERE (county_code, id) = (NEW.county_code, NEW.policy_id);
        -- The draw is what the seed says, and nobody's choice.
        IF NOT FOUND OR NEW.drawn_ppm <> contractor.drawn_ppm(policy.seed, NEW.claim_id, NEW.claim_version)
           OR (NEW.drawn_ppm < policy.share_ppm AND cardinality(NEW.grounds) = 0)
           OR (NEW.stake_fen >= policy.limit_fen AND NOT 'limit' = ANY (NEW.grounds))
           OR (NEW.household_fen >= policy.household_limit_fen AND NOT 'household' = ANY (NEW.grounds))
           OR (NEW.payee_fen >= policy.payee_limit_fen AND NOT 'payee' = ANY (NEW.grounds)) THEN
            RAISE EXCEPTION 'the grounds of the proposal on claim % are not the policy''s', NEW.claim_id
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'grounds_of_policy';
        END IF;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER proposal_is_own BEFORE INSERT ON contractor.review_proposal
    FOR EACH ROW EXECUTE FUNCTION contractor.proposal_is_own();
ALTER TABLE contractor.review_proposal ENABLE ALWAYS TRIGGER proposal_is_own;

CREATE FUNCTION contractor.opinion_is_anothers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    proposal contractor.review_proposal;
    first_opinion contractor.review_opinion;
    is_fault boolean;
BEGIN
    SELECT * INTO proposal FROM contractor.review_proposal
    WHERE (county_code, id, claim_id) = (NEW.county_code, NEW.proposal_id, NEW.claim_id);
    is_fault := NOT FOUND OR cardinality(proposal.grounds) = 0 OR NEW."by" = proposal.proposed_by
        OR (NEW.agrees AND NEW.decided <> proposal.proposed);
    SELECT * INTO first_opinion FROM contractor.review_opinion
    WHERE (county_code, proposal_id, opinion_no) = (NEW.county_code, NEW.proposal_id, 1);
    IF NEW.opinion_no = 1 THEN
        is_fault := is_fault OR FOUND OR NOT (contractor.holds_role(NEW.county_code, NEW."by", 'senior')
            OR contractor.holds_role(NEW.county_code, NEW."by", 'lead'));
    ELSE
        is_fault := is_fault OR NOT FOUND OR first_opinion.agrees OR first_opinion.decided = 'return'
            OR first_opinion."by" = NEW."by" OR NOT contractor.holds_role(NEW.county_code, NEW."by", 'lead');
    END IF;
    IF is_fault OR EXISTS (
        SELECT FROM contractor.claim
        WHERE (county_code, id) = (NEW.county_code, NEW.claim_id)
          AND contractor.is_too_near(county_code, household_id, received_by, NEW."by")) THEN
        RAISE EXCEPTION 'this opinion on claim % is not this person''s to give', NEW.claim_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'same_person';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER opinion_is_anothers BEFORE INSERT ON contractor.review_opinion
    FOR EACH ROW EXECUTE FUNCTION contractor.opinion_is_anothers();
ALTER TABLE contractor.review_opinion ENABLE ALWAYS TRIGGER opinion_is_anothers;

CREATE FUNCTION contractor.policy_is_the_leads() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF NOT contractor.holds_role(NEW.county_code, NEW.set_by, 'lead')
       OR NEW.from_on < (NEW.set_at AT TIME ZONE 'Asia/Shanghai')::date THEN
        RAISE EXCEPTION 'a policy is set by the lead, for days to come' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER policy_is_the_leads BEFORE INSERT ON contractor.review_policy
    FOR EACH ROW EXECUTE FUNCTION contractor.policy_is_the_leads();
ALTER TABLE contractor.review_policy ENABLE ALWAYS TRIGGER policy_is_the_leads;

-- A declaration is entered by the administrator, ends once and is otherwise what was declared.
CREATE FUNCTION contractor.declaration_ends_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.ended_at IS NOT NULL OR NOT contractor.holds_role(NEW.county_code, NEW.declared_by, 'administrator') THEN
            RAISE EXCEPTION 'a household is declared by the administrator' USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL
       OR NOT contractor.holds_role(NEW.county_code, NEW.ended_by, 'administrator')
       OR (OLD.county_code, OLD.id, OLD.staff_id, OLD.household_id, OLD.relation, OLD.declared_at, OLD.declared_by)
          IS DISTINCT FROM
          (NEW.county_code, NEW.id, NEW.staff_id, NEW.household_id, NEW.relation, NEW.declared_at, NEW.declared_by) THEN
        RAISE EXCEPTION 'a declaration is ended once, by the administrator' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER declaration_ends_once BEFORE INSERT OR UPDATE ON contractor.staff_household
    FOR EACH ROW EXECUTE FUNCTION contractor.declaration_ends_once();
ALTER TABLE contractor.staff_household ENABLE ALWAYS TRIGGER declaration_ends_once;

COMMENT ON FUNCTION contractor.is_too_near(bpchar, bigint, bigint, bigint) IS 'Whether a person entered this claim or belongs to its household; true means they may not decide it.';
COMMENT ON FUNCTION contractor.review_policy_on(bpchar, date) IS 'The policy of second review that holds on a day.';
COMMENT ON FUNCTION contractor.has_had_a_say(bpchar, bigint, integer, bigint) IS 'Whether a person referred this claim up, or disagreed since.';
COMMENT ON FUNCTION contractor.drawn_ppm(bytea, bigint, integer) IS 'The number below a million that a decision draws from a policy''s seed.';
COMMENT ON FUNCTION contractor.events_keep_hands_apart() IS 'Refuses events of people who may not decide on that claim.';
COMMENT ON FUNCTION contractor.settlements_keep_hands_apart() IS 'Refuses settlements by people who may not decide on that claim.';
COMMENT ON FUNCTION contractor.entries_keep_hands_apart() IS 'Refuses entries of visits by people who may not decide on that claim.';
COMMENT ON FUNCTION contractor.decision_has_its_event() IS 'Refuses a decided state that no event tells of.';
COMMENT ON FUNCTION contractor.proposal_is_own() IS 'Refuses proposals on one''s own claims, and grounds that are not the policy''s.';
COMMENT ON FUNCTION contractor.opinion_is_anothers() IS 'Refuses opinions of the first reviewer, of the same person twice, and without the role.';
COMMENT ON FUNCTION contractor.policy_is_the_leads() IS 'Refuses policies that the lead did not set, or for days past.';
COMMENT ON FUNCTION contractor.declaration_ends_once() IS 'Refuses changes of a declaration beside its end, and declarations by others.';
