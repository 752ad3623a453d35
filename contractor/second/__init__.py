"""Second review: when one person's decision on a claim waits for another's, and who may decide on what."""
