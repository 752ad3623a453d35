"""`python -m chassis.i18n compile` merges the rooms' English into the catalogue the apps read."""

import sys

from chassis.i18n import compile_catalogue

if sys.argv[1:] != ["compile"]:
    raise SystemExit("usage: python -m chassis.i18n compile")
print(f"translations: {compile_catalogue().name}")
