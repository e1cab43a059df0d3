"""HTTP of workers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status

from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.kit.pagination import Page
from datelier.sources import fleet, worker_join
from datelier.sources.worker_schemas import JoinIn, JoinOut, WorkerOut

router = APIRouter(prefix="/workers", tags=["workers"])


@router.get("")
async def list_workers(ctx: Annotated[Context, needs("worker:get")]) -> Page[WorkerOut]:
    """List the workers that this organization may use, and how each is."""
    return Page(data=await fleet.list_workers(ctx), next=None)


@router.post("/join", status_code=status.HTTP_201_CREATED)
async def create_join(data: JoinIn, ctx: Annotated[Context, needs("worker:manage")]) -> JoinOut:
    """Make a join token: one machine becomes a worker with it, once, within 15 minutes."""
    return await worker_join.create_join(ctx, data)


@router.delete("/{worker_id}", status_code=status.HTTP_204_NO_CONTENT)
async def revoke_worker(worker_id: UUID, ctx: Annotated[Context, needs("worker:manage")]) -> None:
    """Revoke a worker; its stream ends within five seconds."""
    await fleet.revoke(ctx, worker_id)
