"""For operators and probes: is it alive, is it ready, what does it measure."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from datelier.api.readiness import database_answers, schema_is_current
from datelier.identity.access import public
from datelier.kit import metrics
from datelier.kit.context import Resources

Check = Callable[[], Awaitable[bool]]
_CHECK_SECONDS = 1
# Named here so that a measure is listed from the start, before anything was measured.
MEASURES = (
    metrics.chat_request_seconds,
    metrics.stream_first_byte_seconds,
    metrics.tool_execution_seconds,
    metrics.worker_response_seconds,
    metrics.llm_tokens_total,
)
router = APIRouter(tags=["ops"])


@dataclass(frozen=True, slots=True)
class ReadyChecks:
    """Further conditions of readiness, by name; kept on ``app.state.ready_checks``."""

    checks: Mapping[str, Check]


class HealthOut(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class ReadyOut(BaseModel):
    """Whether the process can do its work, and what is in the way."""

    status: Literal["ready", "not_ready"]
    checks: dict[str, bool]


@router.get("/health")
async def get_health(_: Annotated[Resources, public("tells only that it runs")]) -> HealthOut:
    """Tell that the process answers."""
    return HealthOut()


@router.get("/ready", responses={503: {"model": ReadyOut}})
async def get_ready(
    request: Request,
    response: Response,
    resources: Annotated[Resources, public("load balancers have no account")],
) -> ReadyOut:
    """Tell whether the database answers, has our schema, and all parts are up."""
    more: ReadyChecks = request.app.state.ready_checks
    checks: dict[str, Check] = {
        "database": lambda: database_answers(resources.db),
        "schema": lambda: schema_is_current(resources.db),
        **more.checks,
    }
    results = await asyncio.gather(*(_holds(check) for check in checks.values()))
    ready = all(results)
    if not ready:
        response.status_code = 503
        response.headers["Retry-After"] = "5"
    return ReadyOut(
        status="ready" if ready else "not_ready", checks=dict(zip(checks, results, strict=True))
    )


@router.get("/metrics", response_class=Response)
async def get_metrics(
    _: Annotated[Resources, public("numbers of the whole process, without names or contents")],
) -> Response:
    """Give the process's measures in Prometheus text form."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _holds(check: Check) -> bool:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            return await check()
    except Exception:  # noqa: BLE001  # whatever goes wrong in a check means: not ready
        return False
