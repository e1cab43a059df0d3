"""The model call: streamed from the provider straight into the run's log."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage
from langchain_core.messages.content import InvalidToolCall
from langchain_core.messages.tool import ToolCall

from datelier.chat.figures import Figures
from datelier.chat.turn import Turn
from datelier.llms.config import Usage
from datelier.runs.execution import ActiveRun

_FINISH_REASONS = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content-filter",
    "refusal": "content-filter",
}


class _Call:
    """A tool call whose arguments still arrive."""

    __slots__ = ("args", "id", "name")

    def __init__(self, call_id: str, name: str) -> None:
        self.id = call_id
        self.name = name
        self.args = ""


class Answer:
    """One model call as it streams: every piece goes to the log, and is kept for the state.

    Args:
        run: The run whose log it goes to.
        turn: For the titles of tools, the question, and what happens to untraced figures.
        said: What the run has said before.
        node: The part of the graph that calls.

    Attributes:
        shown: Whether its text is the answer that the reader gets.
        takes_calls: Whether it may call tools; calls of a model that was offered none are noise.
        length: Characters that came, with reasoning and the arguments of calls.
    """

    shown = True
    takes_calls = True

    def __init__(
        self, run: ActiveRun, turn: Turn, said: Sequence[AnyMessage], node: str = "assistant"
    ) -> None:
        self.node = node
        self._log = run.log
        self._tools = turn.tools
        self.number = number = sum(isinstance(message, AIMessage) for message in said)
        self.figures = Figures(run, turn.definition.numbers, said, turn.question)
        self._ids = {"text": f"t{number}", "reasoning": f"r{number}"}
        self._used = {
            call["id"] or "" for m in said if isinstance(m, AIMessage) for call in m.tool_calls
        }
        self._later: list[Any] = []
        self._open: str | None = None
        self._segments = 0
        self._texts: list[str] = []
        self._calls: dict[object, _Call] = {}
        self.usage = Usage()
        self.finish_reason = "stop"
        self.length = 0

    def feed(self, chunk: AIMessageChunk) -> None:
        """Take one chunk of the model's stream."""
        content = chunk.content
        if chunk.additional_kwargs:
            reasoning = chunk.additional_kwargs.get("reasoning_content")
            if reasoning:
                self._say("reasoning", reasoning)
        if type(content) is str:
            if content:
                self._say("text", content)
        else:
            for block in content:
                self._block(block)
        if chunk.tool_call_chunks:
            # A call without arguments takes room as well.
            self.length += sum(len(call.get("args") or "") + 1 for call in chunk.tool_call_chunks)
            self._tool_chunks(chunk.tool_call_chunks)
        if chunk.usage_metadata is not None:
            self.usage = self.usage + Usage.of(chunk.usage_metadata)
        if chunk.response_metadata:
            said = chunk.response_metadata
            reason = said.get("finish_reason") or said.get("stop_reason") or said.get("done_reason")
            self.finish_reason = _FINISH_REASONS.get(str(reason), self.finish_reason)

    def _block(self, block: Any) -> None:
        if isinstance(block, str):
            self._say("text", block)
        elif block.get("type") == "text" and block.get("text"):
            self._say("text", block["text"])
        elif block.get("type") in ("thinking", "reasoning"):
            said = block.get("thinking") or block.get("reasoning")
            if said:
                self._say("reasoning", said)

    def _say(self, kind: str, text: str) -> None:
        self.length += len(text)
        if self._open != kind:
            self.close()
            self._open = kind
            self._segments += 1
            part_id = self._ids[kind] = f"{self._ids[kind].split('.')[0]}.{self._segments}"
            if kind == "reasoning":
                # The first words of a burst do not wait for others to share their commit.
                self._log.put({"type": "reasoning-start", "id": part_id}, at_once=True)
        if kind == "text":
            self._texts.append(text)
            self.write(text, self._ids["text"])
        else:
            self._log.delta("reasoning-delta", self._ids["reasoning"], text)

    def write(self, text: str, part_id: str) -> None:
        """Take a piece of the model's text on its way to the reader."""
        self.figures.feed(text, part_id)

    def end_text(self) -> None:
        """The text that was written has ended."""
        self.figures.close()

    @property
    def said(self) -> str:
        """All of the text so far."""
        return "".join(self._texts)

    @property
    def begun(self) -> bool:
        """Whether the model has said or called anything yet."""
        return self._segments > 0 or bool(self._calls)

    def close(self) -> None:
        """End the text or reasoning that is open."""
        if self._open == "text":
            self.end_text()
        elif self._open is not None:
            self._log.put({"type": "reasoning-end", "id": self._ids["reasoning"]})
        self._open = None

    async def catch_up(self) -> None:
        """Fill the placeholders that wait for a result, and go on with what came behind them."""
        await self.figures.catch_up()
        later, self._later = self._later, []
        self._tool_chunks(later)

    def _tool_chunks(self, chunks: Sequence[Any]) -> None:
        if not self.takes_calls:
            return
        if self.figures.waits:
            self._later += chunks
        else:
            for chunk in chunks:
                self._tool_chunk(chunk)

    def _tool_chunk(self, chunk: Any) -> None:
        index = chunk.get("index")
        key: object = index if index is not None else chunk.get("id") or "only"
        call = self._calls.get(key)
        if call is None:
            self.close()
            call = self._calls[key] = _Call(self._fresh_id(chunk.get("id")), "")
        if chunk.get("name") and not call.name:
            call.name = chunk["name"]
            self._log.put({"type": "tool-input-start", **self._named(call)}, at_once=True)
        if chunk.get("args"):
            call.args += chunk["args"]
            if call.name:
                self._log.delta("tool-input-delta", call.id, chunk["args"])

    def _fresh_id(self, wanted: str | None) -> str:
        # Providers repeat ids or leave them out; within a run each names one call.
        call_id = wanted if wanted and wanted not in self._used else f"call_{uuid4().hex}"
        self._used.add(call_id)
        return call_id

    def _named(self, call: _Call) -> dict[str, Any]:
        tool = self._tools.get(call.name)
        title = {"title": tool.title} if tool is not None else {}
        return {"toolCallId": call.id, "toolName": call.name, **title, "dynamic": True}

    def message(self) -> AIMessage:
        """End the stream; return the answer with its tool calls, readable or not."""
        self.close()
        calls: list[ToolCall] = []
        invalid: list[InvalidToolCall] = []
        for call in self._calls.values():
            args = _parse(call.args)
            if args is None:
                invalid.append(
                    InvalidToolCall(
                        type="invalid_tool_call",
                        name=call.name,
                        args=call.args,
                        id=call.id,
                        error="the arguments are not a JSON object",
                    )
                )
                shown: Any = call.args
            else:
                calls.append(ToolCall(type="tool_call", name=call.name, args=args, id=call.id))
                shown = args
            self._log.put({"type": "tool-input-available", **self._named(call), "input": shown})
        return AIMessage(self.said, tool_calls=calls, invalid_tool_calls=invalid)


def _parse(args: str) -> dict[str, Any] | None:
    try:
        value: Any = json.loads(args) if args.strip() else {}
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType]  # JSON object
