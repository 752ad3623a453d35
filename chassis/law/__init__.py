"""The law as both desks load it, by hash, and as both show it to a reader."""
