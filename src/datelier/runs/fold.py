"""The pure function from a run's log to the parts of a message.

Its twin is `web/src/features/runs/fold.ts`; `tests/fixtures/run_logs/README.md` states the rules
and both are tested on the logs recorded there.
"""

from collections.abc import Callable, Iterable
from typing import Any

Part = dict[str, Any]
_Handler = Callable[["Fold", Part], None]

_UNANSWERED = ("input-streaming", "input-available")
TERMINAL = frozenset({"finish", "error", "abort"})


class Fold:
    """What a log stands for so far.

    Attributes:
        parts: Message parts as the AI SDK's client would hold them.
        metadata: Merged from ``start``, ``message-metadata`` and ``finish``.
        open: Open text and reasoning parts by kind and id.
        phase: ``pending``, ``running``, ``finished``, ``failed`` or ``stopped``.
    """

    def __init__(self) -> None:
        self.seq = 0
        self.parts: list[Part] = []
        self.metadata: dict[str, Any] = {}
        self.phase = "pending"
        self.open: dict[tuple[str, object], Part] = {}

    def add(self, seq: int, part: Part) -> None:
        """Fold one entry in; a known `seq` or an unknown type changes nothing."""
        if seq <= self.seq:
            return
        self.seq = seq
        kind = part["type"]
        handler = _put_data if kind.startswith("data-") else _HANDLERS.get(kind)
        if handler is not None:
            handler(self, part)

    @property
    def text(self) -> str:
        """The answer's text alone, for search and for models."""
        return "\n\n".join(p["text"] for p in self.parts if p["type"] == "text" and p["text"])

    def close_texts(self) -> None:
        """Mark every open text and reasoning part as done."""
        for part in self.open.values():
            part["state"] = "done"
        self.open.clear()

    def find_tool(self, call_id: object) -> int:
        """Return the index of a tool call's newest part, or -1."""
        for index in range(len(self.parts) - 1, -1, -1):
            part = self.parts[index]
            if part["type"] == "dynamic-tool" and part["toolCallId"] == call_id:
                return index
        return -1

    def settle(self, reason: str) -> None:
        """End what is still open; `reason` is what an unanswered tool call shows."""
        self.close_texts()
        for part in self.parts:
            if part["type"] == "dynamic-tool" and part["state"] in _UNANSWERED:
                part["state"] = "output-error"
                part["errorText"] = reason


def fold(parts: Iterable[Part]) -> list[Part]:
    """Return the message parts of a whole log, given its parts in order."""
    view = Fold()
    for seq, part in enumerate(parts, 1):
        view.add(seq, part)
    return view.parts


def _merge_metadata(view: Fold, part: Part) -> None:
    metadata = part.get("messageMetadata")
    if isinstance(metadata, dict):
        view.metadata.update(metadata)  # pyright: ignore[reportUnknownArgumentType]  # JSON object


def _start(view: Fold, part: Part) -> None:
    view.phase = "running"
    _merge_metadata(view, part)


def _start_step(view: Fold, _part: Part) -> None:
    view.parts.append({"type": "step-start"})


def _finish_step(view: Fold, _part: Part) -> None:
    view.close_texts()


def _reset_step(view: Fold, _part: Part) -> None:
    keep = 0
    for index, part in enumerate(view.parts):
        if part["type"] == "step-start":
            keep = index + 1
    del view.parts[keep:]
    view.open.clear()


def _opener(kind: str) -> _Handler:
    def open_text(view: Fold, part: Part) -> None:
        made: Part = {"type": kind, "text": "", "state": "streaming"}
        view.open[kind, part.get("id")] = made
        view.parts.append(made)

    return open_text


def _appender(kind: str) -> _Handler:
    def append_text(view: Fold, part: Part) -> None:
        current = view.open.get((kind, part.get("id")))
        if current is not None:
            current["text"] += part.get("delta", "")

    return append_text


def _closer(kind: str) -> _Handler:
    def close_text(view: Fold, part: Part) -> None:
        current = view.open.pop((kind, part.get("id")), None)
        if current is not None:
            current["state"] = "done"

    return close_text


def _put_tool(view: Fold, part: Part, state: str, **change: Any) -> None:
    """Move a call to a new state; what belonged to an earlier outcome is dropped."""
    call_id = part.get("toolCallId", "")
    index = view.find_tool(call_id)
    current: Part = view.parts[index] if index >= 0 else {}
    name = part.get("toolName") or current.get("toolName")
    if name is None:
        return
    made: Part = {
        "type": "dynamic-tool",
        "toolName": name,
        "toolCallId": call_id,
        "state": state,
        "input": current.get("input"),
        **change,
    }
    title = part.get("title") or current.get("title")
    if title is not None:
        made["title"] = title
    if index >= 0:
        view.parts[index] = made
    else:
        view.parts.append(made)


def _tool_input_start(view: Fold, part: Part) -> None:
    _put_tool(view, part, "input-streaming")


def _tool_input_available(view: Fold, part: Part) -> None:
    _put_tool(view, part, "input-available", input=part.get("input"))


def _tool_input_error(view: Fold, part: Part) -> None:
    error = part.get("errorText", "")
    _put_tool(view, part, "output-error", input=part.get("input"), errorText=error)


def _tool_output(view: Fold, part: Part) -> None:
    _put_tool(view, part, "output-available", output=part.get("output"))


def _tool_error(view: Fold, part: Part) -> None:
    _put_tool(view, part, "output-error", errorText=part.get("errorText", ""))


def _tool_denied(view: Fold, part: Part) -> None:
    _put_tool(view, part, "output-denied")


def _put_data(view: Fold, part: Part) -> None:
    if part.get("transient") is True:
        return
    made: Part = {"type": part["type"], "data": part.get("data")}
    if "id" in part:
        made["id"] = part["id"]
        for index, old in enumerate(view.parts):
            if old["type"] == made["type"] and old.get("id") == made["id"]:
                view.parts[index] = made
                return
    view.parts.append(made)


def _finish(view: Fold, part: Part) -> None:
    _merge_metadata(view, part)
    view.settle("No result.")
    if view.phase in ("pending", "running"):
        view.phase = "finished"


def _error(view: Fold, _part: Part) -> None:
    view.settle("The run failed before this finished.")
    view.phase = "failed"


def _abort(view: Fold, _part: Part) -> None:
    view.settle("Stopped.")
    view.phase = "stopped"


_HANDLERS: dict[str, _Handler] = {
    "start": _start,
    "message-metadata": _merge_metadata,
    "start-step": _start_step,
    "finish-step": _finish_step,
    "reset-step": _reset_step,
    "text-start": _opener("text"),
    "text-delta": _appender("text"),
    "text-end": _closer("text"),
    "reasoning-start": _opener("reasoning"),
    "reasoning-delta": _appender("reasoning"),
    "reasoning-end": _closer("reasoning"),
    "tool-input-start": _tool_input_start,
    "tool-input-available": _tool_input_available,
    "tool-input-error": _tool_input_error,
    "tool-output-available": _tool_output,
    "tool-output-error": _tool_error,
    "tool-output-denied": _tool_denied,
    "finish": _finish,
    "error": _error,
    "abort": _abort,
}
