"""The first page of a staff desk: what this person can do here."""
