"""Common passwords, offline: a short list of roots, and what people do to them (Password1!, P@ssw0rd, 123woaini)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("common_passwords.txt")
FEWEST_OWN_CHARACTERS = 6
"""What must be left of a password once names and common words are taken out of it."""
_LEET = str.maketrans("013457@$!", "oieastasi")
_RUNS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn")
_SHORTEST_RUN = 4
_SHORTEST_WORD = 3


def is_common(password: str, own_words: Iterable[str]) -> bool:
    """Whether hardly anything is left of the password without names, common words, runs and repetitions."""
    words = {w.lower() for w in own_words if len(w) >= _SHORTEST_WORD} | _roots()
    plain = password.lower()
    return any(len(_left(text, words)) < FEWEST_OWN_CHARACTERS for text in {plain, plain.translate(_LEET)})


def _left(text: str, words: set[str]) -> str:
    for word in sorted((w for w in words if w in text), key=len, reverse=True):
        text = text.replace(word, "")
    return _without_repetitions(_without_runs(text))


def _without_runs(text: str) -> str:
    kept, place = [], 0
    while place < len(text):
        length = max((_run_at(text, place, run) for run in (*_RUNS, *(r[::-1] for r in _RUNS))), default=0)
        if length >= _SHORTEST_RUN:
            place += length
        else:
            kept.append(text[place])
            place += 1
    return "".join(kept)


def _run_at(text: str, place: int, run: str) -> int:
    start = run.find(text[place])
    if start < 0:
        return 0
    length = 0
    while (
        text[place + length : place + length + 1] and text[place + length] == run[start + length : start + length + 1]
    ):
        length += 1
    return length


def _without_repetitions(text: str) -> str:
    """Each character once: `aaaaaaaa` and `abababab` are one and two characters of choice."""
    return "".join(dict.fromkeys(text))


@cache
def _roots() -> set[str]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    words = {word for line in lines if not line.startswith("#") for word in line.split()}
    return {word for word in words if len(word) >= _SHORTEST_WORD}
