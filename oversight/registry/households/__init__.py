"""Townships and villages, households and their members, as a list enters them."""
