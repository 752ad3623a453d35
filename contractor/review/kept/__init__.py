"""What the reviewers' desk keeps beside the claims: drafts of decisions, and what stays of one illness cost."""
