"""Backups that can be restored to a moment: a base backup, the WAL after it, the documents, and the keys apart."""
