"""Walking a FHIR document that a stranger wrote: each step knows its path, a wrong type is a fault and not a crash."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chassis.clock import SHANGHAI
from chassis.reading.faults import Faults
from chassis.reading.json_texts import JsonNumber

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Element:
    """A value of the document at its path; absent when `value` is None."""

    value: Any
    path: str
    row: int
    faults: Faults

    def __bool__(self) -> bool:
        return self.value is not None

    def __getitem__(self, key: str) -> Element:
        return Element(self._object().get(key), f"{self.path}.{key}", self.row, self.faults)

    def each(self, key: str) -> Iterator[Element]:
        """The members of a list that may be absent."""
        listed = self._object().get(key)
        if listed is None:
            return
        if not isinstance(listed, list):
            self.fault("wrong_type", expected="[…]", found=type(listed).__name__, key=key)
            return
        for place, value in enumerate(listed):
            yield Element(value, f"{self.path}.{key}[{place}]", self.row, self.faults)

    def text(self) -> str:
        """A string, "" where absent."""
        if self.value is None:
            return ""
        if type(self.value) is not str:
            self.fault("wrong_type", expected='"…"', found=self.value)
            return ""
        return self.value

    def number(self) -> str:
        """A JSON number as its text, "" where absent. FHIR has no amounts in quotes."""
        if self.value is None:
            return ""
        if not isinstance(self.value, JsonNumber):
            self.fault("wrong_type", expected="0.00", found=self.value)
            return ""
        return str(self.value)

    def day(self) -> str:
        """The local day (Asia/Shanghai) of a date or dateTime, as text; what is no whole day is left as it stands."""
        text = self.text()
        if _DAY.fullmatch(text) or not _INSTANT.fullmatch(text):
            return text
        try:
            instant = dt.datetime.fromisoformat(re.sub(r"\.\d+", "", text).replace("Z", "+00:00"))
            return instant.astimezone(SHANGHAI).date().isoformat()
        except (ValueError, OverflowError):
            return text

    def money(self, currency: str) -> str:
        """The value of a Money in the agreed currency, as text."""
        if self and (told := self["currency"].text()) != currency:
            self.fault("other_currency", expected=currency, found=told)
        return self["value"].number()

    def refuse_unknown(self, known: frozenset[str]) -> None:
        """FHIR asks a reader to refuse what it does not know, and modifiers it does not understand above all."""
        for key in self._object():
            if key == "modifierExtension":
                self.fault("modifier_extension", found=key, key=key)
            elif key.removeprefix("_") not in known:
                self.fault("unknown_key", found=key, key=key)

    def refuse(self, key: str) -> None:
        """An element that would change the meaning of the claim and is not taken in."""
        if self._object().get(key) is not None:
            self.fault("unsupported_element", found=key, key=key)

    def fault(self, reason: str, *, expected: str = "", found: object = "", key: str = "") -> None:
        path = f"{self.path}.{key}" if key else self.path
        self.faults.add(self.row, path, reason, expected=expected, found=found)

    def _object(self) -> dict[str, Any]:
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            self.fault("wrong_type", expected="{…}", found=type(self.value).__name__)
            return {}
        return self.value
