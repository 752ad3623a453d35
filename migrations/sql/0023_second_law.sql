-- Rolling limits and the draw hold where a decision takes effect, not only where it was proposed (decision 0051).

-- What one claim adds to a rolling sum: what it was settled at within the days, less what was taken back; while it is on
-- its way to be settled, what is at stake in it, or its cost where no person has proposed it: it is never less.
CREATE FUNCTION contractor.claim_weight_fen(of_county bpchar, of_claim bigint, since timestamptz) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce((
            SELECT sum(s.benefits_fen) FROM contractor.settlement AS s
            WHERE (s.county_code, s.claim_id) = (of_county, of_claim) AND s.decided_at > since), 0)::bigint
        + coalesce((
            SELECT sum(e.paid_fen) FROM contractor.account_entry AS e
            WHERE (e.county_code, e.claim_id) = (of_county, of_claim) AND e.at > since), 0)::bigint
        + CASE WHEN claim.state IN ('on_public_notice', 'in_second_review') THEN coalesce((
            SELECT p.stake_fen FROM contractor.review_proposal AS p
            WHERE (p.county_code, p.claim_id) = (of_county, of_claim) ORDER BY p.id DESC LIMIT 1),
            claim.charged_fen - claim.institution_reduced_fen - claim.paid_elsewhere_fen) ELSE 0 END
    FROM contractor.claim WHERE (claim.county_code, claim.id) = (of_county, of_claim)
$$;

-- The last word on a claim was a person's alone: not a second reviewer's, and not a rule's.
CREATE FUNCTION contractor.is_one_persons(of_county bpchar, of_claim bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce((
        SELECT decided.acted_by IS NOT NULL AND earlier.state_after = 'in_review'
        FROM contractor.claim_event AS decided
        LEFT JOIN contractor.claim_event AS earlier
            ON (earlier.county_code, earlier.claim_id, earlier.event_no)
             = (decided.county_code, decided.claim_id, decided.event_no - 1)
        WHERE (decided.county_code, decided.claim_id) = (of_county, of_claim)
          AND decided.event IN ('approved', 'notice_begun', 'approved_by_rule')
        ORDER BY decided.event_no DESC LIMIT 1), false)
$$;

-- Whether two people had their say on a claim; such a claim does not count against what one person decides alone.
CREATE FUNCTION contractor.two_decided(of_county bpchar, of_claim bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce((
        SELECT earlier.state_after = 'in_second_review'
        FROM contractor.claim_event AS decided
        JOIN contractor.claim_event AS earlier
            ON (earlier.county_code, earlier.claim_id, earlier.event_no)
             = (decided.county_code, decided.claim_id, decided.event_no - 1)
        WHERE (decided.county_code, decided.claim_id) = (of_county, of_claim)
          AND decided.event IN ('approved', 'notice_begun', 'approved_by_rule')
        ORDER BY decided.event_no DESC LIMIT 1), false)
$$;

-- Why one person's word is not enough for this decision on this day, whatever was proposed; empty where it is.
CREATE FUNCTION contractor.asks_for_two(of_county bpchar, of_claim bigint, stake_fen bigint, at timestamptz)
RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    policy contractor.review_policy;
    own record;
    since timestamptz;
    grounds text[] := '{}';
BEGIN
    SELECT * INTO policy FROM contractor.review_policy_on(of_county, (at AT TIME ZONE 'Asia/Shanghai')::date);
    IF NOT FOUND THEN
        RETURN grounds;
    END IF;
    since := at - make_interval(days => policy.rolling_days);
    SELECT claim.household_id, CASE WHEN claim.route = 'manual'
        THEN coalesce(claim.payee_account_index, member.bank_account_index) END AS payee INTO own
    FROM contractor.claim LEFT JOIN registry.member ON (member.county_code, member.id) = (claim.county_code, claim.member_id)
    WHERE (claim.county_code, claim.id) = (of_county, of_claim);
    IF stake_fen >= policy.limit_fen THEN
        grounds := grounds || 'limit'::text;
    END IF;
    IF stake_fen + coalesce((
        SELECT sum(contractor.claim_weight_fen(other.county_code, other.id, since)) FROM contractor.claim AS other
        WHERE (other.county_code, other.household_id) = (of_county, own.household_id) AND other.id <> of_claim
          AND other.state <> 'in_second_review' AND NOT contractor.two_decided(other.county_code, other.id)), 0)
       >= policy.household_limit_fen THEN
        grounds := grounds || 'household'::text;
    END IF;
    IF own.payee IS NOT NULL AND stake_fen + coalesce((
        SELECT sum(contractor.claim_weight_fen(other.county_code, other.id, since)) FROM (
            SELECT claim.county_code, claim.id, claim.state FROM contractor.claim
            WHERE (claim.county_code, claim.payee_account_index) = (of_county, own.payee)
            UNION
            SELECT claim.county_code, claim.id, claim.state FROM registry.member
            JOIN contractor.claim ON (claim.county_code, claim.member_id) = (member.county_code, member.id)
            WHERE (member.county_code, member.bank_account_index) = (of_county, own.payee)
              AND claim.route = 'manual' AND claim.payee_account_index IS NULL) AS other
        WHERE other.id <> of_claim AND other.state <> 'in_second_review'
          AND NOT contractor.two_decided(other.county_code, other.id)), 0)
       >= policy.payee_limit_fen THEN
        grounds := grounds || 'payee'::text;
    END IF;
    IF policy.is_on_critical AND EXISTS (
        SELECT FROM contractor.claim_finding AS finding
        WHERE (finding.county_code, finding.claim_id) = (of_county, of_claim) AND finding.severity = 'C') THEN
        grounds := grounds || 'critical'::text;
    END IF;
    RETURN grounds;
END
$$;

-- Whether the money of a decision is not this hand's to give. Asked of each claim before it moves on, so that its state
-- is the one it is decided in.
CREATE FUNCTION contractor.is_wrong_hand(of_county bpchar, of_claim bigint, person bigint, fen bigint, at timestamptz)
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    claim contractor.claim;
    reduced_fen bigint;
BEGIN
    SELECT * INTO claim FROM contractor.claim AS c WHERE (c.county_code, c.id) = (of_county, of_claim);
    IF claim.state = 'received' THEN
        RETURN claim.is_clean IS FALSE;
    ELSIF claim.state = 'in_second_review' THEN
        RETURN person IS NULL OR contractor.has_had_a_say(of_county, of_claim, claim.version + 1, person);
    ELSIF claim.state NOT IN ('in_review', 'on_public_notice') OR NOT EXISTS (
        SELECT FROM contractor.review_policy_on(of_county, (at AT TIME ZONE 'Asia/Shanghai')::date)) THEN
        RETURN false;
    END IF;
    SELECT coalesce(sum(line.reduced_fen), 0) INTO reduced_fen FROM contractor.claim_line AS line
    WHERE (line.county_code, line.claim_id) = (of_county, of_claim);
    IF claim.state = 'on_public_notice' THEN
        -- A rule ends a notice; what one person alone began it for is asked again by the day's policy.
        RETURN contractor.is_one_persons(of_county, of_claim)
            AND cardinality(contractor.asks_for_two(of_county, of_claim, fen + reduced_fen, at)) > 0;
    END IF;
    RETURN person IS NULL
        OR NOT EXISTS (
            SELECT FROM contractor.review_proposal AS p
            WHERE (p.county_code, p.claim_id, p.claim_version, p.proposed_by, p.proposed)
                = (of_county, of_claim, claim.version, person, 'approve')
              AND cardinality(p.grounds) = 0 AND p.stake_fen >= fen + reduced_fen)
        OR cardinality(contractor.asks_for_two(of_county, of_claim, fen + reduced_fen, at)) > 0;
END
$$;

CREATE OR REPLACE FUNCTION contractor.settlements_keep_hands_apart() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    fault record;
BEGIN
    SELECT fresh.claim_id INTO fault
    FROM fresh JOIN contractor.claim ON (claim.county_code, claim.id) = (fresh.county_code, fresh.claim_id)
    WHERE (fresh.decided_by IS NOT NULL
           AND contractor.is_too_near(claim.county_code, claim.household_id, claim.received_by, fresh.decided_by))
       -- Thousands of clean claims at once are no matter of hands.
       OR (fresh.reverses_settlement_id = 0 AND NOT (claim.state = 'received' AND claim.is_clean IS NOT FALSE)
           AND contractor.is_wrong_hand(
                fresh.county_code, fresh.claim_id, fresh.decided_by, fresh.benefits_fen, fresh.decided_at))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'claim % is not settled by this hand', fault.claim_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'hands_apart';
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION contractor.entries_keep_hands_apart() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    fault record;
BEGIN
    SELECT fresh.claim_id INTO fault
    FROM fresh JOIN contractor.claim ON (claim.county_code, claim.id) = (fresh.county_code, fresh.claim_id)
    WHERE (fresh."by" IS NOT NULL
           AND contractor.is_too_near(claim.county_code, claim.household_id, claim.received_by, fresh."by"))
       OR (fresh.reverses_entry_id = 0 AND NOT (claim.state = 'received' AND claim.is_clean IS NOT FALSE)
           AND contractor.is_wrong_hand(fresh.county_code, fresh.claim_id, fresh."by", fresh.paid_fen, fresh.at))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'claim % is not settled by this hand', fault.claim_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'hands_apart';
    END IF;
    RETURN NULL;
END
$$;

-- A person's word from the first review takes effect alone only as a proposal of this very version that asked for no
-- second person, and only while the household's and the payee's sums still let it. Sums are taken one after another.
CREATE FUNCTION contractor.first_word_is_enough() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    policy contractor.review_policy;
    told record;
    proposal contractor.review_proposal;
BEGIN
    FOR told IN
        SELECT fresh.*, claim.household_id,
            coalesce(claim.payee_account_index, member.bank_account_index) AS payee
        FROM fresh
        JOIN contractor.claim_event AS earlier
            ON (earlier.county_code, earlier.claim_id, earlier.event_no)
             = (fresh.county_code, fresh.claim_id, fresh.event_no - 1)
        JOIN contractor.claim ON (claim.county_code, claim.id) = (fresh.county_code, fresh.claim_id)
        LEFT JOIN registry.member ON claim.route = 'manual'
            AND (member.county_code, member.id) = (claim.county_code, claim.member_id)
        WHERE fresh.event IN ('approved', 'notice_begun', 'rejected') AND earlier.state_after = 'in_review'
        ORDER BY fresh.county_code, claim.household_id, fresh.claim_id
    LOOP
        SELECT * INTO policy
        FROM contractor.review_policy_on(told.county_code, (told.at AT TIME ZONE 'Asia/Shanghai')::date);
        CONTINUE WHEN NOT FOUND;
        SELECT * INTO proposal FROM contractor.review_proposal AS p
        WHERE (p.county_code, p.claim_id, p.claim_version, p.proposed_by, p.proposed)
            = (told.county_code, told.claim_id, told.event_no - 1, told.acted_by,
               CASE told.event WHEN 'rejected' THEN 'refuse' ELSE 'approve' END)
          AND cardinality(p.grounds) = 0
        ORDER BY p.id DESC LIMIT 1;
        -- The keys of contractor.second.policy: what decides there and what decides here wait for each other.
        PERFORM pg_advisory_xact_lock(7401045, key) FROM (
            SELECT (told.household_id % 2147483648)::integer AS key
            UNION SELECT ('x' || substr(encode(told.payee, 'hex'), 1, 8))::bit(32)::integer WHERE told.payee IS NOT NULL
            ORDER BY key) AS keys;
        IF proposal.id IS NULL
           OR contractor.drawn_ppm(policy.seed, told.claim_id, told.event_no - 1) < policy.share_ppm
           OR cardinality(contractor.asks_for_two(told.county_code, told.claim_id, proposal.stake_fen, told.at)) > 0 THEN
            RAISE EXCEPTION 'claim % is decided by two people', told.claim_id
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'second_review';
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER first_word_is_enough AFTER INSERT ON contractor.claim_event
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION contractor.first_word_is_enough();
ALTER TABLE contractor.claim_event ENABLE ALWAYS TRIGGER first_word_is_enough;

COMMENT ON FUNCTION contractor.claim_weight_fen(bpchar, bigint, timestamptz) IS 'What one claim adds to its household''s and its payee''s rolling sums.';
COMMENT ON FUNCTION contractor.is_one_persons(bpchar, bigint) IS 'Whether one person alone gave the last word on a claim.';
COMMENT ON FUNCTION contractor.two_decided(bpchar, bigint) IS 'Whether a second reviewer gave the last word on a claim.';
COMMENT ON FUNCTION contractor.asks_for_two(bpchar, bigint, bigint, timestamptz) IS 'Why one person''s word is not enough for a decision, by the policy of its day.';
COMMENT ON FUNCTION contractor.is_wrong_hand(bpchar, bigint, bigint, bigint, timestamptz) IS 'Whether a decision''s money is not this person''s, or this rule''s, to give.';
COMMENT ON FUNCTION contractor.first_word_is_enough() IS 'Refuses a first reviewer''s decision where the policy asks for two, at the moment it takes effect.';
