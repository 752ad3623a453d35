"""The reviewers' desk: which claim is next, what a reviewer has begun, what claims like it cost."""
