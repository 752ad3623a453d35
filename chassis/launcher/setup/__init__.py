"""Set-up on a bare machine: Python packages, front end, translations, and what the browser tests need from the system.

Standard library only: `dev.py` runs this before anything is installed.
"""
