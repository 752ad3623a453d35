"""The member's own site: sign-in with card and PIN, and nobody's record but one's own (decision 0016)."""
