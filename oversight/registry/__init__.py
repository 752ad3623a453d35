"""Who belongs to the scheme: divisions, households, members. The county keeps it; everybody else reads what it publishes."""
