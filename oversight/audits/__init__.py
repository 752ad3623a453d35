"""The county's audits: what the contractor has settled, computed again by a second method and compared fen by fen."""
