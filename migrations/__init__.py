"""Roles, grants and the one history of the database."""
