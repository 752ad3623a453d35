"""The forms in which claims are sent, each read into the one shape that intake knows: tables, JSON, FHIR R4."""
