"""HTTP doors for talking: messages of threads, and the chat door of AI SDK clients."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query
from starlette.responses import Response, StreamingResponse

from datelier.chat import service
from datelier.chat.door import active_run, post_chat, post_message
from datelier.chat.export.answer import Form, export_answer
from datelier.chat.refresh import refresh_answer
from datelier.chat.rerun import rerun
from datelier.chat.schemas import ChatIn, MessageIn, RefreshIn, RegenerateIn, RerunIn, Sent
from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.kit.ids import uuid7
from datelier.runs.hub import RunHub
from datelier.runs.sse import live_response
from datelier.threads.idempotency import taking
from datelier.threads.schemas import MessageOut
from datelier.threads.service import get_own_thread

router = APIRouter(tags=["chat"])

_SEND = "POST /threads/messages"


@router.post("/threads/{thread_id}/messages", status_code=202)
async def send_message(
    thread_id: UUID,
    body: MessageIn,
    ctx: Annotated[Context, needs("thread:update", session=False)],
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Sent:
    """Ask a thread something; a message sent while it answers waits its turn."""
    asked = taking(idempotency_key, f"{_SEND} {thread_id}", body)
    return await post_message(ctx, thread_id, body, asked)


@router.delete("/threads/{thread_id}/messages/{message_id}", status_code=204)
async def remove_queued(
    thread_id: UUID, message_id: UUID, ctx: Annotated[Context, needs("thread:update")]
) -> None:
    """Take back a message that still waits."""
    await service.remove_queued(ctx, thread_id, message_id)


@router.post("/threads/{thread_id}/messages/{message_id}/regenerate", status_code=202)
async def regenerate(
    thread_id: UUID,
    message_id: UUID,
    body: RegenerateIn,
    ctx: Annotated[Context, needs("thread:update")],
) -> Sent:
    """Answer again, beside the earlier answer."""
    thread = await get_own_thread(ctx, thread_id, for_update=True)
    return await service.regenerate(ctx, thread, message_id, body)


@router.post("/runs/{run_id}/rerun", status_code=202)
async def rerun_run(
    run_id: UUID, body: RerunIn, ctx: Annotated[Context, needs("thread:update")]
) -> Sent:
    """Answer a run's question again; `from_step` repeats what came before without the model."""
    return await rerun(ctx, run_id, body.from_step)


@router.post("/threads/{thread_id}/messages/{message_id}/refresh")
async def refresh(
    thread_id: UUID,
    message_id: UUID,
    body: RefreshIn,
    ctx: Annotated[Context, needs("thread:update", session=False)],
) -> MessageOut:
    """Fill an answer's figures again from the newest versions of its queries."""
    return await refresh_answer(ctx, thread_id, message_id, body.locale)


@router.get("/threads/{thread_id}/messages/{message_id}/export", response_class=Response)
async def export(
    thread_id: UUID,
    message_id: UUID,
    ctx: Annotated[Context, needs("thread:get", session=False)],
    form: Annotated[Form, Query(alias="format", description="md or html")] = "md",
) -> Response:
    """Return an answer with the receipts of its figures, as Markdown or as a page of its own."""
    text = await export_answer(ctx, thread_id, message_id, form)
    kind = "text/markdown" if form == "md" else "text/html"
    headers = {"content-disposition": f'attachment; filename="answer.{form}"'}
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=headers)


@router.delete("/threads/{thread_id}", status_code=204)
async def remove_thread(thread_id: UUID, ctx: Annotated[Context, needs("thread:delete")]) -> None:
    """Delete a thread; what it is answering is stopped."""
    await service.remove_thread(ctx, thread_id)


@router.post("/chat", response_class=StreamingResponse)
async def chat(
    body: ChatIn, ctx: Annotated[Context, needs("thread:update", session=False)]
) -> StreamingResponse:
    """Talk as an AI SDK client: post a message, get the answer as a UI message stream.

    The answer goes on when the line breaks; `GET /chat/{id}/stream` picks it up.
    """
    run_id = uuid7()
    batches = ctx.resources.get(RunHub).subscribe(run_id, fresh=True)
    try:
        await post_chat(ctx, body, run_id)
    except BaseException:
        batches.close()
        raise
    return live_response(batches)


@router.get("/chat/{chat_id}/stream", response_class=StreamingResponse)
async def resume_chat(
    chat_id: str, ctx: Annotated[Context, needs("thread:get", session=False)]
) -> Response:
    """Follow the answer in progress from its start; 204 when the chat is idle."""
    async with ctx.begin() as tx:
        active = await active_run(tx, chat_id)
    if active is None:
        return Response(status_code=204)
    batches = ctx.resources.get(RunHub).subscribe(active.run_id)
    return live_response(batches)


@router.post("/chat/{chat_id}/stop", status_code=204)
async def stop_chat(chat_id: str, ctx: Annotated[Context, needs("run:stop")]) -> None:
    """Stop the answer in progress; what it has produced is kept."""
    active = await active_run(ctx, chat_id)
    if active is not None:
        await service.stop_active(ctx, active.thread_id)
