"""The status line: workers, model, version (contract Q17)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from datelier import __version__
from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.llms.schemas import ModelStatus
from datelier.llms.service import status as model_status
from datelier.sources.sniff import ENDINGS
from datelier.sources.workers import online_numbers

router = APIRouter(prefix="/status", tags=["status"])


class WorkersStatus(BaseModel):
    """How many data workers are connected."""

    online: int


class Limits(BaseModel):
    """What an upload may be: bytes per file, and the file name endings that are read."""

    upload_max_bytes: int
    upload_formats: list[str]


class StatusOut(BaseModel):
    """What the status line says."""

    workers: WorkersStatus
    model: ModelStatus
    version: str
    limits: Limits


@router.get("")
async def get_status(ctx: Annotated[Context, needs("source:get")]) -> StatusOut:
    """Return whether data and a model are at hand."""
    return StatusOut(
        workers=WorkersStatus(online=len(await online_numbers(ctx))),
        model=await model_status(ctx),
        version=__version__,
        limits=Limits(
            upload_max_bytes=ctx.resources.settings.upload_max_bytes,
            upload_formats=list(ENDINGS),
        ),
    )
