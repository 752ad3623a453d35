"""What the scheme pays for: drugs, services and materials by class, at what most, from which day."""
