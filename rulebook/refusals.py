"""What the rulebook says when it refuses: a typed exception that carries facts and the article, not a sentence.

The reader's sentence is worded at the edge, in the reader's language. This package sits below every app, so the
base class is its own, with the same two attributes as the edge's refusals: `key` and `facts`.
"""

import re


class Refused(Exception):
    """An act or a value the rules do not allow.

    Args:
        article: the sentence of the law that is broken, "" where it is a rule of form.
        facts: the values a reader needs to understand the refusal.
    """

    key = "refused"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.key = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, *, article: str = "", **facts: object) -> None:
        self.article = article
        self.facts = facts
        super().__init__(self._text())

    def _text(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{type(self).__name__}({told})" + (f" [{self.article}]" if self.article else "")
