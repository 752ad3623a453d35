"""The people who work at a desk: their accounts, factors, sessions, and what they prove before they act."""
