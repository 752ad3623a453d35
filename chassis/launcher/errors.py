"""What keeps the house from starting, said in a sentence a person can act on."""

from __future__ import annotations


class CannotStart(Exception):
    """The launcher stops and prints the message; no traceback helps the reader."""


class StopRequested(Exception):
    """Someone pressed Ctrl-C, or sent TERM or HUP, while the house was still starting."""
