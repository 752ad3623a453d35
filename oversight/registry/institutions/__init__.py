"""Institutions, their agreements, and the slips that send a member from one to another."""
