"""A bank that is none: it reads orders from a folder, accepts, refuses, delays and returns them by a seeded rule.

For the demo, the tests and the soak. It imports nothing of the house, so that it can be a witness against it.
"""
