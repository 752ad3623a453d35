"""Mirrors, proxies and certificates a person set up once, for pip or the system, hold for uv and npm too."""

from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path

BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
NPM_CONFIGS = ("/etc/npmrc", "/usr/etc/npmrc", "/usr/local/etc/npmrc")


def base_environment(project: Path) -> dict[str, str]:
    """The caller's environment, with caches inside the project where the home folder cannot be written."""
    env = dict(os.environ)
    env.pop("VIRTUAL_ENV", None)
    env.pop("PYTHONHOME", None)
    env.setdefault("PYTHONUTF8", "1")
    env.setdefault("PATH", "/usr/local/bin:/usr/bin:/bin")
    if not _home_is_writable():
        cache = project / ".coopmed" / "cache"
        for name, folder in (
            ("XDG_CACHE_HOME", "home"),
            ("PIP_CACHE_DIR", "pip"),
            ("UV_CACHE_DIR", "uv"),
            ("npm_config_cache", "npm"),
        ):
            env.setdefault(name, str(cache / folder))
    return env


def uv_environment(env: dict[str, str], python: Path) -> dict[str, str]:
    """uv reads neither pip's configuration nor, unasked, the system's certificates."""
    known = _pip_configuration(env, python)
    wanted = {
        "UV_SYSTEM_CERTS": "1",
        "UV_NO_PROGRESS": "1",
        # Every file is checked against the lock, so a package may come from whichever index has it.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_DEFAULT_INDEX": known.get("index-url"),
        "UV_INDEX": " ".join(known.get("extra-index-url", "").split()),
        "UV_FIND_LINKS": ",".join(known.get("find-links", "").split()),
        "UV_INSECURE_HOST": " ".join(known.get("trusted-host", "").split()),
        "UV_HTTP_TIMEOUT": known.get("timeout") or known.get("default-timeout"),
        "SSL_CERT_FILE": known.get("cert"),
        "HTTPS_PROXY": known.get("proxy"),
    }
    return {**{name: value for name, value in wanted.items() if value}, **env}


def npm_environment(env: dict[str, str], python: Path, node: Path) -> dict[str, str]:
    """Node brings certificates and a configuration folder of its own; the machine's are named to it."""
    certificates = [env.get("SSL_CERT_FILE"), _pip_configuration(env, python).get("cert"), *BUNDLES]
    found = next((path for path in certificates if path and Path(path).is_file()), None)
    wanted = {
        "NODE_EXTRA_CA_CERTS": found,
        "npm_config_globalconfig": next((path for path in NPM_CONFIGS if Path(path).is_file()), None),
        "npm_config_update_notifier": "false",
    }
    path = f"{node.parent}:{env['PATH']}"
    return {**{name: value for name, value in wanted.items() if value}, **env, "PATH": path}


def _pip_configuration(env: dict[str, str], python: Path) -> dict[str, str]:
    """pip's own view of its files and PIP_ variables, later sources winning as pip lets them."""
    listed = subprocess.run(
        [python, "-m", "pip", "config", "list", "--disable-pip-version-check"], env=env, capture_output=True, text=True
    )
    known: dict[str, str] = {}
    # Variables come last in pip's order of precedence whatever the order of the listing.
    for line in sorted(listed.stdout.splitlines(), key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        try:
            known[name.rpartition(".")[2]] = str(ast.literal_eval(value))
        except (SyntaxError, ValueError):
            continue
    return known


def _home_is_writable() -> bool:
    home = Path("~").expanduser()
    for folder in (home / ".cache", home):
        if folder.exists():
            return os.access(folder, os.W_OK)
    return False
