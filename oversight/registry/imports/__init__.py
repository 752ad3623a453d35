"""Files taken into the registry: read, checked as a whole, compared with what is known, written or refused."""
