"""Structured logs: one JSON object a line, UTC, allow-listed fields, no number of a person in any of them."""

from __future__ import annotations

import logging
import sys

import structlog

from chassis.vault.keyring import Keyring
from chassis.vault.scrubbing import Scrubber

FIELDS = ("desk", "process", "refusal", "person", "logger")


def configure(process: str, keyring: Keyring, *, level: int = logging.INFO) -> None:
    """Send everything this process logs, also what libraries log, through one chain to standard error."""
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                Scrubber.with_keys(keyring, also_allowed=FIELDS),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # SQL texts may name what they look for; they are written by nobody's request.
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(process=process)
