"""Irregularities planted among the demo's claims, and as many that only look like one, each with its reason.

Nothing here may import the rules of `rulebook.checks`: what is planted is written from the definitions in words, so
that a rule and its test cannot share a mistake. The desks never see the key.
"""
