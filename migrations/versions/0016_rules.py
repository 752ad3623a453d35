"""What the checks keep between nights (decision 0043), and room for thresholds and verdicts (decision 0044)."""

from alembic import op

from migrations.grants import record

revision = "0016"
down_revision = "0015"

PEERS = {
    "county_code": "County the stays were paid for.",
    "category": "Category of the main diagnosis: three characters, or the whole code where it has no categories.",
    "tier": "Tier of the institution: 1 township, 2 county, 3 above the county.",
    "stay_count": "Stays of this year and the last that were looked at.",
    "log_mean": "Mean of the natural logarithm of their totals in fen.",
    "log_deviation": "Standard deviation of the same.",
    "log_median": "Median of the same.",
    "log_spread": "1.4826 times the median distance from that median: a deviation few outliers can move.",
    "days_p95": "Ninety-fifth percentile of their length in days.",
    "measured_at": "When they were last measured.",
}


def upgrade() -> None:
    _kept_statistics()


def _kept_statistics() -> None:
    """What stays of one illness at one tier usually cost and last: at intake a claim is held against last night's."""
    op.execute(
        """
        CREATE TABLE contractor.peer_statistic (
            county_code CHAR(6) NOT NULL,
            category TEXT NOT NULL,
            tier SMALLINT NOT NULL,
            stay_count INTEGER NOT NULL,
            log_mean DOUBLE PRECISION NOT NULL,
            log_deviation DOUBLE PRECISION NOT NULL,
            log_median DOUBLE PRECISION NOT NULL,
            log_spread DOUBLE PRECISION NOT NULL,
            days_p95 DOUBLE PRECISION NOT NULL,
            measured_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_peer_statistic PRIMARY KEY (county_code, category, tier),
            CONSTRAINT fk_peer_statistic_county_code FOREIGN KEY(county_code)
                REFERENCES registry.division (county_code),
            CONSTRAINT ck_peer_statistic_tier CHECK (tier BETWEEN 1 AND 3),
            CONSTRAINT ck_peer_statistic_numbers
                CHECK (stay_count >= 0 AND log_deviation >= 0 AND log_spread >= 0 AND days_p95 >= 0)
        )
        """
    )
    op.execute(
        "COMMENT ON TABLE contractor.peer_statistic IS "
        "'What stays of one diagnosis category at one tier cost and last; measured anew every night.'"
    )
    for column, words in PEERS.items():
        op.execute(f"COMMENT ON COLUMN contractor.peer_statistic.{column} IS '{words}'")
    record("contractor", "peer_statistic")
