"""Claims with their lines, findings, events, settlements and household accounts (decisions 0027 and 0029)."""

from contractor.claims.tables.account import AccountEntry, HouseholdAccount
from contractor.claims.tables.bill import ClaimEvent, ClaimFinding, ClaimLine
from contractor.claims.tables.claim import Claim, ClaimFile
from contractor.claims.tables.settlement import MemberYear, Settlement

__all__ = [
    "AccountEntry",
    "Claim",
    "ClaimEvent",
    "ClaimFile",
    "ClaimFinding",
    "ClaimLine",
    "HouseholdAccount",
    "MemberYear",
    "Settlement",
]
