CREATE TABLE contractor.review_draft (
    county_code CHAR(6) NOT NULL,
    claim_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    claim_version INTEGER NOT NULL,
    reductions JSONB DEFAULT '[]'::jsonb NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    saved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    discarded_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_review_draft PRIMARY KEY (county_code, claim_id, staff_id),
    CONSTRAINT fk_review_draft_county_code_claim_id FOREIGN KEY (county_code, claim_id)
        REFERENCES contractor.claim (county_code, id),
    CONSTRAINT ck_review_draft_numbers CHECK (claim_version >= 0 AND char_length(note) <= 300),
    CONSTRAINT ck_review_draft_reductions CHECK (jsonb_typeof(reductions) = 'array'),
    CONSTRAINT ck_review_draft_discarded_is_empty
        CHECK (discarded_at IS NULL OR (note = '' AND jsonb_array_length(reductions) = 0))
);
COMMENT ON TABLE contractor.review_draft IS 'What reviewers have begun to decide and not yet committed.';
COMMENT ON COLUMN contractor.review_draft.county_code IS 'County of the claim.';
COMMENT ON COLUMN contractor.review_draft.claim_id IS 'The claim.';
COMMENT ON COLUMN contractor.review_draft.staff_id IS 'contractor.staff.id; nobody else reads it.';
COMMENT ON COLUMN contractor.review_draft.claim_version IS 'Version of the claim that the reviewer had before them.';
COMMENT ON COLUMN contractor.review_draft.reductions IS
    'Lines that shall be reduced to something else: number, amount in fen, reason by its code.';
COMMENT ON COLUMN contractor.review_draft.note IS 'What the reviewer has written so far.';
COMMENT ON COLUMN contractor.review_draft.saved_at IS 'When it was last saved.';
COMMENT ON COLUMN contractor.review_draft.discarded_at IS
    'When the reviewer threw it away or decided; null while it stands.';

CREATE TABLE contractor.peer_cost (
    county_code CHAR(6) NOT NULL,
    category TEXT NOT NULL,
    tier SMALLINT NOT NULL,
    stay_count INTEGER NOT NULL,
    percentiles_fen BIGINT[] NOT NULL,
    measured_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_peer_cost PRIMARY KEY (county_code, category, tier),
    CONSTRAINT fk_peer_cost_county_code FOREIGN KEY (county_code) REFERENCES registry.division (county_code),
    CONSTRAINT ck_peer_cost_tier CHECK (tier BETWEEN 1 AND 3),
    CONSTRAINT ck_peer_cost_numbers CHECK (stay_count >= 0 AND cardinality(percentiles_fen) = 99)
);
COMMENT ON TABLE contractor.peer_cost IS
    'What stays of one diagnosis category at one tier cost; measured anew every night.';
COMMENT ON COLUMN contractor.peer_cost.county_code IS 'County the stays were claimed in.';
COMMENT ON COLUMN contractor.peer_cost.category IS 'Category of the main diagnosis, as the checks form it.';
COMMENT ON COLUMN contractor.peer_cost.tier IS
    'Tier of the institution: 1 township, 2 county, 3 above the county.';
COMMENT ON COLUMN contractor.peer_cost.stay_count IS
    'Stays of the last twelve months that were measured; 0 for none.';
COMMENT ON COLUMN contractor.peer_cost.percentiles_fen IS
    'What they cost, in fen: the first to the ninety-ninth percentile.';
COMMENT ON COLUMN contractor.peer_cost.measured_at IS 'When they were last measured.';
