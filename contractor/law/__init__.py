"""The county's law as the insurer reads it: published by the county, loaded by hash, changed by nobody here."""
