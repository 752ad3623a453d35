"""The checks at work: their nightly look over the year, their thresholds by county, and how often they were right."""
