"""Showing a sealed number in full: with a reason, counted by day and person, written down before it is shown."""
