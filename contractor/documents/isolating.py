"""The way to the process that makes pictures: one document in, its pages out, or why there are none."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from contractor.documents.lettering import chinese_font
from contractor.documents.refusals import NotShowable

PROJECT = Path(__file__).parents[2]
LONGEST_SECONDS = 60
_one_at_a_time = threading.Semaphore(1)
"""In each process of the site: a heap of heavy papers takes one core, and not the machine."""


@dataclass(frozen=True)
class Pictures:
    """What is shown of a document."""

    pages: tuple[tuple[int, int, int], ...]
    """Of each page width, height and bytes."""
    content: bytes = field(repr=False)
    """The pictures, one after the other."""
    left_out: tuple[str, ...] = ()

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.content).digest()


def pictured(content: bytes, media_type: str) -> Pictures:
    """Pictures of every page. Raises: NotShowable, also where the process was ended for its memory or time."""
    # Its environment is empty, so that no secret is at hand.
    command = [sys.executable, "-c", _START, str(PROJECT), media_type, str(chinese_font() or "")]
    with _one_at_a_time:
        try:
            done = subprocess.run(  # noqa: S603 - our own program, the document goes in as its input
                command, input=content, capture_output=True, timeout=LONGEST_SECONDS, env=_SURROUNDINGS, check=False
            )
        except subprocess.TimeoutExpired:
            raise NotShowable(reason="too_heavy") from None
    if done.returncode != 0:
        raise NotShowable(reason="too_heavy")
    head, _, rest = done.stdout.partition(b"\n")
    told = json.loads(head)
    if "refused" in told:
        raise NotShowable(reason=told["refused"])
    pages = tuple((int(width), int(height), int(size)) for width, height, size in told["pages"])
    assert pages and sum(size for *_, size in pages) == len(rest), "a page is missing its picture"
    return Pictures(pages, rest, tuple(told["left_out"]))


_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from contractor.documents.picturing import main; main()"
_SURROUNDINGS = {"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
