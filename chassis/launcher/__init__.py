"""Starting the house on one machine: servers from wheels, web apps, workers, and stopping them all again.

Modules here import nothing outside the standard library at import time, so that `dev.py` can use them on a machine
where nothing is installed yet.
"""
