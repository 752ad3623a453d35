"""Accounts, factors, sessions and attempts of one staff desk. Each desk has these tables in its own schema.

Secrets that a person types or carries (tokens, recovery codes) are stored as digests, the TOTP secret sealed by the
vault. Accounts are never deleted: what someone did stays bound to who they were.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    CHAR,
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import DeskBase

STAFF_DESKS = {"contractor", "county", "finance"}
UNKNOWN_COUNTY = "000000"


def _column(kind: Any, comment: str, **options: Any) -> Mapped[Any]:
    return mapped_column(kind, comment=comment, **options)


def _county(comment: str = "GB/T 2260 code of the county, or of the city for the city's people.") -> Mapped[str]:
    return mapped_column(CHAR(6), comment=comment)


def _id() -> Mapped[int]:
    return mapped_column(BigInteger, Identity(always=True), comment="Number of the row, given by the database.")


def _staff_id() -> Mapped[int]:
    return mapped_column(BigInteger, comment="Whose it is: staff.id.")


def _instant(comment: str, **options: Any) -> Mapped[dt.datetime]:
    return mapped_column(DateTime(timezone=True), comment=comment, **options)


def _of_staff_desks(comment: str, *parts: Any, of_staff: bool = True) -> tuple[Any, ...]:
    keys: tuple[Any, ...] = (PrimaryKeyConstraint("county_code", "id"),)
    if of_staff:
        keys += (ForeignKeyConstraint(["county_code", "staff_id"], ["desk.staff.county_code", "desk.staff.id"]),)
    return (*keys, *parts, {"info": {"desks": STAFF_DESKS}, "comment": comment})


class Staff(DeskBase):
    __tablename__ = "staff"
    __table_args__ = _of_staff_desks(
        "One person's account at this desk. Never deleted.",
        UniqueConstraint("sign_in_name"),
        UniqueConstraint("county_code", "identity_number_index"),
        CheckConstraint("sign_in_name ~ '^[a-z0-9][a-z0-9._-]{2,39}$'", "sign_in_name"),
        CheckConstraint("status IN ('invited', 'active', 'suspended', 'left')", "status"),
        CheckConstraint("(password_hash IS NULL) = (password_set_at IS NULL)", "password"),
        CheckConstraint("(identity_number_sealed IS NULL) = (identity_number_index IS NULL)", "identity_number"),
        CheckConstraint("status <> 'active' OR (password_hash IS NOT NULL AND activated_at IS NOT NULL)", "active"),
        CheckConstraint(
            "status NOT IN ('suspended', 'left') OR (status_changed_by IS NOT NULL AND status_reason IS NOT NULL)",
            "ended",
        ),
        of_staff=False,
    )

    county_code: Mapped[str] = _county()
    id: Mapped[int] = _id()
    sign_in_name: Mapped[str] = _column(Text, "What the person types at sign-in; lower case, once per desk.")
    name: Mapped[str] = _column(Text, "The person's name.")
    name_pinyin: Mapped[str] = _column(Text, "The name in pinyin: lists sort by it.")
    identity_number_sealed: Mapped[bytes | None] = _column(
        LargeBinary, "Resident identity number, sealed by the vault."
    )
    identity_number_index: Mapped[bytes | None] = _column(
        LargeBinary, "Blind index of the identity number: one natural person has one account per county and desk."
    )
    status: Mapped[str] = _column(Text, "invited, active, suspended or left.", server_default=text("'invited'"))
    password_hash: Mapped[str | None] = _column(Text, "argon2id, with its parameters.")
    password_set_at: Mapped[dt.datetime | None] = _instant("When the password was chosen.")
    password_must_change: Mapped[bool] = _column(
        Boolean,
        "True when someone else chose the password: it opens nothing but its own change.",
        server_default=text("false"),
    )
    invited_at: Mapped[dt.datetime] = _instant("When the account was made.")
    invited_by: Mapped[int | None] = _column(BigInteger, "staff.id of who made it; null: the server's command line.")
    activated_at: Mapped[dt.datetime | None] = _instant("When the person first took the account over.")
    status_changed_at: Mapped[dt.datetime] = _instant("When the status last changed.")
    status_changed_by: Mapped[int | None] = _column(
        BigInteger, "staff.id of who changed it; null: the person themselves or the command line."
    )
    status_reason: Mapped[str | None] = _column(Text, "Why the account was suspended, ended or given back.")
    version: Mapped[int] = _column(
        Integer, "Grows by one with each change; compared before a change.", server_default=text("1")
    )


class TotpFactor(DeskBase):
    __tablename__ = "totp_factor"
    __table_args__ = (
        PrimaryKeyConstraint("county_code", "staff_id", "number"),
        ForeignKeyConstraint(["county_code", "staff_id"], ["desk.staff.county_code", "desk.staff.id"]),
        CheckConstraint("(secret_sealed IS NULL) = (removed_at IS NOT NULL)", "secret"),
        CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", "removed"),
        Index(
            "ix_totp_factor_in_use",
            "county_code",
            "staff_id",
            unique=True,
            postgresql_where=text("confirmed_at IS NOT NULL AND removed_at IS NULL"),
        ),
        {"info": {"desks": STAFF_DESKS}, "comment": "An authenticator app of a person; at most one is in use."},
    )

    county_code: Mapped[str] = _county()
    staff_id: Mapped[int] = _staff_id()
    number: Mapped[int] = _column(Integer, "1, 2, 3: the person's first, second, third app.")
    secret_sealed: Mapped[bytes | None] = _column(
        LargeBinary, "The shared secret, sealed by the vault; gone once removed."
    )
    begun_at: Mapped[dt.datetime] = _instant("When the secret was made and shown.")
    confirmed_at: Mapped[dt.datetime | None] = _instant(
        "When a first right code was given; before that it opens nothing."
    )
    last_step: Mapped[int] = _column(
        BigInteger,
        "The 30-second step of the last code taken: no code of it or of an earlier step is taken again.",
        server_default=text("0"),
    )
    removed_at: Mapped[dt.datetime | None] = _instant("When it was taken out of use.")
    removed_by: Mapped[int | None] = _column(BigInteger, "staff.id of who took it out of use.")


class SecurityKey(DeskBase):
    __tablename__ = "security_key"
    __table_args__ = _of_staff_desks(
        "A WebAuthn security key or platform authenticator of a person.",
        UniqueConstraint("credential_id"),
        CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", "removed"),
        Index("ix_security_key_county_code_staff_id", "county_code", "staff_id"),
    )

    county_code: Mapped[str] = _county()
    id: Mapped[int] = _id()
    staff_id: Mapped[int] = _staff_id()
    credential_id: Mapped[bytes] = _column(LargeBinary, "The name the key gave itself for this site.")
    public_key: Mapped[bytes] = _column(LargeBinary, "The key's public half, COSE form.")
    sign_count: Mapped[int] = _column(BigInteger, "The key's counter; one that goes back betrays a copy.")
    label: Mapped[str] = _column(Text, "What the person calls it.")
    added_at: Mapped[dt.datetime] = _instant("When it was registered.")
    last_used_at: Mapped[dt.datetime | None] = _instant("When it last proved the person.")
    removed_at: Mapped[dt.datetime | None] = _instant("When it was taken out of use.")
    removed_by: Mapped[int | None] = _column(BigInteger, "staff.id of who took it out of use.")


class RecoveryCode(DeskBase):
    __tablename__ = "recovery_code"
    __table_args__ = _of_staff_desks(
        "One of ten codes for the day the phone is lost. Shown once, used once.",
        UniqueConstraint("county_code", "staff_id", "code_digest"),
    )

    county_code: Mapped[str] = _county()
    id: Mapped[int] = _id()
    staff_id: Mapped[int] = _staff_id()
    code_digest: Mapped[bytes] = _column(LargeBinary, "SHA-256 of the person's number and the code (80 random bits).")
    made_at: Mapped[dt.datetime] = _instant("When it was made and shown.")
    used_at: Mapped[dt.datetime | None] = _instant("When it let the person in.")
    replaced_at: Mapped[dt.datetime | None] = _instant("When a newer set of codes took its place.")


class Invitation(DeskBase):
    __tablename__ = "invitation"
    __table_args__ = _of_staff_desks(
        "A one-time address by which a person takes an account over, or takes it back after losing everything.",
        UniqueConstraint("token_sha256"),
        CheckConstraint("purpose IN ('invitation', 'recovery')", "purpose"),
        CheckConstraint("created_at < ends_at", "ends"),
        CheckConstraint("used_at IS NULL OR withdrawn_at IS NULL", "used"),
        Index("ix_invitation_county_code_staff_id", "county_code", "staff_id"),
    )

    county_code: Mapped[str] = _county()
    id: Mapped[int] = _id()
    staff_id: Mapped[int] = _staff_id()
    token_sha256: Mapped[bytes] = _column(LargeBinary, "SHA-256 of the token in the address.")
    purpose: Mapped[str] = _column(Text, "invitation: the first time; recovery: everything was lost.")
    created_at: Mapped[dt.datetime] = _instant("When it was made.")
    created_by: Mapped[int | None] = _column(BigInteger, "staff.id of who made it; null: the server's command line.")
    ends_at: Mapped[dt.datetime] = _instant("Until when it opens.")
    used_at: Mapped[dt.datetime | None] = _instant("When it was used.")
    withdrawn_at: Mapped[dt.datetime | None] = _instant("When it was withdrawn, or a newer one took its place.")


class StaffSession(DeskBase):
    __tablename__ = "staff_session"
    __table_args__ = _of_staff_desks(
        "A signed-in browser. Read on every request; ending the row ends the session on the next one.",
        UniqueConstraint("token_sha256"),
        CheckConstraint("factor IN ('password', 'totp', 'security_key', 'recovery_code')", "factor"),
        CheckConstraint("started_at <= seen_at AND started_at < ends_at", "times"),
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (revoked_why IS NULL)", "revoked"
        ),
        CheckConstraint("(challenge IS NULL) = (challenge_at IS NULL)", "challenge"),
        Index("ix_staff_session_county_code_staff_id", "county_code", "staff_id"),
    )

    county_code: Mapped[str] = _county()
    id: Mapped[int] = _id()
    staff_id: Mapped[int] = _staff_id()
    token_sha256: Mapped[bytes] = _column(
        LargeBinary, "SHA-256 of the token in the cookie; new at sign-in and step-up."
    )
    started_at: Mapped[dt.datetime] = _instant("When the person signed in.")
    seen_at: Mapped[dt.datetime] = _instant("When it was last used, to the minute.")
    ends_at: Mapped[dt.datetime] = _instant("When it ends, however busy.")
    revoked_at: Mapped[dt.datetime | None] = _instant("When it was ended before its time.")
    revoked_by: Mapped[int | None] = _column(BigInteger, "staff.id of who ended it.")
    revoked_why: Mapped[str | None] = _column(
        Text, "signed_out, revoked, everywhere, password_changed, factor_changed, suspended, left or recovered."
    )
    stepped_up_until: Mapped[dt.datetime | None] = _instant(
        "Until when the proof of identity for money and rights holds."
    )
    factor: Mapped[str] = _column(Text, "What the person proved beside the password; password: nothing.")
    network_digest: Mapped[bytes] = _column(LargeBinary, "Pseudonym of the network address at sign-in.")
    device_words: Mapped[str] = _column(Text, "Browser and system, in two words, for the person's own list.")
    challenge: Mapped[bytes | None] = _column(LargeBinary, "What a security key was asked to sign; used once.")
    challenge_at: Mapped[dt.datetime | None] = _instant("When it was asked.")


class PendingSignIn(DeskBase):
    __tablename__ = "pending_sign_in"
    __table_args__ = _of_staff_desks(
        "A sign-in whose password was right and whose second factor is still to come. It opens no page.",
        UniqueConstraint("token_sha256"),
        CheckConstraint("started_at < ends_at", "ends"),
        CheckConstraint("(challenge IS NULL) = (challenge_at IS NULL)", "challenge"),
    )

    county_code: Mapped[str] = _county()
    id: Mapped[int] = _id()
    staff_id: Mapped[int] = _staff_id()
    token_sha256: Mapped[bytes] = _column(LargeBinary, "SHA-256 of the token in the cookie.")
    started_at: Mapped[dt.datetime] = _instant("When the password was given.")
    ends_at: Mapped[dt.datetime] = _instant("Until when the second factor may follow.")
    ended_at: Mapped[dt.datetime | None] = _instant("When it was completed or given up.")
    tries: Mapped[int] = _column(Integer, "Second factors tried so far; a few only.", server_default=text("0"))
    challenge: Mapped[bytes | None] = _column(LargeBinary, "What a security key was asked to sign; used once.")
    challenge_at: Mapped[dt.datetime | None] = _instant("When it was asked.")


class KnownDevice(DeskBase):
    __tablename__ = "known_device"
    __table_args__ = _of_staff_desks(
        "A browser the person signed in from before: it stays open to them while strangers guess at their name.",
        UniqueConstraint("token_sha256"),
        Index("ix_known_device_county_code_staff_id", "county_code", "staff_id"),
    )

    county_code: Mapped[str] = _county()
    id: Mapped[int] = _id()
    staff_id: Mapped[int] = _staff_id()
    token_sha256: Mapped[bytes] = _column(LargeBinary, "SHA-256 of the token in the device's cookie.")
    first_seen_at: Mapped[dt.datetime] = _instant("When the person first signed in from it.")
    seen_at: Mapped[dt.datetime] = _instant("When the person last signed in from it.")
    ends_at: Mapped[dt.datetime] = _instant("Until when it counts as known.")
    forgotten_at: Mapped[dt.datetime | None] = _instant("When it stopped being known: signed out everywhere, recovery.")


class SignInAttempt(DeskBase):
    __tablename__ = "sign_in_attempt"
    __table_args__ = _of_staff_desks(
        "Every try to prove who one is, counted before it is examined. Append-only.",
        CheckConstraint("stage IN ('password', 'second_factor', 'step_up')", "stage"),
        CheckConstraint("outcome IN ('begun', 'passed', 'failed', 'throttled')", "outcome"),
        Index("ix_sign_in_attempt_name_digest_at", "name_digest", "at"),
        Index("ix_sign_in_attempt_network_digest_at", "network_digest", "at"),
        of_staff=False,
    )

    county_code: Mapped[str] = _county("County of the account; 000000 when nobody has the name.")
    id: Mapped[int] = _id()
    at: Mapped[dt.datetime] = _instant("When.")
    stage: Mapped[str] = _column(Text, "password, second_factor or step_up.")
    outcome: Mapped[str] = _column(
        Text, "begun: counted, not yet examined; passed; failed; throttled: refused without being examined."
    )
    name_digest: Mapped[bytes] = _column(LargeBinary, "Pseudonym of the name that was typed.")
    network_digest: Mapped[bytes] = _column(LargeBinary, "Pseudonym of the network address.")
    device_digest: Mapped[bytes | None] = _column(
        LargeBinary, "known_device.token_sha256 when the try came from a device known for that name."
    )


class ApprovalProof(DeskBase):
    __tablename__ = "approval_proof"
    __table_args__ = _of_staff_desks(
        "A proof of identity given for one act: bound to the session and to the SHA-256 of what was shown. Used once.",
        ForeignKeyConstraint(
            ["county_code", "session_id"], ["desk.staff_session.county_code", "desk.staff_session.id"]
        ),
        CheckConstraint("octet_length(shown_sha256) = 32", "shown"),
        CheckConstraint("proved_at < ends_at", "ends"),
        Index("ix_approval_proof_county_code_staff_id", "county_code", "staff_id"),
    )

    county_code: Mapped[str] = _county()
    id: Mapped[int] = _id()
    staff_id: Mapped[int] = _staff_id()
    session_id: Mapped[int] = _column(BigInteger, "staff_session.id in which it was given.")
    shown_sha256: Mapped[bytes] = _column(LargeBinary, "SHA-256 of exactly what the person was shown.")
    proved_at: Mapped[dt.datetime] = _instant("When it was given.")
    ends_at: Mapped[dt.datetime] = _instant("Until when it may be used.")
    used_at: Mapped[dt.datetime | None] = _instant("When the act was done with it.")


class RoleGrant(DeskBase):
    __tablename__ = "role_grant"
    __table_args__ = _of_staff_desks(
        "A role proposed for a person by one, decided by another. In force while approved and not ended.",
        CheckConstraint("proposed_by IS NULL OR (decided_by IS NULL) = (decided_at IS NULL)", "decided"),
        CheckConstraint("(decided_at IS NULL) = (decision IS NULL)", "decision_at"),
        CheckConstraint("decision IN ('approved', 'refused')", "decision"),
        CheckConstraint("(decision_reason IS NOT NULL) = (decision IS NOT DISTINCT FROM 'refused')", "decision_reason"),
        CheckConstraint(
            "(ended_by IS NULL) = (ended_at IS NULL) AND (ended_at IS NULL) = (end_reason IS NULL)", "ended"
        ),
        # The command line grants the first people of a desk, who have nobody to propose them: the three's roles alone.
        CheckConstraint(
            "proposed_by IS NOT NULL OR (decided_by IS NULL AND decision IS NOT DISTINCT FROM 'approved' "
            "AND role IN ('administrator', 'security_officer', 'log_auditor'))",
            "installed",
        ),
        CheckConstraint("decided_by <> proposed_by", "second_person"),
        CheckConstraint("proposed_by <> staff_id AND decided_by <> staff_id", "not_oneself"),
        Index(
            "ix_role_grant_in_force",
            "county_code",
            "staff_id",
            "role",
            unique=True,
            postgresql_where=text("ended_at IS NULL AND decision IS DISTINCT FROM 'refused'"),
        ),
    )

    county_code: Mapped[str] = _county()
    id: Mapped[int] = _id()
    staff_id: Mapped[int] = _staff_id()
    role: Mapped[str] = _column(Text, "Key of the role in config/authorisation.yaml.")
    scope: Mapped[str | None] = _column(Text, "Code of the institution, township or department it is limited to.")
    proposed_by: Mapped[int | None] = _column(
        BigInteger, "staff.id of who proposed it; null: the command line, for the first people of a desk alone."
    )
    proposed_at: Mapped[dt.datetime] = _instant("When it was proposed.")
    reason: Mapped[str] = _column(Text, "Why the person needs it.")
    decided_by: Mapped[int | None] = _column(
        BigInteger, "staff.id of the second person; null too where the command line granted it."
    )
    decided_at: Mapped[dt.datetime | None] = _instant("When the second person decided.")
    decision: Mapped[str | None] = _column(Text, "approved or refused; null while waiting.")
    decision_reason: Mapped[str | None] = _column(Text, "Why it was refused, for who proposed it; null where approved.")
    ended_by: Mapped[int | None] = _column(BigInteger, "staff.id of who ended it.")
    ended_at: Mapped[dt.datetime | None] = _instant("When it ended.")
    end_reason: Mapped[str | None] = _column(Text, "Why it ended.")
