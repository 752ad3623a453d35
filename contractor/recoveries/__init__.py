"""What payees hold of decisions that were taken back: owed back, set off against the claim's new decision."""
