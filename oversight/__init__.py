"""The county's portal: registry, audits, appraisals, supplementary insurance. Writes `registry` and `oversight`."""
