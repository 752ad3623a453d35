"""Every setting of the house, with what it means. `docs/settings.md` prints this table and a test compares them."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from chassis.errors import Misconfigured


def _setting(env: str, meaning: str, *, default: str | None = None, secret: bool = False):
    return field(metadata={"env": env, "meaning": meaning, "default": default, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """Values are read once at the edge of a process and passed down; nothing deeper reads the environment."""

    environment: str = _setting(
        "COOPMED_ENVIRONMENT",
        "`production` (the default), `demo` or `test`. Only the demo lets people in without a second factor and "
        "shows its sign-ins.",
        default="production",
    )
    contractor_database_url: str | None = _setting(
        "COOPMED_CONTRACTOR_DATABASE_URL",
        "Role `contractor_rw`: the insurer's workspace and its workers.",
        secret=True,
    )
    county_database_url: str | None = _setting(
        "COOPMED_COUNTY_DATABASE_URL", "Role `county_rw`: the county's portal and its workers.", secret=True
    )
    finance_database_url: str | None = _setting(
        "COOPMED_FINANCE_DATABASE_URL", "Role `finance_rw`: the finance desk inside the portal.", secret=True
    )
    claimant_database_url: str | None = _setting(
        "COOPMED_CLAIMANT_DATABASE_URL", "Role `claimant_rw`: the member's site, row by row.", secret=True
    )
    auditor_database_url: str | None = _setting(
        "COOPMED_AUDITOR_DATABASE_URL",
        "Role `auditor_ro`: audit bureau and insurance regulator.",
        secret=True,
    )
    owner_database_url: str | None = _setting(
        "COOPMED_OWNER_DATABASE_URL",
        "An account that may `SET ROLE owner`. For `coopmed migrate` and `backup` only; never given to an app.",
        secret=True,
    )
    role_passwords_file: str | None = _setting(
        "COOPMED_ROLE_PASSWORDS_FILE",
        "JSON of role and password: `prepare` sets up the roles with it. The launcher gives it for its own server.",
    )
    redis_url: str | None = _setting(
        "COOPMED_REDIS_URL",
        "Redis or Valkey, the doorbell of the queue (`redis://`, `rediss://` or `unix://`).",
        secret=True,
    )
    key_file: str | None = _setting(
        "COOPMED_KEY_FILE",
        "The vault's key file, outside the database, readable by its owner alone (mode 0400 or 0600).",
    )
    secret_key_file: str | None = _setting(
        "COOPMED_SECRET_KEY_FILE",
        "One random secret of at least 32 bytes; each site derives its own from it.",
    )
    data_dir: str = _setting("COOPMED_DATA_DIR", "Folder of documents and exports.", default=".coopmed/data")
    public_hosts: str = _setting(
        "COOPMED_PUBLIC_HOSTS",
        "Host names this process may be called by, with commas. Empty: any (demo and test only).",
        default="",
    )
    proxies: str = _setting(
        "COOPMED_PROXIES",
        "How many trusted reverse proxies stand in front and set X-Forwarded-For and -Proto.",
        default="0",
    )
    beacon_port: str | None = _setting(
        "COOPMED_BEACON_PORT",
        "Where a worker or sweeper answers `/health`, `/ready` and `/metrics` on the loopback address; a free port "
        "where it is taken, none where it is not set.",
    )
    metrics_token_file: str | None = _setting(
        "COOPMED_METRICS_TOKEN_FILE",
        "Bearer token that `/metrics` asks for. Without it `/metrics` answers callers on the same machine only.",
    )
    bank_file: str | None = _setting(
        "COOPMED_BANK_FILE",
        "YAML of the format the bank takes and of the accounts each county pays from, shaped as "
        "`contractor/payments/bank.yaml`; in production there is no other.",
    )
    api_requests_a_minute: str = _setting(
        "COOPMED_API_REQUESTS_A_MINUTE",
        "How often one token of a program may ask in a minute; who asks more often is answered 429 with Retry-After.",
        default="1200",
    )
    webhook_targets: str = _setting(
        "COOPMED_WEBHOOK_TARGETS",
        "Where webhooks may be sent: `public` (https to the public internet, the default) or `any` (plain http and "
        "private networks besides; for the demo and tests, refused in production).",
        default="public",
    )
    largest_document_mb: str = _setting(
        "COOPMED_LARGEST_DOCUMENT_MB",
        "The largest paper of a claim, PDF or picture, that is taken, in mebibytes (1 to 100).",
        default="20",
    )
    password_policy: str = _setting(
        "COOPMED_PASSWORD_POLICY",
        "`nist` (length and a block-list) or `mlps3` (GB/T 22239 level 3: three kinds of characters besides, and a new "
        "one after 90 days).",
        default="nist",
    )
    member_phone: str = _setting(
        "COOPMED_MEMBER_PHONE",
        "The telephone number shown on every page of the member's site.",
        default="0000-1234567",
    )

    @property
    def is_demo(self) -> bool:
        return self.environment == "demo"

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    def required(self, name: str) -> str:
        """The value of a setting this process cannot do without; names the variable when it is missing."""
        value = getattr(self, name)
        if not value:
            raise Misconfigured(f"{env_name(name)} is not set. {meaning(name)}")
        return value


def env_name(name: str) -> str:
    return Settings.__dataclass_fields__[name].metadata["env"]


def meaning(name: str) -> str:
    return Settings.__dataclass_fields__[name].metadata["meaning"]


def read_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; an unknown COOPMED_ENVIRONMENT is refused rather than guessed."""
    env = os.environ if env is None else env
    values = {f.name: env.get(f.metadata["env"]) or f.metadata["default"] for f in fields(Settings)}
    if values["environment"] not in ("production", "demo", "test"):
        raise Misconfigured(f"COOPMED_ENVIRONMENT is {values['environment']!r}; expected production, demo or test.")
    if values["password_policy"] not in ("nist", "mlps3"):
        raise Misconfigured(f"COOPMED_PASSWORD_POLICY is {values['password_policy']!r}; expected nist or mlps3.")
    if values["webhook_targets"] not in ("public", "any"):
        raise Misconfigured(f"COOPMED_WEBHOOK_TARGETS is {values['webhook_targets']!r}; expected public or any.")
    if values["webhook_targets"] == "any" and values["environment"] == "production":
        raise Misconfigured("COOPMED_WEBHOOK_TARGETS is 'any'; a production house sends to the public internet alone.")
    if not (values["largest_document_mb"].isdigit() and 1 <= int(values["largest_document_mb"]) <= 100):
        raise Misconfigured(f"COOPMED_LARGEST_DOCUMENT_MB is {values['largest_document_mb']!r}; expected 1 to 100.")
    if not values["proxies"].isdigit():
        raise Misconfigured(f"COOPMED_PROXIES is {values['proxies']!r}; expected a whole number.")
    return Settings(**values)


def site_secret(settings: Settings, site: str) -> bytes:
    """The site's own signing secret, derived so that no two sites share one."""
    path = Path(settings.required("secret_key_file"))
    secret = path.read_bytes().strip()
    if len(secret) < 32:
        raise Misconfigured(f"{path} holds {len(secret)} bytes; a secret key needs at least 32.")
    return hmac.new(secret, f"coopmed/{site}".encode(), hashlib.sha256).digest()
