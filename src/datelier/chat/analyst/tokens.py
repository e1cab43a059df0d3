"""Counting tokens without a tokenizer, and keeping what a node reads within its budget.

No tokenizer fits every model, and those there are load their tables from the network. Four bytes
of UTF-8 are about one token in English and in code, and closer to two in scripts whose letters take
three bytes, where tokens are shorter as well: the estimate errs by a third, never by a factor.
"""

from collections.abc import Sequence
from typing import Any, Final

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, ToolMessage

_BYTES: Final = 4
_FRAME: Final = 4  # tokens around each message
_LEAST: Final = 40  # tokens of a tool's result that are always kept
CUT: Final = "\n[… left out, because it is too long]"


def count(text: str) -> int:
    """Return about how many tokens a text is."""
    size = len(text) if text.isascii() else len(text.encode())
    return -(-size // _BYTES)


def count_message(message: BaseMessage) -> int:
    """Return about how many tokens a message is, with what it calls."""
    total = _FRAME + count(message.text)
    if isinstance(message, AIMessage):
        total += sum(count(str(call["args"])) + _FRAME for call in message.tool_calls)
    return total


def shorten(text: str, tokens: int) -> str:
    """Return the beginning of a text that is at most so many tokens, with a note when it is cut."""
    if count(text) <= tokens:
        return text
    kept = text.encode()[: max(0, tokens * _BYTES - len(CUT.encode()))].decode("utf-8", "ignore")
    return kept + CUT


def newest(messages: Sequence[BaseMessage], budget: int, most: int | None = None) -> list[Any]:
    """Return the newest messages that fit; the last one always, shortened where it must be.

    Args:
        messages: What was said, oldest first.
        budget: Tokens.
        most: Messages.
    """
    kept: list[BaseMessage] = []
    left = budget
    for message in reversed(messages[-most:] if most is not None else messages):
        size = count_message(message)
        if size > left:
            if kept:
                break
            message = message.model_copy(  # noqa: PLW2901  # the only one that is kept
                update={"content": shorten(message.text, max(_LEAST, left - _FRAME))}
            )
        kept.append(message)
        left -= size
    return kept[::-1]


def within(messages: Sequence[AnyMessage], budget: int) -> list[Any]:
    """Return a node's own messages with the results of its oldest tools shortened until they fit.

    No message is left out: every call keeps its answer, which providers insist on.
    """
    sizes = [count_message(message) for message in messages]
    over = sum(sizes) - budget
    if over <= 0:
        return list(messages)
    kept: list[AnyMessage] = []
    for message, size in zip(messages, sizes, strict=True):
        if over > 0 and isinstance(message, ToolMessage) and size > _LEAST + _FRAME:
            short = shorten(message.text, max(_LEAST, size - _FRAME - over))
            over -= size - _FRAME - count(short)
            kept.append(message.model_copy(update={"content": short}))
        else:
            kept.append(message)
    return kept
