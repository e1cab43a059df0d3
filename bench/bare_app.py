"""What one would write by hand: FastAPI, a LangGraph agent in memory, and server-sent events.

Not durable: no database, no resume, no second replica. It is the yardstick, not a rival.

    BENCH_MODEL_URL=http://127.0.0.1:9001/v1 uvicorn bench.bare_app:app
"""

import json
import os
from collections.abc import AsyncGenerator
from typing import Any

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.prebuilt import create_react_agent  # pyright: ignore[reportDeprecated, reportUnknownVariableType]  # what people use
from pydantic import BaseModel, SecretStr


@tool
def run_sql(sql: str) -> str:
    """Run a read-only SQL query and return rows as JSON."""
    return json.dumps([{"region": "north", "orders": 10}, {"sql": sql, "orders": 12}])


class Chat(BaseModel):
    """One question."""

    thread_id: str
    message: str
    model: str


app = FastAPI()
_saver = InMemorySaver()
_agents: dict[str, Any] = {}


def _agent(model: str) -> Any:
    if model not in _agents:
        llm = ChatOpenAI(
            model=model,
            base_url=os.environ["BENCH_MODEL_URL"],  # noqa: TID251  # a process of its own
            api_key=SecretStr("sk-bench"),
            max_retries=0,
        )
        _agents[model] = create_react_agent(  # pyright: ignore[reportDeprecated]  # what people use
            llm, [run_sql], checkpointer=_saver, prompt="You are a careful data analyst."
        )
    return _agents[model]


@app.get("/health")
async def health() -> dict[str, bool]:
    return {"ok": True}


@app.post("/chat")
async def chat(body: Chat) -> StreamingResponse:
    async def events() -> AsyncGenerator[str]:
        config = {"configurable": {"thread_id": body.thread_id}}
        stream = _agent(body.model).astream(
            {"messages": [("user", body.message)]}, config, stream_mode="messages"
        )
        async for chunk, _meta in stream:
            if chunk.content:
                yield f"data: {json.dumps({'type': chunk.type, 'content': chunk.content})}\n\n"
        yield "data: [DONE]\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")
