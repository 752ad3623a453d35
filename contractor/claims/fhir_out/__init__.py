"""FHIR R4 out: what became of a claim, as ClaimResponse and as ExplanationOfBenefit (decision 0047).

`adjudication` turns amounts into categories, `resources` puts them into the two resources, `api` answers programs.
"""
