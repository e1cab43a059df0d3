"""A model request in the form in which it is recognized again, and what two of them differ in."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any, Final, cast

from datelier.evals.api import Json

# What may change an answer; everything else, the credentials above all, is neither kept nor read.
_PARAMETERS: Final = (
    "temperature", "top_p", "max_tokens", "max_completion_tokens", "seed", "stop", "response_format",
    "reasoning_effort", "tool_choice",
)  # fmt: skip
_SECRET: Final = re.compile(
    r"\b(?:sk-|[spr]k_(?:live|test)_|dtl_|gh[pousr]_|xox[abp]-|AKIA|AIza)[A-Za-z0-9_\-]{12,}"
    r"|(?<=Bearer )[\w.~+/\-]{16,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*-----|\Z)"
)
# What is another with every run although the conversation is the same.
_VOLATILE: Final = (
    (re.compile(r"Today is \w+, \d{4}-\d\d-\d\d"), "Today is <day>"),
    (re.compile(r"Execution time: \d+ ?ms"), "Execution time: <time>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<id>"),
)
_SHOWN: Final = 120


@dataclass(frozen=True, slots=True)
class Request:
    """A request without what changes from run to run.

    Attributes:
        messages: Role and text; tool calls by name and arguments.
        tools: The functions that the model may call, by name.
        parameters: What else may change the answer.
    """

    messages: tuple[Json, ...]
    tools: Json = field(default_factory=dict[str, Any])
    parameters: Json = field(default_factory=dict[str, Any])

    @property
    def key(self) -> str:
        """What tells it from every other request."""
        whole = {
            "messages": [_stable(message) for message in self.messages],
            "tools": self.tools,
            "parameters": self.parameters,
        }
        text = json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def text(self) -> str:
        """Everything that is said in it."""
        return "\n".join(str(message.get("content") or "") for message in self.messages)


def read_request(body: Json, secret: str = "") -> Request:
    """Return a request of the OpenAI protocol, without secrets.

    Args:
        body: As it came.
        secret: The key that it came with, which must be nowhere in it.
    """
    messages = tuple(_message(one, secret) for one in body.get("messages") or ())
    listed = cast("list[Json]", body.get("tools") or [])
    functions = [cast("Json", tool["function"]) for tool in listed if "function" in tool]
    tools = {str(function["name"]): function for function in functions}
    parameters = {name: body[name] for name in _PARAMETERS if body.get(name) is not None}
    clean = cast("list[Json]", _clean([tools, parameters], secret))
    return Request(messages, clean[0], clean[1])


def without_secrets(text: str, secret: str = "") -> str:
    """Return a text in which nothing that looks like a credential is left."""
    if len(secret) >= 8:
        text = text.replace(secret, "<secret>")
    return _SECRET.sub("<secret>", text)


def differences(known: Request, asked: Request) -> list[str]:
    """Return in words what a request has other than the one that was recorded."""
    found: list[str] = []
    for number, (old, new) in enumerate(zip(known.messages, asked.messages, strict=False), 1):
        if _stable(old) != _stable(new):
            found.append(f"message {number} ({new['role']}): {_message_difference(old, new)}")
            break
    else:
        if len(known.messages) != len(asked.messages):
            found.append(
                f"{len(known.messages)} messages were recorded, {len(asked.messages)} came"
            )
    for name in sorted({*known.tools, *asked.tools}):
        if known.tools.get(name) != asked.tools.get(name):
            what = (
                "is new"
                if name not in known.tools
                else "is gone"
                if name not in asked.tools
                else "is another"
            )
            found.append(f"the tool {name} {what}")
    for name in sorted({*known.parameters, *asked.parameters}):
        old, new = known.parameters.get(name), asked.parameters.get(name)
        if old != new:
            found.append(f"{name} was {_short(old)}, it is {_short(new)}")
    return found


def likeness(known: Request, asked: Request) -> tuple[int, int]:
    """Return how near two requests are: the greater, the nearer."""
    same = 0
    for old, new in zip(known.messages, asked.messages, strict=False):
        if _stable(old) != _stable(new):
            break
        same += 1
    shared = {json.dumps(_stable(m), sort_keys=True) for m in known.messages} & {
        json.dumps(_stable(m), sort_keys=True) for m in asked.messages
    }
    apart = abs(len(known.messages) - len(asked.messages)) + (known.tools != asked.tools)
    return same + len(shared), -apart


def _message(given: Any, secret: str) -> Json:
    one = cast("Json", given) if isinstance(given, dict) else {}
    content = one.get("content")
    if isinstance(content, list):
        content = "\n".join(str(block.get("text", "")) for block in cast("list[Json]", content))
    message: Json = {"role": str(one.get("role", "")), "content": content or ""}
    calls: list[Json] = [
        {"name": call["function"]["name"], "arguments": call["function"]["arguments"]}
        for call in one.get("tool_calls") or ()
    ]
    if calls:
        message["calls"] = calls
    return cast("Json", _clean(message, secret))


def _clean(value: Any, secret: str) -> Any:
    if isinstance(value, str):
        return without_secrets(value, secret)
    if isinstance(value, dict):
        return {key: _clean(one, secret) for key, one in cast("Json", value).items()}
    if isinstance(value, list):
        return [_clean(one, secret) for one in cast("list[Any]", value)]
    return value


def _stable(value: Any) -> Any:
    if isinstance(value, str):
        for pattern, word in _VOLATILE:
            value = pattern.sub(word, value)
        return value
    if isinstance(value, dict):
        return {key: _stable(one) for key, one in cast("Json", value).items()}
    if isinstance(value, list):
        return [_stable(one) for one in cast("list[Any]", value)]
    return value


def _message_difference(old: Json, new: Json) -> str:
    if old["role"] != new["role"]:
        return f"recorded was one of {old['role']}"
    before, after = str(_stable(old["content"])), str(_stable(new["content"]))
    if before == after:
        return f"its calls were {_short(old.get('calls'))}, they are {_short(new.get('calls'))}"
    lines, others = before.splitlines(), after.splitlines()
    for number, (one, two) in enumerate(zip(lines, others, strict=False), 1):
        if one != two:
            return f"line {number} was “{_short(one)}”, it is “{_short(two)}”"
    return f"it had {len(lines)} lines, it has {len(others)}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
