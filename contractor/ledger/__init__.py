"""The insurer's memorandum books of entrusted money: double entry, append-only, kept balanced by the database."""
