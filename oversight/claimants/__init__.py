"""The member's own site. Writes schema `claimant`, row by row."""
