"""How a run's failure is said: typed where we know it, only an id where we do not."""

from typing import Any

from datelier.kit.clock import now
from datelier.kit.errors import DatelierError
from datelier.kit.log import get_logger
from datelier.runs.execution import ActiveRun
from datelier.runs.finish import Ending
from datelier.runs.fold import Part
from datelier.runs.stamp import stamp

log = get_logger(__name__)


def _closing(run: ActiveRun) -> dict[str, Any]:
    return {
        "usage": run.usage.tokens(),
        "cost": run.usage.money(),
        "finished_at": stamp(now()),
    }


def _usage(run: ActiveRun) -> dict[str, Any]:
    return {**run.usage.tokens(), "cost": run.usage.money(), "model": run.model}


def succeeded(run: ActiveRun) -> Ending:
    """Return the end of a run whose graph came to its end."""
    part: Part = {
        "type": "finish",
        "finishReason": run.finish_reason,
        "messageMetadata": _closing(run),
    }
    return Ending("succeeded", [part], _usage(run))


def stopped(run: ActiveRun) -> Ending:
    """Return the end of a run that somebody stopped; what it produced is kept."""
    run.start(run.model)
    metadata: Part = {"type": "message-metadata", "messageMetadata": _closing(run)}
    return Ending("cancelled", [metadata, {"type": "abort", "reason": "stopped"}], _usage(run))


def failed(run: ActiveRun, error: Exception) -> Ending:
    """Return the end of a run that failed; an unexpected error shows only its id."""
    run.start(run.model)
    error_id = run.ctx.correlation_id
    if isinstance(error, DatelierError):
        text, code, hint = error.detail, error.code, error.hint
        log.info("run_failed", run_id=str(run.id), code=code, detail=text)
    else:
        text, code, hint = f"Something went wrong. Reference: {error_id}", "internal", None
        log.error("run_failed_unexpectedly", run_id=str(run.id), error_id=error_id, exc_info=error)
    said: dict[str, Any] = {"code": code, "hint": hint, "error_id": error_id}
    known = {key: value for key, value in said.items() if value is not None}
    metadata: Part = {"type": "message-metadata", "messageMetadata": _closing(run)}
    part: Part = {"type": "error", "errorText": text, **known}
    return Ending("failed", [metadata, part], _usage(run), {"message": text, **known})
