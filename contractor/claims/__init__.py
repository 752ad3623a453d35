"""A claim's life at the insurer: taken in, checked, assessed, decided."""
