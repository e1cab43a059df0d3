"""Structured logs: one line per event, JSON off a terminal, secrets never."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from datelier.kit.settings import Settings

_NOISY = ("alembic", "anthropic", "httpcore", "httpx", "openai", "uvicorn.access", "uvicorn.error")
_SECRET_WORDS = ("password", "api_key", "secret", "token", "authorization", "cookie", "dsn")


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module."""
    return structlog.stdlib.get_logger(name)


def _redact(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key in event:
        if any(word in key.lower() for word in _SECRET_WORDS) and event[key] is not None:
            event[key] = "[redacted]"
    return event


def setup_logging(settings: Settings) -> None:
    """Route structlog and the standard library through one renderer on stderr.

    Each line carries level, module, function and line number (contract Q57), and whatever
    is bound to the context, such as the correlation id.
    """
    console = settings.log_format == "console" or (
        settings.log_format == "auto" and sys.stderr.isatty()
    )
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.CallsiteParameterAdder(
            {
                structlog.processors.CallsiteParameter.FUNC_NAME,
                structlog.processors.CallsiteParameter.LINENO,
            }
        ),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    # At info these tell every request, connection or step, which ours already do.
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
