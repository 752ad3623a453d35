"""The resources of a FHIR document and what they point to. Nothing is ever fetched: what a reference names is in the
Bundle, contained in the claim, or named by an identifier; else it is a fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chassis.reading.faults import Faults, refused
from contractor.claims.doors.fhir_elements import Element

BUNDLE_TYPES = ("collection", "transaction", "batch")
MOST_ENTRIES = 50_000


class Resources:
    """The resources of one document by every name that a reference may use."""

    def __init__(self, document: Any, faults: Faults) -> None:
        self.faults = faults
        self._named: dict[str, Any] = {}
        self._claims: list[tuple[int, Any]] = []
        if not isinstance(document, dict):
            raise refused("wrong_type", expected="{…}", found=type(document).__name__)
        kind = document.get("resourceType")
        if kind == "Claim":
            self._claims = [(1, document)]
        elif kind == "Bundle":
            self._read_bundle(document)
        else:
            raise refused("not_a_claim_or_bundle", expected="Claim, Bundle", found=kind)

    def claims(self) -> Iterator[tuple[int, Element]]:
        """Each claim with its place among the entries, from 1."""
        for row, claim in self._claims:
            yield row, Element(claim, "Claim", row, self.faults)

    def target(self, reference: Element, claim: Element) -> Element:
        """The resource a reference points to; absent where it names none or what it names is not here."""
        named = reference["reference"].text()
        if not named:
            return Element(None, reference.path, reference.row, self.faults)
        if named.startswith("#"):
            inside = [each for each in claim.each("contained") if each["id"].text() == named[1:]]
            found = inside[0].value if len(inside) == 1 else None
        else:
            found = self._named.get(named)
        if found is None:
            reference.fault("unresolved_reference", found=named)
        return Element(found, f"{reference.path}→{named[:60]}", reference.row, self.faults)

    def _read_bundle(self, document: dict[str, Any]) -> None:
        bundle = Element(document, "Bundle", 0, self.faults)
        if (kind := bundle["type"].text()) not in BUNDLE_TYPES:
            raise refused("bundle_of_another_type", expected=", ".join(BUNDLE_TYPES), found=kind)
        for row, entry in enumerate(bundle.each("entry"), 1):
            if row > MOST_ENTRIES:
                raise refused("too_many_entries", expected=f"≤ {MOST_ENTRIES}")
            here = Element(entry.value, entry.path, row, self.faults)
            self._read_entry(row, here)

    def _read_entry(self, row: int, entry: Element) -> None:
        method = entry["request"]["method"].text()
        if method not in ("", "POST", "PUT"):
            entry.fault("unsupported_element", expected="POST, PUT", found=method, key="request.method")
        resource = entry["resource"]
        kind, number = resource["resourceType"].text(), resource["id"].text()
        names = {entry["fullUrl"].text(), f"{kind}/{number}" if kind and number else ""} - {""}
        for name in names:
            if name in self._named:
                entry.fault("entry_twice", found=name)
            self._named[name] = resource.value
        if kind == "Claim":
            self._claims.append((row, resource.value))
        elif not kind:
            entry.fault("wrong_type", expected="resourceType", found="", key="resource")
