"""The status line: workers, model, version (contract Q17)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from datelier import __version__
from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.llms.schemas import ModelStatus
from datelier.llms.service import status as model_status
from datelier.sources.workers import online_numbers

router = APIRouter(prefix="/status", tags=["status"])


class WorkersStatus(BaseModel):
    """How many data workers are connected."""

    online: int


class StatusOut(BaseModel):
    """What the status line says."""

    workers: WorkersStatus
    model: ModelStatus
    version: str


@router.get("")
async def get_status(ctx: Annotated[Context, needs("source:get")]) -> StatusOut:
    """Return whether data and a model are at hand."""
    return StatusOut(
        workers=WorkersStatus(online=len(await online_numbers(ctx))),
        model=await model_status(ctx),
        version=__version__,
    )
