"""The web edge every site shares: one factory, one guard, one place that words a refusal."""
