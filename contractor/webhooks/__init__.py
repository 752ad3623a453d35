"""Programs of others are told what happened: signed, at least once, again until they answer (decision 0047)."""
