"""The hash-chained trail: who did what when, added to only, checkable by the party that did not write it."""
