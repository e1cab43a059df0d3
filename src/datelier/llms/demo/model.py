"""The demo model as LangChain sees it: a chat model that streams and calls tools."""

import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from typing_extensions import override

from datelier.llms.demo.nodes import turn_at
from datelier.llms.demo.turn import Say

_PIECES = re.compile(r"\S+\s*|\s+")


class DemoChatModel(BaseChatModel):
    """Deterministic and offline: the same conversation gives the same turn, word by word.

    It plans on ``SystemMessage.additional_kwargs["datelier"]["sources"]``, or on what the tool
    ``describe_source`` answers, and calls the same tools as any other model.
    """

    @property
    @override
    def _llm_type(self) -> str:
        return "datelier-demo"

    @override
    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Return the model with tools it may call; of each it needs the name only."""
        names = [str(convert_to_openai_tool(tool)["function"]["name"]) for tool in tools]
        return self.bind(tools=[] if tool_choice == "none" else names)

    @override
    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        merged: ChatGenerationChunk | None = None
        for chunk in _chunks(messages, kwargs):
            merged = chunk if merged is None else merged + chunk
        assert merged is not None
        chunk_message = merged.message
        assert isinstance(chunk_message, AIMessageChunk)
        message = AIMessage(
            content=chunk_message.content,
            tool_calls=chunk_message.tool_calls,
            usage_metadata=chunk_message.usage_metadata,
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    @override
    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in _chunks(messages, kwargs):
            yield chunk


def _chunks(messages: list[BaseMessage], bound: dict[str, Any]) -> Iterator[ChatGenerationChunk]:
    turn = turn_at(messages, frozenset(bound.get("tools") or ()))
    if isinstance(turn, Say):
        written = turn.text
        for piece in _PIECES.findall(turn.text):
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
    else:
        written = json.dumps(turn.arguments)
        seed = f"{len(messages)}:{messages[-1].text}:{turn.name}:{written}"
        call_id = "call_" + hashlib.sha256(seed.encode()).hexdigest()[:20]
        call = tool_call_chunk(name=turn.name, args=written, id=call_id, index=0)
        yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[call]))
    read = sum(len(message.text) for message in messages) // 4
    wrote = max(1, len(written) // 4)
    usage = UsageMetadata(input_tokens=read, output_tokens=wrote, total_tokens=read + wrote)
    last = AIMessageChunk(content="", usage_metadata=usage, chunk_position="last")
    yield ChatGenerationChunk(message=last)
