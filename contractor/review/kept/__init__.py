"""What the reviewers' desk keeps beside the claims: drafts of decisions."""
