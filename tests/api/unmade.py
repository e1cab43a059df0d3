"""Routes whose ids no maker knows, to prove that the matrix finds ids wherever they go in."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel

from datelier.identity.access import needs
from datelier.kit.context import Context


class Part(BaseModel):
    source_ids: list[UUID] = []


class Gadget(BaseModel):
    owner_id: UUID | None = None
    parts: list[Part]


def add_unmade(router: APIRouter) -> None:
    """Add routes that take ids in path, query, body and a list inside the body."""

    @router.get("/gadgets/{gadget_id}")
    async def read_gadget(
        ctx: Annotated[Context, needs("source:get")], gadget_id: UUID, parent_id: UUID | None = None
    ) -> None: ...

    @router.put("/gadgets/{id}")
    async def write_gadget(
        ctx: Annotated[Context, needs("source:get")],
        gadget: Annotated[UUID, Path(alias="id")],
        body: Gadget,
    ) -> None: ...
