"""Claude over the guarded transport.

`ChatAnthropic` takes no HTTP client, so its lazily made SDK client is replaced; the SDK wants
the HTTP library it is built on, which is whatever its own default client comes from.
"""

from collections.abc import Callable
from typing import Any

import anthropic
import httpx
from langchain_anthropic import ChatAnthropic

from datelier.kit.guarded_http import GuardedTransport


def guarded_anthropic(
    transport: Callable[[Any], GuardedTransport], **parameters: Any
) -> ChatAnthropic:
    """Return a `ChatAnthropic` whose every connection is checked.

    Args:
        transport: Returns the shared guarded transport made with an HTTP library.
        **parameters: Arguments of `ChatAnthropic`.
    """
    built: Any = ChatAnthropic
    model: Any = built(**parameters)
    library = _library()
    client: Any = library.AsyncClient(
        transport=transport(library),
        timeout=parameters["timeout"],
        follow_redirects=False,
        trust_env=False,
    )
    # `_async_client` is a cached property: setting it in the instance is how it is replaced.
    model.__dict__["_async_client"] = anthropic.AsyncAnthropic(
        api_key=parameters["api_key"],
        base_url=parameters["base_url"],
        max_retries=parameters["max_retries"],
        timeout=parameters["timeout"],
        http_client=client,
    )
    return model


def _library() -> Any:
    """Return the HTTP library of the installed SDK: `httpx`, or `httpx2` in newer ones."""
    for base in anthropic.DefaultAsyncHttpxClient.__mro__:
        root = base.__module__.split(".", 1)[0]
        if root == "httpx2":
            import httpx2  # noqa: PLC0415  # a dependency of the SDK, present exactly then

            return httpx2
    return httpx
