"""Structured logs without secrets: one line an event, for people or for machines."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

import structlog

from messaging_core.settings import Settings

_SECRET_KEYS = re.compile(r"token|secret|password|authorization|cookie", re.IGNORECASE)
# Ours wherever they stand, whatever follows `Bearer`, and passwords in URLs.
_SECRET_VALUES = re.compile(
    r"kf_[a-z]_[A-Za-z0-9_\-]{8,}|whsec_[A-Za-z0-9_\-]{8,}|(?<=Bearer )[^\s\"']+|(?<=://)[^/\s\"'@]+:[^/\s\"'@]+(?=@)"
)
_HIDDEN = "[secret]"


def redact(_logger: Any, _method: str, line: dict[str, Any]) -> dict[str, Any]:
    """Hide values under secret names, and tokens wherever they stand, also inside lists and dicts."""
    # What structlog keeps for itself begins with an underscore.
    return {key: value if key.startswith("_") else _redacted(value, under=key) for key, value in line.items()}


def _redacted(value: Any, *, under: str = "") -> Any:
    if isinstance(value, bytes):
        value = repr(value)
    if isinstance(value, str):
        return _HIDDEN if value and _SECRET_KEYS.search(under) else _SECRET_VALUES.sub(_HIDDEN, value)
    if isinstance(value, Mapping):
        return {key: _redacted(item, under=str(key)) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_redacted(item, under=under) for item in value]
    if isinstance(value, (int, float)) or value is None:
        return value
    return _SECRET_VALUES.sub(_HIDDEN, repr(value))


def set_up_logs(settings: Settings) -> None:
    """Send our logs and those of the libraries through one redacting pipe to standard error."""
    level = getattr(logging, settings.log_level.upper())
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]
    if settings.log_format == "json":
        renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("uvicorn.error", "httpx", "httpcore", "alembic", "nats"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
