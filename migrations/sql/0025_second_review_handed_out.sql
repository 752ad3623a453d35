-- In second review nobody chooses their claim: it is handed to them, by the queue or by the lead.

CREATE FUNCTION contractor.is_kept_from(county bpchar, claim bigint, reviewer bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT EXISTS (
        SELECT FROM contractor.claim_event AS e
        WHERE e.county_code = county AND e.claim_id = claim
          AND (e.event = 'disputed' OR (e.event = 'released' AND e.acted_by = reviewer))
          AND e.event_no > (SELECT max(up.event_no) FROM contractor.claim_event AS up
                            WHERE up.county_code = county AND up.claim_id = claim AND up.event = 'referred_up'))
$$;
COMMENT ON FUNCTION contractor.is_kept_from IS
    'Whether a claim in second review is not handed to this reviewer: they gave it back, or the lead ends a disagreement.';

CREATE FUNCTION contractor.opinion_is_of_the_holder() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.opinion_no = 1 AND NOT EXISTS (
        SELECT FROM contractor.claim
        WHERE claim.county_code = NEW.county_code AND claim.id = NEW.claim_id AND claim.held_by = NEW."by")
    THEN
        RAISE EXCEPTION 'claim % was not handed to the person who decides it second', NEW.claim_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'handed_out';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER opinion_is_of_the_holder BEFORE INSERT ON contractor.review_opinion
    FOR EACH ROW EXECUTE FUNCTION contractor.opinion_is_of_the_holder();
ALTER TABLE contractor.review_opinion ENABLE ALWAYS TRIGGER opinion_is_of_the_holder;

REVOKE ALL ON FUNCTION contractor.is_kept_from(bpchar, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION contractor.is_kept_from(bpchar, bigint, bigint) TO contractor_rw;
