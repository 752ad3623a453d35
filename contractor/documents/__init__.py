"""Documents of claims: read by content, shown as pictures, what came kept sealed, nothing deleted."""
