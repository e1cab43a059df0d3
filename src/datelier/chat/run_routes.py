"""The HTTP door that starts a run in the background."""

from typing import Annotated

from fastapi import APIRouter, Header

from datelier.chat.run_schemas import RunIn
from datelier.chat.run_start import start_background
from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.runs import service
from datelier.runs.schemas import RunOut
from datelier.threads.idempotency import earlier_answer, keep_answer, taking

router = APIRouter(prefix="/runs", tags=["runs"])


@router.post("", status_code=202)
async def start_run(
    body: RunIn,
    ctx: Annotated[Context, needs("run:create")],
    idempotency_key: Annotated[str | None, Header()] = None,
) -> RunOut:
    """Start an agent with a goal, in the background; what it needs or finds reaches the inbox."""
    asked = taking(idempotency_key, "POST /runs", body)
    before = await earlier_answer(ctx, asked)
    if before is not None:
        return RunOut.model_validate(before)
    run = await service.describe(ctx, await start_background(ctx, body))
    await keep_answer(ctx, asked, run)
    return run
