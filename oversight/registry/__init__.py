"""Who belongs to the scheme: divisions, households, members. The county keeps it; others read what it publishes."""
